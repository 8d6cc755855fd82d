/** What decides which jobs may gather slots: a pure function of the queue. */
import type { Millis } from '../../../mesos/driver/actor.ts';

/** A job that has not started, as a policy sees it. */
export interface WaitingJob {
  /** Slots that it needs, all at once. */
  readonly ranks: number;
  /** How long it runs at most; Infinity if nobody has said. */
  readonly wallTimeMs: Millis;
  /** `backing-off`: it got too few slots in time. It keeps its place, but cannot be let in. `gathering`: it has been let in. */
  readonly state: 'queued' | 'backing-off' | 'gathering';
}

/** Slots that are taken, and until when at most. */
export interface TakenSlots {
  readonly slots: number;
  /** On the clock of {@link QueueView.nowMs}; Infinity if nobody knows. */
  readonly endsMs: Millis;
}

/** The queue at a moment. */
export interface QueueView<W extends WaitingJob> {
  readonly nowMs: Millis;
  /** Slots that may still be taken, with what gathering jobs have; Infinity if nobody knows of a limit. */
  readonly freeSlots: number;
  /** In their order: higher priority first, then the earlier submission. */
  readonly waiting: Iterable<W>;
  /** Those of `waiting` that gather, in the order in which they are given slots. */
  readonly gathering: readonly W[];
  /** Of running jobs, and of what is being given back. */
  readonly taken: readonly TakenSlots[];
}

/**
 * The jobs of `waiting` that may gather slots now, in the order in which they are to be given them. Together they need no more than
 * `freeSlots`, but for those that gather already; of these, any that is not among them gives back what it has.
 */
export type Policy = <W extends WaitingJob>(view: QueueView<W>) => readonly W[];

/** Slots that these jobs need. */
export function slotsOf(jobs: readonly WaitingJob[]): number {
  return jobs.reduce((sum, { ranks }) => sum + ranks, 0);
}
