/** What stands behind one effect: every block, with base, head and control side by side. */
import type { Block, TimedComparison } from '../../harness/comparison.ts';
import { count } from '../words.ts';
import { type Dataset, type DrawnFigure, type Panel, rounded, type Value } from './figure.ts';
import { COLOUR } from './theme.ts';

const SIDES = ['base', 'head', 'control'] as const;
const COLOURS = { base: COLOUR.static, head: COLOUR.mesos, control: COLOUR.paper } as const;
const CHART_PX = 130;

/** Draws small charts of all figures, a line of marks for each side. There must be at least one figure. */
export function pairedBlocksFigure(figures: readonly TimedComparison[]): DrawnFigure {
  const datasets = figures.map(datasetOf);
  return {
    state: 'drawn',
    id: 'blocks',
    title: 'Every block, with both sides in turns',
    layout: 'grid',
    panels: figures.map((figure, n) => panelOf(figure, datasets[n] as Dataset)),
    key: [
      { mark: 'dot', colour: COLOURS.base, label: 'base' },
      { mark: 'dot', colour: COLOURS.head, label: 'head' },
      { mark: 'hollow', colour: COLOURS.control, label: 'control: the base once more' },
    ],
    datasets,
    notes: [],
  };
}

function datasetOf({ id, unit, blocks }: TimedComparison, n: number): Dataset {
  return {
    name: `blocks-${n}`,
    title: `Blocks of ${id}`,
    columns: [
      { field: 'block', title: 'block' },
      { field: 'seed', title: 'seed' },
      { field: 'side', title: 'side' },
      { field: 'value', title: `value (${unit})` },
    ],
    rows: blocks.flatMap(rowsOf),
  };
}

function rowsOf(block: Block, n: number): readonly (readonly Value[])[] {
  return SIDES.flatMap((side) => block[side].map((value) => [n + 1, block.seed, side, rounded(value)]));
}

function panelOf({ id, unit, blocks, verdict }: TimedComparison, { name }: Dataset): Panel {
  const x = { field: 'block', type: 'ordinal' as const, title: null, axis: { labelAngle: 0 } };
  const y = {
    field: 'value',
    type: 'quantitative' as const,
    title: unit,
    scale: { zero: false },
    axis: { format: '~s', tickCount: 4 },
  };
  const offset = { field: 'side', type: 'nominal' as const, sort: [...SIDES] };
  const color = {
    field: 'side',
    type: 'nominal' as const,
    scale: { domain: [...SIDES], range: SIDES.map((side) => COLOURS[side]) },
    legend: null,
  };
  const tooltip = [{ field: 'side' }, { field: 'seed' }, { field: 'value', title: unit }];
  const spec = {
    data: { name },
    width: 'container',
    height: CHART_PX,
    layer: [
      {
        mark: { type: 'tick', thickness: 1.6, size: 8 },
        encoding: { x, xOffset: offset, y: { ...y, aggregate: 'median' }, color },
      },
      {
        transform: [{ filter: "datum.side !== 'control'" }],
        mark: { type: 'point', size: 26, filled: true, opacity: 0.75 },
        encoding: { x, xOffset: offset, y, color, tooltip },
      },
      {
        // Not to be taken for the base by its colour alone.
        transform: [{ filter: "datum.side === 'control'" }],
        mark: { type: 'point', size: 30, shape: 'diamond', fill: 'transparent', strokeWidth: 1.4 },
        encoding: { x, xOffset: offset, y, color, tooltip },
      },
    ],
  };
  return {
    title: `${id}: ${verdict}`,
    alt: `${id}, ${count(blocks.length, 'block')} with base, head and control, in ${unit}.`,
    spec: spec as Panel['spec'],
  };
}
