/** Which task goes to which offer: fair sharing between jobs, data locality, delay scheduling. */
import type { Millis } from '../../mesos/driver/actor.ts';
import type { Offer } from '../../mesos/protocol/entities.ts';
import { localityWaitLeft } from '../localityWait.ts';
import type { JobInProgress } from './jobInProgress.ts';
import type { JobQueue } from './jobQueue.ts';
import type { Spot } from './pendingTasks.ts';
import type { Task } from './task.ts';

/** An offer while it is being filled. */
export interface OpenOffer {
  readonly offer: Offer;
  readonly spot: Spot;
  /** How many tasks still fit. */
  free: number;
  readonly tasks: Task[];
}

/** How far one job has looked through the offers for local work. */
interface Lap {
  at: number;
  found: boolean;
}

/** What decides where tasks may go, beside their data. */
export interface PlacementRules {
  readonly nowMs: Millis;
  /** How long a job waits for a slot beside its data; 0: not at all. */
  readonly localityWaitMs: Millis;
  /** Whether a job is not to use a host. */
  readonly shuns: (job: JobInProgress, host: string) => boolean;
}

/**
 * Fills the offers. The job that is first in the queue chooses first: a slot beside its data if there is one, else, with no
 * `localityWaitMs` or after having waited that long since it first had to pass over a slot, any slot. A job that waits leaves
 * the slot to the next job (delay scheduling). Offers are filled in turn, one task at a time, so that a job spreads over the
 * slaves. A job without pending tasks gets copies of those that run, if it wants any.
 *
 * Returns how long until the first of the jobs that wait would take any slot; Infinity if none waits.
 */
export function place(
  queue: JobQueue,
  offers: readonly OpenOffer[],
  { nowMs, localityWaitMs, shuns }: PlacementRules,
): Millis {
  let slots = 0;
  for (const open of offers) slots += open.free;
  let waitLeftMs = Number.POSITIVE_INFINITY;
  const laps = new Map<JobInProgress, Lap>();
  const waiting = new Set<JobInProgress>();
  let turn = 0;

  /** The next offer, in turn, that takes something: what `choose` gives for it. */
  const inTurn = (job: JobInProgress, choose: (spot: Spot) => Task | undefined): boolean => {
    for (let tries = 0; tries < offers.length; tries += 1) {
      const open = offers[turn];
      turn = turn + 1 < offers.length ? turn + 1 : 0;
      if (open === undefined || open.free === 0 || shuns(job, open.spot.host)) continue;
      const task = choose(open.spot);
      if (task !== undefined) return launch(open, task);
    }
    return false;
  };

  const localSlot = (job: JobInProgress): OpenOffer | undefined => {
    let lap = laps.get(job);
    if (lap === undefined) {
      lap = { at: 0, found: false };
      laps.set(job, lap);
    }
    for (;;) {
      while (lap.at < offers.length) {
        const open = offers[lap.at] as OpenOffer;
        lap.at += 1;
        if (open.free > 0 && job.hasLocalMap(open.spot) && !shuns(job, open.spot.host)) {
          lap.found = true;
          return open;
        }
      }
      if (!lap.found) return undefined;
      lap.at = 0;
      lap.found = false;
    }
  };

  const launch = (open: OpenOffer, task: Task | undefined): boolean => {
    if (task === undefined) return false;
    open.free -= 1;
    open.tasks.push(task);
    return true;
  };

  const placeNext = (job: JobInProgress): boolean => {
    if (!job.hasPending)
      return (
        inTurn(job, (spot) => job.takeCopy(spot, true)) || inTurn(job, (spot) => job.takeCopy(spot, false))
      );
    if (!job.hasPendingMaps) return inTurn(job, (spot) => job.takeAny(spot));
    const local = localSlot(job);
    if (local !== undefined) {
      job.waitingSinceMs = undefined;
      return launch(local, job.takeLocalMap(local.spot));
    }
    if (localityWaitMs > 0) {
      job.waitingSinceMs ??= nowMs;
      const leftMs = localityWaitLeft(job.waitingSinceMs, localityWaitMs, nowMs);
      if (leftMs > 0) {
        waitLeftMs = Math.min(waitLeftMs, leftMs);
        return false;
      }
    }
    return inTurn(job, (spot) => job.takeAny(spot));
  };

  while (slots > 0) {
    const job = queue.first(waiting);
    if (job === undefined) break;
    queue.remove(job);
    if (placeNext(job)) slots -= 1;
    else waiting.add(job);
    if (job.launchable) queue.add(job);
  }
  return waitLeftMs;
}
