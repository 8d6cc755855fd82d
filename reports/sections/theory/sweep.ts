/** Scenarios of an experiment that differ in one parameter, and what they measured along it. */
import type { Curve, ExperimentResult } from '../../../harness/result.ts';
import type { ValueRow } from '../../figures/valuesFigure.ts';
import { completedScenarios, estimateOf } from '../../results/scenarioValues.ts';

/** Parameters as runs have them. */
export type Parameters = Readonly<Record<string, string | number>>;

/** A scenario, and where it stands on the axis. */
export interface Place {
  readonly id: string;
  readonly x: number;
}

/** The scenarios that have these parameters and completed runs, along another of them. */
export function sweep(result: ExperimentResult, along: string, wanted: Parameters): readonly Place[] {
  return completedScenarios(result.cells)
    .flatMap(({ id, cells }): readonly Place[] => {
      const parameters: Parameters = cells[0]?.provenance.parameters ?? {};
      const x = parameters[along];
      const isWanted = Object.entries(wanted).every(([name, value]) => parameters[name] === value);
      return isWanted && typeof x === 'number' ? [{ id, x }] : [];
    })
    .sort((a, b) => a.x - b.x);
}

/** A value of each of these scenarios that has it. */
export function rows(
  result: ExperimentResult,
  places: readonly Place[],
  value: string,
  group: string,
): readonly ValueRow[] {
  return places.flatMap(({ id, x }) => {
    const ours = estimateOf(result, id, value);
    return ours === null ? [] : [{ group, x, ours }];
  });
}

/** A value into which nothing random goes, such as what a formula says, as a curve; null if no scenario has it. */
export function formula(result: ExperimentResult, places: readonly Place[], value: string): Curve | null {
  const points = places.flatMap(({ id, x }) => {
    const estimate = estimateOf(result, id, value);
    return estimate === null ? [] : [{ x, y: estimate.value }];
  });
  return points.length === 0 ? null : { x: points.map(({ x }) => x), y: points.map(({ y }) => y) };
}
