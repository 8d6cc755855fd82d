/** Draws from a seeded stream: what plans are made with. */
import { seededRandom } from '../../mesos/runtime/random.ts';

/** A stream of choices; the same seed makes the same ones. */
export interface Draw {
  /** A whole number from `min` to `max`, both included, all alike. */
  integer(min: number, max: number): number;
  /** A number from `min` to `max` whose logarithm is uniform: as often between 1 and 10 as between 10 and 100. */
  spread(min: number, max: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<T>(first: T, ...rest: readonly T[]): T;
}

/** The stream for a seed. */
export function drawFrom(seed: string): Draw {
  const random = seededRandom(seed);
  const uniform = (): number => random.uniform();
  const integer = (min: number, max: number): number => min + Math.floor(uniform() * (max - min + 1));
  return {
    integer,
    spread: (min, max) => min * (max / min) ** uniform(),
    chance: (probability) => uniform() < probability,
    pick: (...items) => items[integer(0, items.length - 1)] as (typeof items)[number],
  };
}
