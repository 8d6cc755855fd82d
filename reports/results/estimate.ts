/** A median over runs, with how sure we are of it. */
import type { Estimate } from '../../harness/result.ts';

/** Fewer runs than this have no interval. */
const MIN_RUNS = 3;

/** Probability that the true median may lie beyond the interval, on each side. */
const TAIL = 0.025;

/** How often the interval of six runs and more holds the true median, at least. */
export const USUAL_CONFIDENCE = 1 - 2 * TAIL;

/**
 * Median of `values` with its 95% interval; null without values.
 *
 * The interval goes from the k-th smallest value to the k-th largest, with the largest k for which it holds
 * the true median in at least 95 of 100 samples, whatever the distribution (the interval of the sign test).
 * With fewer than six values no k does: then it goes from the smallest to the largest, and holds the true
 * median less often, 75% of the time with three values, 87.5% with four, 94% with five.
 */
export function estimate(values: readonly number[]): Estimate | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const n = sorted.length;
  return { value: median(sorted), interval: n < MIN_RUNS ? null : interval(sorted), n };
}

/** How often the interval of so many values holds the true median: 0.95, or as much as fewer than six values allow; null if they have none. */
export function confidence(n: number): number | null {
  return n < MIN_RUNS ? null : Math.min(USUAL_CONFIDENCE, 1 - 2 ** (1 - n));
}

/** Whether all values were the very same, so that it is not chance that the interval speaks of. */
export function isSame({ interval: ends, n }: Pick<Estimate, 'interval' | 'n'>): boolean {
  return ends !== null && ends[0] === ends[1] && rank(n) === 1;
}

/** By so much of its length the interval of few values is prolonged on each side, by their number. */
const PROLONGED: Readonly<Record<number, number>> = { 3: 1, 4: 0.25, 5: 0.05 };

/**
 * The interval of few values made so long that it is about as sure as the usual one, 95%; that of six and more as it is. Of the values of
 * usual distributions (normal, even, exponential) it holds the true median in 93 to 97 of 100 samples; whatever the distribution, no
 * interval of fewer than six values can promise that.
 */
export function prolonged([low, high]: readonly [number, number], n: number): readonly [number, number] {
  const more = (PROLONGED[n] ?? 0) * (high - low);
  return [low - more, high + more];
}

/** Median of values in ascending order; NaN without values. */
export function median(sorted: readonly number[]): number {
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Arithmetic mean; NaN without values. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function interval(sorted: readonly number[]): readonly [number, number] {
  const n = sorted.length;
  const k = rank(n);
  return [sorted[k - 1] ?? Number.NaN, sorted[n - k] ?? Number.NaN];
}

/**
 * The largest k for which fewer than k of n values lie below the true median with a probability of at most
 * `TAIL`.
 */
function rank(n: number): number {
  // Each value lies below the true median with probability 1/2: P(fewer than k) = (C(n,0) + ... + C(n,k-1)) /
  // 2^n.
  let probability = 0.5 ** n;
  let below = probability;
  let k = 1;
  while (k < n / 2) {
    probability *= (n - k + 1) / k;
    below += probability;
    if (below > TAIL) break;
    k += 1;
  }
  return k;
}
