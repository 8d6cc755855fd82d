/** Values over two things that vary: a field of cells, each with its number, and perhaps a word that says what it means. */
import type { TopLevelSpec } from 'vega-lite';
import type { Estimate } from '../../harness/result.ts';
import { enumerate, intervalName } from '../words.ts';
import { type Dataset, type Figure, rounded, type Value } from './figure.ts';
import { seedsNote } from './seedsNote.ts';
import { COLOUR } from './theme.ts';

/** One cell of the field. */
export interface HeatCell {
  readonly x: string;
  readonly y: string;
  readonly ours: Estimate | null;
  /** What the value means, e.g. `starved`. */
  readonly word?: string;
}

/** What is drawn. Rows and columns are in the order in which they first appear. */
export interface HeatOptions {
  /** Unique in the experiment. */
  readonly id: string;
  readonly title: string;
  /** What the picture shows, for those who do not see it. */
  readonly alt: string;
  /** The unit ends each title. */
  readonly x: { readonly title: string };
  readonly y: { readonly title: string };
  readonly value: {
    readonly title: string;
    /** As d3-format writes it; default three figures. */
    readonly format?: string;
    /** Values without colour, and with the most. */
    readonly domain: readonly [number, number];
  };
  readonly cells: readonly HeatCell[];
}

/** Height of a row, in pixels. */
const ROW_PX = 40;
/** Of the colour, what is left to see in the fullest cell: its number must be legible on it, in light and in dark. */
const OPACITY_MAX = 0.5;

/** Draws the field. */
export function heatFigure(options: HeatOptions): Figure {
  const { id, title, value, cells } = options;
  const drawn = cells.filter(({ ours }) => ours !== null);
  if (drawn.length === 0)
    return { state: 'empty', id, title, reason: 'No run of this report gave one of these values.' };
  const dataset = datasetOf(options, drawn);
  const without = cells.filter(({ ours }) => ours === null).map(({ x, y }) => `${x} and ${y}`);
  return {
    state: 'drawn',
    id,
    title,
    layout: 'rows',
    panels: [{ title: '', alt: options.alt, spec: specOf(options, dataset) }],
    key: [{ mark: 'square', colour: COLOUR.mesos, label: `${value.title}: the fuller the colour, the more` }],
    datasets: [dataset],
    notes: [
      ...seedsNote(drawn.map(({ ours }) => ours)),
      ...(without.length === 0 ? [] : [`No value of ours: ${enumerate(without)}.`]),
    ],
  };
}

function datasetOf({ id, title, x, y, value }: HeatOptions, cells: readonly HeatCell[]): Dataset {
  const name = intervalName(cells.map(({ ours }) => ours));
  return {
    name: id,
    title,
    columns: [
      { field: 'x', title: x.title },
      { field: 'y', title: y.title },
      { field: 'value', title: value.title },
      { field: 'low', title: `${name} from` },
      { field: 'high', title: `${name} to` },
      { field: 'n', title: 'seeds' },
      { field: 'word', title: 'in a word' },
    ],
    rows: cells.map(({ x: column, y: row, ours, word = null }): readonly Value[] => [
      column,
      row,
      ours === null ? null : rounded(ours.value),
      ours?.interval == null ? null : rounded(ours.interval[0]),
      ours?.interval == null ? null : rounded(ours.interval[1]),
      ours?.n ?? null,
      word,
    ]),
  };
}

function specOf({ x, y, value, cells }: HeatOptions, dataset: Dataset): TopLevelSpec {
  const columns = [...new Set(cells.map((cell) => cell.x))];
  const rows = [...new Set(cells.map((cell) => cell.y))];
  const at = {
    x: {
      field: 'x',
      type: 'nominal' as const,
      title: x.title,
      sort: columns,
      scale: { domain: columns },
      axis: { labelAngle: 0, domain: false, ticks: false },
    },
    y: {
      field: 'y',
      type: 'nominal' as const,
      title: y.title,
      sort: rows,
      scale: { domain: rows },
      axis: { labelLimit: 170 },
    },
  };
  const text = { type: 'text' as const, color: COLOUR.ink };
  const numbersOf = (filter: string, dy: number) => [
    {
      transform: [{ filter }],
      mark: { ...text, dy },
      encoding: {
        ...at,
        text: { field: 'value', type: 'quantitative' as const, format: value.format ?? ',.3~r' },
      },
    },
  ];
  const hasWords = cells.some(({ word }) => word !== undefined);
  return {
    data: { name: dataset.name },
    width: 'container',
    height: ROW_PX * rows.length,
    layer: [
      {
        mark: { type: 'rect', color: COLOUR.mesos, stroke: 'var(--panel)', strokeWidth: 2, strokeOpacity: 1 },
        encoding: {
          ...at,
          fillOpacity: {
            field: 'value',
            type: 'quantitative',
            legend: null,
            scale: { domain: [...value.domain], range: [0.03, OPACITY_MAX], clamp: true },
          },
          tooltip: dataset.columns.map(({ field, title }) => ({ field, title })),
        },
      },
      ...numbersOf('!isValid(datum.word)', 0),
      ...(hasWords
        ? [
            ...numbersOf('isValid(datum.word)', -7),
            {
              transform: [{ filter: 'isValid(datum.word)' }],
              // What is wider than its field would lie on the next one: the table has it.
              mark: {
                ...text,
                dy: 8,
                fontSize: 10.5,
                opacity: { expr: `6 * length(datum.word) * ${columns.length} > width ? 0 : 1` },
              },
              encoding: { ...at, text: { field: 'word', type: 'nominal' as const } },
            },
          ]
        : []),
    ],
  };
}
