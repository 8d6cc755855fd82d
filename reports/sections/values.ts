/** What is shown of scenarios that gave values and curves, where an experiment has no section of its own for them. */
import type { ExperimentResult } from '../../harness/result.ts';
import { curvesFigure } from '../figures/curvesFigure.ts';
import { type ValuesOptions, valuesFigure } from '../figures/valuesFigure.ts';
import {
  curveOf,
  estimateOf,
  type ScenarioCells,
  scenariosOf,
  valueNames,
} from '../results/scenarioValues.ts';
import { enumerate, figures } from '../words.ts';
import type { Topic } from './topic.ts';

/** Values that spread further than this are shown on a logarithmic axis. */
const WIDE = 20;

/** A topic for the values and one for the curves of these scenarios; none for what they did not give. */
export function valuesTopics(result: ExperimentResult): readonly Topic[] {
  const scenarios = scenariosOf(result.cells).filter(({ cells }) =>
    cells.some((cell) => cell.state === 'completed' && cell.kind === 'values'),
  );
  return [...valuesTopic(result, scenarios), ...curvesTopic(result, scenarios)];
}

function valuesTopic(result: ExperimentResult, scenarios: readonly ScenarioCells[]): readonly Topic[] {
  const names = valueNames(scenarios.flatMap(({ cells }) => cells));
  if (names.length === 0) return [];
  return [
    {
      id: 'by-scenario',
      title: 'Values by scenario',
      question: 'What does each scenario give?',
      figures: names.map((name, index) => {
        const own = scenarios.filter(({ id }) => estimateOf(result, id, name) !== null);
        const x = sweepAxis(own);
        return valuesFigure({
          id: `value-${index}`,
          title: name,
          alt: `${name} by scenario: ${own.map(({ id, label }) => `${label} ${figures(estimateOf(result, id, name)?.value ?? 0)}`).join('; ')}.`,
          x: x.axis,
          y: { title: name },
          rows: own.map((scenario) => ({
            group: name,
            x: x.at(scenario),
            ours: estimateOf(result, scenario.id, name),
          })),
        });
      }),
      finding: names.map((name) => rangeSentence(result, scenarios, name)).join(' '),
      caveat: 'Medians over the seeds. Scenarios of different clocks are not to be compared with each other.',
      tables: [],
    },
  ];
}

function curvesTopic(result: ExperimentResult, scenarios: readonly ScenarioCells[]): readonly Topic[] {
  const names = [
    ...new Set(
      scenarios.flatMap(({ cells }) =>
        cells.flatMap((cell) => (cell.state === 'completed' ? Object.keys(cell.curves) : [])),
      ),
    ),
  ];
  if (names.length === 0) return [];
  return [
    {
      id: 'curves',
      title: 'Curves',
      question: 'How did it come about?',
      figures: names.map((name, index) => {
        const own = scenarios.filter(({ id }) => curveOf(result, id, name) !== null);
        return curvesFigure({
          id: `curve-${index}`,
          title: name,
          alt: `${name} as curves, one for each of ${enumerate(own.map(({ label }) => label))}.`,
          x: { title: 'x' },
          y: { title: name },
          lines: own.map(({ id, label }) => ({ label, curve: curveOf(result, id, name), look: 'ours' })),
        });
      }),
      finding: `Each chart shows ${enumerate(names)} of the first seed.`,
      caveat: '',
      tables: [],
    },
  ];
}

/** The axis along which scenarios lie: a parameter that is another number in each of them, else their names. */
function sweepAxis(scenarios: readonly ScenarioCells[]): {
  readonly axis: ValuesOptions['x'];
  readonly at: (scenario: ScenarioCells) => string | number;
} {
  const parameter = (scenario: ScenarioCells, name: string) => scenario.cells[0]?.provenance.parameters[name];
  const names = Object.keys(scenarios[0]?.cells[0]?.provenance.parameters ?? {});
  const swept = names.find((name) => {
    const values = scenarios.map((scenario) => parameter(scenario, name));
    const isNumeric = values.every((value) => typeof value === 'number');
    return scenarios.length > 2 && isNumeric && new Set(values).size === scenarios.length;
  });
  if (swept === undefined) return { axis: { title: '', scale: 'names' }, at: ({ label }) => label };
  const values = scenarios.map((scenario) => Number(parameter(scenario, swept)));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return {
    axis: { title: swept, scale: low > 0 && high / low > WIDE ? 'log' : 'linear' },
    at: (scenario) => Number(parameter(scenario, swept)),
  };
}

function rangeSentence(result: ExperimentResult, scenarios: readonly ScenarioCells[], name: string): string {
  const found = scenarios
    .flatMap(({ id, label }) => {
      const ours = estimateOf(result, id, name);
      return ours === null ? [] : [{ label, value: ours.value }];
    })
    .sort((a, b) => a.value - b.value);
  const [low, high] = [found[0], found.at(-1)];
  if (low === undefined || high === undefined) return `Nothing was measured of ${name}.`;
  if (low.value === high.value) return `${name}: ${figures(low.value)}.`;
  return `${name}: from ${figures(low.value)} (${low.label}) to ${figures(high.value)} (${high.label}).`;
}
