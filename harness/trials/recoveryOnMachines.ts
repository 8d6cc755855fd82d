/**
 * Recovery from the death of the master (NSDI'11 §6.6) for real: every part is a process on a machine. The master that leads is
 * killed again and again; each time another takes its place, and a new one stands by.
 */
import { basename, join } from 'node:path';
import type { Machines } from '../../infra/machine.ts';
import { epochMs, pause, wallClock, within } from '../../infra/wallClock.ts';
import { missingForZookeeper } from '../../infra/zookeeper.ts';
import type { Millis } from '../../mesos/runtime/actor.ts';
import { seededRandom } from '../../mesos/runtime/random.ts';
import type { Findings, Trial } from '../experiments/experiment.ts';
import type { HistoryFile } from '../measure/readHistory.ts';
import { keepLogs } from '../run/keptFiles.ts';
import { clockChecks, lookAt, spanBetween } from '../run/machinesLook.ts';
import { makeRunFolder } from '../run/runFolder.ts';
import {
  type ClusterPlan,
  type MasterProcess,
  machineNames,
  type RecoveryCluster,
  startRecoveryCluster,
} from './recoveryCluster.ts';
import { type Kill, recoveryFrom } from './recoveryHistory.ts';
import { severalRecoveries } from './severalRecoveries.ts';

/** The cluster, and what is done to it. */
export interface KillsPlan extends ClusterPlan {
  readonly kills: number;
  /** A kill comes so long after all are there... */
  readonly settleMs: Millis;
  /** ...and a random time up to this: at any time between two heartbeats. */
  readonly killWithinMs: Millis;
  /** How long to look on when all are back. */
  readonly afterwardsMs: Millis;
}

const TOO_BUSY = 'this machine is too busy to keep sessions so short';
/** All are back in this time after another master leads, or never. */
const BACK_WITHIN_MS = 90_000;

/** Measures so many recoveries of one cluster; each is a sample. */
export async function measureKills(plan: KillsPlan, trial: Trial): Promise<Findings> {
  const missing = missingForZookeeper();
  if (missing !== undefined) throw new Error(missing);
  const { folder: keepIn, provide, stopping } = trial;
  await using folder = await makeRunFolder();
  await using machines = await provide(join(folder.path, 'machines'), machineNames(plan));
  const stopped = Promise.withResolvers<never>();
  stopped.promise.catch(() => {});
  stopping.addEventListener('abort', () => stopped.reject(stopping.reason), { once: true });
  try {
    stopping.throwIfAborted();
    const used = killAgainAndAgain(machines, plan, folder.path, trial);
    // What it was about fails too when everything ends under it.
    used.catch(() => {});
    return await Promise.race([used, stopped.promise]);
  } catch (error) {
    if (!stopping.aborted) await keepLogs(machines.machines, join(keepIn, 'logs'));
    throw error;
  }
}

/** A kill, by the masters that led before and after it. */
interface Ran extends Omit<Kill, 'before' | 'after' | 'leader'> {
  readonly first: MasterProcess;
  readonly next: MasterProcess;
  /** Of this machine's processors, from the election until all were back. */
  readonly busyPart: number;
}

async function killAgainAndAgain(
  machines: Machines,
  plan: KillsPlan,
  folder: string,
  trial: Trial,
): Promise<Findings> {
  const { seed, report, stopping } = trial;
  const begun = await lookAt(machines);
  const cluster = await startRecoveryCluster(machines.machines, plan, trial, (detail) =>
    report(0, plan.kills, detail),
  );
  const random = seededRandom(`kill/${seed}`);
  const ran: Ran[] = [];
  let voided = 0;
  while (ran.length < plan.kills) {
    report(ran.length, plan.kills, 'waiting until the load is steady');
    const waitMs = plan.settleMs + plan.killWithinMs * random.uniform();
    const kill = await killAfter(waitMs, cluster, plan, stopping);
    if (kill !== undefined) ran.push(kill);
    else if (++voided > plan.kills)
      throw new Error(`${voided} times a master lost its session though nothing was done to it: ${TOO_BUSY}`);
  }
  const span = spanBetween(machines, begun, await lookAt(machines));
  const fetched = async ({ machine, history }: MasterProcess): Promise<HistoryFile> => {
    const path = join(folder, 'histories', basename(history));
    await machine.fetch(history, path);
    return { path, aheadMs: span.aheadMs.get(machine.name) ?? 0 };
  };
  const recoveries: Findings[] = [];
  for (const { first, next, ...kill } of ran)
    recoveries.push(
      await recoveryFrom({
        ...kill,
        leader: first.address,
        before: await fetched(first),
        after: await fetched(next),
      }),
    );
  const busyParts = span.used.hardware === 'shared' ? ran.map(({ busyPart }) => busyPart) : undefined;
  const found = severalRecoveries(recoveries, busyParts);
  return {
    ...found,
    values: { ...found.values, 'kills that do not count': voided },
    ...(voided > 0 && {
      limited: `${voided} kills do not count, for a master lost its session by itself: ${TOO_BUSY}.`,
    }),
    checks: [...(found.checks ?? []), ...clockChecks(span.used)],
    machines: span.used,
    cpuBusy: span.cpuBusy,
  };
}

/** Undefined if a master lost its session by itself before all was over. */
async function killAfter(
  waitMs: Millis,
  cluster: RecoveryCluster,
  plan: KillsPlan,
  stopping: AbortSignal,
): Promise<Ran | undefined> {
  const first = await cluster.leader();
  const leads = async <T>({ process }: MasterProcess, work: Promise<T>): Promise<T | undefined> =>
    Promise.race([work, cluster.failed, process.exited.then(() => undefined)]);
  if (
    (await leads(
      first,
      pause(waitMs, stopping).then(() => true),
    )) === undefined
  )
    return undefined;
  const killedMs = epochMs();
  const next = await cluster.kill(first);
  const clock = wallClock();
  await within(BACK_WITHIN_MS, stopping, leads(next, next.joined));
  const { cpuBusy: busyPart } = clock.stop();
  const hasLed = await leads(
    next,
    pause(plan.afterwardsMs, stopping).then(() => true),
  );
  const endMs = epochMs();
  await cluster.replace(first);
  return hasLed === undefined ? undefined : { killedMs, endMs, first, next, busyPart };
}
