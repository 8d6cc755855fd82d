/** Seeded chance for workloads: the same seed draws the same workload on every machine. */
import { hash } from 'node:crypto';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** A source of numbers in [0, 1), as d3-random takes them. */
export type Uniform = () => number;

/** The stream for a seed; streams of different seeds are independent, however alike the seeds look. */
export function seededUniform(seed: string | number): Uniform {
  // As text: a buffer costs more than the hash.
  const digest = hash('sha256', `workload ${seed}`, 'binary');
  const byte = (at: number): number => digest.charCodeAt(at);
  const word = (at: number): number =>
    byte(at) | (byte(at + 1) << 8) | (byte(at + 2) << 16) | (byte(at + 3) << 24);
  const generator = xoroshiro128plusFromState([word(0), word(4), word(8), word(12)]);
  const bits = (count: number): number => generator.next() >>> (32 - count);
  return () => (bits(27) * 2 ** 26 + bits(26)) / 2 ** 53;
}

/** A copy in random order (Fisher and Yates). */
export function shuffled<T>(items: readonly T[], uniform: Uniform): T[] {
  const rest = [...items];
  const order: T[] = [];
  while (rest.length > 0) order.push(...rest.splice(Math.floor(uniform() * rest.length), 1));
  return order;
}
