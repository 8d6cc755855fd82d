/** How noisy a machine was, by a fixed piece of work that was repeated all along. */
import type { NoiseScore } from '../comparison.ts';
import { quantiles } from './quantile.ts';

/** So much of spread and stolen time together is as noisy as the score goes. */
const WORST = 0.25;

/** The score: spread and stolen time together, of which a quarter is 100. Throws a RangeError if there are no times. */
export function noiseOf(times: readonly number[], stolen: number | null): NoiseScore {
  const [low, middle, high] = quantiles(times, [0.25, 0.5, 0.75]) as [number, number, number];
  const spread = middle > 0 ? (high - low) / middle : 0;
  return { score: Math.round(100 * Math.min(1, (spread + (stolen ?? 0)) / WORST)), spread, stolen };
}
