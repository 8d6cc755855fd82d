/** Runs a scenario for real: every part a process of its own, on machines that were provisioned for it. */
import type { Node } from '../../frameworks/files/block.ts';
import type { HadoopSummary } from '../../frameworks/hadoop/jobSummary.ts';
import type { SparkSummary } from '../../frameworks/spark/application.ts';
import type { TorqueSummary } from '../../frameworks/torque/summary.ts';
import { collectGarbage } from '../../infra/collectGarbage.ts';
import type { Machine, RunningProcess } from '../../infra/machine.ts';
import type { RealFramework, RealScenario } from '../experiments/realScenario.ts';
import {
  exitInWords,
  fileFolder,
  listening,
  type RunningFramework,
  readSummary,
  startFileServer,
  startFramework,
  startSlave,
} from './deployment.ts';
import { configOf, keepsBlocks, type PreparedConfig } from './realFrameworks.ts';
import { startMasters } from './realMasters.ts';
import type { RealRun } from './realRun.ts';

/** What came of a framework. */
export type FrameworkOutcome =
  | {
      readonly kind: 'hadoop';
      readonly framework: RealFramework & { readonly kind: 'hadoop' };
      readonly summary: HadoopSummary;
      /** Those that hold its blocks and outputs. */
      readonly machines: readonly Machine[];
    }
  | {
      readonly kind: 'mpi';
      readonly framework: RealFramework & { readonly kind: 'mpi' };
      readonly summary: TorqueSummary;
    }
  | {
      readonly kind: 'spark';
      readonly framework: RealFramework & { readonly kind: 'spark' };
      readonly summary: SparkSummary;
    }
  | { readonly kind: 'load'; readonly framework: RealFramework & { readonly kind: 'load' } };

/** The file servers of nodes, by hostname. */
type Nodes = Readonly<Record<string, Node>>;

/** A framework ended in a way that leaves nothing to measure. */
export class RunError extends Error {
  readonly fault: 'infrastructure' | 'system';

  constructor(message: string, fault: 'infrastructure' | 'system') {
    super(message);
    this.fault = fault;
  }
}

/** Exit code of `lab framework` when its jobs, not the machine, are the reason. */
const JOBS_FAILED = 2;

/** Runs the scenario until all frameworks have ended. The machines' owner ends what is left. */
export async function runReal(run: RealRun): Promise<readonly FrameworkOutcome[]> {
  const { system, stopping, tell } = run;
  // Machines take a while to be made.
  stopping.throwIfAborted();
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => {});
  const fail: Fail = (error) => broken.reject(error);
  stopping.addEventListener('abort', () => fail(stopping.reason), { once: true });
  const unlessBroken = <T>(work: Promise<T>): Promise<T> => Promise.race([work, broken.promise]);

  tell({ stage: 'storing the text' });
  const prepared = await unlessBroken(prepareFrameworks(run, fail));
  // From here on this process only waits, while the memory of the machine is for the cluster.
  await collectGarbage();
  tell({ stage: 'starting the cluster' });
  const start = system === 'mesos' ? onMesos(run, prepared, fail) : onPartitions(run, prepared, fail);
  const started = await unlessBroken(start);
  tell({ stage: 'running' });
  await unlessBroken(run.running());
  return Promise.all(started.map((one) => unlessBroken(finish(run, one))));
}

type Fail = (error: unknown) => void;

interface Prepared {
  readonly framework: RealFramework;
  readonly own: readonly Machine[];
  /** As its scheduler reads it. */
  readonly config: PreparedConfig;
}

interface Started extends Prepared {
  readonly running: RunningFramework;
}

/** Which slaves each framework has to itself on static partitions. */
function partitionsOf(
  scenario: RealScenario,
  nodes: readonly Machine[],
): ReadonlyMap<RealFramework, readonly Machine[]> {
  let taken = 0;
  return new Map(
    scenario.frameworks.map((framework) => {
      const own = nodes.slice(taken, taken + framework.partition);
      taken += framework.partition;
      return [framework, own];
    }),
  );
}

/** Configures each framework, and stores its input: everywhere on Mesos, else where the scenario says. */
async function prepareFrameworks(run: RealRun, fail: Fail): Promise<readonly Prepared[]> {
  const { scenario, system } = run;
  const { nodes } = run.places;
  const partitions = partitionsOf(scenario, nodes);
  const placed = scenario.frameworks.map((framework) => ({
    framework,
    own: system === 'mesos' ? nodes : (partitions.get(framework) ?? []),
  }));
  const keepersOf = (own: readonly Machine[]): readonly Machine[] =>
    scenario.blocksOn === 'cluster' ? nodes : own;
  const holders = new Set(
    placed.flatMap(({ framework, own }) => (keepsBlocks(framework) ? keepersOf(own) : [])),
  );
  // They start while the text is stored: it is written as files of the machines.
  const servers = startFileServers([...holders], run, fail);
  const stored = placed.map(async ({ framework, own }) => {
    const keepers = keepersOf(own);
    const nodes = async (): Promise<Nodes> => {
      const all = Object.entries(await servers);
      return Object.fromEntries(all.filter(([host]) => keepers.some(({ name }) => name === host)));
    };
    return { framework, own, config: await configOf(run, framework, keepers, nodes) };
  });
  const [prepared] = await Promise.all([Promise.all(stored), servers]);
  return prepared;
}

async function startFileServers(
  on: readonly Machine[],
  { scenario, ends }: RealRun,
  fail: Fail,
): Promise<Nodes> {
  const { port, ownReads } = scenario.fileServers ?? {};
  const servers = await Promise.all(
    on.map(async (machine): Promise<[string, Node]> => {
      const { process, address } = await startFileServer(machine, port);
      // What it held may be the only copy of an output.
      void process.exited.then((exit) => {
        if (!ends(machine, process.name)) fail(new RunError(exitInWords(process, exit), 'infrastructure'));
      });
      const node = { url: `http://${address}`, dir: fileFolder(machine) };
      return [machine.name, ownReads === undefined ? node : { ...node, ownReads }];
    }),
  );
  return Object.fromEntries(servers);
}

async function onMesos(run: RealRun, prepared: readonly Prepared[], fail: Fail): Promise<readonly Started[]> {
  const { places, deployment, scenario, ends } = run;
  const { head, nodes } = places;
  const { address, ensemble } = await startMasters(places, scenario.masters, (machine, process) => {
    // Without a master nothing goes on, and the frameworks would look for it for ever.
    void process.exited.then((exit) => {
      if (!ends(machine, process.name)) fail(new RunError(exitInWords(process, exit), 'infrastructure'));
    });
  });
  if (ensemble !== undefined) run.electing(ensemble);
  const slaves = await Promise.all(nodes.map((node) => startSlave(node, address, scenario.slaveResources)));
  failWithoutSlaves(slaves, fail);
  return Promise.all(
    prepared.map(async (one) => {
      const running = await startFramework(head, deployment, one.framework.kind, one.config, {
        master: address,
      });
      return { ...one, running };
    }),
  );
}

async function onPartitions(
  run: RealRun,
  prepared: readonly Prepared[],
  fail: Fail,
): Promise<readonly Started[]> {
  const { deployment, scenario } = run;
  const { head } = run.places;
  const started = await Promise.all(
    prepared.map(async (one) => {
      const on = { slaves: one.own.length };
      const running = await startFramework(head, deployment, one.framework.kind, one.config, on);
      return { ...one, running, address: await listening(running.process) };
    }),
  );
  await Promise.all(
    started.map(async ({ own, address }) => {
      const starts = own.map((node) => startSlave(node, address, scenario.slaveResources));
      failWithoutSlaves(await Promise.all(starts), fail);
    }),
  );
  return started;
}

/** A framework can do without some of its slaves, but not without all of them: it would wait for ever. */
function failWithoutSlaves(slaves: readonly RunningProcess[], fail: Fail): void {
  let left = slaves.length;
  for (const slave of slaves)
    void slave.exited.then((exit) => {
      left--;
      if (left === 0) fail(new RunError(`no slave is left: ${exitInWords(slave, exit)}`, 'infrastructure'));
    });
}

async function finish(run: RealRun, { framework, running, own }: Started): Promise<FrameworkOutcome> {
  const { process } = running;
  process.onLine(/^job (\S+) (?:finished|failed)/, ([, id]) => run.tell({ jobEnded: id as string }));
  const exit = await process.exited;
  if (exit.code !== 0)
    throw new RunError(exitInWords(process, exit), exit.code === JOBS_FAILED ? 'system' : 'infrastructure');
  const summary: unknown = await readSummary(run.places.head, running);
  switch (framework.kind) {
    case 'mpi':
      return { kind: 'mpi', framework, summary: summary as TorqueSummary };
    case 'spark':
      return { kind: 'spark', framework, summary: summary as SparkSummary };
    case 'load':
      return { kind: 'load', framework };
    case 'hadoop':
      return { kind: 'hadoop', framework, summary: summary as HadoopSummary, machines: own };
    default:
      return framework satisfies never;
  }
}
