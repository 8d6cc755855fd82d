/** From the values of several runs, one for each seed, to a number with its interval. */
import type { Estimate } from '../result.ts';
import { type BootstrapOptions, medianInterval } from './bootstrap.ts';
import { deviation, mean } from './mean.ts';
import { median } from './quantile.ts';

/** With fewer values than this there is no interval. */
const VALUES_FOR_INTERVAL = 3;

/**
 * The mean with Student's 95 % interval. Runs with different seeds are independent, so this is right for few
 * runs too, if their values are roughly normal. Throws a RangeError if there are no values.
 */
export function estimateMean(values: readonly number[]): Estimate {
  const value = mean(values);
  const n = values.length;
  if (n < VALUES_FOR_INTERVAL) return { value, interval: null, n };
  const half = (studentQuantile975(n - 1) * deviation(values)) / Math.sqrt(n);
  return { value, interval: [value - half, value + half], n };
}

/**
 * The median with its bootstrap 95 % interval: for values with outliers. With fewer than six values the
 * interval holds the median less often than 95 % (see bootstrapInterval). Throws a RangeError if there are no
 * values.
 */
export function estimateMedian(values: readonly number[], options: BootstrapOptions): Estimate {
  const n = values.length;
  return {
    value: median(values),
    interval: n < VALUES_FOR_INTERVAL ? null : medianInterval(values, options),
    n,
  };
}

/** 97.5 % quantiles of Student's t for 1 to 10 degrees of freedom; tables everywhere. */
const STUDENT_975 = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281] as const;

/**
 * The 97.5 % quantile of Student's t; from 11 degrees of freedom on by the expansion of Fisher and Cornish
 * (Abramowitz and Stegun 26.7.5), which is good to 1e-4 there.
 */
export function studentQuantile975(degrees: number): number {
  const listed = STUDENT_975[degrees - 1];
  if (listed !== undefined) return listed;
  const z = 1.959964;
  const g1 = (z ** 3 + z) / 4;
  const g2 = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const g3 = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return z + g1 / degrees + g2 / degrees ** 2 + g3 / degrees ** 3;
}
