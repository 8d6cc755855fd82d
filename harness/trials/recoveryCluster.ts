/**
 * A cluster for the recovery from the death of the master (NSDI'11 §6.6), of real processes on machines: masters that elect their
 * leader through ZooKeeper, slaves, and frameworks that launch for ever. It lives through one kill after another.
 */
import type { LoadConfigInput } from '../../frameworks/load/config.ts';
import type { Machine, RunningProcess } from '../../infra/machine.ts';
import { within } from '../../infra/wallClock.ts';
import { startEnsemble } from '../../infra/zookeeper.ts';
import type { Resources } from '../../mesos/protocol/resources.ts';
import type { Millis } from '../../mesos/runtime/actor.ts';
import type { Distribution } from '../../workloads/distribution.ts';
import type { Trial } from '../experiments/experiment.ts';
import {
  executorCommand,
  exitInWords,
  historyFile,
  type Listening,
  prepare,
  startFramework,
  startMaster,
  startSlave,
} from '../run/deployment.ts';
import { gathering } from './gathering.ts';

/** What there is. */
export interface ClusterPlan {
  readonly masters: number;
  /** Servers. */
  readonly zookeepers: 1 | 3 | 5;
  readonly sessionTimeoutMs: Millis;
  readonly tickMs: Millis;
  /** Of those that stand, one leads within this time, or none ever does. */
  readonly electedWithinMs: Millis;
  /** Within this time the slaves of a framework have tasks, and all have registered with who leads, or they never do. */
  readonly workingWithinMs: Millis;
  readonly slaves: number;
  readonly slaveResources: Resources;
  /** Each has a part of the slaves for itself, so that one executor on each slave is enough. */
  readonly frameworks: number;
  /** A task takes a whole slave. */
  readonly taskMs: Distribution;
}

/** A master's process. */
export interface MasterProcess extends Listening {
  readonly machine: Machine;
  /** File on its machine. */
  readonly history: string;
  /** Resolves when it leads. */
  readonly elected: Promise<unknown>;
  /** Resolves when all slaves and frameworks have registered with it. */
  readonly joined: Promise<void>;
}

/** The cluster. A master that is deposed by itself, because it was kept from its heartbeats, is replaced at once. */
export interface RecoveryCluster {
  /** The master that leads; resolves when all slaves and frameworks have registered with it. */
  leader(): Promise<MasterProcess>;
  /** Kills a master; resolves with the next leader, and rejects with one sentence if there is none. */
  kill(master: MasterProcess): Promise<MasterProcess>;
  /** Starts a master on the machine of one that was killed; it stands by. */
  replace(master: MasterProcess): Promise<void>;
  /** Rejects, in one sentence, when a process ends that was not to. Never resolves. */
  readonly failed: Promise<never>;
}

/** The names of the machines that it needs, in the order in which it takes them. */
export function machineNames({ masters, zookeepers, slaves }: ClusterPlan): readonly string[] {
  const numbered = (name: string, count: number): readonly string[] =>
    Array.from({ length: count }, (_, n) => `${name}${n + 1}`);
  return [
    'head',
    ...numbered('zookeeper', zookeepers),
    ...numbered('master', masters),
    ...numbered('node', slaves),
  ];
}

/** Slaves that start at the same time. */
const STARTING_MAX = 4;
/** Masters listen in any order, and are named in that of their numbers. */
const BY_NUMBER = new Intl.Collator('en', { numeric: true });
/** A scheduler that is slow to come back is not given up. */
const FAILOVER_TIMEOUT = '10mins';

/**
 * Starts all of it; resolves when every slave has a task that runs. `report` is told what is being started. Rejects with one sentence if
 * no master leads, or slaves come to do nothing.
 */
export async function startRecoveryCluster(
  machines: readonly Machine[],
  plan: ClusterPlan,
  { seed, stopping }: Pick<Trial, 'seed' | 'stopping'>,
  report: (detail: string) => void,
): Promise<RecoveryCluster> {
  const [head, ...others] = machines as readonly [Machine, ...Machine[]];
  const keepers = others.slice(0, plan.zookeepers);
  const places = others.slice(plan.zookeepers, plan.zookeepers + plan.masters);
  const nodes = others.slice(plan.zookeepers + plan.masters);
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const killed = new Set<RunningProcess>();
  const guard = (process: RunningProcess): void =>
    void process.exited.then((exit) => {
      if (!killed.has(process)) failed.reject(new Error(exitInWords(process, exit)));
    });

  report('starting ZooKeeper and the masters');
  const deployment = await prepare(machines, 'this-trial-only');
  const url = (await startEnsemble({ machines: keepers, tickTimeMs: plan.tickMs })).url('/mesos');
  const flags = ['--zk', url, '--zk_session_timeout', `${plan.sessionTimeoutMs}ms`];
  let masters: readonly MasterProcess[] = [];
  let started = 0;
  /** Slaves of which a task has run. */
  const working = gathering();
  const start = async (machine: Machine): Promise<void> => {
    const name = `master-${++started}`;
    const { process, address } = await startMaster(machine, name, flags);
    guard(process);
    process.onLine(RUNNING, ([, slaveId]) => working.saw(slaveId as string));
    // Most of them never are.
    const elected = process.waitForLine(/^elected$/, Number.POSITIVE_INFINITY);
    elected.catch(() => {});
    const history = historyFile(machine, name);
    const master = { process, address, machine, history, elected, joined: joined(process, plan) };
    masters = [...masters, master];
    process.onLine(/^deposed$/, () => {
      kill(master);
      void start(machine).catch(failed.reject);
    });
  };
  const kill = (master: MasterProcess): void => {
    killed.add(master.process);
    masters = masters.filter((each) => each !== master);
    master.process.signal('SIGKILL');
  };
  const firstElected = async (): Promise<MasterProcess> => {
    const elections = masters.map((each) => each.elected.then(() => each));
    const first = await within(plan.electedWithinMs, stopping, Promise.race([failed.promise, ...elections]));
    if (first !== undefined) return first;
    const standing = masters.map(({ process }) => process.name).sort(BY_NUMBER.compare);
    throw new Error(
      `none of ${standing.join(', ')} leads after ${plan.electedWithinMs / 1000} s: look at the logs of the masters and of ZooKeeper`,
    );
  };
  await Promise.all(places.map(start));
  await firstElected();

  report(`starting ${plan.slaves} slaves and ${plan.frameworks} frameworks`);
  await inTurns(nodes, STARTING_MAX, async (node) => guard(await startSlave(node, url, plan.slaveResources)));
  let busy = 0;
  for (const { config, hosts } of loads(plan, nodes, seed)) {
    const on = { master: url, flags: ['--failover_timeout', FAILOVER_TIMEOUT] };
    guard((await startFramework(head, deployment, 'load', config, on)).process);
    // Each begins with an executor on every slave of its own.
    busy += hosts;
    await inTime(working.reached(busy), `not all of ${plan.slaves} slaves run a task`);
  }
  await leader();

  return {
    leader,
    kill(master) {
      kill(master);
      return firstElected();
    },
    replace: ({ machine }) => start(machine),
    failed: failed.promise,
  };

  async function leader(): Promise<MasterProcess> {
    for (;;) {
      const first = await firstElected();
      const isDeposed = first.process.exited.then(() => false);
      if (
        await inTime(
          Promise.race([isDeposed, first.joined.then(() => true)]),
          'not all slaves and frameworks have registered',
        )
      )
        return first;
    }
  }

  /** What it comes to, if no process fails; rejects with one sentence if it takes too long. */
  async function inTime<T>(work: Promise<T>, otherwise: string): Promise<T> {
    const limitMs = plan.workingWithinMs;
    const done = await within(limitMs, stopping, Promise.race([failed.promise, work.then((is) => ({ is }))]));
    if (done !== undefined) return done.is;
    throw new Error(
      `${otherwise} after ${limitMs / 1000} s: look at the logs of the slaves and of the masters`,
    );
  }
}

/** Frameworks, each with its part of the slaves, and how many those are. */
function loads(
  { frameworks, slaveResources, taskMs }: ClusterPlan,
  nodes: readonly Machine[],
  seed: number,
): readonly { readonly config: LoadConfigInput; readonly hosts: number }[] {
  return Array.from({ length: frameworks }, (_, n) => {
    const hosts = nodes.filter((_, index) => index % frameworks === n).map(({ name }) => name);
    const config: LoadConfigInput = {
      name: `load${n + 1}`,
      arrivals: { type: 'endless' },
      taskMs,
      sizes: [{ resources: slaveResources }],
      manners: { tasksPerOfferMax: 1, filters: true, hosts },
      executor: { command: executorCommand('load') },
      seed,
    };
    return { config, hosts: hosts.length };
  });
}

/** Lines of a master's log. */
const RUNNING = / master task-updated .*slaveId=(\S+) .*state=TASK_RUNNING/;
const REGISTERED = / master (?:slave|framework)-registered (?:slave|framework)Id=(\S+)/;

/** Resolves when the log of a master has told of all slaves and frameworks. */
function joined(process: RunningProcess, { slaves, frameworks }: ClusterPlan): Promise<void> {
  const registered = gathering();
  process.onLine(REGISTERED, ([, id]) => registered.saw(id as string));
  return registered.reached(slaves + frameworks);
}

/** Does something with each, with so many at a time. */
async function inTurns<T>(
  items: readonly T[],
  atOnce: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values();
  const turns = Array.from({ length: atOnce }, async () => {
    for (const item of left) await run(item);
  });
  await Promise.all(turns);
}
