/** What a benchmark of this house yields. */
import type { Interval } from '../statistics/bootstrap.ts';
import { estimateMedian } from '../statistics/estimate.ts';

/** One figure, from several repetitions. */
export interface Measurement {
  /** What was measured, e.g. `wire/envelopes-per-second`. */
  readonly id: string;
  /** The median of the repetitions. */
  readonly value: number;
  readonly unit: string;
  /** Which of two values is the better one. */
  readonly better: 'lower' | 'higher';
  /** Where the median lies, with 95% confidence (less with fewer than six), by resampling the repetitions; null of fewer than three. */
  readonly interval: Interval | null;
  /** Repetitions. */
  readonly n: number;
  /** (max - min) / median of the repetitions: how far to trust `value`. */
  readonly spread: number;
  /** What decides how much work it is, with units: figures of other parameters are not comparable. Absent: it is not told. */
  readonly parameters?: Readonly<Record<string, string | number>>;
}

/** Sums up repetitions; there must be at least one. */
export function measurement(
  id: string,
  unit: string,
  better: Measurement['better'],
  repetitions: readonly number[],
): Measurement {
  if (repetitions.length === 0) throw new RangeError(`no repetitions of ${id}`);
  const { value, interval, n } = estimateMedian(repetitions, { seed: id });
  const range = Math.max(...repetitions) - Math.min(...repetitions);
  return { id, value, unit, better, interval, n, spread: value === 0 ? 0 : range / value };
}
