/**
 * Refusals (NSDI'11 §3.5): who does not want to be offered a supply, until when, and how much was free when it said so. More
 * than that is news, and is offered.
 */
import { add, contains, type Resources } from '../protocol/resources.ts';
import type { Millis } from '../runtime/actor.ts';

/** Whoever refuses. */
export interface Refuser {
  /** Counts how often it has forgotten all of its refusals: those from before do not hold any more. */
  readonly revivals: number;
}

/** `refused` is not wanted until `untilMs` (Infinity: ever). */
export interface Refusal {
  readonly refused: Resources;
  readonly untilMs: Millis;
}

interface Entry extends Refusal {
  readonly revivals: number;
}

/** At least so many before those that do not hold any more are swept out; then twice what was left. */
const SWEEP_AT = 16;

/** The refusals of one supply. */
export class Refusals {
  /** Absent while there are none: of most slaves there never are any. */
  #entries: Map<Refuser, Entry> | undefined;
  /** When the last of them ends. */
  #lastMs = Number.NEGATIVE_INFINITY;
  #sweepAt = SWEEP_AT;

  /** How many are kept, those included that do not hold any more and have not been swept out. */
  get size(): number {
    return this.#entries?.size ?? 0;
  }

  /**
   * Notes that `returned` is refused. What was free beside it, `wasFree`, is refused too if it had been refused before;
   * otherwise it was never offered, and stays news.
   */
  refuse(refuser: Refuser, returned: Resources, wasFree: Resources, untilMs: Millis, nowMs: Millis): void {
    const isOldNews = this.covering(refuser, wasFree, nowMs) !== undefined;
    const refused = isOldNews ? add(wasFree, returned) : returned;
    const entry = { refused, untilMs, revivals: refuser.revivals };
    this.#lastMs = Math.max(this.#lastMs, untilMs);
    if (this.#entries === undefined) this.#entries = new Map([[refuser, entry]]);
    else if (this.#entries.set(refuser, entry).size >= this.#sweepAt) this.#sweep(this.#entries, nowMs);
  }

  /** The refusal that covers an offer of `free` at `nowMs`, if there is one. */
  covering(refuser: Refuser, free: Resources, nowMs: Millis): Refusal | undefined {
    const entries = this.#entries;
    if (entries === undefined) return undefined;
    if (this.#lastMs <= nowMs) {
      this.#entries = undefined;
      this.#lastMs = Number.NEGATIVE_INFINITY;
      return undefined;
    }
    const entry = entries.get(refuser);
    if (entry === undefined) return undefined;
    if (entry.untilMs <= nowMs || entry.revivals !== refuser.revivals) {
      entries.delete(refuser);
      return undefined;
    }
    return contains(entry.refused, free) ? entry : undefined;
  }

  #sweep(entries: Map<Refuser, Entry>, nowMs: Millis): void {
    for (const [refuser, { revivals, untilMs }] of entries)
      if (revivals !== refuser.revivals || untilMs <= nowMs) entries.delete(refuser);
    this.#sweepAt = Math.max(SWEEP_AT, 2 * entries.size);
  }
}
