/** Curves over time or another quantity; spans in which something was wrong are shaded. */
import type { TopLevelSpec } from 'vega-lite';
import type { Curve } from '../../harness/result.ts';
import { count, grouped } from '../words.ts';
import { type Band, bandKey, bandLayers } from './bands.ts';
import { type Dataset, type Figure, type KeyEntry, type Panel, rounded, type Value } from './figure.ts';
import { coloursOf, type Dash, dashesOf, type Look, REFERENCE_DASH } from './seriesLook.ts';
import { COLOUR, scaleTitle } from './theme.ts';
import { thinned } from './thinned.ts';

/** One curve. */
export interface CurveLine {
  readonly label: string;
  /** Null if no run gave it: then the figure says so. */
  readonly curve: Curve | null;
  readonly look: Look;
  /** A value holds until the next; default false: straight from point to point. */
  readonly step?: boolean;
}

/** An axis; the unit ends the title. */
export interface CurveAxis {
  readonly title: string;
  readonly scale?: 'linear' | 'log';
  readonly domain?: readonly [number, number];
  /** As d3-format writes it. */
  readonly format?: string;
}

/** What is drawn. */
export interface CurvesOptions {
  /** Unique in the experiment. */
  readonly id: string;
  readonly title: string;
  /** What the picture shows, for those who do not see it. */
  readonly alt: string;
  readonly x: CurveAxis;
  readonly y: CurveAxis;
  readonly lines: readonly CurveLine[];
  readonly bands?: readonly Band[];
  /** Values of x to look out for, as dashed lines. */
  readonly references?: readonly { readonly x: number; readonly label: string }[];
}

/** Height of the chart, in pixels. */
const CHART_PX = 230;

/** Curves of so many points have a mark at each of them. */
const DOTTED_MAX = 25;

/** A curve that is drawn. */
interface Drawn extends CurveLine {
  readonly curve: Curve;
  readonly colour: string;
  readonly dash: Dash | null;
  readonly thinned: boolean;
}

/** Draws curves. Of one with more than 1,000 points the extremes of each stretch are drawn, and the figure says so. */
export function curvesFigure(options: CurvesOptions): Figure {
  const { id, title, lines, bands = [] } = options;
  const looks = lines.map(({ look }) => look);
  const colours = coloursOf(looks);
  const dashes = dashesOf(looks);
  const drawn = lines.flatMap((line, index): readonly Drawn[] => {
    const curve = line.curve === null ? null : drawable(line.curve, options);
    if (curve === null || curve.x.length === 0) return [];
    const short = thinned(curve);
    const colour = colours[index] ?? COLOUR.mesos;
    const dash = dashes[index] ?? null;
    return [{ ...line, curve: short, colour, dash, thinned: short.x.length < curve.x.length }];
  });
  if (drawn.length === 0)
    return { state: 'empty', id, title, reason: 'No run of this report gave one of these curves.' };
  const dataset = datasetOf(options, drawn);
  const panel: Panel = { title: '', alt: options.alt, spec: specOf(options, dataset, drawn, bands) };
  return {
    state: 'drawn',
    id,
    title,
    layout: 'rows',
    panels: [panel],
    key: [...drawn.map((line) => keyEntry(line, drawn)), ...bandKey(bands), ...referenceKey(options)],
    datasets: [dataset],
    notes: notesOf(lines, drawn),
  };
}

/** The points that the axes can show: logarithmic ones show nothing at or below 0. */
function drawable({ x, y }: Curve, options: CurvesOptions): Curve {
  const shows = (value: number | undefined, axis: CurveAxis) =>
    value !== undefined && Number.isFinite(value) && (axis.scale !== 'log' || value > 0);
  const kept = x.flatMap((at, index) => (shows(at, options.x) && shows(y[index], options.y) ? [index] : []));
  return { x: kept.map((index) => x[index] ?? 0), y: kept.map((index) => y[index] ?? 0) };
}

function datasetOf({ id, title, x, y }: CurvesOptions, drawn: readonly Drawn[]): Dataset {
  return {
    name: id,
    title,
    columns: [
      { field: 'line', title: 'curve' },
      { field: 'x', title: x.title },
      { field: 'y', title: y.title },
    ],
    rows: drawn.flatMap(({ label, curve }) =>
      curve.x.map((at, index): readonly Value[] => [label, rounded(at), rounded(curve.y[index] ?? 0)]),
    ),
  };
}

function keyEntry({ label, look, colour, dash, curve }: Drawn, drawn: readonly Drawn[]): KeyEntry {
  const isOnly = drawn.filter((line) => line.look === look).length === 1;
  if (look === 'paper' && isOnly && curve.x.length <= DOTTED_MAX) return { mark: 'hollow', colour, label };
  return dash === null ? { mark: 'line', colour, label } : { mark: 'dashes', colour, dash, label };
}

function notesOf(lines: readonly CurveLine[], drawn: readonly Drawn[]): readonly string[] {
  const without = lines.filter(({ label }) => !drawn.some((one) => one.label === label));
  const thin = drawn.filter((one) => one.thinned);
  return [
    ...without.map(({ label }) => `No curve: ${label}.`),
    ...thin.map(({ label, curve }) => {
      const all = lines.find((line) => line.label === label)?.curve?.x.length ?? 0;
      return `${label}: ${grouped(curve.x.length)} of ${count(all, 'point')} are drawn, of each stretch the first, lowest, highest and last.`;
    }),
  ];
}

function specOf(
  { x, y, references = [] }: CurvesOptions,
  dataset: Dataset,
  drawn: readonly Drawn[],
  bands: readonly Band[],
): TopLevelSpec {
  const axis = (field: string, { title, scale = 'linear', domain, format }: CurveAxis, isX: boolean) => ({
    field,
    type: 'quantitative' as const,
    title: scaleTitle(title, scale),
    scale: {
      type: scale,
      ...(isX ? { nice: false } : {}),
      ...(isX && scale === 'linear' ? { zero: false } : {}),
      ...(domain === undefined ? {} : { domain: [...domain] }),
    },
    axis: { format: format ?? ',~f', tickCount: isX ? 8 : 6, labelOverlap: 'greedy' as const },
  });
  const at = { x: axis('x', x, true), y: axis('y', y, false) };
  return {
    data: { name: dataset.name },
    width: 'container',
    height: CHART_PX,
    layer: [
      ...bandLayers(bands, at.x),
      ...referenceLayers(references, at.x),
      ...drawn.flatMap((line) => lineLayers(line, at)),
    ],
  } as TopLevelSpec;
}

type Position = Readonly<Record<'x' | 'y', object>>;

function lineLayers(line: Drawn, at: Position) {
  const { label, look, colour, dash, curve, step = false } = line;
  const dotted = curve.x.length <= DOTTED_MAX;
  const isPaper = look === 'paper';
  const transform = [{ filter: { field: 'line', equal: label } }];
  return [
    {
      transform,
      mark: {
        type: 'line',
        color: colour,
        strokeWidth: isPaper || dash !== null ? 1.4 : 1.8,
        ...(dash === null ? {} : { strokeDash: [...dash] }),
        ...(step ? { interpolate: 'step-after' } : {}),
      },
      encoding: { ...at, order: { field: 'x', type: 'quantitative' } },
    },
    {
      transform,
      mark: {
        type: 'point',
        opacity: dotted ? 1 : 0,
        size: isPaper ? 80 : 42,
        ...(isPaper
          ? { shape: 'diamond', stroke: colour, fill: 'transparent', strokeWidth: 1.6 }
          : { filled: true, color: colour }),
      },
      encoding: {
        ...at,
        tooltip: [
          { field: 'line', title: 'curve' },
          { field: 'x', type: 'quantitative', title: titleOf(at.x) },
          { field: 'y', type: 'quantitative', title: titleOf(at.y) },
        ],
      },
    },
  ];
}

function referenceKey({ references = [] }: CurvesOptions): readonly KeyEntry[] {
  return references.map(({ label }) => ({
    mark: 'dashes',
    colour: COLOUR.quiet,
    dash: REFERENCE_DASH,
    label,
  }));
}

function referenceLayers(
  references: NonNullable<CurvesOptions['references']>,
  x: { readonly field: string },
) {
  return references.map((reference) => ({
    data: { values: [{ [x.field]: reference.x }] },
    mark: { type: 'rule', color: COLOUR.quiet, strokeWidth: 1.2, strokeDash: [...REFERENCE_DASH] },
    encoding: { x },
  }));
}

function titleOf(axis: object): string {
  return 'title' in axis && typeof axis.title === 'string' ? axis.title : '';
}
