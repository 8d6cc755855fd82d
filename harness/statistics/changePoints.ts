/**
 * Where does a series change its level? Divisive, as E-divisive (Matteson and James 2014): the series is cut where two stretches beside
 * each other differ most, and each part again. How sure a cut is says a permutation test of the search as a whole, so that the number of
 * places to cut at counts. Tests of parts share the chance of an error in proportion to their lengths; so however often it is cut, a
 * series in which nothing happened has a change with no more than this chance. The permutations are drawn from a fixed seed: the same
 * series always has the same changes.
 */
import { type CutScan, cutScan, LEVEL_MIN, tamed } from './cutScan.ts';
import { mean } from './mean.ts';
import { permutationTest } from './permutationTest.ts';

/** A change of level. */
export interface ChangePoint {
  /** The first value of the new level. */
  readonly index: number;
  /** Means of the levels before and after. */
  readonly before: number;
  readonly after: number;
  /** How likely a series without a change has one that is as clear; 0 for steps of a series without noise. */
  readonly p: number;
}

/** When a change counts. */
export interface ChangeOptions {
  /** Chance that a series without a change has one; default 0.01. */
  readonly pMax?: number;
  /** Smaller changes do not count, as a part of the level before; default 0. */
  readonly effectMin?: number;
}

/** The cost grows with the length, but who looks at more? */
const LENGTH_MAX = 2_000;

/** Finds the changes, in their order. Throws a RangeError if the series has more than 2,000 values, or one is no number. */
export function changePoints(series: readonly number[], options: ChangeOptions = {}): readonly ChangePoint[] {
  if (series.length > LENGTH_MAX)
    throw new RangeError(`a series of ${series.length} values; at most ${LENGTH_MAX}`);
  if (!series.every(Number.isFinite)) throw new RangeError('a series with values that are no numbers');
  const { pMax = 0.01, effectMin = 0 } = options;
  const exact = stepsOf(series);
  if (exact !== undefined)
    return lasting(series, exact, (cuts) => cuts.map((cut) => ({ cut, p: 0 })), effectMin);
  const found = cutsOf(series, { from: 0, to: series.length }, pMax);
  return lasting(series, found, (cuts) => settled(series, cuts, pMax), effectMin);
}

/** A part of the series; `to` does not belong to it. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Where a series that repeats itself to the bit steps; undefined if a value stands for less than a level: then it is noise. */
function stepsOf(series: readonly number[]): readonly number[] | undefined {
  const steps = series.flatMap((value, n) => (n > 0 && value !== series[n - 1] ? [n] : []));
  const bounds = [0, ...steps, series.length];
  const isStill = steps.every((_, n) => (bounds[n + 1] as number) - (bounds[n] as number) >= LEVEL_MIN);
  return isStill && series.length - (bounds.at(-2) as number) >= LEVEL_MIN ? steps : undefined;
}

/** Where a stretch is cut, and its parts. Looks at short stretches within it too, so that an excursion is not hidden by what follows. */
function cutsOf(series: readonly number[], stretch: Stretch, pMax: number): readonly number[] {
  const { from, to } = stretch;
  const { cut, p } = tested(series, stretch, 'windows', pMax);
  if (p > pMax) return [];
  return [...cutsOf(series, { from, to: cut }, pMax), cut, ...cutsOf(series, { from: cut, to }, pMax)];
}

/** A cut with its chance. */
interface Judged {
  readonly cut: number;
  readonly p: number;
}

/** Each cut where it separates its neighbours best. One that does not hold any more beside later ones is taken back, the weakest first. */
function settled(series: readonly number[], cuts: readonly number[], pMax: number): readonly Judged[] {
  const all = between(series, cuts).map((stretch) => tested(series, stretch, 'whole', pMax));
  const weakest = Math.max(...all.map(({ p }) => p));
  // One alone was found with more windows to look at, and so with less chance.
  if (cuts.length < 2 || weakest <= pMax) return all;
  const at = all.findIndex(({ p }) => p === weakest);
  return settled(series, cuts.toSpliced(at, 1), pMax);
}

/** From the cut before each to the cut after it. */
function between(series: readonly number[], cuts: readonly number[]): readonly Stretch[] {
  return cuts.map((_, n) => ({ from: cuts[n - 1] ?? 0, to: cuts[n + 1] ?? series.length }));
}

/** With their levels, but without those that are too small to count, the smallest of which goes first. */
function lasting(
  series: readonly number[],
  cuts: readonly number[],
  settle: (cuts: readonly number[]) => readonly Judged[],
  effectMin: number,
): readonly ChangePoint[] {
  const all = settle(cuts);
  const stretches = between(
    series,
    all.map(({ cut }) => cut),
  );
  const found = all.map(({ cut, p }, n): ChangePoint => {
    const { from, to } = stretches[n] as Stretch;
    return { index: cut, before: mean(series.slice(from, cut)), after: mean(series.slice(cut, to)), p };
  });
  const smallest = Math.min(...found.map(partOf));
  if (smallest >= effectMin) return found;
  const kept = found.filter((change) => partOf(change) !== smallest);
  return lasting(
    series,
    kept.map(({ index }) => index),
    settle,
    effectMin,
  );
}

/** How large a change is, as a part of the level before. */
function partOf({ before, after }: ChangePoint): number {
  return before === 0 ? Number.POSITIVE_INFINITY : Math.abs((after - before) / before);
}

/** The best cut of a stretch, with its chance as a part of the whole series. */
function tested(
  series: readonly number[],
  { from, to }: Stretch,
  where: CutScan['where'],
  pMax: number,
): Judged {
  const length = to - from;
  if (length < 2 * LEVEL_MIN) return { cut: from, p: 1 };
  const values = tamed(series.slice(from, to));
  const scan = cutScan(length, where);
  const { cut } = scan.best(values);
  const share = series.length / length;
  const p = share * permutationTest(values, scan.largest, pMax / share);
  return { cut: from + cut, p: Math.min(1, p) };
}
