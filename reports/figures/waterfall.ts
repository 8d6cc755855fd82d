/** Stages of something as bars from their start to their end, one below the other. */
import { type Dataset, type Figure, type Panel, rounded } from './figure.ts';
import { BESIDE_BARS, brokenNames, COLOUR, nameRoom } from './theme.ts';

/** A stage. */
export interface Stage {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  /** When it was expected to end. */
  readonly expected?: number;
}

/** A picture of stages on one time axis. */
export interface WaterfallPanel {
  /** Unique in the figure, part of its dataset's name. */
  readonly id: string;
  readonly title: string;
  /** With the unit: `time since the kill (s)`. */
  readonly axis: string;
  readonly stages: readonly Stage[];
}

/** What to draw. */
export interface Waterfall {
  readonly id: string;
  readonly title: string;
  readonly panels: readonly WaterfallPanel[];
  /** What the expected ends are, for the key. */
  readonly expectation?: string;
  readonly notes?: readonly string[];
  /** Why there is nothing to draw, if no panel has stages. */
  readonly empty: string;
}

/** Draws the panels that have stages. */
export function waterfallFigure({ id, title, panels, expectation, notes = [], empty }: Waterfall): Figure {
  const drawn = panels.filter(({ stages }) => stages.length > 0);
  if (drawn.length === 0) return { state: 'empty', id, title, reason: empty };
  const datasets = drawn.map((panel) => datasetOf(id, panel));
  return {
    state: 'drawn',
    id,
    title,
    layout: 'rows',
    panels: drawn.map((panel, index) => panelOf(panel, datasets[index] as Dataset)),
    key: [
      { mark: 'area', colour: COLOUR.mesos, label: 'from the start of a stage to its end' },
      ...(expectation === undefined
        ? []
        : [{ mark: 'tick' as const, colour: COLOUR.ink, label: expectation }]),
    ],
    datasets,
    notes,
  };
}

function datasetOf(figure: string, { id, title, axis, stages }: WaterfallPanel): Dataset {
  return {
    name: `${figure}-${id}`,
    title,
    columns: [
      { field: 'stage', title: 'stage' },
      { field: 'from', title: `from: ${axis}` },
      { field: 'to', title: `to: ${axis}` },
      ...(isExpected(stages) ? [{ field: 'expected', title: `expected: ${axis}` }] : []),
    ],
    rows: stages.map(({ label, from, to, expected }) => [
      label,
      rounded(from),
      rounded(to),
      ...(isExpected(stages) ? [expected === undefined ? null : rounded(expected)] : []),
    ]),
  };
}

const isExpected = (stages: readonly Stage[]): boolean =>
  stages.some(({ expected }) => expected !== undefined);

function panelOf({ title, axis, stages }: WaterfallPanel, { name }: Dataset): Panel {
  const names = stages.map(({ label }) => label);
  const y = {
    field: 'stage',
    type: 'nominal' as const,
    title: null,
    sort: names,
    axis: { ...nameRoom(170), ...brokenNames(names, 170) },
  };
  const end = Math.max(...stages.map(({ to, expected = 0 }) => Math.max(to, expected)));
  const x = {
    type: 'quantitative' as const,
    title: axis,
    // Room for the labels.
    scale: { domain: [0, end * 1.12], nice: false },
    axis: { grid: true, format: '~r', tickCount: 8 },
  };
  return {
    title,
    alt: `${title}: ${stages.map(({ label, from, to }) => `${label} ${shown(from)} to ${shown(to)}`).join('; ')}.`,
    spec: {
      data: { name },
      width: 'container',
      padding: BESIDE_BARS,
      height: 24 * stages.length,
      encoding: { y },
      layer: [
        {
          mark: { type: 'bar', height: 13, color: COLOUR.mesos },
          encoding: {
            x: { field: 'from', ...x },
            x2: { field: 'to' },
            tooltip: [
              { field: 'stage', title: 'stage' },
              { field: 'from', type: 'quantitative', format: '.4~g', title: 'from' },
              { field: 'to', type: 'quantitative', format: '.4~g', title: 'to' },
            ],
          },
        },
        {
          mark: { type: 'text', align: 'left', dx: 5 },
          encoding: {
            x: { field: 'to', ...x },
            text: { field: 'to', type: 'quantitative', format: '.3~r' },
          },
        },
        ...(isExpected(stages)
          ? [
              {
                mark: { type: 'tick' as const, thickness: 2, size: 20, color: COLOUR.ink },
                encoding: {
                  x: { field: 'expected', ...x },
                  tooltip: [
                    { field: 'stage', title: 'stage' },
                    {
                      field: 'expected',
                      type: 'quantitative' as const,
                      format: '.4~g',
                      title: 'expected to end',
                    },
                  ],
                },
              },
            ]
          : []),
      ],
    },
  };
}

const shown = (value: number): string => Number(value.toPrecision(3)).toString();
