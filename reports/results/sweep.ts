/** Scenarios of an experiment in which something varies, as far as their cells tell of them. */
import type { ExperimentResult } from '../../harness/result.ts';
import { completedScenarios } from './scenarioValues.ts';

/** A scenario, and what distinguishes it. */
export interface SweepPoint {
  readonly id: string;
  readonly label: string;
  /** A parameter as text; empty if it has none of that name. */
  readonly text: (parameter: string) => string;
  /** A parameter as a number; NaN if it is none. */
  readonly number: (parameter: string) => number;
}

/** The scenarios whose ids match and that have completed runs, in the order in which they were run. */
export function sweep(result: Pick<ExperimentResult, 'cells'>, ids: RegExp): readonly SweepPoint[] {
  return completedScenarios(result.cells)
    .filter(({ id }) => ids.test(id))
    .map(({ id, label, cells }) => {
      const parameters = cells[0]?.provenance.parameters ?? {};
      return {
        id,
        label,
        text: (parameter) => String(parameters[parameter] ?? ''),
        number: (parameter) => Number(parameters[parameter] ?? Number.NaN),
      };
    });
}

/** Those with the smallest and the largest value of a parameter; undefined without scenarios. */
export function ends(
  points: readonly SweepPoint[],
  parameter: string,
): { readonly first: SweepPoint; readonly last: SweepPoint } | undefined {
  const sorted = points.toSorted((a, b) => a.number(parameter) - b.number(parameter));
  const [first, last] = [sorted[0], sorted.at(-1)];
  return first === undefined || last === undefined ? undefined : { first, last };
}
