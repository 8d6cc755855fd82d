/** The centre of a sample that goes with the signed-rank test. */
import { median } from './quantile.ts';

/**
 * The pseudomedian of Hodges and Lehmann (1963): the median of the means of all pairs of values, each with itself too. Nearly as
 * steady as the mean where values are normal, and up to a quarter of them may be outliers. Throws a RangeError if there are none.
 */
export function pseudomedian(values: readonly number[]): number {
  const means: number[] = [];
  for (const [index, one] of values.entries())
    for (let other = index; other < values.length; other++) means.push((one + (values[other] as number)) / 2);
  return median(means);
}
