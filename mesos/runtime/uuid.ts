/** Ids of messages, from an actor's own random numbers, so that virtual time repeats them. */
import type { Random } from './actor.ts';

const CODES = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
/** The codes of the digits of the id that is being made: one text comes of them at once, where pieces would have to be joined. */
const made: number[] = Array(32).fill(0);

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
    const count = this.#count++;
    write(this.#high, 0);
    write(this.#low, 8);
    write(Math.floor(count / 2 ** 32), 16);
    write(count, 24);
    return String.fromCharCode.apply(undefined, made);
  }
}

/** Writes the last 32 bits of a number as eight digits. */
function write(number: number, from: number): void {
  let rest = number | 0;
  for (let at = from + 7; at >= from; at--) {
    made[at] = CODES[rest & 15] as number;
    rest >>>= 4;
  }
}
