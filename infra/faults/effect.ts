/** What a kind of fault does, and how that is seen. */

/** What is not yet as it should be, in a few words; undefined if all is. */
export type Shortfall = string | undefined;

/** One fault on certain machines, before anything was done. */
export interface Effect {
  /** Why it cannot be injected here, in one sentence that says what to do; undefined if it can. Changes nothing. */
  lacking(): Promise<string | undefined>;
  inject(): Promise<void>;
  /** What cannot be seen of it yet, from outside. */
  unseen(): Promise<Shortfall>;
  /** Takes back what was done, also half of it. */
  heal(): Promise<void>;
  /** What can still be seen of it. */
  remaining(): Promise<Shortfall>;
  /** How long it may take until it is seen, and until nothing of it is, after it was healed. */
  readonly visibleWithinMs: number;
  readonly recoveredWithinMs: number;
}

/** How long most effects may take to be seen, and to be gone: a program has to be started on each machine to look. */
export const SEEN_WITHIN_MS = 15_000;
