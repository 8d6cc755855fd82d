/** The scenarios of an experiment, a row each: what distinguishes them, and how to run them again. */
import type { CellResult } from '../../harness/result.ts';
import { type ScenarioCells, scenariosOf } from '../results/scenarioValues.ts';
import { clockName, count } from '../words.ts';
import { folded, table } from './blocks.ts';
import { type Html, html, type Insert } from './html.ts';
import { seedList } from './provenance.ts';

/** Longer tables are folded away. */
const SHOWN_ROWS = 12;

/** One row per scenario. */
export function scenariosTable(cells: readonly CellResult[]): Html {
  const scenarios = scenariosOf(cells);
  const caption = `${count(scenarios.length, 'scenario')} and ${scenarios.length === 1 ? 'its' : 'their'} parameters`;
  const headings = [{ title: 'Scenario' }, { title: 'Clock' }, { title: 'Seeds' }, { title: 'Parameters' }];
  const whole = table(caption, headings, scenarios.map(row));
  return scenarios.length > SHOWN_ROWS ? folded(caption, whole) : whole;
}

function row({ id, label, cells }: ScenarioCells): readonly Insert[] {
  const first = cells[0]?.provenance;
  const parameters = Object.entries(first?.parameters ?? {}).map(([name, value]) => `${name} ${value}`);
  return [
    label === id ? label : html`${label} <code class="id">${id}</code>`,
    first === undefined ? '' : clockName(first.clock),
    seedList([...new Set(cells.map((cell) => cell.provenance.seed))]),
    html`<span class="fine">${parameters.join('; ')}</span>`,
  ];
}
