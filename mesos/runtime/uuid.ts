/** Ids of messages, from an actor's own random numbers, so that virtual time repeats them. */
import type { Random } from './actor.ts';

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0');

/**
 * A source of ids of 128 bits in hexadecimal: 64 random ones that are the source's own, then a count. Far cheaper than fresh
 * random bits for each id, and no less unique. A class that keeps numbers and can be extended, because each executor is one.
 */
export class UuidSource {
  // With a sign, as small numbers are kept in place.
  readonly #high: number;
  readonly #low: number;
  #count = 0;

  constructor(random: Random) {
    this.#high = random.uint32() | 0;
    this.#low = random.uint32() | 0;
  }

  nextUuid(): string {
    // Joined, not added: that makes one text, where adding keeps the pieces in memory too.
    return [hex(this.#high >>> 0, 8), hex(this.#low >>> 0, 8), hex(this.#count++, 16)].join('');
  }
}
