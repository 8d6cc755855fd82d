/** Which task goes to which offer: fair sharing between jobs, data locality, delay scheduling. */
import type { Millis } from '../../mesos/driver/actor.ts';
import type { Offer } from '../../mesos/protocol/entities.ts';
import type { FairQueue } from './fairQueue.ts';
import type { JobInProgress, Task } from './jobInProgress.ts';

/** An offer while it is being filled. */
export interface OpenOffer {
  readonly offer: Offer;
  /** How many tasks still fit. */
  free: number;
  readonly tasks: Task[];
}

/** How far one job has looked through the offers for local work. */
interface Lap {
  at: number;
  found: boolean;
}

/** Below this a wait counts as over: rounding of a real clock's fractions. */
const WAIT_EPSILON_MS = 1e-6;

/**
 * Fills the offers. The job with the fewest running tasks chooses first: a slot beside its data if there is
 * one, else, with no `localityWaitMs` or after having waited that long since it first had to pass over a
 * slot, any slot. A job that waits leaves the slot to the next job (delay scheduling). Offers are filled in
 * turn, one task at a time, so that a job spreads over the slaves.
 *
 * Returns how long until the first of the jobs that wait would take any slot; Infinity if none waits.
 */
export function place(
  queue: FairQueue,
  offers: readonly OpenOffer[],
  nowMs: Millis,
  localityWaitMs: Millis,
): Millis {
  let slots = 0;
  for (const open of offers) slots += open.free;
  let waitLeftMs = Number.POSITIVE_INFINITY;
  const laps = new Map<JobInProgress, Lap>();
  const waiting = new Set<JobInProgress>();
  let turn = 0;

  const anySlot = (): OpenOffer | undefined => {
    for (let tries = 0; tries < offers.length; tries += 1) {
      const open = offers[turn];
      turn = turn + 1 < offers.length ? turn + 1 : 0;
      if (open !== undefined && open.free > 0) return open;
    }
    return undefined;
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
        if (open.free > 0 && job.hasLocalMap(open.offer.hostname)) {
          lap.found = true;
          return open;
        }
      }
      if (!lap.found) return undefined;
      lap.at = 0;
      lap.found = false;
    }
  };

  const launch = (open: OpenOffer | undefined, task: Task | undefined): boolean => {
    if (open === undefined || task === undefined) return false;
    open.free -= 1;
    open.tasks.push(task);
    return true;
  };

  const placeNext = (job: JobInProgress): boolean => {
    if (!job.hasPendingMaps) return launch(anySlot(), job.takeAny());
    const local = localSlot(job);
    if (local !== undefined) {
      job.waitingSinceMs = undefined;
      return launch(local, job.takeLocalMap(local.offer.hostname));
    }
    if (localityWaitMs > 0) {
      job.waitingSinceMs ??= nowMs;
      const leftMs = job.waitingSinceMs + localityWaitMs - nowMs;
      if (leftMs > WAIT_EPSILON_MS) {
        waitLeftMs = Math.min(waitLeftMs, leftMs);
        return false;
      }
    }
    return launch(anySlot(), job.takeAny());
  };

  for (let at = 0; slots > 0; ) {
    const job = queue.at(at);
    if (job === undefined) break;
    if (waiting.has(job)) {
      at += 1;
      continue;
    }
    queue.remove(job);
    const placed = placeNext(job);
    if (placed) slots -= 1;
    else waiting.add(job);
    if (job.launchable) queue.add(job);
    at = placed ? 0 : at + 1;
  }
  return waitLeftMs;
}
