/** What real processes on machines of their own took to recover, beside what the model predicted for the same cluster. */
import type { CompletedCell } from '../../../harness/result.ts';
import { curvesFigure } from '../../figures/curvesFigure.ts';
import type { Figure } from '../../figures/figure.ts';
import { stripFigure } from '../../figures/strip.ts';
import { type Stage, waterfallFigure } from '../../figures/waterfall.ts';
import { estimate } from '../../results/estimate.ts';
import { count, interval, intervalName, seconds } from '../../words.ts';
import type { Topic } from '../topic.ts';
import {
  AFTER_ELECTION,
  DETECTED,
  ELECTED,
  LAUNCHES,
  MTTR,
  medianOf,
  PAPER,
  type Runs,
  SLAVES,
  sessionsOf,
  slavesOf,
  TIMEOUT,
} from './runs.ts';

/** Runs on machines, and the model's of the same cluster. */
interface Pair {
  readonly real: Runs;
  readonly predicted: Runs | undefined;
}

/** The topic. */
export function onMachines(all: readonly Runs[]): Topic {
  const pairs = all
    .filter(({ clock, values }) => clock === 'real' && values(MTTR).length > 0)
    .toSorted((a, b) => a.parameter(TIMEOUT) - b.parameter(TIMEOUT))
    .map((real): Pair => ({ real, predicted: all.find((one) => predicts(one, real)) }));
  const finding = pairs.map(inWords).join(' ');
  const strips = stripFigure({
    id: 'recovery-kills',
    title: 'From the kill until all slaves and frameworks are connected to the next master',
    of: 'sessions',
    axis: 'time to recovery (s)',
    panels: [
      {
        id: 'real',
        title: 'Each kill',
        strips: pairs.map(({ real }) => ({ label: labelOf(real), values: real.values(MTTR) })),
      },
    ],
    paper: PAPER,
    empty: 'No master of real processes was killed.',
  });
  return {
    id: 'on-machines',
    title: 'Real processes on machines of their own',
    question: 'Does it take as long with real processes as the model says?',
    figures: [strips, ...pairs.map(stages), ...pairs.flatMap(({ real }) => launches(real))],
    finding: finding === '' ? 'Nothing can be said: these scenarios were not run.' : finding,
    caveat:
      'Every machine is a network namespace of one machine, with an address and a process tree of its own; all share its processors, which are ' +
      'full while all slaves come back at once. From the election on, most of the time is that. Masters send ten heartbeats in a ' +
      'session’s timeout here and in the prediction. Several kills of one cluster are not as independent as those of several.',
    tables: [],
  };
}

/** Was it made to predict this? */
const predicts = (one: Runs, real: Runs): boolean =>
  one.id.startsWith('predicted-') &&
  [SLAVES, TIMEOUT].every((name) => one.parameter(name) === real.parameter(name));

const labelOf = (runs: Runs): string => `${slavesOf(runs)}, ${runs.parameter(TIMEOUT)} s`;

function inWords({ real, predicted }: Pair): string {
  const foretold = (name: string): string =>
    predicted === undefined ? '' : `; predicted: ${seconds(medianOf(predicted, name))}`;
  const measured = (name: string): string => {
    const found = estimate(real.values(name));
    return found === null ? '' : `${seconds(found.value)} ${interval(found, seconds)}`.trimEnd();
  };
  return (
    `With ${slavesOf(real)} and ${sessionsOf(real)}, all were back ${measured(MTTR)} after the kill ` +
    `(median of ${count(real.values(MTTR).length, 'kill')} with its ${intervalName([estimate(real.values(MTTR))])}${foretold(MTTR)}), ` +
    `and ${measured(AFTER_ELECTION)} after the election${foretold(AFTER_ELECTION)}.`
  );
}

/** The median of each stage; each counts from the median of the one before, so that they need not add up. */
function stages({ real, predicted }: Pair): Figure {
  const stage = (label: string, since: string | undefined, name: string): Stage => {
    const expected = medianOf(predicted, name);
    return {
      label,
      from: since === undefined ? 0 : medianOf(real, since),
      to: medianOf(real, name),
      ...(Number.isFinite(expected) && { expected }),
    };
  };
  const afterElection = (label: string, name: string, since = ELECTED): Stage => {
    const { from, to, expected } = stage(label, since, name);
    const ms = (atS: number, electedS: number): number => 1000 * (atS - electedS);
    const expectedMs = ms(expected ?? Number.NaN, medianOf(predicted, ELECTED));
    const electedS = medianOf(real, ELECTED);
    return {
      label,
      from: ms(from, electedS),
      to: ms(to, electedS),
      ...(Number.isFinite(expectedMs) && { expected: expectedMs }),
    };
  };
  const known = (all: readonly Stage[]): readonly Stage[] =>
    all.filter(({ from, to }) => Number.isFinite(from) && Number.isFinite(to));
  return waterfallFigure({
    id: `recovery-stages-${real.id}`,
    title: `Recoveries of ${slavesOf(real)} with ${sessionsOf(real)}`,
    panels: [
      {
        id: 'kill',
        title: 'From the kill',
        axis: 'time since the kill (s)',
        stages: known([
          stage('nobody has noticed', undefined, DETECTED),
          stage('election', DETECTED, ELECTED),
          stage('all come back', ELECTED, MTTR),
        ]),
      },
      {
        id: 'election',
        title: 'From the election',
        axis: 'time since the election (ms)',
        stages: known([
          afterElection('1% of slaves back', '1% of slaves back (s)'),
          afterElection('50% of slaves back', '50% of slaves back (s)'),
          afterElection('99% of slaves back', '99% of slaves back (s)'),
          afterElection('all slaves back', 'all slaves back (s)'),
          afterElection('all frameworks back', 'all frameworks back (s)'),
          afterElection('first offer', 'first offer (s)'),
          afterElection('launches as before', 'launch rate restored (s)', 'first offer (s)'),
        ]),
      },
    ],
    ...(predicted !== undefined && { expectation: 'end that the model predicts' }),
    notes: [`Medians of ${count(real.values(MTTR).length, 'kill')}.`],
    empty: 'No run recovered.',
  });
}

/** Launches around one kill of the first cell: that with the median time to recovery. */
function launches(real: Runs): readonly Figure[] {
  const [cell] = real.cells as [CompletedCell];
  const curve = cell.curves[LAUNCHES];
  if (curve === undefined) return [];
  const electedS = medianOf(real, ELECTED);
  return [
    curvesFigure({
      id: `recovery-launches-${real.id}`,
      title: `Launches around one of the kills, ${slavesOf(real)}, ${sessionsOf(real)}`,
      alt: 'Tasks launched per second against the time since the kill; none while there is no master, many at once after that.',
      x: { title: 'time since the kill (s)' },
      y: { title: 'launches (1/s)' },
      lines: [{ label: 'launches', curve, look: 'ours', step: true }],
      bands: Number.isFinite(electedS) ? [{ fromX: 0, toX: electedS, label: 'no master' }] : [],
    }),
  ];
}
