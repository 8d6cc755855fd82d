/** A cluster of processes on machines, for trials that run one framework at a time: on Mesos, or alone on the same slaves. */
import { join } from 'node:path';
import type { Node } from '../../frameworks/files/block.ts';
import { localMachines } from '../../infra/local.ts';
import type { Machine, MachineProvider, Machines, RunningProcess } from '../../infra/machine.ts';
import { childless, processTimes } from '../../infra/processTimes.ts';
import { wallClock } from '../../infra/wallClock.ts';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import type { Resources } from '../../mesos/protocol/resources.ts';
import {
  exitInWords,
  fileFolder,
  historyFile,
  listening,
  prepare,
  readSummary,
  startFileServer,
  startFramework,
  startMaster,
  startSlave,
} from '../run/deployment.ts';
import { makeRunFolder } from '../run/runFolder.ts';
import { submission } from './submission.ts';

/** What there is to be had. */
export interface ClusterSize {
  readonly slaves: number;
  /** Of each slave. */
  readonly resources: Resources;
}

/** Executors have some seconds to go when their framework has ended. */
const EXECUTORS_LIMIT_MS = 20_000;

/** How a framework runs: with a master and offers, or with all slaves to itself and no master. */
export type Placement = 'mesos' | 'alone';

/** A framework's run that has ended well. */
export interface FrameworkRun {
  /** What became of its jobs, as its kind writes it. */
  readonly summary: unknown;
  /** Of its own process. */
  readonly history: readonly HistoryLine[];
  /** From the start of its process until it ended. */
  readonly wallSeconds: number;
  /**
   * Processor time of all that had a part in it: its scheduler, and since its first job was submitted the slaves, executors and the master.
   * What slaves take before that is not of the job: without a master they are new. Null if machines have processors of their own.
   */
  readonly cpuSeconds: number | null;
  /** The part of it that the daemons themselves took: the slaves, and the master. Null likewise. */
  readonly daemonCpuSeconds: number | null;
}

/** The cluster. */
export interface TrialCluster {
  readonly machines: Machines;
  readonly head: Machine;
  /** One for each slave. */
  readonly places: readonly Machine[];
  /** The file servers, one beside each slave, by the slave's hostname. */
  readonly nodes: Readonly<Record<string, Node>>;
  /** Those of Mesos. */
  readonly slaves: readonly RunningProcess[];
  /** Runs a framework until it ends. Names must not be given twice. Throws an Error with its last words if it fails. */
  run(
    which: Parameters<typeof startFramework>[2],
    config: { readonly name: string },
    placement: Placement,
  ): Promise<FrameworkRun>;
}

/** Where, and until when. */
export interface TrialSurroundings {
  /** Default: local machines. */
  readonly provide?: MachineProvider;
  readonly stopping?: AbortSignal;
}

/**
 * Starts a cluster, lets somebody use it, and takes it down again, whatever happens; also if it is told to stop, and then throws
 * the reason.
 */
export async function onTrialCluster<T>(
  { slaves, resources }: ClusterSize,
  use: (cluster: TrialCluster) => Promise<T>,
  { provide = localMachines, stopping }: TrialSurroundings = {},
): Promise<T> {
  await using folder = await makeRunFolder();
  const names = Array.from({ length: slaves }, (_, n) => `node${n + 1}`);
  await using machines = await provide(join(folder.path, 'machines'), ['head', ...names]);
  const stopped = Promise.withResolvers<never>();
  stopped.promise.catch(() => {});
  stopping?.addEventListener('abort', () => stopped.reject(stopping.reason), { once: true });
  stopping?.throwIfAborted();
  const used = start(machines, resources).then(use);
  return await Promise.race([used, stopped.promise]);
}

async function start(machines: Machines, resources: Resources): Promise<TrialCluster> {
  const [head, ...places] = machines.machines as [Machine, ...Machine[]];
  const deployment = await prepare(machines.machines, 'this-trial-only');
  const [{ address: master, process: masterProcess }, ...servers] = await Promise.all([
    startMaster(head),
    ...places.map(async (machine): Promise<[string, Node]> => {
      const { address } = await startFileServer(machine);
      return [machine.name, { url: `http://${address}`, dir: fileFolder(machine) }];
    }),
  ]);
  const startSlaves = (of: string, name: string) =>
    Promise.all(places.map((place) => startSlave(place, of, resources, [], `slave-${place.name}-${name}`)));
  const slaves = await startSlaves(master, 'shared');
  return {
    machines,
    head,
    places,
    nodes: Object.fromEntries(servers),
    slaves,
    async run(which, config, placement) {
      const on = placement === 'mesos' ? { master } : { slaves: places.length };
      const clock = wallClock();
      const ofScheduler = machines.hardware === 'shared' ? await schedulerClock() : null;
      const running = await startFramework(head, deployment, which, config, on);
      const { process } = running;
      const own = placement === 'alone' ? await startSlaves(await listening(process), config.name) : [];
      const ofOthers =
        ofScheduler &&
        (await submission(() => historyText(head, config.name), process.exited).then(() =>
          cpuClock(placement === 'alone' ? own : [masterProcess, ...slaves]),
        ));
      const exit = await process.exited;
      const { wallSeconds } = clock.stop();
      if (exit.code !== 0) throw new Error(exitInWords(process, exit));
      const cpuSeconds = ofScheduler && (await ofScheduler());
      const others = ofOthers && (await ofOthers());
      await Promise.all(own.map((slave) => slave.stop()));
      return {
        summary: await readSummary(head, running),
        history: await historyOf(head, config.name),
        wallSeconds,
        cpuSeconds: cpuSeconds === null || others === null ? null : cpuSeconds + others.allSeconds,
        daemonCpuSeconds: others?.ownSeconds ?? null,
      };
    },
  };
}

/** Processor time of the processes that this one starts from now on and waits for. */
async function schedulerClock(): Promise<() => Promise<number>> {
  const own = async (): Promise<number> => (await processTimes(process.pid)).childrenSeconds;
  const before = await own();
  return async () => (await own()) - before;
}

/** Processor time of processes. */
interface CpuUse {
  /** Of their own. */
  readonly ownSeconds: number;
  /** And of what they started. */
  readonly allSeconds: number;
}

/** What processes use from now on until all that they have started has ended. */
async function cpuClock(processes: readonly RunningProcess[]): Promise<() => Promise<CpuUse>> {
  const used = async (): Promise<CpuUse> => {
    const times = await Promise.all(processes.map(({ pid }) => processTimes(pid)));
    const ownSeconds = times.reduce((sum, time) => sum + time.ownSeconds, 0);
    return { ownSeconds, allSeconds: times.reduce((sum, time) => sum + time.childrenSeconds, ownSeconds) };
  };
  const before = await used();
  return async () => {
    await Promise.all(processes.map(({ pid }) => childless(pid, EXECUTORS_LIMIT_MS)));
    const after = await used();
    return {
      ownSeconds: after.ownSeconds - before.ownSeconds,
      allSeconds: after.allSeconds - before.allSeconds,
    };
  };
}

const historyText = async (head: Machine, name: string): Promise<string> =>
  (await head.read(historyFile(head, name))).toString('utf8');

async function historyOf(head: Machine, name: string): Promise<readonly HistoryLine[]> {
  return (await historyText(head, name))
    .split('\n')
    .filter((line) => line !== '')
    .map((line): HistoryLine => JSON.parse(line));
}
