/** Effects of one version against another: a forest of ratios, with what could have been seen of each. */
import type { TimedComparison } from '../../harness/comparison.ts';
import { intervalName } from '../words.ts';
import { type Dataset, type Figure, type KeyEntry, type Panel, rounded, type Value } from './figure.ts';
import { ratioTicks } from './ratioTicks.ts';
import { COLOUR, nameRoom } from './theme.ts';

/** Colours of verdicts; the tables have their words. */
const VERDICT_COLOUR = {
  better: 'var(--reproduced)',
  worse: 'var(--deviates)',
  other: COLOUR.quiet,
} as const;

/** Height of a row, in pixels. */
const ROW_PX = 30;

/**
 * Draws the ratio head to base of every timed figure, best first. So that right is worse for all, a figure of which more is better
 * is turned over.
 */
export function effectsFigure(figures: readonly TimedComparison[]): Figure {
  const id = 'effects';
  const title = 'Effect on every timed figure: right of 1 is worse';
  if (figures.length === 0) return { state: 'empty', id, title, reason: 'No timed figure was compared.' };
  const rows = figures.map(rowOf).toSorted((a, b) => a.effect - b.effect);
  const dataset = datasetOf(rows);
  return {
    state: 'drawn',
    id,
    title,
    layout: 'rows',
    panels: [panelOf(rows, dataset)],
    key: keyOf(rows),
    datasets: [dataset],
    notes: [],
  };
}

interface Row {
  readonly id: string;
  readonly effect: number;
  readonly interval: readonly [number, number];
  /** Blocks. */
  readonly n: number;
  readonly control: number | null;
  /** Bounds of what could not have been seen. */
  readonly bandLow: number;
  readonly bandHigh: number;
  readonly threshold: number;
  readonly verdict: string;
  readonly colour: keyof typeof VERDICT_COLOUR;
}

function rowOf({ id, better, ratio, control, detectable, threshold, verdict, blocks }: TimedComparison): Row {
  const turned = (value: number): number => (better === 'higher' ? 1 / value : value);
  const [one, other] = ratio.interval.map(turned) as [number, number];
  const interval = [Math.min(one, other), Math.max(one, other)] as const;
  const seen = Number.isFinite(detectable) ? detectable : 1;
  return {
    id,
    effect: turned(ratio.value),
    interval,
    n: blocks.length,
    control: control === null ? null : turned(control.value),
    bandLow: 1 / (1 + seen),
    bandHigh: 1 + seen,
    threshold: 1 + threshold,
    verdict,
    colour: verdict === 'better' || verdict === 'worse' ? verdict : 'other',
  };
}

function datasetOf(rows: readonly Row[]): Dataset {
  return {
    name: 'effects',
    title: 'Effects, as ratios: above 1 is worse',
    columns: [
      { field: 'id', title: 'figure' },
      { field: 'effect', title: 'effect (×)' },
      { field: 'low', title: `${intervalName(rows)} from` },
      { field: 'high', title: 'to' },
      { field: 'control', title: 'control: base against base (×)' },
      { field: 'bandLow', title: 'could not be seen: from' },
      { field: 'bandHigh', title: 'to' },
      { field: 'threshold', title: 'counts from (×)' },
      { field: 'verdict', title: 'verdict' },
      { field: 'colour', title: 'colour' },
    ],
    rows: rows.map((row): readonly Value[] => [
      row.id,
      ...[row.effect, ...row.interval].map(rounded),
      row.control === null ? null : rounded(row.control),
      // Where nothing could have been seen the band has no end that a table could tell.
      ...(row.bandHigh >= 2 ? [null, null] : [rounded(row.bandLow), rounded(row.bandHigh)]),
      rounded(row.threshold),
      row.verdict,
      row.colour,
    ]),
  };
}

function keyOf(rows: readonly Row[]): readonly KeyEntry[] {
  const has = (colour: Row['colour']): boolean => rows.some((row) => row.colour === colour);
  return [
    ...(has('worse') ? [{ mark: 'dot' as const, colour: VERDICT_COLOUR.worse, label: 'worse' }] : []),
    ...(has('better') ? [{ mark: 'dot' as const, colour: VERDICT_COLOUR.better, label: 'better' }] : []),
    ...(has('other') ? [{ mark: 'dot' as const, colour: VERDICT_COLOUR.other, label: 'neither' }] : []),
    { mark: 'whisker', colour: COLOUR.ink, label: intervalName(rows) },
    ...(rows.some(({ control }) => control !== null)
      ? [{ mark: 'hollow' as const, colour: COLOUR.paper, label: 'control: the base against itself' }]
      : []),
    { mark: 'area', colour: COLOUR.shade, label: 'effects that could not have been seen' },
    { mark: 'tick', colour: COLOUR.ink, label: 'an effect counts from here' },
  ];
}

function panelOf(rows: readonly Row[], { name }: Dataset): Panel {
  const ends = rows.flatMap(({ interval, bandLow, bandHigh, threshold, control }) => [
    ...[...interval, Math.max(0.5, bandLow), Math.min(2, bandHigh), threshold],
    control ?? 1,
  ]);
  const domain = [Math.min(0.95, ...ends) / 1.02, Math.max(1.05, ...ends) * 1.02] as const;
  const x = (field: string) => ({
    field,
    type: 'quantitative' as const,
    title: 'effect (×, log)',
    scale: { type: 'log' as const, domain: [...domain], nice: false, clamp: true },
    axis: { format: '~g', grid: true, values: ratioTicks(domain) },
  });
  const y = {
    field: 'id',
    type: 'nominal' as const,
    title: null,
    sort: rows.map(({ id }) => id),
    axis: nameRoom(260, 200),
  };
  const color = {
    field: 'colour',
    type: 'nominal' as const,
    scale: { domain: Object.keys(VERDICT_COLOUR), range: Object.values(VERDICT_COLOUR) },
    legend: null,
  };
  const tooltip = [
    { field: 'id', title: 'figure' },
    { field: 'effect', type: 'quantitative', format: '.4~f', title: 'effect (×)' },
    { field: 'low', type: 'quantitative', format: '.4~f', title: 'from' },
    { field: 'high', type: 'quantitative', format: '.4~f', title: 'to' },
    { field: 'verdict', title: 'verdict' },
  ];
  const spec = {
    data: { name },
    width: 'container',
    height: ROW_PX * rows.length,
    layer: [
      {
        // Where nothing could have been seen the band reaches over the whole chart.
        transform: [
          { calculate: `isValid(datum.bandLow) ? datum.bandLow : ${domain[0]}`, as: 'from' },
          { calculate: `isValid(datum.bandHigh) ? datum.bandHigh : ${domain[1]}`, as: 'to' },
        ],
        mark: { type: 'bar', color: COLOUR.shade, height: ROW_PX - 8 },
        encoding: { x: x('from'), x2: { field: 'to' }, y },
      },
      {
        data: { values: [{ one: 1 }] },
        mark: { type: 'rule', color: COLOUR.ink, strokeWidth: 1.2 },
        encoding: { x: x('one') },
      },
      {
        mark: { type: 'tick', color: COLOUR.ink, thickness: 1.2, size: ROW_PX - 10 },
        encoding: { x: x('threshold'), y },
      },
      {
        transform: [{ filter: 'isValid(datum.control)' }],
        mark: { type: 'point', shape: 'diamond', stroke: COLOUR.paper, fill: 'transparent', size: 60 },
        encoding: { x: x('control'), y },
      },
      {
        mark: { type: 'rule', strokeWidth: 1.6 },
        encoding: { x: x('low'), x2: { field: 'high' }, y, color },
      },
      {
        mark: { type: 'point', filled: true, size: 60, opacity: 1 },
        encoding: { x: x('effect'), y, color, tooltip },
      },
    ],
  };
  return {
    title: '',
    alt: `Ratios head to base on a logarithmic axis, above 1 is worse: ${rows.map(({ id, effect, verdict }) => `${id} ${effect.toFixed(3)}, ${verdict}`).join('; ')}.`,
    spec: spec as Panel['spec'],
  };
}
