/**
 * The Torque / MPI workload of the macrobenchmark (NSDI'11 §6.1.1): 8 tachyon renderings, 24 ranks each, at
 * fixed times.
 *
 * Times come from the static partition alone. A job ends with its slowest rank, so workMs = static average /
 * (mean of the slowest of 24 ranks, for ranks of mean 1). The spread between ranks is read off figure 5d's
 * static bars: four of the six small jobs took 222 to 224 s, two 279 and 283 s, for one slow node; the mean
 * over the shortest gives how much the slowest rank costs, 242.5 / 222 = 1.092, and the coefficient of
 * variation is the one that gives this mean of the slowest of 24. (Tables 4 and 5 give 261 s for the small
 * jobs where the bars give 242.5 s: a job's time counts from `qsub`. The level is the table's, the spread the
 * figure's.)
 */
import type { RigidJob } from './jobs.ts';

/** Ranks of each job: 1/16 of the cluster. */
export const RIGID_RANKS = 24;

/** Mean job time on the static partition, in seconds (Table 5). */
export const RIGID_STATIC_S = { large: 822, small: 261 } as const;

/** The small jobs on the static partition, in seconds, read off figure 5d. */
const FIGURE_5D_SMALL_S = [224, 283, 224, 223, 222, 279] as const;

/** When which job is submitted, in seconds after the first, recovered from figure 5d. */
const SUBMISSIONS: readonly { readonly atS: number; readonly size: 'large' | 'small' }[] = [
  { atS: 0, size: 'large' },
  { atS: 60, size: 'large' },
  { atS: 360, size: 'small' },
  { atS: 420, size: 'small' },
  { atS: 1200, size: 'small' },
  { atS: 1230, size: 'small' },
  { atS: 1260, size: 'small' },
  { atS: 1290, size: 'small' },
];

/** Mean time of the slowest rank over the mean of all, on the static partition. */
export const SLOWEST_OVER_MEAN =
  FIGURE_5D_SMALL_S.reduce((sum, s) => sum + s, 0) /
  FIGURE_5D_SMALL_S.length /
  Math.min(...FIGURE_5D_SMALL_S);
/** Coefficient of variation between ranks that makes it so. */
export const RIGID_CV = spreadFor(SLOWEST_OVER_MEAN, RIGID_RANKS);

/** The 8 jobs in the order of their submission, the first at 0. Nothing in it is random. */
export function rigidMix(): readonly RigidJob[] {
  return SUBMISSIONS.map(({ atS, size }, index) => ({
    id: `tachyon-${index + 1}`,
    kind: `${size} tachyon`,
    ranks: RIGID_RANKS,
    submission: { when: 'at', ms: atS * 1000 },
    model: { workMs: Math.round((RIGID_STATIC_S[size] * 1000) / SLOWEST_OVER_MEAN), cv: RIGID_CV },
  }));
}

/**
 * Mean of the largest of `count` log-normal draws of mean 1 and this coefficient of variation. The
 * distribution of the largest is F(x)^count; its mean is the integral of 1 - F^count over the normal scale,
 * in steps of 1/200 deviation.
 */
export function meanOfLargest(count: number, cv: number): number {
  const sigma = Math.sqrt(Math.log(1 + cv * cv));
  const step = 0.005;
  let mean = 0;
  let below = 0;
  let belowNormal = 0;
  for (let z = -8; z <= 8; z += step) {
    belowNormal += (step * Math.exp(-((z + step / 2) ** 2) / 2)) / Math.sqrt(2 * Math.PI);
    const all = Math.min(1, belowNormal) ** count;
    mean += (all - below) * Math.exp(sigma * (z + step / 2) - (sigma * sigma) / 2);
    below = all;
  }
  return mean;
}

/** The coefficient of variation at which the largest of `count` has this mean, by bisection to 1e-4. */
export function spreadFor(largest: number, count: number): number {
  let [low, high] = [0, 2];
  while (high - low > 1e-4) {
    const middle = (low + high) / 2;
    if (meanOfLargest(count, middle) < largest) low = middle;
    else high = middle;
  }
  return Math.round(((low + high) / 2) * 1000) / 1000;
}
