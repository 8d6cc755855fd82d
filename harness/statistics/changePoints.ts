/**
 * Where does a series change its level? Divisive, as E-divisive (Matteson and James 2014): the series is cut where its two parts
 * differ most, and each part again. How sure a cut is says Welch's test in place of permutations, so that the same series always
 * has the same changes; cuts that are weak but needed to find strong ones beside them are made first and taken back last.
 */
import { mean } from './mean.ts';
import { welchTest } from './welch.ts';

/** A change of level. */
export interface ChangePoint {
  /** The first value of the new level. */
  readonly index: number;
  /** Means of the levels before and after. */
  readonly before: number;
  readonly after: number;
  /** How likely chance alone gives as much, of this one cut. */
  readonly p: number;
}

/** When a change counts. */
export interface ChangeOptions {
  /** Default 0.001. */
  readonly pMax?: number;
  /** Smaller changes do not count, as a part of the level before; default 0. */
  readonly effectMin?: number;
}

/** A level has at least so many values: of fewer nothing is known. */
const LEVEL_MIN = 3;
/** Cuts that are tried at first; those that do not hold are taken back. */
const P_WEAK = 0.05;
/** The cost grows with the square of the length. */
const LENGTH_MAX = 2_000;

/** Finds the changes, in their order. Throws a RangeError if the series has more than 2,000 values, or one is no number. */
export function changePoints(series: readonly number[], options: ChangeOptions = {}): readonly ChangePoint[] {
  if (series.length > LENGTH_MAX)
    throw new RangeError(`a series of ${series.length} values; at most ${LENGTH_MAX}`);
  if (!series.every(Number.isFinite)) throw new RangeError('a series with values that are no numbers');
  const { pMax = 0.001, effectMin = 0 } = options;
  let cuts = cutsOf(series, 0, series.length);
  for (;;) {
    const found = cuts.map((cut, n) => judged(series, cuts[n - 1] ?? 0, cut, cuts[n + 1] ?? series.length));
    const weakest = weakestOf(found, pMax, effectMin);
    if (weakest === undefined) return found;
    cuts = cuts.filter((cut) => cut !== weakest.index);
  }
}

/** The one to take back next; undefined if all hold. */
function weakestOf(found: readonly ChangePoint[], pMax: number, effectMin: number): ChangePoint | undefined {
  return found
    .filter(({ p, before, after }) => p > pMax || Math.abs(after - before) < effectMin * Math.abs(before))
    .toSorted((a, b) => b.p - a.p)[0];
}

function judged(series: readonly number[], from: number, cut: number, to: number): ChangePoint {
  const before = series.slice(from, cut);
  const after = series.slice(cut, to);
  return { index: cut, before: mean(before), after: mean(after), p: welchTest(before, after) };
}

function cutsOf(series: readonly number[], from: number, to: number): readonly number[] {
  const cut = bestCut(series.slice(from, to));
  if (cut === undefined) return [];
  const at = from + cut;
  if (welchTest(series.slice(from, at), series.slice(at, to)) > P_WEAK) return [];
  return [...cutsOf(series, from, at), at, ...cutsOf(series, at, to)];
}

/**
 * The cut after which the energy distance of both parts is largest, weighted by their sizes. The sums of distances within and between
 * the parts are kept up to date while the cut moves, so that all cuts together cost the square of the length.
 */
function bestCut(values: readonly number[]): number | undefined {
  const n = values.length;
  if (n < 2 * LEVEL_MIN) return undefined;
  let within = 0;
  let between = 0;
  let after = sumOfDistances(values);
  let best: { readonly cut: number; readonly score: number } | undefined;
  for (let cut = 1; cut <= n - LEVEL_MIN; cut++) {
    const moved = values[cut - 1] as number;
    const toFormer = distancesTo(moved, values, 0, cut - 1);
    const toLater = distancesTo(moved, values, cut, n);
    within += toFormer;
    after -= toLater;
    between += toLater - toFormer;
    if (cut < LEVEL_MIN) continue;
    const rest = n - cut;
    const energy =
      (2 * between) / (cut * rest) - (2 * within) / (cut * (cut - 1)) - (2 * after) / (rest * (rest - 1));
    const score = ((cut * rest) / n) * energy;
    if (best === undefined || score > best.score) best = { cut, score };
  }
  return best?.cut;
}

function sumOfDistances(values: readonly number[]): number {
  let sum = 0;
  for (let n = 0; n < values.length; n++)
    sum += distancesTo(values[n] as number, values, n + 1, values.length);
  return sum;
}

function distancesTo(value: number, values: readonly number[], from: number, to: number): number {
  let sum = 0;
  for (let n = from; n < to; n++) sum += Math.abs(value - (values[n] as number));
  return sum;
}
