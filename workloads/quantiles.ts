/** Distributions that are known by some of their quantiles. */

/** A quantile: a fraction `p` of all values is at most `value`, which is above 0. */
export type Quantile = readonly [p: number, value: number];

/** A distribution as its inverse: the value that a fraction `p` from 0 to 1 does not exceed. */
export type QuantileFunction = (p: number) => number;

/**
 * The distribution through quantiles in ascending order, from p = 0 to p = 1. Between two of them the logarithm of the value is
 * linear in p: lengths of work spread over orders of magnitude. Throws a RangeError for quantiles that are none.
 */
export function throughQuantiles(quantiles: readonly Quantile[]): QuantileFunction {
  for (const [index, [p, value]] of quantiles.entries()) {
    const [lastP, lastValue] = quantiles[index - 1] ?? [Number.NEGATIVE_INFINITY, 0];
    if (!(p > lastP && value >= lastValue && value > 0))
      throw new RangeError(`quantile ${index + 1}, ${value} at ${p}, does not come after that before it`);
  }
  if (quantiles[0]?.[0] !== 0 || quantiles.at(-1)?.[0] !== 1)
    throw new RangeError('quantiles go from p = 0 to p = 1');
  return (p) => {
    let above = 1;
    while (above < quantiles.length - 1 && p > (quantiles[above] as Quantile)[0]) above += 1;
    const [lowP, low] = quantiles[above - 1] as Quantile;
    const [highP, high] = quantiles[above] as Quantile;
    const part = Math.min(1, Math.max(0, (p - lowP) / (highP - lowP)));
    return low * (high / low) ** part;
  };
}
