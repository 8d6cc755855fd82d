/**
 * How long jobs and tasks take on a Hadoop cluster of Facebook (NSDI'11 figure 1; a week of October 2009).
 *
 * Lengths are drawn from quantiles that were read off the figure, with straight lines between them on its logarithmic axis. Sizes of
 * jobs are drawn from the classes of the paper's source (Zaharia et al., EuroSys'10, table 1).
 */
import { randomExponential, randomNormal } from 'd3-random';
import type { MapReduceJob } from './jobs.ts';
import { type QuantileFunction, throughQuantiles } from './quantiles.ts';
import { seededUniform, type Uniform } from './random.ts';

/** Seconds that a fraction of jobs did not exceed. */
export const jobSeconds: QuantileFunction = throughQuantiles([
  [0, 1],
  [0.0055, 3],
  [0.0262, 6],
  [0.0594, 9],
  [0.1, 13],
  [0.2, 23],
  [0.25, 29],
  [0.3, 35],
  [0.4, 53],
  [0.5, 84],
  [0.6, 128],
  [0.7, 195],
  [0.75, 259],
  [0.8, 351],
  [0.9, 731],
  [0.95, 1_350],
  [0.98, 2_798],
  [0.99, 4_852],
  [0.999, 48_450],
  [1, 100_000],
]);

/** Seconds that a fraction of tasks, maps and reduces, did not exceed. Short ones were counted in whole seconds. */
export const taskSeconds: QuantileFunction = throughQuantiles([
  [0, 1],
  [0.058, 2],
  [0.139, 3],
  [0.211, 4],
  [0.262, 5],
  [0.299, 6],
  [0.4, 12],
  [0.5, 23],
  [0.6, 39],
  [0.7, 63],
  [0.75, 85],
  [0.8, 117],
  [0.9, 227],
  [0.95, 461],
  [0.98, 849],
  [0.99, 1_439],
  [0.999, 8_028],
  [1, 100_000],
]);

/** A class of jobs by their number of maps, and the percentage of jobs in it. The largest is open above; 10,000 is assumed. */
interface SizeClass {
  readonly percent: number;
  readonly from: number;
  readonly to: number;
}

const SIZES: readonly SizeClass[] = [
  { percent: 39, from: 1, to: 1 },
  { percent: 16, from: 2, to: 2 },
  { percent: 14, from: 3, to: 20 },
  { percent: 9, from: 21, to: 60 },
  { percent: 6, from: 61, to: 150 },
  { percent: 6, from: 151, to: 300 },
  { percent: 4, from: 301, to: 500 },
  { percent: 4, from: 501, to: 1_500 },
  { percent: 3, from: 1_501, to: 10_000 },
];

/** Mean time between two jobs (§6.1.1, of the same cluster). */
const MEAN_GAP_MS = 14_000;
/** What a job takes beside its tasks: at its 5% quantile, jobs take 9 s and tasks 2 s. */
const SET_UP_MS = 7_000;

/** Jobs whose maps have lengths that were drawn. */
export interface DrawnJobs {
  readonly jobs: readonly MapReduceJob[];
  /** The length of the next task of a job that has not been drawn yet. */
  readonly taskMs: (job: MapReduceJob) => number;
}

/** How to draw them. */
export interface DrawnJobsOptions {
  readonly count: number;
  readonly seed: number;
  /**
   * How alike the tasks of one job are: 0, no more than those of different jobs; 1, equally long. In between, the correlation of their
   * lengths, each taken as the normal deviate of its rank.
   */
  readonly likeness: number;
}

/** Draws jobs: their sizes by class, their times of submission, and the lengths of their tasks, each by itself as in figure 1. */
export function drawJobs({ count, seed, likeness }: DrawnJobsOptions): DrawnJobs {
  const uniform = seededUniform(`durations ${seed}`);
  const gap = randomExponential.source(uniform)(1 / MEAN_GAP_MS);
  let atMs = 0;
  const jobs = Array.from({ length: count }, (_, index): MapReduceJob => {
    atMs += gap();
    return {
      id: `job-${index + 1}`,
      kind: 'of figure 1',
      bin: 0,
      maps: drawMaps(uniform),
      reduces: 0,
      submission: { when: 'at', ms: atMs },
      model: { setUpMs: SET_UP_MS, mapMs: 0, reduceMs: 0, cv: 0 },
    };
  });
  const deviate = randomNormal.source(uniform)();
  const ofJob = new Map(jobs.map((job) => [job, deviate()]));
  const [shared, own] = [Math.sqrt(likeness), Math.sqrt(1 - likeness)];
  return {
    jobs,
    taskMs: (job) => 1_000 * taskSeconds(normalPart(shared * (ofJob.get(job) ?? 0) + own * deviate())),
  };
}

/** A number of maps: a class by its percentage, and any number in it, on a logarithmic scale. */
function drawMaps(uniform: Uniform): number {
  const all = SIZES.reduce((sum, { percent }) => sum + percent, 0);
  let left = all * uniform();
  const found = SIZES.find(({ percent }) => {
    left -= percent;
    return left < 0;
  });
  const { from, to } = found ?? (SIZES.at(-1) as SizeClass);
  return Math.min(to, Math.floor(from * ((to + 1) / from) ** uniform()));
}

/** Part of a normal distribution that lies below `deviate`, to 7 digits (Abramowitz and Stegun, 7.1.26). */
function normalPart(deviate: number): number {
  const x = Math.abs(deviate) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const polynomial =
    ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  const beyond = (polynomial * Math.exp(-x * x)) / 2;
  return deviate < 0 ? beyond : 1 - beyond;
}
