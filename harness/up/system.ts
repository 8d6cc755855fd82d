/** The system of a deployment: which of its parts run on which machines, and how they are started. */
import type { ProcessRecord } from '../../infra/deployments/record.ts';
import type { Machine } from '../../infra/machine.ts';
import { startEnsemble } from '../../infra/zookeeper.ts';
import type { Resources } from '../../mesos/protocol/resources.ts';
import {
  type Listening,
  listening,
  startDataNode,
  startMaster,
  startNameNode,
  startSlave,
} from '../run/deployment.ts';
import type { SystemPlan } from './plan.ts';

/** Where those find the system who use it. */
export interface System {
  /** `host:port`, or `zk://…` if the masters elect their leader. */
  readonly master: string;
  /** `host:port`. */
  readonly namenode: string;
}

/** The system that these processes are; undefined if they have no master, or no namenode. */
export function systemIn(processes: readonly ProcessRecord[]): System | undefined {
  const addresses = (part: ProcessRecord['part']): readonly string[] =>
    processes.filter((process) => process.part === part).flatMap(({ address }) => address ?? []);
  const zookeeper = addresses('zookeeper');
  const [master] = addresses('master');
  const [namenode] = addresses('namenode');
  if (master === undefined || namenode === undefined) return undefined;
  return { master: zookeeper.length > 0 ? electionAt(zookeeper) : master, namenode };
}

/** Is told of every process that runs. */
export type Started = (process: ProcessRecord) => void;

/** ZooKeeper's unit of time, as in its own example: sessions last at most 20 of them. */
const TICK_MS = 2_000;
/** In ZooKeeper. */
const ELECTION_PATH = '/mesos';
const REPLICATION = 3;

/** The machine, on which what is started goes on when this process ends. */
export function keeping(machine: Machine): Machine {
  return { ...machine, start: (spec) => machine.start({ ...spec, isKept: true }) };
}

/** Starts ZooKeeper, the masters and the namenode. Throws one sentence if one of them does not start. */
export async function startHead(
  plan: SystemPlan,
  machineOf: (name: string) => Machine,
  started: Started,
): Promise<System> {
  const election =
    plan.zookeeper.length === 0 ? undefined : await startZookeeper(plan.zookeeper.map(machineOf), started);
  const masterFlags = ['--quiet', ...(election === undefined ? [] : ['--zk', election])];
  const replication = Math.max(1, Math.min(REPLICATION, plan.slaves.length));
  const startNamed = async (
    part: 'master' | 'namenode',
    name: string,
    machine: Machine,
    starting: Promise<Listening>,
  ): Promise<Listening> => {
    const running = await starting;
    started({ machine: machine.name, name, part, address: running.address });
    return running;
  };
  const [namenode, ...masters] = await Promise.all([
    ...plan.masters.slice(0, 1).map(async (machineName) => {
      const machine = machineOf(machineName);
      const flags = ['--replication', String(replication)];
      return startNamed('namenode', 'namenode', machine, startNameNode(machine, flags));
    }),
    ...plan.masters.map(async (machineName, n) => {
      const machine = machineOf(machineName);
      const name = `master${n + 1}`;
      return startNamed('master', name, machine, startMaster(machine, name, masterFlags));
    }),
  ]);
  const [master] = masters;
  if (namenode === undefined || master === undefined) throw new Error('a system needs a master');
  if (election !== undefined)
    await Promise.any(masters.map(({ process }) => process.waitForLine(/^elected$/))).catch(
      ({ errors: [first] }: AggregateError) => {
        throw first;
      },
    );
  return { master: election ?? master.address, namenode: namenode.address };
}

/** By which masters elect their leader that know these servers, `host:port` each. */
function electionAt(servers: readonly string[]): string {
  return `zk://${servers.join(',')}${ELECTION_PATH}`;
}

/** Starts a server on each machine. Resolves with the URL by which masters elect their leader. */
async function startZookeeper(machines: readonly Machine[], started: Started): Promise<string> {
  const [askFrom] = machines;
  const ensemble = await startEnsemble({ machines, tickTimeMs: TICK_MS, ...(askFrom && { askFrom }) });
  for (const [n, { address }] of ensemble.servers.entries())
    started({ machine: machines[n]?.name ?? '', name: `zookeeper${n + 1}`, part: 'zookeeper', address });
  await ensemble.serving();
  return electionAt(ensemble.servers.map(({ address }) => address));
}

/** What of a machine's parts runs, and who is told of what is started. */
export interface SlaveParts {
  /** By the name of the process. */
  isRunning(name: string): boolean;
  readonly started: Started;
}

/** Starts the slave and the file server of a machine. Resolves when the master and the namenode have registered them. */
export async function startSlaveMachine(
  machine: Machine,
  resources: Resources,
  { master, namenode }: System,
  { isRunning, started }: SlaveParts,
): Promise<void> {
  const { name } = machine;
  const [fileserver, slave] = [`fileserver-${name}`, `slave-${name}`];
  await Promise.all([
    isRunning(fileserver) ||
      startDataNode(machine, namenode).then(({ address }) =>
        started({ machine: name, name: fileserver, part: 'fileserver', address }),
      ),
    isRunning(slave) ||
      startSlave(machine, master, resources, ['--quiet']).then(async (process) =>
        started({ machine: name, name: slave, part: 'slave', address: await listening(process) }),
      ),
  ]);
}
