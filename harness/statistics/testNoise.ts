/** Seeded noise for simulations of measurements. */
import { seededRandom } from '../../mesos/runtime/random.ts';

/** Draws from the normal distribution with deviation 1 (Box and Muller). */
export function normalNoise(seed: string): () => number {
  const random = seededRandom(seed);
  return () => Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
}

/** Normal noise of which one value in ten is an outlier, ten times as far out and to one side, as on a machine with neighbours. */
export function burstNoise(seed: string): () => number {
  const normal = normalNoise(`${seed} body`);
  const random = seededRandom(`${seed} bursts`);
  return () => (random.uniform() < 0.1 ? 10 * Math.abs(normal()) : normal());
}

/** Noise with the tails of Student's distribution with three degrees of freedom, with deviation 1. */
export function tailedNoise(seed: string): () => number {
  const normal = normalNoise(seed);
  return () => normal() / Math.hypot(normal(), normal(), normal());
}
