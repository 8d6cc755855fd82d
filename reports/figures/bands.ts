/** Spans of the x axis in which something was wrong, shaded behind a chart. */
import type { RunCell } from '../../harness/result.ts';
import type { KeyEntry } from './figure.ts';
import { COLOUR } from './theme.ts';

/** A span of x in which something was wrong, e.g. the master was away. */
export interface Band {
  readonly fromX: number;
  readonly toX: number;
  readonly label: string;
}

/** The faults of a run as bands of a time axis in seconds. */
export function bandsOf(cell: RunCell | null | undefined): readonly Band[] {
  return (cell?.faults ?? []).map(({ fromS, toS, label }) => ({ fromX: fromS, toX: toS, label }));
}

/** Layers to be drawn first. `x` is the x channel of the chart. */
export function bandLayers<X extends { readonly field: string }>(bands: readonly Band[], x: X) {
  if (bands.length === 0) return [];
  const values = bands.map(({ fromX, toX, label }) => ({ [x.field]: fromX, toX, label }));
  return [
    {
      data: { values },
      mark: { type: 'rect' as const, color: COLOUR.fault, opacity: 0.3 },
      encoding: { x, x2: { field: 'toX' } },
    },
    {
      data: { values },
      mark: {
        type: 'text' as const,
        align: 'left' as const,
        baseline: 'top' as const,
        dx: 3,
        dy: 2,
        color: COLOUR.quiet,
      },
      encoding: { x, y: { value: 0 }, text: { field: 'label' } },
    },
  ];
}

/** The line of the key that names them; none without bands. */
export function bandKey(bands: readonly Band[]): readonly KeyEntry[] {
  if (bands.length === 0) return [];
  const label = [...new Set(bands.map((band) => band.label))].join(', ');
  return [{ mark: 'area', colour: COLOUR.fault, label }];
}
