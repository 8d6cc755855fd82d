/**
 * Recovery from the death of the master (NSDI'11 §6.6), in an emulation: the process of the master that leads is killed, and another
 * one, which has stood by, takes its place. What happened is in the histories of the two.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { localMachines } from '../../infra/local.ts';
import { epochMs, pause, wallClock, within } from '../../infra/wallClock.ts';
import { missingForZookeeper, startEnsemble } from '../../infra/zookeeper.ts';
import type { Resources } from '../../mesos/protocol/resources.ts';
import type { Millis } from '../../mesos/runtime/actor.ts';
import { seededRandom } from '../../mesos/runtime/random.ts';
import type { Distribution } from '../../workloads/distribution.ts';
import { type EmulatedMaster, type EmulatedPeer, type Emulation, onEmulation } from '../emulate/emulation.ts';
import type { Mark, PeerReport } from '../emulate/peerConfig.ts';
import type { Findings, Trial } from '../experiments/experiment.ts';
import type { HistoryFile } from '../measure/readHistory.ts';
import { type Look, whyLimited } from './processLoad.ts';
import { recoveryFrom } from './recoveryHistory.ts';

/** The cluster, and who decides which master leads. */
export interface RecoveryPlan {
  readonly slaves: number;
  readonly slaveResources: Resources;
  /** Processes that hold slaves. */
  readonly hosts: number;
  readonly frameworks: number;
  readonly task: { readonly ms: Distribution; readonly resources: Resources };
  readonly election: ElectionPlan;
  /** The kill comes so long after all have registered... */
  readonly settleMs: Millis;
  /** ...and a random time up to this: at any time between two heartbeats. */
  readonly killWithinMs: Millis;
  /** How long to look on when all are back. */
  readonly afterwardsMs: Millis;
}

/** Three servers, or a lock on a file, which is released the moment its process is gone. */
export type ElectionPlan =
  | { readonly by: 'ZooKeeper'; readonly sessionTimeoutMs: Millis; readonly tickMs: Millis }
  | { readonly by: 'file lock' };

/** Is there a ZooKeeper on this machine? */
export const hasZookeeper = (): boolean => missingForZookeeper() === undefined;

const SERVERS = ['zookeeper1', 'zookeeper2', 'zookeeper3'];
/** Slaves start at this rate, all within no less than this time. */
const SLAVES_PER_MS = 2;
const SPREAD_MIN_MS = 1_000;
/** All are back in this time after the kill, or some never come. */
const BACK_WITHIN_MS = 90_000;

/** Measures one recovery. */
export async function measureRecovery(plan: RecoveryPlan, trial: Trial): Promise<Findings> {
  const { election } = plan;
  const folder = join(trial.folder, 'election');
  await using machines = await localMachines(folder, election.by === 'ZooKeeper' ? SERVERS : ['lock']);
  let url = pathToFileURL(join(folder, 'lock', 'leader')).href;
  if (election.by === 'ZooKeeper') {
    const ensemble = await startEnsemble({ machines: machines.machines, tickTimeMs: election.tickMs });
    await ensemble.serving();
    url = ensemble.url('/mesos');
  }
  const histories = ['first', 'next'].map((name) => join(trial.folder, `history-${name}.ndjson`)) as [
    string,
    string,
  ];
  try {
    const run = await onEmulation(
      (emulation) => killLeader(emulation, plan, url, histories, trial),
      trial.stopping,
    );
    return await findingsOf(run, histories);
  } finally {
    for (const file of histories) await rm(file, { force: true });
  }
}

/** What is known of a run beside the histories. */
interface Run {
  readonly killedMs: Millis;
  /** What comes later is the end of the emulation. */
  readonly endMs: Millis;
  readonly leader: string;
  readonly cpuBusy: number;
  readonly limited: string | undefined;
  readonly values: Findings['values'];
}

async function killLeader(
  emulation: Emulation,
  plan: RecoveryPlan,
  url: string,
  [first, next]: readonly [string, string],
  { seed, report, stopping }: Trial,
): Promise<Run> {
  const all: readonly [Mark, Mark] = [
    { event: 'slave-registered', count: plan.slaves },
    { event: 'framework-registered', count: plan.frameworks },
  ];
  const elected: Mark = { event: 'master-elected', count: 1 };
  const master = (history: string): Promise<EmulatedMaster> =>
    emulation.startMaster({
      ...{ election: url, marks: [elected, ...all], history },
      ...(plan.election.by === 'ZooKeeper' && { sessionTimeoutMs: plan.election.sessionTimeoutMs }),
    });
  report(0, 4, `starting ${plan.slaves} slaves`);
  const leader = await master(first);
  await leader.reached(elected);
  const standby = await master(next);
  const frameworks = await emulation.startFrameworks(url, {
    ...{ frameworks: plan.frameworks, processes: 1, seed },
    task: plan.task,
  });
  const hosts = await emulation.startHosts(url, {
    ...{ slaves: plan.slaves, resources: plan.slaveResources, processes: plan.hosts },
    spreadMs: Math.max(SPREAD_MIN_MS, plan.slaves / SLAVES_PER_MS),
  });
  const cluster = { standby, hosts, frameworks };
  await Promise.all(all.map((mark) => leader.reached(mark)));
  report(1, 4, 'waiting until the load is steady');
  await pause(plan.settleMs + plan.killWithinMs * seededRandom(`kill/${seed}`).uniform(), stopping);
  const before = await lookAt(cluster);
  if (before.master.counts[elected.event] !== undefined)
    throw new Error(
      'the master that was to be killed had lost its leadership before: the machine was too busy to keep a session',
    );
  const clock = wallClock();
  const killedMs = epochMs();
  await emulation.kill(leader);
  report(2, 4, 'waiting until all are back');
  await within(BACK_WITHIN_MS, stopping, Promise.all(all.map((mark) => standby.reached(mark))));
  const { cpuBusy } = clock.stop();
  const after = await lookAt(cluster);
  report(3, 4, 'looking on');
  await pause(plan.afterwardsMs, stopping);
  return {
    killedMs,
    endMs: epochMs(),
    leader: leader.address,
    cpuBusy,
    limited: whyLimited({ from: before, to: after }, cpuBusy),
    values: {
      'CPU time of the next master until all were back (s)': cpuS([before.master], [after.master]),
      'CPU time of the slaves until all were back (s)': cpuS(before.hosts, after.hosts),
      'CPU time of the frameworks until all were back (s)': cpuS(before.frameworks, after.frameworks),
      'longest delay of the next master’s event loop (ms)': after.master.loopDelayMs.max,
    },
  };
}

interface Cluster {
  readonly standby: EmulatedPeer;
  readonly hosts: readonly EmulatedPeer[];
  readonly frameworks: readonly EmulatedPeer[];
}

async function lookAt({ standby, hosts, frameworks }: Cluster): Promise<Look> {
  const all = (peers: readonly EmulatedPeer[]): Promise<readonly PeerReport[]> =>
    Promise.all(peers.map((peer) => peer.report()));
  const [ofHosts, ofFrameworks] = await Promise.all([all(hosts), all(frameworks)]);
  return { master: await standby.report(), hosts: ofHosts, frameworks: ofFrameworks };
}

function cpuS(before: readonly PeerReport[], after: readonly PeerReport[]): number {
  const total = (reports: readonly PeerReport[]): number =>
    reports.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  return (total(after) - total(before)) / 1000;
}

async function findingsOf(run: Run, [first, next]: readonly [string, string]): Promise<Findings> {
  const { killedMs, endMs, leader, cpuBusy, limited } = run;
  const ours = (path: string): HistoryFile => ({ path, aheadMs: 0 });
  const found = await recoveryFrom({ killedMs, endMs, leader, before: ours(first), after: ours(next) });
  return {
    ...found,
    values: { ...found.values, ...run.values },
    cpuBusy,
    ...(limited !== undefined && { limited }),
  };
}
