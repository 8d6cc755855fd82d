/** What revocation gives a newcomer, what it costs the others, and whether it keeps what it promises. */
import type { ExperimentResult } from '../../harness/result.ts';
import { curvesFigure } from '../figures/curvesFigure.ts';
import { type ValueRow, valuesFigure } from '../figures/valuesFigure.ts';
import { completedOf, curveOf, estimateOf, scenariosOf } from '../results/scenarioValues.ts';
import { ends, type SweepPoint, sweep } from '../results/sweep.ts';
import { count, duration, enumerate, grouped, percent } from '../words.ts';
import type { Topic } from './topic.ts';

const WAIT = 'newcomer time to its share (s)';
const WAIT_OF_TASK = 'newcomer time to its share (% of a task)';
const LOST = 'work lost (task-s)';
const REVOKED = 'revoked (tasks)';
const CURVE = 'newcomer (CPUs)';
const LENGTH = 'task length (min)';
/** Waits that differ by less count as the same. */
const SAME = 1.1;
const NOTHING = 'Nothing was measured.';

/** The experiment's section. */
export function revocationSection(result: ExperimentResult): readonly Topic[] {
  return [
    waitTopic(result),
    costTopic(result),
    delayTopic(result),
    graceTopic(result),
    promisesTopic(result),
  ];
}

/** With tasks of this many minutes: without revocation, and with it. */
function byLength(result: ExperimentResult) {
  return { never: sweep(result, /^[\d.]+min-never$/), revoked: sweep(result, /^[\d.]+min-revoked$/) };
}

function waitTopic(result: ExperimentResult): Topic {
  const { never, revoked } = byLength(result);
  const rows = (group: string, points: readonly SweepPoint[]): readonly ValueRow[] =>
    points.map((point) => ({ group, x: point.number(LENGTH), ours: estimateOf(result, point.id, WAIT) }));
  return {
    id: 'wait',
    title: 'The wait for a share, with and without revocation',
    question:
      'A cluster is full of one framework’s tasks. How long does a newcomer wait until it holds the quarter that it is guaranteed?',
    figures: [
      valuesFigure({
        id: 'wait',
        title: 'The longer the tasks, the more there is to gain',
        alt: 'Time until the newcomer has its share against the length of the tasks that fill the cluster, with revocation and without.',
        x: { title: 'mean length of the others’ tasks (min)', scale: 'log' },
        y: { title: 'time to its share (s)', scale: 'log' },
        rows: [
          ...rows('tasks are never revoked', never),
          ...rows('revoked after 5 s, with 10 s to end', revoked),
        ],
      }),
      curvesFigure({
        id: 'ramp',
        title: 'How the newcomer gets there, beside tasks of 10 min',
        alt: 'Slots of the newcomer over time, with revocation and without.',
        x: { title: 'since it first wanted something (s)' },
        y: { title: 'slots of the newcomer (slots)' },
        lines: [
          {
            label: 'tasks are never revoked',
            curve: curveOf(result, '10min-never', CURVE),
            look: 'ours',
            step: true,
          },
          {
            label: 'revoked after 5 s, with 10 s to end',
            curve: curveOf(result, '10min-revoked', CURVE),
            look: 'ours',
            step: true,
          },
        ],
      }),
    ],
    finding: waitFinding(result, never, revoked),
    caveat:
      'Lengths are exponential. Then the wait for k of n slots without revocation is expected to be the sum of T/n, T/(n−1) … T/(n−k+1): ' +
      '28.8% of the mean length T for a quarter. Tasks use nine tenths of their grace.',
    tables: [],
  };
}

function waitFinding(
  result: ExperimentResult,
  never: readonly SweepPoint[],
  revoked: readonly SweepPoint[],
): string {
  const waitOf = (points: readonly SweepPoint[], min: number): number | undefined => {
    const point = points.find((one) => one.number(LENGTH) === min);
    return point && estimateOf(result, point.id, WAIT)?.value;
  };
  const both = never
    .flatMap((point) => {
      const min = point.number(LENGTH);
      const [without, withIt] = [waitOf(never, min), waitOf(revoked, min)];
      return without === undefined || withIt === undefined ? [] : [{ min, without, withIt }];
    })
    .sort((a, b) => a.min - b.min);
  const longest = both.at(-1);
  const parts = never.flatMap(({ id }) => estimateOf(result, id, WAIT_OF_TASK)?.value ?? []);
  if (longest === undefined || parts.length === 0) return NOTHING;
  const vain = both.filter(({ without, withIt }) => without <= withIt * SAME).map(({ min }) => min);
  return (
    `With tasks of ${longest.min} min the newcomer waited ${duration(longest.without)} without revocation, and ` +
    `${duration(longest.withIt)} with it. Without it the wait is ${grouped(Math.min(...parts))} to ` +
    `${grouped(Math.max(...parts))}% of a task’s mean length.` +
    (vain.length === 0 ? '' : ` With tasks of ${enumerate(vain.map(String))} min revocation gains nothing.`)
  );
}

function costTopic(result: ExperimentResult): Topic {
  const { revoked } = byLength(result);
  const last = ends(revoked, LENGTH)?.last;
  const value = (name: string): number =>
    last === undefined ? Number.NaN : (estimateOf(result, last.id, name)?.value ?? Number.NaN);
  const part = value(LOST) / value(REVOKED) / (60 * (last?.number(LENGTH) ?? Number.NaN));
  return {
    id: 'cost',
    title: 'What that costs the others',
    question: 'How much work is lost with the tasks that are ended?',
    figures: [
      valuesFigure({
        id: 'cost',
        title: 'Work that is lost grows with the length of the tasks',
        alt: 'Task-seconds lost by revocation against the mean length of tasks.',
        x: { title: 'mean length of the others’ tasks (min)', scale: 'log' },
        y: { title: 'work lost (task-s)', scale: 'log' },
        rows: revoked.map((point) => ({
          group: 'revoked after 5 s, with 10 s to end',
          x: point.number(LENGTH),
          ours: estimateOf(result, point.id, LOST),
        })),
      }),
    ],
    finding:
      last === undefined || !Number.isFinite(part)
        ? NOTHING
        : `To give the newcomer 100 slots, ${count(Math.round(value(REVOKED)), 'task')} of ${last.number(LENGTH)} min were ended, and ` +
          `${duration(value(LOST))} of work were lost with them: ${percent(part)} of a task’s mean length each. The latest tasks are ended ` +
          'first, which have done the least.',
    caveat: 'Work is lost whole. A framework that saves what its tasks have done loses less.',
    tables: [],
  };
}

function delayTopic(result: ExperimentResult): Topic {
  const points = sweep(result, /^(after-\d+s|10min-revoked)$/);
  return {
    id: 'delay',
    title: 'How long to wait before tasks are revoked',
    question: 'Slots become free by themselves, too. What does patience save?',
    figures: pair(result, points, { id: 'delay', parameter: 'revoked after (s)', title: 'patience (s)' }),
    finding: pairFinding(result, points, 'revoked after (s)', 'patience'),
    caveat: 'Tasks of 10 min, 10 s of grace.',
    tables: [],
  };
}

function graceTopic(result: ExperimentResult): Topic {
  const points = sweep(result, /^(grace-\d+s|10min-revoked)$/);
  return {
    id: 'grace',
    title: 'How long tasks have to end',
    question: 'Tasks that are told to end may finish in their grace period. Does a longer one save work?',
    figures: pair(result, points, { id: 'grace', parameter: 'grace (s)', title: 'grace period (s)' }),
    finding:
      points.length === 0
        ? NOTHING
        : `${pairFinding(result, points, 'grace (s)', 'grace')} A task that does not finish in its grace has worked in vain for that ` +
          'time too, and nobody calls it back when slots have become free otherwise.',
    caveat:
      'Tasks of 10 min, revoked after 5 s. They use nine tenths of their grace to finish; one that can save its state in that time would ' +
      'lose nothing.',
    tables: [],
  };
}

/** The wait, and the work that is lost, along a parameter. */
function pair(
  result: ExperimentResult,
  points: readonly SweepPoint[],
  { id, parameter, title }: { readonly id: string; readonly parameter: string; readonly title: string },
) {
  const rows = (value: string): readonly ValueRow[] =>
    points.map((point) => ({
      group: 'tasks of 10 min',
      x: point.number(parameter),
      ours: estimateOf(result, point.id, value),
    }));
  return [
    valuesFigure({
      id: `${id}-wait`,
      title: 'Time until the newcomer has its share',
      alt: `Time until the newcomer has its share against the ${title}.`,
      x: { title, scale: 'linear' },
      y: { title: 'time to its share (s)' },
      rows: rows(WAIT),
    }),
    valuesFigure({
      id: `${id}-lost`,
      title: 'Work that is lost meanwhile',
      alt: `Task-seconds lost against the ${title}.`,
      x: { title, scale: 'linear' },
      y: { title: 'work lost (task-s)' },
      rows: rows(LOST),
    }),
  ];
}

function pairFinding(
  result: ExperimentResult,
  points: readonly SweepPoint[],
  parameter: string,
  word: string,
): string {
  const measured = points.filter(({ id }) =>
    [WAIT, LOST].every((name) => estimateOf(result, id, name) !== null),
  );
  const two = ends(measured, parameter);
  if (two === undefined) return NOTHING;
  const said = (point: SweepPoint): string => {
    const [wait, lost] = [WAIT, LOST].map((name) => estimateOf(result, point.id, name)?.value ?? Number.NaN);
    return `${grouped(wait ?? Number.NaN)} s to its share and ${grouped(lost ?? Number.NaN)} task-seconds lost`;
  };
  return (
    `With ${two.first.number(parameter)} s of ${word}: ${said(two.first)}. With ${two.last.number(parameter)} s: ` +
    `${said(two.last)}.`
  );
}

/** Checks of the experiment's own. */
const PROMISES = ['guarantees-kept', 'revoked-on-demand', 'grace-kept'];

function promisesTopic(result: ExperimentResult): Topic {
  const from = ['batch', 'protected', 'newcomer'];
  return {
    id: 'promises',
    title: 'Who must not lose anything',
    question:
      'A third framework has just what it is guaranteed, and its tasks are the latest: the first victims if nothing protected them. Does it lose any?',
    figures: [
      valuesFigure({
        id: 'promises',
        title: 'Tasks revoked, by the framework that lost them',
        alt: 'Tasks revoked from the framework that fills the cluster, from the protected one, and from the newcomer.',
        x: { title: '', scale: 'names' },
        y: { title: 'revoked (tasks)' },
        rows: from.map((name) => ({
          group: 'revoked',
          x: name,
          ours: estimateOf(result, 'beside-protected', `revoked from ${name} (tasks)`),
        })),
      }),
    ],
    finding: promisesFinding(result),
    caveat: 'The protected framework got its share by revocation too, a minute before.',
    tables: [],
  };
}

function promisesFinding(result: ExperimentResult): string {
  const cells = scenariosOf(result.cells).flatMap(({ id }) => completedOf(result.cells, id));
  const checks = cells.flatMap((cell) => cell.checks.filter(({ id }) => PROMISES.includes(id)));
  const broken = checks.filter(({ verdict }) => verdict === 'failed');
  const revoked = cells.reduce((sum, cell) => sum + (cell.values[REVOKED] ?? 0), 0);
  if (checks.length === 0) return 'Nothing was checked.';
  const seen = `In ${count(cells.length, 'run')} ${count(revoked, 'task')} were revoked.`;
  return broken.length === 0
    ? `${seen} No framework lost one while it had no more than it is guaranteed; none was revoked but for a framework that wanted more and had ` +
        'less than its guarantee; and each had its grace period, and no more. All of this was checked in each run.'
    : `${seen} ${count(broken.length, 'check')} of ${checks.length} failed; the first: ${broken[0]?.detail ?? ''}`;
}
