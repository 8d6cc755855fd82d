/** Intervals by resampling. */
import { seededRandom } from '../../mesos/runtime/random.ts';
import { median, quantiles } from './quantile.ts';

/** From and to. */
export type Interval = readonly [number, number];

/** How to resample. */
export interface BootstrapOptions {
  /** The same seed gives the same interval. */
  readonly seed: string | number;
  /** Default 2,000. */
  readonly resamples?: number;
  /** Default 0.95. */
  readonly confidence?: number;
}

/**
 * The percentile bootstrap interval of a statistic (Efron 1979): the statistic of samples drawn from the
 * sample with replacement, cut off on both sides alike. Throws a RangeError if the sample is empty.
 *
 * Of few values it promises too much: no interval within the range of n values can hold the median with more
 * than 1 - 2^(1 - n), which is 75% for 3 and 94% for 5.
 */
export function bootstrapInterval<T>(
  sample: readonly T[],
  statistic: (sample: readonly T[]) => number,
  options: BootstrapOptions,
): Interval {
  const { seed, resamples = 2000, confidence = 0.95 } = options;
  if (sample.length === 0) throw new RangeError('a bootstrap needs at least one value');
  const random = seededRandom(`bootstrap ${seed}`);
  const draw = (): T => sample[Math.floor(random.uniform() * sample.length)] as T;
  const statistics = Array.from({ length: resamples }, () =>
    statistic(Array.from({ length: sample.length }, draw)),
  );
  const [low, high] = quantiles(statistics, [(1 - confidence) / 2, (1 + confidence) / 2]);
  return [low as number, high as number];
}

/** The bootstrap interval of the median, see {@link bootstrapInterval}. */
export function medianInterval(values: readonly number[], options: BootstrapOptions): Interval {
  return bootstrapInterval(values, median, options);
}
