/** Quantiles of a sample. */

/**
 * The quantile of type 7 of Hyndman and Fan (1996), the default of R and NumPy: linear between order
 * statistics, with the smallest value at p = 0 and the largest at p = 1. Throws a RangeError if there are no
 * values, if one is not a number, or if `p` is not within 0 to 1.
 */
export function quantile(values: readonly number[], p: number): number {
  return quantileOfSorted(sorted(values), p);
}

/** Several quantiles of the same sample, see {@link quantile}. */
export function quantiles(values: readonly number[], ps: readonly number[]): readonly number[] {
  const order = sorted(values);
  return ps.map((p) => quantileOfSorted(order, p));
}

/** The median, see {@link quantile}. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

function sorted(values: readonly number[]): readonly number[] {
  if (values.length === 0) throw new RangeError('a quantile needs at least one value');
  if (values.some(Number.isNaN))
    throw new RangeError('a quantile of values that are not numbers does not exist');
  return values.toSorted((a, b) => a - b);
}

function quantileOfSorted(order: readonly number[], p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`p is ${p}; give a number from 0 to 1`);
  const position = (order.length - 1) * p;
  const below = order[Math.floor(position)] as number;
  const above = order[Math.ceil(position)] as number;
  const fraction = position - Math.floor(position);
  return fraction === 0 || below === above ? below : below * (1 - fraction) + above * fraction;
}
