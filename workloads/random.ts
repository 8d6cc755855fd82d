/** Seeded chance for workloads: the same seed draws the same workload on every machine. */
import { hash } from 'node:crypto';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** A source of numbers in [0, 1), as d3-random takes them. */
export type Uniform = () => number;

/** The stream for a seed; streams of different seeds are independent, however alike the seeds look. */
export function seededUniform(seed: string | number): Uniform {
  const digest = hash('sha256', `workload ${seed}`, 'buffer');
  const generator = xoroshiro128plusFromState([0, 4, 8, 12].map((offset) => digest.readInt32LE(offset)));
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
