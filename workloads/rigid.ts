/**
 * The Torque / MPI workload of the macrobenchmark (NSDI'11 §6.1.1): 8 tachyon renderings, 24 ranks each, at
 * fixed times.
 *
 * Times come from the static partition alone. A job ends with its slowest rank. On the static partition four of
 * the six small jobs ran for 222 to 224 s and two for 279 and 283 s (figure 5d), because one of the 24 nodes was
 * slow (§6.1.2): so the ranks are alike, and {@link SLOW_NODE_SPEED} is what tells a slow node from the others.
 * A job of 24 ranks on 6 nodes of 4 cores meets the slow one in one case of four: of the eight jobs, two did.
 *
 * Tables 4 and 5 give 261 s for the small jobs where figure 5d's bars are 242.5 s long, for a job's time counts
 * from `qsub`; for the large ones they give 822 s where the bars are 833 s. The level is the tables', the ratio of
 * slow to usual the figure's.
 */
import type { RigidJob } from './jobs.ts';

/** Ranks of each job: 1/16 of the cluster. */
const RIGID_RANKS = 24;

/** Mean job time on the static partition, in seconds (Table 5). */
export const RIGID_STATIC_S = { large: 822, small: 261 } as const;

/** The small jobs on the static partition in the order of their submission, in seconds, read off figure 5d. */
export const FIGURE_5D_SMALL_S = [224, 283, 224, 223, 222, 279] as const;

/** Longer than this, and a small job had met the slow node. */
const MET_SLOW_S = 250;
const usual = FIGURE_5D_SMALL_S.filter((s) => s < MET_SLOW_S);
const slowed = FIGURE_5D_SMALL_S.filter((s) => s >= MET_SLOW_S);
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** How fast a slow node is, the others being 1. */
export const SLOW_NODE_SPEED = Math.round((1000 * mean(usual)) / mean(slowed)) / 1000;

/** Part of the jobs that meet the slow node of the static partition: they take 6 nodes of 24 each. */
const SLOWED_PART = 1 / 4;

/** Mean time of a job on the static partition over that of one that met no slow node. */
const MEAN_OVER_USUAL = 1 - SLOWED_PART + SLOWED_PART / SLOW_NODE_SPEED;

/**
 * Slow nodes of the cluster, as far as the static side tells: the partition of Torque had one of 24, the one of Spark none, for
 * all its steps end together (figure 5c). So one of 48.
 */
export const SLOW_NODE_PART = 1 / 48;

/** Coefficient of variation between ranks of usual nodes: none to speak of, for the usual jobs differ by 0.5%. */
const RIGID_CV = 0;

/** How often Torque's scheduler looks for jobs that can start: a job on free nodes waits for the next time. */
export const TORQUE_ITERATION_MS = 2000;

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

/** The 8 jobs in the order of their submission, the first at 0. Nothing in it is random. */
export function rigidMix(): readonly RigidJob[] {
  return SUBMISSIONS.map(({ atS, size }, index) => ({
    id: `tachyon-${index + 1}`,
    kind: `${size} tachyon`,
    ranks: RIGID_RANKS,
    submission: { when: 'at', ms: atS * 1000 },
    model: {
      workMs: Math.round((1000 * RIGID_STATIC_S[size] - TORQUE_ITERATION_MS) / MEAN_OVER_USUAL),
      cv: RIGID_CV,
    },
  }));
}
