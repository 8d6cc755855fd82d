/** The masters of a real run: one that everybody knows, or several that elect their leader through ZooKeeper. */
import type { Machine, RunningProcess } from '../../infra/machine.ts';
import { type Ensemble, missingForZookeeper, startEnsemble } from '../../infra/zookeeper.ts';
import type { RealMasters } from '../experiments/realScenario.ts';
import { startMaster } from './deployment.ts';

/** The machines of a run, by what they are for. */
export interface Places {
  /** Has the schedulers, and the master if there is one only. */
  readonly head: Machine;
  readonly zookeepers: readonly Machine[];
  readonly masters: readonly Machine[];
  /** One for each slave. */
  readonly nodes: readonly Machine[];
}

const ZOOKEEPERS = 3;
/** What Mesos asks ZooKeeper for. */
const SESSION_TIMEOUT_MS = 10_000;
/** ZooKeeper ends sessions at its ticks; its default of 2 s is a fifth of Mesos's time-out. */
const TICKS_PER_TIMEOUT = 5;

/** Names of the machines that a run needs, in the order in which `placesOf` takes them. */
export function machineNames(slaves: number, masters: RealMasters | undefined): readonly string[] {
  const numbered = (name: string, count: number): readonly string[] =>
    Array.from({ length: count }, (_, n) => `${name}${n + 1}`);
  return ['head', ...numbered('node', slaves), ...own(masters).flatMap(([name, n]) => numbered(name, n))];
}

/** Who has which of the machines. */
export function placesOf(
  machines: readonly Machine[],
  slaves: number,
  masters: RealMasters | undefined,
): Places {
  const [head, ...others] = machines;
  if (head === undefined) throw new Error('a run needs a machine for its head');
  const left = [...others];
  const nodes = left.splice(0, slaves);
  const [zookeepers = [], ownMasters = []] = own(masters).map(([, count]) => left.splice(0, count));
  return { head, nodes, zookeepers, masters: ownMasters };
}

/** What has machines of its own beside the head and the slaves. */
function own(masters: RealMasters | undefined): readonly (readonly [string, number])[] {
  if (masters === undefined) return [];
  return [
    ['zookeeper', masters.zookeepers ?? ZOOKEEPERS],
    ['master', masters.count],
  ];
}

/** Masters that run. */
export interface RunningMasters {
  /** Where slaves and frameworks find the one that leads: `host:port` or `zk://…`. */
  readonly address: string;
  readonly ensemble: Ensemble | undefined;
}

/**
 * Starts them; of several the first leads when this resolves. `started` is told of each process that must not end by itself. Throws
 * one sentence if one does not start.
 */
export async function startMasters(
  places: Places,
  masters: RealMasters | undefined,
  started: (machine: Machine, process: RunningProcess) => void,
): Promise<RunningMasters> {
  const start = async (machine: Machine, name: string, flags: readonly string[]) => {
    const master = await startMaster(machine, name, flags);
    started(machine, master.process);
    return master;
  };
  if (masters === undefined) {
    const { address } = await start(places.head, 'master', []);
    return { address, ensemble: undefined };
  }
  const missing = missingForZookeeper();
  if (missing !== undefined) throw new Error(missing);
  const { sessionTimeoutMs = SESSION_TIMEOUT_MS, tickMs = sessionTimeoutMs / TICKS_PER_TIMEOUT } = masters;
  const ensemble = await startEnsemble({
    machines: places.zookeepers.map((machine) => ({
      ...machine,
      async start(spec) {
        const process = await machine.start(spec);
        started(machine, process);
        return process;
      },
    })),
    tickTimeMs: tickMs,
    askFrom: places.head,
  });
  await ensemble.serving();
  const flags = ['--zk', ensemble.url('/mesos'), '--zk_session_timeout', `${sessionTimeoutMs}ms`];
  const [first, ...others] = places.masters;
  if (first === undefined) throw new Error('a cluster needs a master');
  const leader = await start(first, 'master1', flags);
  await saidElected(leader.process);
  await Promise.all(others.map((machine, n) => start(machine, `master${n + 2}`, flags)));
  return { address: ensemble.url('/mesos'), ensemble };
}

/** Not `waitForLine`: a master that is started again is ready by the same lines as before, and need not be elected to be. */
function saidElected({ onLine, lastLines }: RunningProcess): Promise<void> {
  return new Promise((resolve) => {
    onLine(/^elected$/, () => resolve());
    if (lastLines().includes('elected')) resolve();
  });
}
