/** Distributions that were measured, and how far they are from one that is known. */
import type { Curve } from '../result.ts';

/** Points of a curve that is drawn from a sample; between them it is within 1 / POINTS. */
const POINTS = 200;

/** The fraction of values that are no greater, at some of them. */
export function cumulative(values: readonly number[]): Curve {
  const sorted = values.toSorted((a, b) => a - b);
  const points = Math.min(POINTS, sorted.length);
  const ranks = Array.from({ length: points }, (_, n) => Math.ceil(((n + 1) * sorted.length) / points));
  return {
    x: ranks.map((rank) => sorted[rank - 1] as number),
    y: ranks.map((rank) => rank / sorted.length),
  };
}

/** The fraction at `value` of a known curve: linear between its points over the logarithm of values, which are above 0. */
export function fractionAt({ x, y }: Curve, value: number): number {
  const above = x.findIndex((one) => one > value);
  if (above === 0) return 0;
  if (above < 0) return 1;
  const [low, high] = [x[above - 1] as number, x[above] as number];
  const [lowY, highY] = [y[above - 1] as number, y[above] as number];
  return lowY + (highY - lowY) * (Math.log(value / low) / Math.log(high / low));
}

/**
 * The distance of Kolmogorov and Smirnov: the largest difference between the fraction of values that are no greater than any one
 * number and that of the known curve.
 */
export function ksDistance(values: readonly number[], known: Curve): number {
  const sorted = values.toSorted((a, b) => a - b);
  let distance = 0;
  for (const [index, value] of sorted.entries()) {
    const expected = fractionAt(known, value);
    distance = Math.max(
      distance,
      Math.abs((index + 1) / sorted.length - expected),
      Math.abs(index / sorted.length - expected),
    );
  }
  return distance;
}

/** The distance that `count` values of the known distribution itself exceed in one of so many samples. */
export function ksCritical(count: number, samples: number): number {
  return Math.sqrt(Math.log(2 * samples) / 2) / Math.sqrt(count);
}
