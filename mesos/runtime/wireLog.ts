/** A log that a noisy peer cannot flood. */
import type { Millis } from './actor.ts';

/** After a line of one kind, more of the kind are only counted for this long. */
const QUIET_MS = 10_000;

/** Writes the first line of each kind at once, and then at most one of the kind in ten seconds. */
export class SparseLog {
  readonly #write: (line: string) => void;
  readonly #now: () => Millis;
  readonly #kinds = new Map<string, { untilMs: Millis; unsaid: number }>();

  constructor(write: (line: string) => void, now: () => Millis) {
    this.#write = write;
    this.#now = now;
  }

  /** Logs a line of a kind; the kinds must be few. */
  log(kind: string, line: string): void {
    const now = this.#now();
    const known = this.#kinds.get(kind);
    if (known !== undefined && now < known.untilMs) {
      known.unsaid++;
      return;
    }
    const unsaid = known?.unsaid ?? 0;
    this.#kinds.set(kind, { untilMs: now + QUIET_MS, unsaid: 0 });
    this.#write(unsaid === 0 ? line : `${line} (and ${unsaid} more like it before)`);
  }
}
