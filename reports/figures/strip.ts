/** Single runs as dots in strips, with their medians: all that was measured, not only a summary. */
import { estimate } from '../results/estimate.ts';
import { type Dataset, type Figure, type Panel, rounded } from './figure.ts';
import { brokenNames, COLOUR, nameRoom } from './theme.ts';

/** The runs of one strip. */
export interface Strip {
  readonly label: string;
  readonly values: readonly number[];
}

/** Strips on a common axis. */
export interface StripPanel {
  /** Unique in the figure, part of its dataset's name. */
  readonly id: string;
  readonly title: string;
  readonly strips: readonly Strip[];
}

/** What to draw. */
export interface StripPlot {
  readonly id: string;
  readonly title: string;
  /** What the strips are. */
  readonly of: string;
  /** Of the values, with the unit last. */
  readonly axis: string;
  readonly panels: readonly StripPanel[];
  /** Where the paper's values lie. */
  readonly paper?: { readonly from: number; readonly to: number; readonly label: string };
  /** Why there is nothing to draw, if no strip has values. */
  readonly empty: string;
}

/** Draws the panels that have values. Strips without are left out. */
export function stripFigure({ id, title, of, axis, panels, paper, empty }: StripPlot): Figure {
  const drawn = panels
    .map((panel) => ({ ...panel, strips: panel.strips.filter(({ values }) => values.length > 0) }))
    .filter(({ strips }) => strips.length > 0);
  if (drawn.length === 0) return { state: 'empty', id, title, reason: empty };
  const all = drawn.flatMap(({ strips }) => strips.flatMap(({ values }) => values));
  const domain = [0, 1.06 * Math.max(...all, paper?.to ?? 0)] as const;
  const parts = drawn.map((panel) => {
    const dataset: Dataset = {
      name: `${id}-${panel.id}`,
      title: `${title}, ${panel.title}`,
      columns: [
        { field: 'strip', title: of },
        { field: 'value', title: axis },
      ],
      rows: panel.strips.flatMap(({ label, values }) => values.map((value) => [label, rounded(value)])),
    };
    return { dataset, panel: panelOf(panel, dataset, axis, domain, paper) };
  });
  return {
    state: 'drawn',
    id,
    title,
    layout: 'rows',
    panels: parts.map(({ panel }) => panel),
    key: [
      { mark: 'dot', colour: COLOUR.mesos, label: 'one run' },
      { mark: 'tick', colour: COLOUR.ink, label: 'median' },
      ...(paper === undefined ? [] : [{ mark: 'frame' as const, colour: COLOUR.paper, label: paper.label }]),
    ],
    datasets: parts.map(({ dataset }) => dataset),
    notes: [],
  };
}

function panelOf(
  { title, strips }: StripPanel,
  { name }: Dataset,
  axis: string,
  domain: readonly [number, number],
  paper: StripPlot['paper'],
): Panel {
  const names = strips.map(({ label }) => label);
  const y = {
    field: 'strip',
    type: 'nominal' as const,
    title: null,
    sort: names,
    axis: { ...nameRoom(170), ...brokenNames(names, 170) },
  };
  const x = {
    type: 'quantitative' as const,
    title: axis,
    scale: { domain: [...domain], nice: false },
    axis: { grid: true, format: '~r', tickCount: 8 },
  };
  return {
    title,
    alt: `${title}. ${strips.map(summary).join('; ')}.`,
    spec: {
      data: { name },
      width: 'container',
      height: 26 * strips.length,
      layer: [
        ...(paper === undefined
          ? []
          : [
              {
                data: { values: [paper] },
                mark: { type: 'rect' as const, fill: 'transparent', stroke: COLOUR.paper, strokeWidth: 1.6 },
                encoding: { x: { field: 'from', ...x }, x2: { field: 'to' } },
              },
            ]),
        {
          mark: { type: 'point', filled: true, size: 42, color: COLOUR.mesos, opacity: 0.6 },
          encoding: {
            x: { field: 'value', ...x },
            y,
            tooltip: [
              { field: 'strip', title: 'runs' },
              { field: 'value', type: 'quantitative', format: '.3~f', title: axis },
            ],
          },
        },
        {
          mark: { type: 'tick', color: COLOUR.ink, thickness: 2, size: 18 },
          encoding: { x: { field: 'value', aggregate: 'median', ...x }, y },
        },
      ],
    },
  };
}

function summary({ label, values }: Strip): string {
  const median = estimate(values)?.value ?? Number.NaN;
  return `${label}: median ${Number(median.toPrecision(3))}, ${values.length} runs`;
}
