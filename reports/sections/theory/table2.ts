/** Table 2 of the paper: ramp-up, completion and utilisation of a newcomer, against its slots. */
import type { Estimate, ExperimentResult } from '../../../harness/result.ts';
import { type ValueRow, valuesFigure } from '../../figures/valuesFigure.ts';
import { table, withBrackets, withInterval } from '../../page/blocks.ts';
import type { Html, Insert } from '../../page/html.ts';
import { completedOf, estimateOf } from '../../results/scenarioValues.ts';
import { figures, grouped } from '../../words.ts';
import type { Topic } from '../topic.ts';
import { formula, type Place, rows, sweep } from './sweep.ts';

type Job = 'elastic' | 'rigid';
type Lengths = 'constant' | 'exponential';
const JOBS: readonly Job[] = ['elastic', 'rigid'];
const LENGTHS: readonly Lengths[] = ['constant', 'exponential'];

/** The topics, most important first. */
export function table2Topics(result: ExperimentResult): readonly Topic[] {
  return [rampUp(result), anySlots(result), completion(result), utilisation(result)];
}

/** What T and the others are, once for all. */
const SETTING =
  'Others keep all slots of a cluster busy with tasks of mean length T, either all of the same length or of exponentially ' +
  'distributed length. A framework that is entitled to k slots comes, and gets each slot when the task on it ends.';

/** Newcomers to a cluster of just the slots that they are entitled to, along k. */
function newcomers(result: ExperimentResult, job: Job, lengths: Lengths): readonly Place[] {
  const taskLength = job === 'rigid' ? 1 : 1 / 8;
  const wanted = { job, 'lengths of others': lengths, β: 1, 'length of its tasks (T)': taskLength };
  return sweep(result, 'k', wanted).filter(({ id }) => !id.includes('-of-'));
}

function rampUp(result: ExperimentResult): Topic {
  const exponential = newcomers(result, 'rigid', 'exponential');
  const constant = newcomers(result, 'rigid', 'constant');
  return {
    id: 'ramp-up',
    title: 'Waiting for the share: ramp-up',
    question: 'How long does a newcomer wait until it has all k slots? (Table 2 of the paper, first row)',
    figures: [
      valuesFigure({
        id: 'theory-ramp-up',
        title: 'Ramp-up time against slots',
        alt: 'Ramp-up time in mean task lengths against the number of slots from 1 to 1,000: with exponential lengths it grows with the logarithm, a little above the line of the paper; with constant lengths it approaches 1.',
        x: { title: 'slots k', scale: 'log' },
        y: { title: 'ramp-up time (T)' },
        mark: 'points',
        rows: [
          ...rows(result, exponential, 'ramp-up (T)', 'exponential lengths'),
          ...rows(result, constant, 'ramp-up (T)', 'constant lengths'),
        ],
        models: [
          {
            label: 'paper: T ln k',
            look: 'paper',
            curve: formula(result, exponential, 'ramp-up by the paper (T)'),
          },
          {
            label: 'exact: T (1 + 1/2 + … + 1/k)',
            look: 'model',
            curve: formula(result, exponential, 'ramp-up, exact (T)'),
          },
          { label: 'paper: T', look: 'paper', curve: formula(result, constant, 'ramp-up by the paper (T)') },
          {
            label: 'exact: T k/(k + 1)',
            look: 'model',
            curve: formula(result, constant, 'ramp-up, exact (T)'),
          },
        ],
      }),
    ],
    finding: rampUpFinding(result, exponential),
    caveat: `${SETTING} Whether its job is rigid or elastic makes no difference to ramp-up; shown are rigid jobs.`,
    tables: [table2(result, 24, 1), table2(result, 24, 10)].filter((one) => one !== null),
  };
}

/** By how much ramp-up is above T ln k: over all newcomers to 10 slots and more. */
function rampUpFinding(result: ExperimentResult, places: readonly Place[]): string {
  const excess = places
    .filter(({ x }) => x >= 10)
    .flatMap(({ id }) => completedOf(result.cells, id))
    .map(({ values }) => ({
      count: values['newcomers (count)'] ?? 0,
      over: (values['ramp-up (T)'] ?? Number.NaN) - (values['ramp-up by the paper (T)'] ?? Number.NaN),
      expected:
        (values['ramp-up, exact (T)'] ?? Number.NaN) - (values['ramp-up by the paper (T)'] ?? Number.NaN),
    }))
    .filter(({ over, expected }) => Number.isFinite(over) && Number.isFinite(expected));
  const count = excess.reduce((sum, one) => sum + one.count, 0);
  if (count === 0) return 'Nothing can be said: no run completed.';
  const over = excess.reduce((sum, one) => sum + one.count * one.over, 0) / count;
  const expected = excess.reduce((sum, one) => sum + one.count * one.expected, 0) / count;
  const chance = (1.96 * RAMP_UP_DEVIATION) / Math.sqrt(count);
  return (
    `With exponential lengths ramp-up is ${grouped(over, 2)} T more than the paper’s T ln k, give or take ${grouped(chance, 2)} T ` +
    `(${grouped(count)} newcomers to 10 slots and more). Mathematics says ${grouped(expected, 2)} T: the paper’s form leaves out a constant ` +
    'that does not grow with k. With constant lengths ramp-up stays below T, as the paper has it.'
  );
}

/** Standard deviation of the greatest of many exponential waits, in T: π/√6. */
const RAMP_UP_DEVIATION = Math.PI / Math.sqrt(6);

function anySlots(result: ExperimentResult): Topic {
  const of = 100;
  const any = sweep(result, 'k', { 'slots of the cluster': of }).filter(({ id }) => id.includes(`-of-${of}`));
  const particular = newcomers(result, 'rigid', 'exponential').filter(({ x }) => x <= of);
  const tenth = any.find(({ x }) => x === of / 10);
  const wait = tenth === undefined ? null : estimateOf(result, tenth.id, 'ramp-up (T)');
  return {
    id: 'any-slots',
    title: 'Any slots instead of particular ones',
    question: 'How much sooner has it its share if any k of 100 slots will do? (§3.3 of the paper)',
    figures: [
      valuesFigure({
        id: 'theory-any-slots',
        title: 'Ramp-up with any slots and with particular ones',
        alt: 'Ramp-up time against k on logarithmic axes: with any of 100 slots it is about k hundredths of T, with particular slots one to five T.',
        x: { title: 'slots k', scale: 'log' },
        y: { title: 'ramp-up time (T)', scale: 'log' },
        mark: 'points',
        rows: [
          ...rows(result, any, 'ramp-up (T)', 'any k of 100 slots'),
          ...rows(result, particular, 'ramp-up (T)', 'k particular slots'),
        ],
        models: [
          {
            label: 'paper: T k/100',
            look: 'paper',
            curve: any.length === 0 ? null : { x: any.map(({ x }) => x), y: any.map(({ x }) => x / of) },
          },
          { label: 'exact', look: 'model', curve: formula(result, any, 'ramp-up, exact (T)') },
        ],
      }),
    ],
    finding:
      wait === null
        ? 'Nothing can be said: no run completed.'
        : `For any tenth of the slots it waits ${grouped(wait.value, 3)} T; the paper’s rule of thumb is a tenth of T.`,
    caveat: 'Exponential lengths. Table 2 is about particular slots, such as those beside a job’s data.',
    tables: [],
  };
}

function completion(result: ExperimentResult): Topic {
  return {
    id: 'completion',
    title: 'Time that a job takes',
    question: 'When is the newcomer’s job done? (Table 2, second row)',
    figures: JOBS.map((job) =>
      valuesFigure({
        id: `theory-completion-${job}`,
        title: `${job === 'elastic' ? 'Elastic' : 'Rigid'} job: time from its arrival`,
        alt: `Time that a job takes against its slots, for ${job} jobs: ${job === 'elastic' ? 'level, for constant and exponential lengths' : 'level for constant, and growing with the logarithm for exponential lengths'}.`,
        x: { title: 'slots k', scale: 'log' },
        y: { title: 'completion time (T)' },
        mark: 'points',
        rows: LENGTHS.toReversed().flatMap((lengths) =>
          rows(result, newcomers(result, job, lengths), 'completion (T)', `${lengths} lengths`),
        ),
        models: LENGTHS.toReversed().flatMap((lengths) => {
          const places = newcomers(result, job, lengths);
          return [
            {
              label: `paper, ${lengths}`,
              look: 'paper' as const,
              curve: formula(result, places, 'completion by the paper (T)'),
            },
            {
              label:
                job === 'elastic' && lengths === 'exponential'
                  ? 'exact for very many slots'
                  : `exact, ${lengths}`,
              look: 'model' as const,
              curve: formula(
                result,
                places,
                job === 'elastic' && lengths === 'exponential'
                  ? 'completion with very many slots (T)'
                  : 'completion, exact (T)',
              ),
            },
          ];
        }),
      }),
    ),
    finding: completionFinding(result),
    caveat:
      'Work of T for each slot (β = 1). An elastic job takes slots as they come, a rigid one holds what it has until it has all. The paper ' +
      'lets an elastic job’s last tasks end together; ours are an eighth of T long, and so end up to an eighth of T later.',
    tables: [],
  };
}

function completionFinding(result: ExperimentResult): string {
  const of = (id: string): string | null => {
    const estimate = estimateOf(result, id, 'completion (T)');
    return estimate === null ? null : `${grouped(estimate.value, 2)} T`;
  };
  const [elastic, rigid, whole] = [
    of('elastic-exponential-k24-beta1'),
    of('rigid-exponential-k24-beta1'),
    of('elastic-constant-k24-beta1-whole-tasks'),
  ];
  if (elastic === null || rigid === null)
    return 'Nothing can be said: the runs of 24 slots did not complete.';
  const tail =
    whole === null
      ? ''
      : ` Were its tasks as long as those of others, an elastic job would take ${whole} with constant lengths instead of the paper’s ` +
        '1.5 T: each slot has one task, and the last slot comes after nearly T.';
  return (
    `With 24 slots and exponential lengths an elastic job takes ${elastic} and a rigid one ${rigid}: being able to start with what ` +
    'there is is worth more the more slots are needed. An elastic job takes less than the paper’s 2 T because it ends before its ' +
    `last slots have come.${tail}`
  );
}

function utilisation(result: ExperimentResult): Topic {
  const models = LENGTHS.toReversed().flatMap((lengths) => {
    const places = newcomers(result, 'rigid', lengths);
    return [
      {
        label: `paper, rigid, ${lengths}`,
        look: 'paper' as const,
        curve: formula(result, places, 'utilisation by the paper (%)'),
      },
      {
        label: `exact, rigid, ${lengths}`,
        look: 'model' as const,
        curve: formula(result, places, 'utilisation, exact (%)'),
      },
    ];
  });
  const rigid = estimateOf(result, 'rigid-exponential-k24-beta1', 'utilisation (%)');
  const elastic = estimateOf(result, 'elastic-exponential-k24-beta1', 'utilisation (%)');
  return {
    id: 'utilisation',
    title: 'How much of what it holds it uses',
    question: 'What part of the time that the newcomer has slots does it use them? (Table 2, third row)',
    figures: [
      valuesFigure({
        id: 'theory-utilisation',
        title: 'Utilisation of the newcomer’s slots',
        alt: 'Utilisation in per cent against slots: elastic jobs use all; rigid ones two thirds with constant lengths, and less the more slots with exponential lengths.',
        x: { title: 'slots k', scale: 'log' },
        y: { title: 'slot-time in use (%)', domain: [0, 105] },
        mark: 'points',
        rows: [
          ...LENGTHS.toReversed().flatMap((lengths): readonly ValueRow[] =>
            rows(result, newcomers(result, 'rigid', lengths), 'utilisation (%)', `rigid, ${lengths} lengths`),
          ),
          ...rows(
            result,
            newcomers(result, 'elastic', 'exponential'),
            'utilisation (%)',
            'elastic, exponential lengths',
          ),
        ],
        models,
      }),
    ],
    finding:
      rigid === null || elastic === null
        ? 'Nothing can be said: the runs of 24 slots did not complete.'
        : `A rigid job of 24 slots uses ${grouped(rigid.value, 1)}% of the time that it has slots, if lengths are exponential and its work is T ` +
          `for each slot; an elastic one ${grouped(elastic.value, 2)}%. What a rigid job hoards while it waits for its last slots is lost to all.`,
    caveat: 'Slots in offers that a framework has not answered count as its own, as in the paper (§3.5).',
    tables: [],
  };
}

const QUANTITIES = ['ramp-up', 'completion', 'utilisation'] as const;

const unitOf = (name: (typeof QUANTITIES)[number]): string => (name === 'utilisation' ? '%' : 'T');

/** Ours, the paper's and the exact values for k slots, as table 2 is laid out; null if nothing was run. */
function table2(result: ExperimentResult, k: number, beta: number): Html | null {
  const cases = JOBS.flatMap((job) =>
    LENGTHS.map((lengths) => ({ job, lengths, id: `${job}-${lengths}-k${k}-beta${beta}` })),
  );
  const run = cases.filter(({ id }) => completedOf(result.cells, id).length > 0);
  if (run.length === 0) return null;
  return table(
    withBrackets(
      `Table 2 for k = ${k} slots and β = ${beta}: ours, the paper’s, and the exact expectation`,
      run.flatMap(({ id }) => QUANTITIES.map((name) => estimateOf(result, id, `${name} (${unitOf(name)})`))),
    ),
    [
      { title: 'Quantity' },
      { title: '' },
      ...run.map(({ job, lengths }) => ({ title: `${job}, ${lengths}`, number: true })),
    ],
    QUANTITIES.flatMap((name) => {
      const unit = unitOf(name);
      const line = (label: string, cell: (id: string) => Insert): readonly Insert[] => [
        `${name} (${unit})`,
        label,
        ...run.map(({ id }) => cell(id)),
      ];
      const plain = (value: string) => (id: string) => {
        const estimate = estimateOf(result, id, value);
        return estimate === null ? '–' : figures(Number(estimate.value.toPrecision(3)));
      };
      return [
        line('ours', (id) => ours(estimateOf(result, id, `${name} (${unit})`))),
        line('paper', plain(`${name} by the paper (${unit})`)),
        line('exact', plain(`${name}, exact (${unit})`)),
      ];
    }),
  );
}

/** A job that ends before its last slot has come has no ramp-up. */
function ours(estimate: Estimate | null): Insert {
  return estimate === null ? 'it ends before' : withInterval(estimate, (value) => grouped(value, 2));
}
