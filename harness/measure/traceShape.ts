/** The shape of a trace: how its jobs bunch in time, and how unequal they are. */
import type { Findings } from '../experiments/experiment.ts';
import type { Curve } from '../result.ts';
import { median } from '../statistics/quantile.ts';
import { cumulative } from './distribution.ts';

/** What is to be known of a trace. */
export interface TraceJobs {
  /** Seconds of submission, in order. */
  readonly submitS: readonly number[];
  /** How large each job is, in `sizeUnit`; in the same order. */
  readonly sizes: readonly number[];
  /** What sizes count, e.g. `bytes`. */
  readonly sizeUnit: string;
}

const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_H = 24;
/** Part of the jobs, the largest, that a heavy tail is judged by. */
const TAIL = 0.05;
/** Shorter gaps are drawn as this, for logarithmic axes have no 0. */
const GAP_MIN_S = 0.5;

/**
 * Gaps between jobs: mean, median, coefficient of variation (1 for arrivals by chance), and the variance of jobs per minute over
 * their mean (1 by chance). Sizes: what the largest 1 % of jobs have of all, and the tail index by Hill's estimate: below 2 the
 * variance does not exist, below 1 the mean does not. Jobs per hour as a curve, and of two days or more also the mean by the hour of the
 * day, counted from the first job, for traces do not tell when in the day that was.
 */
export function traceShape({ submitS, sizes, sizeUnit }: TraceJobs): Findings {
  const gaps = submitS.slice(1).map((at, index) => at - (submitS[index] as number));
  const first = submitS[0] ?? 0;
  const perMinute = counted(submitS, first, MINUTE_S);
  const perHour = counted(submitS, first, HOUR_S);
  const mean = meanOf(gaps);
  const sorted = sizes.toSorted((a, b) => b - a);
  const all = sorted.reduce((sum, size) => sum + size, 0);
  const largest = sorted.slice(0, Math.ceil(sorted.length / 100)).reduce((sum, size) => sum + size, 0);
  const values: Record<string, number> = {
    jobs: submitS.length,
    'span (h)': ((submitS.at(-1) ?? first) - first) / HOUR_S,
    'mean gap (s)': mean,
    ...(gaps.length > 0 && { 'median gap (s)': median(gaps) }),
    'variation of gaps (standard deviation over mean)': Math.sqrt(varianceOf(gaps)) / mean,
    'burstiness (variance over mean of jobs per minute)': varianceOf(perMinute) / meanOf(perMinute),
    'busiest hour over the mean (×)': perHour.reduce((a, b) => Math.max(a, b)) / meanOf(perHour),
    'largest 1 % of jobs, of all (%)': (100 * largest) / all,
    'tail index (Hill, largest 5 %)': hillIndex(sorted),
  };
  return {
    values: Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value))),
    curves: {
      'gaps (s)': cumulative(gaps.map((gap) => Math.max(GAP_MIN_S, gap))),
      'gaps by chance (s)': exponential(mean),
      [`job sizes (${sizeUnit})`]: cumulative(sizes.filter((size) => size > 0)),
      'jobs per hour': { x: perHour.map((_, hour) => hour), y: perHour },
      ...(perHour.length >= 2 * DAY_H && { 'jobs by hour of the day': byHourOfDay(perHour) }),
    },
  };
}

/** How many fall into each step from `from` on. */
function counted(times: readonly number[], from: number, stepS: number): readonly number[] {
  const steps = Math.floor(((times.at(-1) ?? from) - from) / stepS) + 1;
  const counts = Array<number>(steps).fill(0);
  for (const at of times) {
    const step = Math.floor((at - from) / stepS);
    counts[step] = (counts[step] ?? 0) + 1;
  }
  return counts;
}

/** The mean of jobs in the first hour of each day, the second and so on; days that are not whole are left out. */
function byHourOfDay(perHour: readonly number[]): Curve {
  const days = Math.floor(perHour.length / DAY_H);
  const hours = Array.from({ length: DAY_H }, (_, hour) => hour);
  const mean = (hour: number): number =>
    meanOf(Array.from({ length: days }, (_, day) => perHour[DAY_H * day + hour] ?? 0));
  return { x: hours, y: hours.map(mean) };
}

/** The distribution of gaps with this mean if jobs came by chance alone. */
function exponential(mean: number): Curve {
  if (!Number.isFinite(mean)) return { x: [], y: [] };
  const parts = Array.from({ length: 100 }, (_, n) => (n + 0.5) / 100);
  return { x: parts.map((part) => Math.max(GAP_MIN_S, -mean * Math.log(1 - part))), y: parts };
}

/** Hill's estimate of the tail index from the largest values, of values in descending order. */
function hillIndex(descending: readonly number[]): number {
  const count = Math.floor(TAIL * descending.length);
  const threshold = descending[count] ?? 0;
  if (count < 2 || threshold <= 0) return Number.NaN;
  const excess = descending.slice(0, count).reduce((sum, size) => sum + Math.log(size / threshold), 0);
  return count / excess;
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
