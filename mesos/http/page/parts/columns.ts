/** The columns of a table, and which of them find room. */

import type { Millis } from '../clock.ts';
import type { Drawn } from '../html.ts';

/** A column. */
export interface Column<R> {
  readonly key: string;
  readonly title: string;
  /** Least width, in pixels; a wide table gives more to each in proportion to it. */
  readonly px: number;
  /** The lower, the longer it stays where the table is narrow. */
  readonly rank: number;
  readonly isNumber?: boolean;
  /** It cannot be sorted by. */
  readonly isFixed?: boolean;
  /** A first click sorts the largest first. */
  readonly largestFirst?: boolean;
  readonly cell: (row: R, nowMs: Millis) => Drawn;
}

/** The columns that fit into a width, in their order. The most important one always does. */
export function fitting<R>(columns: readonly Column<R>[], widthPx: number): readonly Column<R>[] {
  const chosen = new Set<Column<R>>();
  let left = widthPx;
  for (const column of columns.toSorted((a, b) => a.rank - b.rank)) {
    left -= column.px;
    if (left < 0 && chosen.size > 0) break;
    chosen.add(column);
  }
  return columns.filter((column) => chosen.has(column));
}

/** The tracks of a CSS grid for columns. */
export function tracks<R>(columns: readonly Column<R>[]): string {
  return columns.map(({ px }) => `minmax(0, ${px}fr)`).join(' ');
}
