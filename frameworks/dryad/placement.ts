/** Which vertex goes to which offer: jobs in the order of their submission, beside their data if possible (delay scheduling). */
import type { Millis } from '../../mesos/driver/actor.ts';
import type { Offer } from '../../mesos/protocol/entities.ts';
import { localityWaitLeft } from '../localityWait.ts';
import type { Vertex } from './graph.ts';
import type { JobRun } from './jobRun.ts';

/** An offer while it is being filled. */
export interface OpenOffer {
  readonly offer: Offer;
  /** How many vertices still fit. */
  free: number;
  readonly launches: { readonly run: JobRun; readonly vertex: Vertex }[];
}

/**
 * Fills the offers, one vertex on each in turn. A job that has passed over a slot for want of a vertex whose data is there waits for
 * `waitMs`, then takes any. Returns how long until the first of the jobs that wait would; Infinity if none waits.
 */
export function place(
  runs: Iterable<JobRun>,
  offers: readonly OpenOffer[],
  nowMs: Millis,
  waitMs: Millis,
): Millis {
  let waitLeftMs = Number.POSITIVE_INFINITY;
  for (const run of runs) {
    if (run.isHeld) continue;
    const launch = (open: OpenOffer, vertex: Vertex | undefined): boolean => {
      if (vertex === undefined) return false;
      run.launch(vertex);
      open.launches.push({ run, vertex });
      open.free--;
      return true;
    };
    const lap = (choose: (host: string) => Vertex | undefined): boolean => {
      let isAny = false;
      for (const open of offers) if (open.free > 0 && launch(open, choose(open.offer.hostname))) isAny = true;
      return isAny;
    };
    while (lap((host) => run.ready.local(host))) run.waitingSinceMs = undefined;
    if (run.ready.size === 0 || !offers.some(({ free }) => free > 0)) continue;
    run.waitingSinceMs ??= nowMs;
    const leftMs = localityWaitLeft(run.waitingSinceMs, waitMs, nowMs);
    if (leftMs > 0) waitLeftMs = Math.min(waitLeftMs, leftMs);
    else while (lap(() => run.ready.first()));
  }
  return waitLeftMs;
}
