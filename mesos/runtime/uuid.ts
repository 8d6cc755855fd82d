/** Ids of messages, from an actor's own random numbers, so that virtual time repeats them. */
import type { Random } from './actor.ts';

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0');

/** The last digits of a count. */
const LAST = Array.from({ length: 256 }, (_, number) => hex(number, 2));

/**
 * A source of ids of 128 bits in hexadecimal: 64 random ones that are the source's own, then a count. Far cheaper than fresh
 * random bits for each id, and no less unique. A class, because each executor has one.
 */
export class UuidSource {
  /** All digits but the last two. */
  #first: string;
  #count = 0;

  constructor(random: Random) {
    // Joined, not added: that makes one text, where adding keeps the pieces in memory too.
    this.#first = [hex(random.uint32(), 8), hex(random.uint32(), 8), hex(0, 14)].join('');
  }

  next(): string {
    const last = this.#count++ % LAST.length;
    if (last === 0 && this.#count > 1)
      this.#first = [this.#first.slice(0, 16), hex((this.#count - 1) / LAST.length, 14)].join('');
    return [this.#first, LAST[last]].join('');
  }
}
