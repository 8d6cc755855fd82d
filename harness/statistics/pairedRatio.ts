/** How much larger one thing is than another, from blocks in which both were measured. */
import type { RatioToBase } from '../comparison.ts';
import { bootstrapInterval } from './bootstrap.ts';
import { mean } from './mean.ts';
import { pseudomedian } from './pseudomedian.ts';

/**
 * The logarithm of head over base in a block, of the geometric means of both sides' values, of which there must be as many of
 * each in each block. Throws a RangeError if there are none, or one is not positive.
 */
export function logRatio(base: readonly number[], head: readonly number[]): number {
  if (![...base, ...head].every((value) => value > 0 && Number.isFinite(value)))
    throw new RangeError('a ratio needs values greater than 0');
  return mean(head.map(Math.log)) - mean(base.map(Math.log));
}

/**
 * The ratio over blocks, from its logarithms in each: their pseudomedian, with the bootstrap interval over blocks, so that what a
 * block has in common strikes both sides. Throws a RangeError if there are no blocks.
 */
export function pairedRatio(logRatios: readonly number[], seed: string, resamples = RESAMPLES): RatioToBase {
  const [low, high] = bootstrapInterval(logRatios, pseudomedian, { seed, resamples });
  return { value: Math.exp(pseudomedian(logRatios)), interval: [Math.exp(low), Math.exp(high)] };
}

/** Each costs the square of the number of blocks. */
const RESAMPLES = 1000;
