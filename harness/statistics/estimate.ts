/** From the values of several runs, one for each seed, to a number with its interval. */
import type { Estimate } from '../result.ts';
import { type BootstrapOptions, medianInterval } from './bootstrap.ts';
import { median } from './quantile.ts';

/** With fewer values than this there is no interval. */
const VALUES_FOR_INTERVAL = 3;

/**
 * The median with its bootstrap 95% interval: for values with outliers. With fewer than six values the
 * interval holds the median less often than 95% (see bootstrapInterval). Throws a RangeError if there are no
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
