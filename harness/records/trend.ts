/** What records tell over time: for each figure and machine class its values by commit, and where its level changed. */
import { changePoints } from '../statistics/changePoints.ts';
import { median } from '../statistics/quantile.ts';
import { type MetricRecord, machineClass, type RecordMachine } from './metricRecord.ts';

/** One commit in a trend. */
export interface TrendPoint {
  readonly commit: string;
  readonly subject: string;
  readonly committedAt: string;
  /** The median, if it was measured more than once. */
  readonly value: number;
  /** From the lowest to the highest bound of its measurements. */
  readonly interval: readonly [number, number] | null;
  /** Runs behind it. */
  readonly n: number;
}

/** A change of level. */
export interface TrendChange {
  /** Of the first commit of the new level, in the points. */
  readonly index: number;
  readonly before: number;
  readonly after: number;
  readonly p: number;
  readonly verdict: 'better' | 'worse' | 'changed';
}

/** One figure on one class of machines. Points are in the order of their commits' times. */
export interface Trend {
  readonly metric: string;
  readonly unit: string;
  readonly better: 'lower' | 'higher' | null;
  readonly machine: RecordMachine;
  readonly machineClass: string;
  readonly points: readonly TrendPoint[];
  /** Points before the first of these, which are too many to look at. */
  readonly earlier: number;
  readonly changes: readonly TrendChange[];
}

/** As many commits as changes are looked for in. */
const POINTS_MAX = 1_000;
/** Changes of less than this part are none. */
const EFFECT_MIN = 0.005;

/** Makes trends, in the order of their metrics' names. */
export function trendsOf(records: readonly MetricRecord[]): readonly Trend[] {
  const groups = Map.groupBy(records, ({ metric, machine }) =>
    JSON.stringify([metric, machineClass(machine)]),
  );
  return [...groups.values()]
    .map(trendOf)
    .toSorted((a, b) => order(a.metric, b.metric) || order(a.machineClass, b.machineClass));
}

function trendOf(records: readonly MetricRecord[]): Trend {
  const latest = latestOf(records) as MetricRecord;
  const { metric, unit, machine } = latest;
  // Old lists of benchmarks did not say it.
  const better = latestOf(records.filter((one) => one.better !== null))?.better ?? null;
  const all = [...Map.groupBy(records, ({ commit }) => commit).values()]
    .map(pointOf)
    .toSorted((a, b) => order(a.committedAt, b.committedAt) || order(a.commit, b.commit));
  const points = all.slice(-POINTS_MAX);
  return {
    ...{ metric, unit, better, machine, points },
    machineClass: machineClass(machine),
    earlier: all.length - points.length,
    changes: changePoints(
      points.map(({ value }) => value),
      { effectMin: EFFECT_MIN },
    ).map((change) => ({ ...change, verdict: verdictOf(change, better) })),
  };
}

/** The one that was measured last; undefined if there is none. */
function latestOf(records: readonly MetricRecord[]): MetricRecord | undefined {
  return records.toSorted((a, b) => order(a.measuredAt, b.measuredAt)).at(-1);
}

function pointOf(records: readonly MetricRecord[]): TrendPoint {
  const [{ commit, subject, committedAt }] = records as [MetricRecord];
  const bounds = records.flatMap(({ interval }) => interval ?? []);
  return {
    ...{ commit, subject, committedAt },
    value: median(records.map(({ value }) => value)),
    interval: bounds.length === 0 ? null : [Math.min(...bounds), Math.max(...bounds)],
    n: records.reduce((sum, { n }) => sum + n, 0),
  };
}

function verdictOf(
  { before, after }: Pick<TrendChange, 'before' | 'after'>,
  better: Trend['better'],
): TrendChange['verdict'] {
  if (better === null) return 'changed';
  return after < before === (better === 'lower') ? 'better' : 'worse';
}

/** By characters, the same everywhere. */
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
