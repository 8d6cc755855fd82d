/** Values of groups along an axis, with intervals; the paper's as hollow grey marks. */
import type { TopLevelSpec } from 'vega-lite';
import type { Estimate } from '../../harness/result.ts';
import { isSame } from '../results/estimate.ts';
import { enumerate, intervalName } from '../words.ts';
import { type Dataset, type Figure, type KeyEntry, type Panel, rounded, type Value } from './figure.ts';
import { logTicks } from './logTicks.ts';
import { type ModelLine, modelDataset, modelKey, modelLayers } from './modelLines.ts';
import { placeTicks } from './placeTicks.ts';
import { seedsNote } from './seedsNote.ts';
import { coloursOf, type Look, REFERENCE_DASH } from './seriesLook.ts';
import { BESIDE_BARS, brokenNames, COLOUR, nameRoom, scaleTitle } from './theme.ts';

/** One value: of a group, at a place on the axis. */
export interface ValueRow {
  readonly group: string;
  /** A name on an axis of names, else a number; above 0 on a logarithmic axis. */
  readonly x: string | number;
  readonly ours: Estimate | null;
  readonly paper?: number | null;
}

/** What is drawn. */
export interface ValuesOptions {
  /** Unique in the experiment. */
  readonly id: string;
  readonly title: string;
  /** What the picture shows, for those who do not see it. */
  readonly alt: string;
  /** The unit ends the title. */
  readonly x: { readonly title: string; readonly scale: 'names' | 'linear' | 'log' };
  readonly y: {
    readonly title: string;
    readonly scale?: 'linear' | 'log';
    /** As d3-format writes it; default three figures. */
    readonly format?: string;
    readonly domain?: readonly [number, number];
  };
  readonly rows: readonly ValueRow[];
  /** Default bars on an axis of names, else lines. Bars are not for logarithmic values: they have no 0 to stand on. */
  readonly mark?: 'bars' | 'points' | 'lines';
  /** A value to look out for. */
  readonly reference?: { readonly value: number; readonly label: string };
  /** One of what was repeated for each value, as a word to which an s is added; default `seed`. */
  readonly repeated?: string;
  /** What formulas say, drawn as lines that are not ours; on an axis of numbers only. */
  readonly models?: readonly ModelLine[];
  /** Groups that are no variants of ours, e.g. a framework. */
  readonly looks?: Readonly<Record<string, Look>>;
}

/** Height of one bar or row of points, in pixels. */
const ROW_PX = 24;

/** Thickness of a bar. In pixels: a part of its row would not lie in the middle of that where a name has several. */
const BAR_PX = 12;

/** So much longer than the longest bar is an axis, for the labels beside the bars. */
const BESIDE = 1.12;

/** Height of a chart along numbers, in pixels. */
const CHART_PX = 220;

/** Draws values. On an axis of names these stand below each other, and values go to the right. */
export function valuesFigure(options: ValuesOptions): Figure {
  const { id, title, rows } = options;
  const drawn = rows.filter((row) => row.ours !== null || row.paper != null);
  if (drawn.length === 0) {
    return { state: 'empty', id, title, reason: 'No run of this report gave one of these values.' };
  }
  const dataset = datasetOf(options, drawn);
  const models = modelDataset(id, `${title}: formulas`, options.x.title, options.models ?? []);
  const groups = groupsOf(options, drawn);
  const panel: Panel = {
    title: '',
    alt: options.alt,
    spec:
      options.x.scale === 'names' ? named(options, dataset, groups) : along(options, dataset, groups, models),
  };
  return {
    state: 'drawn',
    id,
    title,
    layout: 'rows',
    panels: [panel],
    key: keyOf(options, drawn, groups),
    datasets: models === null ? [dataset] : [dataset, models],
    notes: notesOf(options),
  };
}

interface Group {
  readonly name: string;
  readonly colour: string;
}

function groupsOf({ looks = {} }: ValuesOptions, rows: readonly ValueRow[]): readonly Group[] {
  const names = [...new Set(rows.map((row) => row.group))];
  const colours = coloursOf(names.map((name) => looks[name] ?? 'ours'));
  return names.map((name, index) => ({ name, colour: colours[index] ?? COLOUR.mesos }));
}

function datasetOf(
  { id, title, x, y, repeated = 'seed' }: ValuesOptions,
  rows: readonly ValueRow[],
): Dataset {
  const name = intervalName(rows.map(({ ours }) => ours));
  return {
    name: id,
    title,
    columns: [
      { field: 'x', title: x.title },
      { field: 'group', title: 'group' },
      { field: 'ours', title: y.title },
      { field: 'low', title: `${name} from` },
      { field: 'high', title: `${name} to` },
      { field: 'n', title: `${repeated}s` },
      { field: 'paper', title: 'paper' },
    ],
    rows: rows.map(({ group, x: at, ours, paper = null }): readonly Value[] => [
      at,
      group,
      ours === null ? null : rounded(ours.value),
      ours?.interval == null ? null : rounded(ours.interval[0]),
      ours?.interval == null ? null : rounded(ours.interval[1]),
      ours?.n ?? null,
      paper,
    ]),
  };
}

function keyOf(
  options: ValuesOptions,
  rows: readonly ValueRow[],
  groups: readonly Group[],
): readonly KeyEntry[] {
  const mark = markOf(options);
  const sign = mark === 'bars' ? 'square' : mark === 'lines' ? 'line' : 'dot';
  return [
    ...groups
      .filter(({ name }) => rows.some(({ group, ours }) => group === name && ours !== null))
      .map(({ name, colour }): KeyEntry => ({ mark: sign, colour, label: name })),
    ...(rows.some(({ ours }) => ours?.interval != null && !isSame(ours))
      ? [{ mark: 'whisker' as const, colour: COLOUR.ink, label: intervalName(rows.map(({ ours }) => ours)) }]
      : []),
    ...(rows.some(({ paper }) => paper != null)
      ? [{ mark: 'hollow' as const, colour: COLOUR.paper, label: 'paper' }]
      : []),
    ...modelKey(options.models ?? []),
    ...(options.reference === undefined
      ? []
      : [
          {
            mark: 'dashes' as const,
            colour: COLOUR.quiet,
            dash: REFERENCE_DASH,
            label: options.reference.label,
          },
        ]),
  ];
}

function notesOf({ rows, repeated }: ValuesOptions): readonly string[] {
  const without = rows.filter((row) => row.ours === null);
  const names = [
    ...new Set(without.map(({ group, x }) => (group === String(x) ? group : `${group} at ${x}`))),
  ];
  return [
    ...seedsNote(
      rows.map(({ ours }) => ours),
      repeated,
    ),
    ...(without.length === rows.length
      ? ['No value of ours.']
      : names.length === 0
        ? []
        : [`No value of ours: ${enumerate(names)}.`]),
  ];
}

function markOf({ mark, x }: ValuesOptions): 'bars' | 'points' | 'lines' {
  return mark ?? (x.scale === 'names' ? 'bars' : 'lines');
}

/** The axis of values, and a field on it. Labels to the right of bars need room. */
function valueAxis({ y, rows, reference, models = [] }: ValuesOptions, room: boolean) {
  const { title, scale = 'linear', format = ',~f' } = y;
  const values = rows.flatMap(({ ours, paper }) => [
    ...(ours === null ? [] : [ours.value, ...(ours.interval ?? [])]),
    paper ?? [],
    reference?.value ?? [],
  ]);
  const modelled = models.flatMap(({ curve }) => curve?.y ?? []);
  const shown = [...values.flat(), ...modelled].filter((value) => scale === 'linear' || value > 0);
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  const span =
    scale === 'log' ? [low / 1.15, high * 1.15] : [Math.min(0, low), Math.max(0, high) * (room ? BESIDE : 1)];
  const domain = y.domain ?? span;
  const ticks = scale === 'log' ? { values: logTicks(domain[0] ?? 1, domain[1] ?? 1) } : { tickCount: 6 };
  return (field: string) => ({
    field,
    type: 'quantitative' as const,
    title: scaleTitle(title, scale),
    // An interval may begin at 0, which has no place on a logarithmic axis: there it is cut off.
    scale: {
      type: scale,
      domain: [...domain],
      clamp: scale === 'log',
      nice: scale === 'linear' && y.domain === undefined && !room,
    },
    axis: { grid: true, format, ...ticks },
  });
}

const PAPER = {
  type: 'point' as const,
  shape: 'diamond',
  size: 90,
  stroke: COLOUR.paper,
  fill: 'transparent',
  strokeWidth: 1.6,
  opacity: 1,
};

/** On the colour of a bar an outline alone is not seen. */
const ON_BAR = { ...PAPER, fill: COLOUR.panel };

function tooltip({ x, y, rows }: ValuesOptions) {
  const name = intervalName(rows.map(({ ours }) => ours));
  return [
    { field: 'x', title: x.title },
    { field: 'group', title: 'group' },
    { field: 'ours', type: 'quantitative' as const, title: y.title },
    { field: 'low', type: 'quantitative' as const, title: `${name} from` },
    { field: 'high', type: 'quantitative' as const, title: `${name} to` },
    { field: 'paper', type: 'quantitative' as const, title: 'paper' },
  ];
}

function colourOf(groups: readonly Group[]) {
  return {
    field: 'group',
    type: 'nominal' as const,
    legend: null,
    scale: { domain: groups.map(({ name }) => name), range: groups.map(({ colour }) => colour) },
  };
}

/** Names below each other, groups side by side within a name. */
function named(options: ValuesOptions, dataset: Dataset, groups: readonly Group[]): TopLevelSpec {
  const names = [...new Set(dataset.rows.map(([x]) => String(x)))];
  const isBars = markOf(options) === 'bars';
  const value = valueAxis(options, isBars);
  const y = {
    field: 'x',
    type: 'nominal' as const,
    title: options.x.title === '' ? null : options.x.title,
    sort: names,
    axis: { ...nameRoom(170, 110), ...brokenNames(names, 170) },
  };
  const yOffset =
    groups.length === 1
      ? {}
      : { yOffset: { field: 'group', type: 'nominal' as const, sort: groups.map(({ name }) => name) } };
  const at = { y, ...yOffset };
  const color = colourOf(groups);
  const encoding = { ...at, x: value('ours'), color, tooltip: tooltip(options) };
  const bars = isBars
    ? whenAny(dataset, 'ours', { mark: { type: 'bar' as const, height: BAR_PX }, encoding })
    : [];
  const dots = isBars
    ? []
    : whenAny(dataset, 'ours', {
        mark: { type: 'point' as const, filled: true, size: 70, opacity: 1 },
        encoding,
      });
  const label = isBars
    ? whenAny(dataset, 'ours', {
        transform: [
          { filter: 'isValid(datum.ours)' },
          { calculate: 'isValid(datum.high) ? max(datum.high, datum.ours) : datum.ours', as: 'bar' },
          // Beyond the paper's mark, where that is in the way.
          {
            calculate: `isValid(datum.paper) && datum.paper > datum.bar && datum.paper < datum.bar + ${inTheWay(options)} ? datum.paper : datum.bar`,
            as: 'end',
          },
        ],
        mark: {
          type: 'text' as const,
          align: 'left' as const,
          dx: options.rows.some(({ paper }) => paper != null) ? 10 : 5,
          color: COLOUR.ink,
        },
        encoding: {
          ...at,
          x: value('end'),
          text: {
            field: 'ours',
            type: 'quantitative' as const,
            format: options.y.format ?? ',.3~r',
          },
        },
      })
    : [];
  return {
    data: { name: dataset.name },
    width: 'container',
    ...(isBars && { padding: BESIDE_BARS }),
    height: ROW_PX * names.length * (isBars ? groups.length : Math.max(1, groups.length * 0.75)),
    layer: [
      ...bars,
      ...referenceLayer(options, 'x'),
      ...whenAny(dataset, 'low', {
        mark: { type: 'rule' as const, strokeWidth: isBars ? 1.4 : 2.5 },
        encoding: {
          ...at,
          x: value('low'),
          x2: { field: 'high' },
          color: isBars ? { value: COLOUR.ink } : color,
        },
      }),
      ...whenAny(dataset, 'paper', { mark: isBars ? ON_BAR : PAPER, encoding: { ...at, x: value('paper') } }),
      ...dots,
      ...label,
    ],
  } as TopLevelSpec;
}

/** Within so much of a bar's end the paper's mark would lie on the bar's label, which takes about 45 pixels: an expression. */
function inTheWay({ rows }: ValuesOptions): string {
  const ends = rows.flatMap(({ ours, paper }) => [ours?.value ?? 0, ...(ours?.interval ?? []), paper ?? 0]);
  return `${rounded(BESIDE * 45 * Math.max(0, ...ends))} / width`;
}

/** Along numbers: lines or points, each with its interval. */
function along(
  options: ValuesOptions,
  dataset: Dataset,
  groups: readonly Group[],
  models: Dataset | null,
): TopLevelSpec {
  const mark = markOf(options);
  const places = [...new Set(dataset.rows.map(([x]) => Number(x)))].sort((a, b) => a - b);
  const x = {
    field: 'x',
    type: 'quantitative' as const,
    title: scaleTitle(options.x.title, options.x.scale),
    scale: {
      type: options.x.scale === 'log' ? ('log' as const) : ('linear' as const),
      ...(options.x.scale === 'linear' ? { zero: false } : {}),
      padding: 14,
      nice: false,
    },
    axis: placeTicks(places),
  };
  const value = valueAxis(options, false);
  const color = colourOf(groups);
  const encoding = { x, y: value('ours'), color };
  const lines =
    mark === 'lines'
      ? whenAny(dataset, 'ours', {
          mark: { type: 'line' as const, strokeWidth: 1.6, invalid: 'filter' as const },
          encoding,
        })
      : [];
  const bars =
    mark === 'bars' ? whenAny(dataset, 'ours', { mark: { type: 'bar' as const, width: 14 }, encoding }) : [];
  return {
    data: { name: dataset.name },
    width: 'container',
    height: CHART_PX,
    layer: [
      ...bars,
      ...referenceLayer(options, 'y'),
      ...modelLayers(options.models ?? [], models, x, value),
      ...whenAny(dataset, 'low', {
        mark: { type: 'rule' as const, strokeWidth: 2, ...(mark === 'bars' ? { color: COLOUR.ink } : {}) },
        encoding: { x, y: value('low'), y2: { field: 'high' }, ...(mark === 'bars' ? {} : { color }) },
      }),
      ...lines,
      ...whenAny(dataset, 'paper', {
        mark: mark === 'bars' ? ON_BAR : PAPER,
        encoding: { x, y: value('paper') },
      }),
      ...whenAny(dataset, 'ours', {
        mark: { type: 'point' as const, filled: true, size: mark === 'bars' ? 0 : 55, opacity: 1 },
        encoding: { ...encoding, tooltip: tooltip(options) },
      }),
    ],
  } as TopLevelSpec;
}

/** A layer, if its column holds anything: Vega warns of empty ones. */
function whenAny(dataset: Dataset, field: string, layer: object): readonly object[] {
  const index = dataset.columns.findIndex((column) => column.field === field);
  return dataset.rows.some((row) => row[index] !== null) ? [layer] : [];
}

function referenceLayer({ reference }: ValuesOptions, channel: 'x' | 'y') {
  if (reference === undefined) return [];
  return [
    {
      data: { values: [{ reference: reference.value }] },
      mark: { type: 'rule' as const, color: COLOUR.quiet, strokeWidth: 1.2, strokeDash: [...REFERENCE_DASH] },
      encoding: { [channel]: { field: 'reference', type: 'quantitative' as const } },
    },
  ];
}
