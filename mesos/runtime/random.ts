/** Seeded random numbers: the same seed gives the same numbers on every machine. */
import { hash } from 'node:crypto';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { Random } from './actor.ts';

/**
 * A stream of random numbers for a seed. Streams of different seeds are independent, however alike the seeds look, so
 * one run's seed and an actor's address, joined, give each actor a stream of its own.
 */
export function seededRandom(seed: string | number): Random {
  return new SeededRandom(seed);
}

/** A class, because each actor has one. */
class SeededRandom implements Random {
  readonly #generator: ReturnType<typeof xoroshiro128plusFromState>;

  constructor(seed: string | number) {
    const digest = hash('sha256', String(seed), 'buffer');
    this.#generator = xoroshiro128plusFromState([0, 4, 8, 12].map((offset) => digest.readInt32LE(offset)));
  }

  uint32(): number {
    return this.#generator.next() >>> 0;
  }

  uniform(): number {
    return ((this.uint32() >>> 5) * 67_108_864 + (this.uint32() >>> 6)) / 9_007_199_254_740_992;
  }
}
