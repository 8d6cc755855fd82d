/** How noisy a machine was for what was measured on it: how far one thing differed from itself. */
import type { NoiseScore } from '../comparison.ts';
import { mean } from './mean.ts';
import { median, quantiles } from './quantile.ts';

/** A spread of so much is as noisy as the score goes. */
const WORST = 0.1;
/** Interquartile ranges in a deviation, where values are normal. */
const QUARTILES = 1.349;

/**
 * The score, from the logarithms of control over base in each block of each figure: how far the base differs from itself from block to
 * block, of the figure in the middle; and the parts of the processors' time that others took meanwhile. Null if no figure has two blocks.
 */
export function noiseOf(
  controls: readonly (readonly number[])[],
  taken: readonly number[],
): NoiseScore | null {
  const spreads = controls.filter((logs) => logs.length > 1).map(spreadOf);
  if (spreads.length === 0) return null;
  const spread = median(spreads);
  return {
    score: Math.round(100 * Math.min(1, spread / WORST)),
    spread,
    taken: taken.length === 0 ? null : mean(taken),
  };
}

/** A deviation that outliers hardly move. */
function spreadOf(logs: readonly number[]): number {
  const [low, high] = quantiles(logs, [0.25, 0.75]) as [number, number];
  return (high - low) / QUARTILES;
}
