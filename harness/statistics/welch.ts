/** Do two samples have the same mean? The test of Welch (1947), for variances that may differ. */
import { deviation, mean } from './mean.ts';

/**
 * Probability, if the means are the same, of a difference at least as large as this one. Samples that do not vary at all differ for
 * certain (0) or are the same (1). Throws a RangeError if a sample has fewer than two values.
 */
export function welchTest(a: readonly number[], b: readonly number[]): number {
  const errorA = deviation(a) ** 2 / a.length;
  const errorB = deviation(b) ** 2 / b.length;
  const difference = Math.abs(mean(a) - mean(b));
  if (errorA + errorB === 0) return difference === 0 ? 1 : 0;
  const t = difference / Math.sqrt(errorA + errorB);
  const degrees = (errorA + errorB) ** 2 / (errorA ** 2 / (a.length - 1) + errorB ** 2 / (b.length - 1));
  return studentTails(t, degrees);
}

/** P(|T| >= t) for Student's T. */
export function studentTails(t: number, degrees: number): number {
  return incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
}

/** The regularised incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22), to about 1e-12. */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges quickly below the mean of the distribution; above it, its mirror image does.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(
    a * Math.log(x) + b * Math.log1p(-x) - Math.log(a) - logGamma(a) - logGamma(b) + logGamma(a + b),
  );
  // Lentz's method.
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= TERMS_MAX; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    fraction *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-14) break;
  }
  return front * fraction;
}

const TERMS_MAX = 500;
const nonZero = (value: number): number => (Math.abs(value) < 1e-300 ? 1e-300 : value);

/** Coefficients of Lanczos's approximation for g = 7 and nine terms. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/** ln Γ(x) for x > 0 (Lanczos 1964), to about 1e-14. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const z = x - 1;
  const series = LANCZOS.reduce<number>((sum, term, n) => (n === 0 ? term : sum + term / (z + n)), 0);
  const base = z + LANCZOS.length - 1.5;
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(base) - base + Math.log(series);
}
