/** The centre of a sample that goes with the signed-rank test. */

/**
 * The pseudomedian of Hodges and Lehmann (1963): the median of the means of all pairs of values, each with itself too. Nearly as
 * steady as the mean where values are normal, and up to a quarter of them may be outliers. Throws a RangeError if there are none, or
 * one is not a number.
 */
export function pseudomedian(values: readonly number[]): number {
  if (values.length === 0 || values.some(Number.isNaN))
    throw new RangeError('a pseudomedian needs values, and only numbers');
  const means = walshAverages(values).sort();
  const middle = (means.length - 1) / 2;
  return ((means[Math.floor(middle)] as number) + (means[Math.ceil(middle)] as number)) / 2;
}

/** The means of all pairs of values, each with itself too (Walsh 1949), in no order. */
export function walshAverages(values: readonly number[]): Float64Array {
  const means = new Float64Array((values.length * (values.length + 1)) / 2);
  let at = 0;
  for (const [index, one] of values.entries())
    for (let other = index; other < values.length; other++)
      means[at++] = (one + (values[other] as number)) / 2;
  return means;
}
