/** What formulas say, as lines in a figure of values. */
import type { Curve } from '../../harness/result.ts';
import { type Dataset, type KeyEntry, rounded, type Value } from './figure.ts';
import { coloursOf, type Dash, dashesOf } from './seriesLook.ts';
import { COLOUR } from './theme.ts';

/** A formula as a line: the paper’s, or another. */
export interface ModelLine {
  readonly label: string;
  readonly look: 'paper' | 'model';
  /** None if no run gave it. */
  readonly curve: Curve | null;
}

/** Formulas as a table: a column for each; null if there are none. */
export function modelDataset(
  id: string,
  title: string,
  xTitle: string,
  models: readonly ModelLine[],
): Dataset | null {
  const drawn = models.filter(({ curve }) => curve !== null);
  if (drawn.length === 0) return null;
  const places = [...new Set(drawn.flatMap(({ curve }) => curve?.x ?? []))].sort((a, b) => a - b);
  return {
    name: `${id}-formulas`,
    title,
    columns: [
      { field: 'x', title: xTitle },
      ...drawn.map(({ label }, index) => ({ field: `model${index}`, title: label })),
    ],
    rows: places.map((place) => [
      place,
      ...drawn.map(({ curve }): Value => {
        const value = curve?.y[curve.x.indexOf(place)];
        return value === undefined ? null : rounded(value);
      }),
    ]),
  };
}

/** An entry of the key for each. */
export function modelKey(models: readonly ModelLine[]): readonly KeyEntry[] {
  const dashes = modelDashes(models);
  return models.flatMap(({ label, look, curve }, index): readonly KeyEntry[] =>
    curve === null ? [] : [{ mark: 'dashes', colour: modelColour(look), dash: dashes[index] ?? [], label }],
  );
}

/** A line for each formula; `x` and `value` are what fields on the axes are. */
export function modelLayers(
  models: readonly ModelLine[],
  dataset: Dataset | null,
  x: object,
  value: (field: string) => object,
): readonly object[] {
  if (dataset === null) return [];
  const dashes = modelDashes(models);
  const drawn = models.flatMap((model, index) =>
    model.curve === null ? [] : [{ look: model.look, dash: dashes[index] ?? [] }],
  );
  return drawn.map(({ look, dash }, index) => ({
    data: { name: dataset.name },
    mark: {
      type: 'line' as const,
      color: modelColour(look),
      strokeWidth: 1.6,
      strokeDash: [...dash],
      invalid: 'filter' as const,
    },
    encoding: { x, y: value(`model${index}`) },
  }));
}

const modelDashes = (models: readonly ModelLine[]): readonly (Dash | null)[] =>
  dashesOf(models.map(({ look }) => look));

const modelColour = (look: ModelLine['look']): string => coloursOf([look])[0] ?? COLOUR.ink;
