/**
 * EASY backfill (Lifka, JSSPP'95; Mu'alem and Feitelson, TPDS 2001): first come, first served, but the first job that does not
 * fit gets a reservation, and later jobs may pass it if they do not delay that.
 */
import type { Millis } from '../../../mesos/driver/actor.ts';
import { type Policy, type QueueView, slotsOf, type TakenSlots, type WaitingJob } from './policy.ts';

/** When the head of the queue can start at the latest, if no job runs longer than it said. */
export interface Reservation {
  /** The shadow time. Infinity: the slots would not suffice if all jobs ended. */
  readonly startMs: Millis;
  /** Slots that are free then beside those of the head. */
  readonly extraSlots: number;
}

/**
 * Those that gather, as if they ran; the jobs that are served in order; then those that fit and end before the head's reservation,
 * or use only slots that it does not need. Nobody passes it while its start cannot be foreseen, because a job before it has no wall
 * time.
 */
export const easy: Policy = <W extends WaitingJob>(view: QueueView<W>): readonly W[] => {
  const { nowMs } = view;
  const chosen = [...view.gathering];
  let freeSlots = view.freeSlots - slotsOf(chosen);
  let reservation: Reservation | undefined;
  let extraSlots = 0;
  for (const job of view.waiting) {
    if (job.state === 'gathering') continue;
    const fits = job.state === 'queued' && job.ranks <= freeSlots;
    if (reservation === undefined) {
      if (!fits) {
        const started = chosen.map(({ ranks, wallTimeMs }) => ({ slots: ranks, endsMs: nowMs + wallTimeMs }));
        reservation = reserve(job, { nowMs, freeSlots, taken: [...view.taken, ...started] });
        if (reservation === undefined) return chosen;
        ({ extraSlots } = reservation);
        continue;
      }
    } else {
      if (freeSlots <= 0) return chosen;
      const endsBefore = nowMs + job.wallTimeMs <= reservation.startMs;
      if (!fits || (!endsBefore && job.ranks > extraSlots)) continue;
      if (!endsBefore) extraSlots -= job.ranks;
    }
    freeSlots -= job.ranks;
    chosen.push(job);
  }
  return chosen;
};

/** The reservation of a job that needs so many slots; undefined if it hangs on a job whose end nobody knows. */
export function reserve(
  { ranks }: Pick<WaitingJob, 'ranks'>,
  { nowMs, freeSlots, taken }: Pick<QueueView<WaitingJob>, 'nowMs' | 'freeSlots' | 'taken'>,
): Reservation | undefined {
  let free = freeSlots;
  if (ranks <= free) return { startMs: nowMs, extraSlots: free - ranks };
  for (const [endsMs, slots] of slotsByEnd(taken, nowMs)) {
    free += slots;
    if (ranks <= free) return endsMs === Infinity ? undefined : { startMs: endsMs, extraSlots: free - ranks };
  }
  return { startMs: Infinity, extraSlots: 0 };
}

/** How many slots become free when, in order. What ends at the same time counts together. */
function slotsByEnd(taken: readonly TakenSlots[], nowMs: Millis): readonly (readonly [Millis, number])[] {
  const byEnd = new Map<Millis, number>();
  for (const { slots, endsMs } of taken) {
    // What should have ended ends any moment.
    const atMs = Math.max(endsMs, nowMs);
    byEnd.set(atMs, (byEnd.get(atMs) ?? 0) + slots);
  }
  return [...byEnd].toSorted(([a], [b]) => a - b);
}
