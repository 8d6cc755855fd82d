/** All values that the scenarios of an experiment measured. */
import type { ExperimentResult } from '../../harness/result.ts';
import { estimateOf, type ScenarioCells, scenariosOf, valueNames } from '../results/scenarioValues.ts';
import { count, figures } from '../words.ts';
import { folded, table, withInterval } from './blocks.ts';
import type { Html, Insert } from './html.ts';

/** Longer tables are folded away. */
const SHOWN_ROWS = 12;

/** A row per scenario and value: the median over the seeds with its interval; null if nothing was measured. */
export function valuesTable(result: ExperimentResult): Html | null {
  const rows = scenariosOf(result.cells).flatMap((scenario) => rowsOf(result, scenario));
  if (rows.length === 0) return null;
  const caption = `Values by scenario, medians over the seeds: ${count(rows.length, 'value')}`;
  const headings = [
    { title: 'Scenario' },
    { title: 'Value' },
    { title: 'Ours', number: true },
    { title: 'Seeds', number: true },
  ];
  const whole = table(caption, headings, rows);
  return rows.length > SHOWN_ROWS ? folded(caption, whole) : whole;
}

function rowsOf(
  result: ExperimentResult,
  { id, label, cells }: ScenarioCells,
): readonly (readonly Insert[])[] {
  return valueNames(cells).flatMap((name) => {
    const ours = estimateOf(result, id, name);
    return ours === null ? [] : [[label, name, withInterval(ours, figures), ours.n]];
  });
}
