/** The signed-rank test of Wilcoxon (1945): whether paired differences lie around nought. */
import type { Interval } from './bootstrap.ts';
import { walshAverages } from './pseudomedian.ts';

/**
 * The two-sided p-value, exact for every number of differences and with ties, which get the mean of their ranks. Differences of
 * nought count neither way and are left out; if none is left, p is 1. With n differences no p is below 2^(1 - n). Throws a
 * RangeError if one is not a number.
 */
export function signedRankP(differences: readonly number[]): number {
  if (differences.some(Number.isNaN)) throw new RangeError('a difference is not a number');
  const counted = differences.filter((difference) => difference !== 0);
  const ranks = doubledRanks(counted.map(Math.abs));
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const positive = counted.reduce((sum, one, i) => sum + (one > 0 ? (ranks[i] as number) : 0), 0);
  const rarer = Math.min(positive, total - positive);
  const chances = sumChances(ranks, total);
  let tail = 0;
  for (let sum = 0; sum <= rarer; sum++) tail += chances[sum] as number;
  return Math.min(1, 2 * tail);
}

/**
 * Where the centre of the differences lies, with a confidence of 1 - alpha at least: all shifts that the two-sided test would not reject
 * at that level, which are the means of pairs of differences but the outermost (Walsh averages). From minus to plus infinity if there
 * are too few differences to reject anything.
 */
export function signedRankInterval(differences: readonly number[], alpha: number): Interval {
  const ranks = differences.map((_, index) => index + 1);
  const total = (ranks.length * (ranks.length + 1)) / 2;
  const chances = sumChances(ranks, total);
  let outer = 0;
  for (let tail = chances[0] as number; 2 * tail <= alpha; tail += chances[outer] as number) outer++;
  if (outer === 0) return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const means = walshAverages(differences).sort();
  return [means[outer - 1] as number, means[total - outer] as number];
}

/** Twice the ranks, so that the mean of two neighbours is whole. */
function doubledRanks(sizes: readonly number[]): readonly number[] {
  const order = sizes.map((_, index) => index).sort((a, b) => (sizes[a] as number) - (sizes[b] as number));
  const ranks = new Array<number>(sizes.length).fill(0);
  for (let first = 0; first < order.length; ) {
    let end = first + 1;
    while (end < order.length && sizes[order[end] as number] === sizes[order[first] as number]) end++;
    for (const index of order.slice(first, end)) ranks[index] = first + 1 + end;
    first = end;
  }
  return ranks;
}

/** The chance of each sum of ranks, from 0 to the total, if each counts with chance one half. */
function sumChances(ranks: readonly number[], total: number): Float64Array {
  const chances = new Float64Array(total + 1);
  chances[0] = 1;
  let reached = 0;
  for (const rank of ranks) {
    reached += rank;
    for (let sum = reached; sum >= 0; sum--)
      chances[sum] = ((chances[sum] as number) + (sum >= rank ? (chances[sum - rank] as number) : 0)) / 2;
  }
  return chances;
}
