/** The search for the place at which a series is cut best. */
import { median } from './quantile.ts';

/** A level has at least so many values: of fewer nothing is known. */
export const LEVEL_MIN = 3;

/** A search in series of one length. */
export interface CutScan {
  /** In the series as a whole, or also in windows within it. */
  readonly where: 'whole' | 'windows';
  /** Where the stretches before and after differ most; the first index of the latter. */
  best(values: ArrayLike<number>): { readonly cut: number; readonly size: number };
  /** How much they differ there, in units of what chance gives. */
  largest(values: ArrayLike<number>): number;
}

/** Shorter windows show little, and have all others need more evidence. */
const WINDOW_MIN = 10;
/** Deviations from the median, beyond which a value counts as if it stood there. */
const DEVIATIONS_MAX = 3;
/** Deviations in a median absolute deviation, of normal noise. */
const MAD_TO_DEVIATION = 1.4826;

/** Prepares a search. The series must have room for two levels. */
export function cutScan(length: number, where: CutScan['where']): CutScan {
  const windows = where === 'whole' ? [{ from: 0, to: length }] : windowsOf(length);
  const sums = new Float64Array(length + 1);
  // By the length of a window and the place of a cut in it: the factor from a difference of sums to deviations.
  const factors = new Map(windows.map(({ from, to }) => [to - from, factorsOf(to - from)]));
  const plan = windows.map(({ from, to }) => ({ from, to, factor: factors.get(to - from) as Float64Array }));
  const best = (values: ArrayLike<number>): { readonly cut: number; readonly size: number } => {
    for (let n = 0; n < length; n++) sums[n + 1] = (sums[n] as number) + (values[n] as number);
    let cut = LEVEL_MIN;
    let size = -1;
    for (const { from, to, factor } of plan) {
      const start = sums[from] as number;
      const each = ((sums[to] as number) - start) / (to - from);
      for (let at = LEVEL_MIN; at <= to - from - LEVEL_MIN; at++) {
        const one = Math.abs((sums[from + at] as number) - start - at * each) * (factor[at] as number);
        if (one > size) {
          size = one;
          cut = from + at;
        }
      }
    }
    return { cut, size };
  };
  return { where, best, largest: (values) => best(values).size };
}

function factorsOf(length: number): Float64Array {
  return Float64Array.from({ length }, (_, at) => Math.sqrt(length / Math.max(1, at * (length - at))));
}

/** The whole, halves of it that overlap by half, quarters and so on; the same from both ends. */
function windowsOf(length: number): readonly { readonly from: number; readonly to: number }[] {
  const windows = [{ from: 0, to: length }];
  for (let own = Math.floor(length / 2); own >= WINDOW_MIN; own = Math.floor(own / 2)) {
    const steps = Math.ceil((2 * (length - own)) / own);
    for (let n = 0; n <= steps; n++) {
      const from = Math.round((n * (length - own)) / steps);
      windows.push({ from, to: from + own });
    }
  }
  return windows;
}

/** The series without its zero point, its outliers drawn in: a single value must not decide. */
export function tamed(values: readonly number[]): Float64Array {
  const centre = median(values);
  const limit = DEVIATIONS_MAX * MAD_TO_DEVIATION * median(values.map((value) => Math.abs(value - centre)));
  // More than half are the same: what differs from them is no noise.
  if (limit === 0) return Float64Array.from(values, (value) => value - centre);
  return Float64Array.from(values, (value) => Math.min(limit, Math.max(-limit, value - centre)));
}
