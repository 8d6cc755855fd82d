/**
 * EASY backfill (Lifka, JSSPP'95; Mu'alem and Feitelson, TPDS 2001): first come, first served, but the first job that does not
 * fit gets a reservation, and later jobs may pass it if they do not delay that.
 */
import type { Millis } from '../../../mesos/driver/actor.ts';
import { fcfs } from './fcfs.ts';
import type { Policy, QueueView, TakenSlots, WaitingJob } from './policy.ts';

/** When the head of the queue can start at the latest, if no job runs longer than it said. */
export interface Reservation {
  /** The shadow time. Infinity: the slots would not suffice if all jobs ended. */
  readonly startMs: Millis;
  /** Slots that are free then beside those of the head. */
  readonly extraSlots: number;
}

/**
 * The jobs that are served in order; then those that fit and end before the head's reservation, or use only slots that it does
 * not need. Nobody passes it while its start cannot be foreseen, because a job before it has no wall time.
 */
export const easy: Policy = <W extends WaitingJob>(view: QueueView<W>): readonly W[] => {
  const { nowMs, waiting } = view;
  const first = fcfs(view);
  const head = waiting[first.length];
  if (head === undefined) return first;
  let freeSlots = view.freeSlots - slotsOf(first);
  const started = first.map(({ ranks, wallTimeMs }) => ({ slots: ranks, endsMs: nowMs + wallTimeMs }));
  const reservation = reserve(head, { nowMs, freeSlots, taken: [...view.taken, ...started] });
  if (reservation === undefined) return first;
  const { startMs } = reservation;
  let { extraSlots } = reservation;
  const passing = waiting.slice(first.length + 1).filter(({ ready, ranks, wallTimeMs }) => {
    if (!ready || ranks > freeSlots) return false;
    const endsBefore = nowMs + wallTimeMs <= startMs;
    if (!endsBefore && ranks > extraSlots) return false;
    if (!endsBefore) extraSlots -= ranks;
    freeSlots -= ranks;
    return true;
  });
  return [...first, ...passing];
};

/** The reservation of a job that needs so many slots; undefined if it hangs on a job whose end nobody knows. */
export function reserve(
  { ranks }: Pick<WaitingJob, 'ranks'>,
  { nowMs, freeSlots, taken }: Omit<QueueView<WaitingJob>, 'waiting'>,
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

function slotsOf(jobs: readonly WaitingJob[]): number {
  return jobs.reduce((sum, { ranks }) => sum + ranks, 0);
}
