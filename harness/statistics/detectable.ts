/** The smallest effect that a measurement could have seen, from how far its values spread. */
import { signedRankInterval } from './signedRank.ts';

/** How often an effect of this size would be seen. */
const POWER = 0.8;

/**
 * The shift that a two-sided signed-rank test of these differences at the level `alpha` would find in 80 of 100 cases, in the
 * unit of the differences. It goes by the interval that belongs to the test, so that single outliers, which hardly touch the test,
 * hardly count here either. Infinite if there are too few differences to find anything at that level.
 */
export function detectableShift(differences: readonly number[], alpha: number): number {
  const n = differences.length;
  if (n < 2 || 2 ** (1 - n) > alpha) return Number.POSITIVE_INFINITY;
  const [low, high] = signedRankInterval(differences, alpha);
  const certain = studentQuantile(1 - alpha / 2, n - 1);
  return (((high - low) / 2) * (certain + studentQuantile(POWER, n - 1))) / certain;
}

/**
 * How many differences it takes until {@link detectableShift} is no more than `shift`, if more of them spread as these do. A guess from
 * few. Undefined if there are fewer than two, from which nothing is to be guessed.
 */
export function differencesToDetect(
  differences: readonly number[],
  alpha: number,
  shift: number,
): number | undefined {
  const n = differences.length;
  if (n < 2) return undefined;
  // Of few differences a wide interval is all that there is to go by.
  const level = Math.max(alpha, 2 ** (1 - n));
  const [low, high] = signedRankInterval(differences, level);
  const deviation = (((high - low) / 2) * Math.sqrt(n)) / studentQuantile(1 - level / 2, n - 1);
  const suffices = (count: number): boolean =>
    (deviation / Math.sqrt(count)) *
      (studentQuantile(1 - alpha / 2, count - 1) + studentQuantile(POWER, count - 1)) <=
    shift;
  let enough = 1 + Math.ceil(-Math.log2(alpha));
  let few = enough - 1;
  while (!suffices(enough) && enough < DIFFERENCES_MAX) [few, enough] = [enough, 2 * enough];
  while (enough - few > 1) {
    const middle = Math.floor((few + enough) / 2);
    if (suffices(middle)) enough = middle;
    else few = middle;
  }
  return enough;
}

/** Nobody measures so many. */
const DIFFERENCES_MAX = 1_000_000;

/** Quantile of Student's t by the expansion of Fisher and Cornish (Abramowitz and Stegun 26.7.5); good for 5 degrees or more. */
function studentQuantile(p: number, degrees: number): number {
  const z = normalQuantile(p);
  const g1 = (z ** 3 + z) / 4;
  const g2 = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const g3 = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return z + g1 / degrees + g2 / degrees ** 2 + g3 / degrees ** 3;
}

/** Quantile of the normal distribution for p from 0.5, to 0.0005 (Abramowitz and Stegun 26.2.23). */
function normalQuantile(p: number): number {
  const t = Math.sqrt(-2 * Math.log(1 - p));
  return (
    t -
    (2.515517 + 0.802853 * t + 0.010328 * t ** 2) / (1 + 1.432788 * t + 0.189269 * t ** 2 + 0.001308 * t ** 3)
  );
}
