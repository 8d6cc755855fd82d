/** Seeded random numbers: the same seed gives the same numbers on every machine. */
import { createHash } from 'node:crypto';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { Random } from './actor.ts';

/**
 * A stream of random numbers for a seed. Streams of different seeds are independent, however alike the seeds look, so
 * one run's seed and an actor's address, joined, give each actor a stream of its own.
 */
export function seededRandom(seed: string | number): Random {
  const generator = xoroshiro128plusFromState(stateOf(seed));
  const uint32 = (): number => generator.next() >>> 0;
  return {
    uint32,
    uniform: () => ((uint32() >>> 5) * 67_108_864 + (uint32() >>> 6)) / 9_007_199_254_740_992,
  };
}

/** A function of its own: what it makes on the way must not live as long as the stream, of which each actor has one. */
function stateOf(seed: string | number): readonly number[] {
  const digest = createHash('sha256').update(String(seed)).digest();
  return [0, 4, 8, 12].map((offset) => digest.readInt32LE(offset));
}
