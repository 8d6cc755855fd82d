/** What the scenarios of an experiment measured, by name, over their seeds. */
import type { CellResult, CompletedCell, Curve, Estimate, ExperimentResult } from '../../harness/result.ts';
import { estimate } from './estimate.ts';

/** The median of a value over the seeds of a scenario, with its interval; null if no run gives it. */
export function estimateOf(
  result: Pick<ExperimentResult, 'cells'>,
  scenario: string,
  value: string,
): Estimate | null {
  return estimate([...valuesBySeed(result.cells, scenario, value).values()]);
}

/** The median of what was measured several times within each cell of a scenario, with its interval; null if nothing was. */
export function sampleEstimateOf(
  result: Pick<ExperimentResult, 'cells'>,
  scenario: string,
  samples: string,
): Estimate | null {
  return estimate(samplesOf(completedOf(result.cells, scenario), samples));
}

/** All samples of a name in these cells. */
export function samplesOf(cells: readonly CompletedCell[], samples: string): readonly number[] {
  return cells.flatMap((cell) => cell.samples?.[samples] ?? []).filter(Number.isFinite);
}

/** A curve of a scenario: of one seed, by default of the first that has it; null if none has. */
export function curveOf(
  result: Pick<ExperimentResult, 'cells'>,
  scenario: string,
  curve: string,
  seed?: number,
): Curve | null {
  const cells = completedOf(result.cells, scenario).filter(
    (cell) => cell.curves[curve] !== undefined && (seed === undefined || cell.provenance.seed === seed),
  );
  return cells[0]?.curves[curve] ?? null;
}

/** The cells of a scenario that ran to their end, by seed; of several with the same seed the last. */
export function completedOf(cells: readonly CellResult[], scenario: string): readonly CompletedCell[] {
  const bySeed = new Map<number, CompletedCell>();
  for (const cell of cells) {
    if (cell.state === 'completed' && cell.provenance.scenario === scenario)
      bySeed.set(cell.provenance.seed, cell);
  }
  return [...bySeed.values()].sort((a, b) => a.provenance.seed - b.provenance.seed);
}

/** A value of a scenario by seed, ascending; seeds that lack it, or for which it is no number, are left out. */
export function valuesBySeed(
  cells: readonly CellResult[],
  scenario: string,
  value: string,
): ReadonlyMap<number, number> {
  return new Map(
    completedOf(cells, scenario).flatMap((cell) => {
      const found = cell.values[value];
      return found === undefined || !Number.isFinite(found) ? [] : [[cell.provenance.seed, found] as const];
    }),
  );
}

/** A scenario as far as its cells tell of it. */
export interface ScenarioCells {
  readonly id: string;
  readonly label: string;
  readonly cells: readonly CellResult[];
}

/** The scenarios of an experiment in the order in which they were run. */
export function scenariosOf(cells: readonly CellResult[]): readonly ScenarioCells[] {
  return [...Map.groupBy(cells, (cell) => cell.provenance.scenario)].map(([id, own]) => ({
    id,
    label: own[0]?.provenance.label ?? id,
    cells: own,
  }));
}

/** Of these the scenarios that have a run which came to its end. */
export function completedScenarios(cells: readonly CellResult[]): readonly ScenarioCells[] {
  return scenariosOf(cells.filter(({ state }) => state === 'completed'));
}

/** Names of the values that any of these cells measured, in order of first appearance. */
export function valueNames(cells: readonly CellResult[]): readonly string[] {
  return [...new Set(cells.flatMap((cell) => (cell.state === 'completed' ? Object.keys(cell.values) : [])))];
}
