/** What a benchmark of this house yields. */

/** One figure, from several repetitions. */
export interface Measurement {
  /** What was measured, e.g. `wire/envelopes-per-second`. */
  readonly id: string;
  /** The median of the repetitions. */
  readonly value: number;
  readonly unit: string;
  /** Repetitions. */
  readonly n: number;
  /** (max - min) / median of the repetitions: how far to trust `value`. */
  readonly spread: number;
}

/** Sums up repetitions; there must be at least one. */
export function measurement(id: string, unit: string, repetitions: readonly number[]): Measurement {
  const sorted = repetitions.toSorted((a, b) => a - b);
  const least = sorted[0];
  const most = sorted.at(-1);
  if (least === undefined || most === undefined) throw new RangeError(`no repetitions of ${id}`);
  const value = median(sorted);
  return { id, value, unit, n: sorted.length, spread: value === 0 ? 0 : (most - least) / value };
}

/** The median of numbers that are sorted; NaN if there are none. */
export function median(sorted: readonly number[]): number {
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}
