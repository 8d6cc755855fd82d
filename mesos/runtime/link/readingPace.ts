/** How much of what comes over links one turn of the event loop reads. */
import type { Millis } from '../actor.ts';

/**
 * After so long a turn reads no more: connections are let in one in a turn, and timers and what is to be sent have theirs too. A process
 * that is behind would else read for a tenth of a second at a time, and newcomers would try in vain until they give up.
 */
const TURN_MS: Millis = 10;

/** Something that is read. */
export interface Source {
  pause(): unknown;
  resume(): unknown;
}

/** The pace of all links of a process. */
export class ReadingPace {
  readonly #now: () => Millis;
  /** Undefined: nothing has been read in this turn yet. */
  #untilMs: Millis | undefined;
  #resting: Source[] = [];

  constructor(now: () => Millis) {
    this.#now = now;
  }

  /** Reads a piece that came from the source; which then rests until the next turn if this one has taken its time. */
  read(source: Source, read: () => void): void {
    if (this.#untilMs === undefined) {
      this.#untilMs = this.#now() + TURN_MS;
      setImmediate(this.#nextTurn);
    }
    read();
    if (this.#now() < this.#untilMs) return;
    source.pause();
    this.#resting.push(source);
  }

  readonly #nextTurn = (): void => {
    this.#untilMs = undefined;
    const resting = this.#resting;
    this.#resting = [];
    for (const source of resting) source.resume();
  };
}
