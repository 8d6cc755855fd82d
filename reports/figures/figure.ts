/** A figure: vega-lite panels over named datasets, or the reason why there is nothing to draw. */
import type { TopLevelSpec } from 'vega-lite';

/** One value of a table. */
export type Value = string | number | null;

/** A table of numbers that panels draw and that readers can open. */
export interface Dataset {
  /** Unique in the report. */
  readonly name: string;
  /** What the rows are, in a few words. */
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Value[])[];
}

/** A column of a dataset. */
export interface Column {
  /** Name in the vega-lite specification. */
  readonly field: string;
  /** What a reader sees, with the unit last. */
  readonly title: string;
}

/** One picture. */
export interface Panel {
  readonly title: string;
  /** What the picture shows, for those who do not see it. */
  readonly alt: string;
  readonly spec: TopLevelSpec;
}

/** A line of the key. */
export interface KeyEntry {
  readonly mark:
    | 'line'
    | 'dashes'
    | 'area'
    | 'frame'
    | 'dot'
    | 'tick'
    | 'square'
    | 'hollow'
    | 'whisker'
    | 'triangle'
    | 'nabla'
    | 'cross';
  /** A CSS colour. */
  readonly colour: string;
  /** Of dashes, the lengths of strokes and gaps; default: as of static partitions. */
  readonly dash?: readonly number[];
  readonly label: string;
}

/** A figure that can be drawn. */
export interface DrawnFigure {
  readonly state: 'drawn';
  readonly id: string;
  readonly title: string;
  /** `rows`: below each other, with a common axis; `grid`: side by side where there is room. */
  readonly layout: 'rows' | 'grid';
  readonly panels: readonly Panel[];
  readonly key: readonly KeyEntry[];
  readonly datasets: readonly Dataset[];
  /** What is missing in the figure, in sentences. */
  readonly notes: readonly string[];
}

/** A figure without data. */
export interface EmptyFigure {
  readonly state: 'empty';
  readonly id: string;
  readonly title: string;
  /** Why there is nothing to draw, in sentences. */
  readonly reason: string;
}

export type Figure = DrawnFigure | EmptyFigure;

/** The rows of a dataset as objects, the way vega-lite reads them. */
export function records(dataset: Dataset): readonly Readonly<Record<string, Value>>[] {
  return dataset.rows.map((row) =>
    Object.fromEntries(dataset.columns.map((column, index) => [column.field, row[index] ?? null])),
  );
}

/** Cuts digits that no reader needs: 6 significant figures. */
export function rounded(value: number): number {
  return Number.isInteger(value) || !Number.isFinite(value) ? value : Number(value.toPrecision(6));
}

/** A share or another part of one, to a hundredth of a percent. */
export function roundedShare(value: number | null): Value {
  return value === null ? null : Number(value.toFixed(4));
}
