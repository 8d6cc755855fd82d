/** What decides which jobs may gather slots: a pure function of the queue. */
import type { Millis } from '../../../mesos/driver/actor.ts';

/** A job that has not started, as a policy sees it. */
export interface WaitingJob {
  /** Slots that it needs, all at once. */
  readonly ranks: number;
  /** How long it runs at most; Infinity if nobody has said. */
  readonly wallTimeMs: Millis;
  /** False while it waits to try again. It keeps its place, but cannot be let in. */
  readonly ready: boolean;
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
  /** Slots that may still be taken; Infinity if nobody knows of a limit. */
  readonly freeSlots: number;
  /** In their order: higher priority first, then the earlier submission. Those that gather are among them, and hold none of `taken`. */
  readonly waiting: readonly W[];
  /** Of running jobs, and of what is being given back. */
  readonly taken: readonly TakenSlots[];
}

/** The jobs of `waiting` that may gather slots now, in their order; together they need no more than `freeSlots`. */
export type Policy = <W extends WaitingJob>(view: QueueView<W>) => readonly W[];
