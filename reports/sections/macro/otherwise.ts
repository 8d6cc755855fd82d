/** Does the conclusion hold if one thing is otherwise? */
import type { CellResult, Estimate, ExperimentResult } from '../../../harness/result.ts';
import { type ValueRow, valuesFigure } from '../../figures/valuesFigure.ts';
import { table, withBrackets, withInterval } from '../../page/blocks.ts';
import { FRAMEWORKS } from '../../paper/macro.ts';
import { estimate } from '../../results/estimate.ts';
import { estimateOf, scenariosOf, valuesBySeed } from '../../results/scenarioValues.ts';
import { ratio } from '../../words.ts';
import type { Topic } from '../topic.ts';

/** What is compared: with the paper's speed-ups of Tables 4 and 5. */
const SUMS = [
  { group: FRAMEWORKS.facebook, value: `job times of ${FRAMEWORKS.facebook}, sum (s)`, paper: 1.14 },
  { group: FRAMEWORKS.large, value: `job times of ${FRAMEWORKS.large}, sum (s)`, paper: 2.1 },
  { group: FRAMEWORKS.spark, value: `job times of ${FRAMEWORKS.spark}, sum (s)`, paper: 1.26 },
  { group: FRAMEWORKS.torque, value: `job times of ${FRAMEWORKS.torque}, sum (s)`, paper: 0.96 },
] as const;
const SMALL = [
  { group: '1 map', value: `selection of 1 tasks of ${FRAMEWORKS.facebook}, mean (s)`, paper: 0.84 },
  { group: '2 maps', value: `text search of 2 tasks of ${FRAMEWORKS.facebook}, mean (s)`, paper: 0.9 },
  { group: '12 tasks', value: `aggregation of 12 tasks of ${FRAMEWORKS.facebook}, mean (s)`, paper: 0.94 },
] as const;
type Compared = (typeof SUMS)[number] | (typeof SMALL)[number];

const WAIT = `wait of jobs of ${FRAMEWORKS.torque}, mean (s)`;

/** The scenario that is as the paper's, and where two have static partitions of their own. */
const AS_PAPER = 'mesos';
const STATIC_OF: Readonly<Record<string, string>> = { 'remote-reads': 'remote-reads-static' };
const isStatic = (id: string): boolean => id === 'static' || Object.values(STATIC_OF).includes(id);

/** What the section shows of the scenarios in which one thing is otherwise. */
export function otherwiseTopic(result: ExperimentResult): Topic {
  const cells = result.cells.filter(({ provenance }) => provenance.clock === 'virtual');
  const scenarios = scenariosOf(cells).filter(({ id }) => !isStatic(id));
  const rows = (compared: readonly Compared[]): readonly ValueRow[] =>
    scenarios.flatMap(({ id, label }) =>
      compared.map(({ group, value, paper }) => ({
        group,
        x: label,
        ours: speedUp(cells, id, value),
        ...(id === AS_PAPER && { paper }),
      })),
    );
  const common = {
    x: { title: '', scale: 'names' },
    y: { title: 'static time over time on Mesos (×)', scale: 'log' },
    mark: 'points',
    reference: { value: 1, label: 'no difference' },
  } as const;
  return {
    id: 'otherwise',
    title: 'What if one thing is otherwise',
    question:
      'Does the conclusion hold with other allocation, offers, waits and seeds, and with small jobs in a framework of their own?',
    figures: [
      valuesFigure({
        ...common,
        id: 'otherwise-sums',
        title: 'All jobs of a framework',
        alt: 'How many times as long the jobs of each framework take on static partitions as on Mesos, by scenario.',
        rows: rows(SUMS),
        looks: Object.fromEntries(SUMS.map(({ group }) => [group, { framework: group }])),
      }),
      valuesFigure({
        ...common,
        id: 'otherwise-small',
        title: 'Small jobs of the Facebook mix',
        alt: 'How many times as long small jobs take on static partitions as on Mesos, by scenario.',
        rows: rows(SMALL),
      }),
    ],
    finding: findingOf(cells, scenarios),
    caveat:
      'Every scenario differs from the first in one thing, and is compared with static partitions, seed by seed; remote reads with partitions that pay ' +
      'for them, too. Of small jobs mean times are compared, in table 5 single jobs. That executors take 5 s is a guess; that a remote map takes twice as long is assumed, as for figure 8.',
    tables: [
      table(
        withBrackets(
          'Static time over time on Mesos, and how long jobs of 24 ranks wait; medians over the seeds',
          scenarios.flatMap(({ id }) => [...SUMS, ...SMALL].map(({ value }) => speedUp(cells, id, value))),
        ),
        [
          { title: 'Scenario' },
          ...[...SUMS, ...SMALL].map(({ group }) => ({ title: group, number: true })),
          { title: 'Wait (s)', number: true },
        ],
        [
          ...scenarios.map(({ id, label }) => [
            label,
            ...[...SUMS, ...SMALL].map(({ value }) => withInterval(speedUp(cells, id, value), ratio)),
            withInterval(estimateOf({ cells }, id, WAIT), (s) => s.toFixed(1)),
          ]),
          ['the paper', ...[...SUMS, ...SMALL].map(({ paper }) => ratio(paper)), '12'],
        ],
      ),
    ],
  };
}

/** The median over seeds of static time over time on Mesos. */
function speedUp(cells: readonly CellResult[], scenario: string, value: string): Estimate | null {
  const ours = valuesBySeed(cells, scenario, value);
  const onStatic = valuesBySeed(cells, STATIC_OF[scenario] ?? 'static', value);
  return estimate(
    [...ours].flatMap(([seed, seconds]) => {
      const staticSeconds = onStatic.get(seed);
      return staticSeconds === undefined ? [] : [staticSeconds / seconds];
    }),
  );
}

function findingOf(
  cells: readonly CellResult[],
  scenarios: readonly { readonly id: string; readonly label: string }[],
): string {
  const ratios = (id: string, compared: readonly Compared[]): readonly number[] =>
    compared.flatMap(({ value }) => speedUp(cells, id, value)?.value ?? []);
  const whole = scenarios.filter(({ id }) => ratios(id, SUMS).length === SUMS.length);
  if (whole.length === 0) return 'Nothing can be said: no scenario completed on both systems.';
  const holds = whole.filter(({ id }) => {
    const [facebook = 0, large = 0, spark = 0, torque = 0] = ratios(id, SUMS);
    return large > Math.max(facebook, spark) && facebook > 1 && spark > 1 && torque < 1;
  });
  const not = whole.filter((one) => !holds.includes(one));
  const small = (id: string): string => {
    const found = ratios(id, SMALL);
    return found.length < SMALL.length ? 'unknown' : found.map((one) => one.toFixed(2)).join(', ');
  };
  const first =
    `By the medians, in ${holds.length} of ${whole.length} scenarios the large jobs gain most, the Facebook mix and Spark gain, and Torque loses, as in the paper` +
    (not.length === 0 ? '.' : `; not so with: ${not.map(({ label }) => label.toLowerCase()).join(', ')}.`);
  return (
    `${first} Small jobs take ${small(AS_PAPER)} times as long on static partitions as on Mesos under fair sharing, ${small('lottery')} with the ` +
    `lottery and ${small('small-apart')} in a framework of their own, which the paper proposed for them.`
  );
}
