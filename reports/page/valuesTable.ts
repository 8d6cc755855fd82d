/** All values that the scenarios of an experiment measured. */
import type { Estimate, ExperimentResult } from '../../harness/result.ts';
import { estimateOf, type ScenarioCells, scenariosOf, valueNames } from '../results/scenarioValues.ts';
import { count, figures } from '../words.ts';
import { folded, table, withBrackets, withInterval } from './blocks.ts';
import type { Html, Insert } from './html.ts';

/** Longer tables are folded away. */
const SHOWN_ROWS = 12;

/** With more values than this, or longer names, a row is a value, else a scenario: else the table is wider than a page. */
const COLUMNS_MAX = 5;
const NAMES_MAX = 80;

/** Medians over the seeds with their intervals, scenario by scenario; null if nothing was measured. */
export function valuesTable(result: ExperimentResult): Html | null {
  const scenarios = scenariosOf(result.cells).filter(({ cells }) => valueNames(cells).length > 0);
  if (scenarios.length === 0) return null;
  const names = valueNames(result.cells);
  const isWide = scenarios.length > 1 && names.length <= COLUMNS_MAX && names.join('').length <= NAMES_MAX;
  const rows = isWide
    ? scenarios.map((scenario) => wideRow(result, scenario, names))
    : scenarios.flatMap((scenario) => longRows(result, scenario));
  const all = scenarios.flatMap(({ id }) => names.map((name) => estimateOf(result, id, name)));
  const title = `Values of ${count(scenarios.length, 'scenario')}, medians over the seeds`;
  const caption = withBrackets(title, all);
  const columns = isWide ? names : ['Value', 'Ours'];
  const headings = [
    { title: 'Scenario' },
    ...columns.map((title) => ({ title, number: title !== 'Value' })),
    { title: 'Seeds', number: true },
  ];
  const whole = table(caption, headings, rows);
  return rows.length > SHOWN_ROWS ? folded(`${title}: ${count(rows.length, 'row')}`, whole) : whole;
}

function wideRow(
  result: ExperimentResult,
  { id, label }: ScenarioCells,
  names: readonly string[],
): readonly Insert[] {
  const found = names.map((name) => estimateOf(result, id, name));
  const seeds = Math.max(...found.map((ours) => ours?.n ?? 0));
  return [label, ...found.map(shown), seeds];
}

function longRows(result: ExperimentResult, { id, label, cells }: ScenarioCells) {
  return valueNames(cells).flatMap((name): readonly (readonly Insert[])[] => {
    const ours = estimateOf(result, id, name);
    return ours === null ? [] : [[label, name, shown(ours), ours.n]];
  });
}

function shown(ours: Estimate | null): Insert {
  return ours === null ? '' : withInterval(ours, figures);
}
