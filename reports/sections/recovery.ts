/** The section of the recovery from the death of the master (NSDI'11 §6.6). */
import type { CompletedCell } from '../../harness/result.ts';
import { curvesFigure } from '../figures/curvesFigure.ts';
import type { Figure } from '../figures/figure.ts';
import { stripFigure } from '../figures/strip.ts';
import { valuesFigure } from '../figures/valuesFigure.ts';
import { type Stage, waterfallFigure } from '../figures/waterfall.ts';
import { estimate } from '../results/estimate.ts';
import { count, enumerate, grouped, seconds } from '../words.ts';
import { onMachines } from './recovery/onMachines.ts';
import {
  AFTER_ELECTION,
  BACKOFF,
  byClock,
  CLOCK,
  DETECTED,
  ELECTED,
  LAUNCHES,
  MTTR,
  medianOf,
  PAPER,
  type Runs,
  runsOf,
  SLAVES,
  sessionsOf,
  slavesOf,
  TIMEOUT,
} from './recovery/runs.ts';
import type { Section, Topic } from './topic.ts';

/** What is shown of the recovery. */
export const recoverySection: Section = (result) => {
  const all = runsOf(result);
  const sizes = all
    .filter(({ id }) => /^(slaves|emulated)-/.test(id))
    .toSorted((a, b) => a.parameter(SLAVES) - b.parameter(SLAVES));
  return [mttr(sizes), stages(sizes), launches(sizes), onMachines(all), waits(all)];
};

function mttr(sizes: readonly Runs[]): Topic {
  const figure = stripFigure({
    id: 'recovery-mttr',
    title: 'From the kill until all slaves and frameworks are connected to the next master',
    of: 'slaves',
    axis: 'mean time to recovery (s)',
    panels: byClock(sizes).map(([clock, runs]) => ({
      id: clock,
      title: capital(CLOCK[clock]),
      strips: runs.map((one) => ({ label: slavesOf(one), values: one.values(MTTR) })),
    })),
    paper: PAPER,
    empty: 'No run measured a recovery.',
  });
  const findings = byClock(sizes).flatMap(([clock, runs]) => {
    const measured = runs.filter((one) => one.values(MTTR).length > 0);
    const [first, last] = [measured[0], measured.at(-1)];
    if (first === undefined || last === undefined) return [];
    const waited = medianOf(last, DETECTED) / medianOf(last, MTTR);
    return [
      `${capital(CLOCK[clock])}: with ${slavesOf(first)} all were back ${seconds(medianOf(first, MTTR))} after the kill (median), ` +
        `with ${slavesOf(last)} after ${seconds(medianOf(last, MTTR))}; ` +
        `${grouped(100 * waited)}% of the latter passed before anybody noticed, with ${sessionsOf(last)}.`,
    ];
  });
  return {
    id: 'mttr',
    title: 'Time to recovery',
    question:
      'How long is the cluster without a master that all know, and does it depend on the number of slaves?',
    figures: [figure],
    finding: findings.length === 0 ? 'Nothing can be said: no run measured a recovery.' : findings.join(' '),
    caveat:
      'A killed process closes no session. ZooKeeper gives it up at the first tick of its clock at which it has heard nothing of it for ' +
      'the session timeout, so the result is mostly that timeout. A master sends three heartbeats in a timeout in virtual time, as ' +
      'ZooKeeper’s own clients do, and ten in the emulated mode, so that the last one is more recent when it is killed. ' +
      'The paper does not say what its timeout was.',
    tables: [],
  };
}

/** Stages of one run: from the kill in seconds, and from the election in milliseconds. */
function stages(sizes: readonly Runs[]): Topic {
  const largest = byClock(sizes).flatMap(([, runs]) => {
    const last = runs.findLast((one) => one.values(MTTR).length > 0);
    const cell = last && medianCell(last);
    return last === undefined || cell === undefined ? [] : [{ runs: last, cell }];
  });
  const figures = largest.map(({ runs, cell }) => waterfall(runs, cell));
  const findings = largest.map(({ runs }) => {
    const after = medianOf(runs, AFTER_ELECTION);
    return (
      `${capital(CLOCK[runs.clock])}, with ${slavesOf(runs)}: once the next master was elected, all were back within ` +
      `${seconds(after)} (median of ${count(runs.values(AFTER_ELECTION).length, 'run')}).`
    );
  });
  return {
    id: 'stages',
    title: 'Where the time goes',
    question: 'Which stages does a recovery have, and which of them takes long?',
    figures:
      figures.length > 0
        ? figures
        : [
            waterfallFigure({
              id: 'recovery-stages',
              title: 'Stages',
              panels: [],
              empty: 'No run recovered.',
            }),
          ],
    finding: findings.length === 0 ? 'Nothing can be said: no run recovered.' : findings.join(' '),
    caveat:
      'One run of each clock is shown, that with the median time to recovery. The launch rate counts as restored when the launches of ' +
      'one second are 95% of what they were before; tasks that ended meanwhile are replaced at once, so it is above that at first.',
    tables: [],
  };
}

/** The run whose time to recovery is the median, or next below it. */
function medianCell({ cells }: Runs): CompletedCell | undefined {
  const order = cells
    .filter(({ values }) => values[MTTR] !== undefined)
    .toSorted((a, b) => (a.values[MTTR] as number) - (b.values[MTTR] as number));
  return order[Math.floor((order.length - 1) / 2)];
}

function waterfall(runs: Runs, { values, provenance }: CompletedCell): Figure {
  const at = (name: string): number => values[name] ?? Number.NaN;
  const known = (all: readonly Stage[]): readonly Stage[] =>
    all.filter(({ from, to }) => Number.isFinite(from) && Number.isFinite(to));
  const fromElectionMs = (label: string, name: string, since = ELECTED): Stage => ({
    label,
    from: 1000 * (at(since) - at(ELECTED)),
    to: 1000 * (at(name) - at(ELECTED)),
  });
  return waterfallFigure({
    id: `recovery-stages-${runs.clock}`,
    title: `A recovery with ${slavesOf(runs)}, ${CLOCK[runs.clock]}`,
    panels: [
      {
        id: 'kill',
        title: 'From the kill',
        axis: 'time since the kill (s)',
        stages: known([
          { label: 'nobody has noticed', from: 0, to: at(DETECTED) },
          { label: 'election', from: at(DETECTED), to: at(ELECTED) },
          { label: 'all come back', from: at(ELECTED), to: at(MTTR) },
        ]),
      },
      {
        id: 'election',
        title: 'From the election',
        axis: 'time since the election (ms)',
        stages: known([
          fromElectionMs('1% of slaves back', '1% of slaves back (s)'),
          fromElectionMs('50% of slaves back', '50% of slaves back (s)'),
          fromElectionMs('99% of slaves back', '99% of slaves back (s)'),
          fromElectionMs('all slaves back', 'all slaves back (s)'),
          fromElectionMs('all frameworks back', 'all frameworks back (s)'),
          fromElectionMs('first offer', 'first offer (s)'),
          fromElectionMs('launches as before', 'launch rate restored (s)', 'first offer (s)'),
        ]),
      },
    ],
    notes: [`Seed ${provenance.seed}; ${sessionsOf(runs)}.`],
    empty: 'No run recovered.',
  });
}

function launches(sizes: readonly Runs[]): Topic {
  const shown = byClock(sizes).flatMap(([clock, runs]) => {
    const cell = runs.flatMap((one) => medianCell(one) ?? []).at(-1);
    const curve = cell?.curves[LAUNCHES];
    return cell === undefined || curve === undefined ? [] : [{ clock, cell, curve }];
  });
  const figures = shown.map(({ clock, cell, curve }) =>
    curvesFigure({
      id: `recovery-launches-${clock}`,
      title: `Launches around the kill, ${CLOCK[clock]}, ${grouped(Number(cell.provenance.parameters[SLAVES]))} slaves`,
      alt: 'Tasks launched per second against the time since the kill; none while there is no master, many at once after that.',
      x: { title: 'time since the kill (s)' },
      y: { title: 'launches (1/s)' },
      lines: [{ label: 'launches', curve, look: 'ours', step: true }],
      bands: [{ fromX: 0, toX: cell.values[ELECTED] ?? 0, label: 'no master' }],
    }),
  );
  const findings = shown.map(({ clock, cell, curve }) => {
    const peak = Math.max(...curve.y);
    return (
      `${capital(CLOCK[clock])}: from ${grouped(cell.values['launches before the kill (1/s)'] ?? 0)} launches per second to none, ` +
      `and back ${seconds(cell.values['launch rate restored (s)'] ?? Number.NaN)} after the kill, with a peak of ${grouped(peak)} per second.`
    );
  });
  return {
    id: 'launches',
    title: 'Work during the recovery',
    question: 'What becomes of the launching of tasks while there is no master?',
    figures,
    finding: findings.length === 0 ? 'Nothing can be said: no run recovered.' : findings.join(' '),
    caveat:
      'Tasks that run go on without a master, but nobody is told of those that end, and nothing is launched in their place. ' +
      'Counted in steps of half a second.',
    tables: [],
  };
}

function waits(all: readonly Runs[]): Topic {
  const swept = all.filter(({ id }) => /^(timeout|backoff)-/.test(id));
  const size = swept[0]?.parameter(SLAVES);
  const base = all.filter((one) => one.id.startsWith('slaves-') && one.parameter(SLAVES) === size);
  const along = (id: string, parameter: string, value: string): readonly Runs[] =>
    [...swept.filter((one) => one.id.startsWith(id)), ...base]
      .filter(({ values }) => values(value).length > 0)
      .toSorted((a, b) => a.parameter(parameter) - b.parameter(parameter));
  const timeouts = along('timeout-', TIMEOUT, MTTR);
  const backoffs = along('backoff-', BACKOFF, AFTER_ELECTION);
  return {
    id: 'waits',
    title: 'Session timeout and back-off',
    question: 'Which waits decide how long a recovery takes?',
    figures: [
      waitsFigure('timeout', 'session timeout (s)', MTTR, timeouts, TIMEOUT),
      waitsFigure(
        'backoff',
        'longest wait before the first registration (s)',
        AFTER_ELECTION,
        backoffs,
        BACKOFF,
      ),
    ],
    finding: waitsFinding(timeouts, backoffs),
    caveat:
      'The ticks of ZooKeeper, at which it ends sessions, are a fifth of the timeout here, as its default of 2 s is of Mesos’s 10 s. ' +
      'In Apache Mesos slaves wait for up to 1 s before they register; here for up to 0.1 s, unless told otherwise.',
    tables: [],
  };
}

function waitsFigure(
  id: string,
  wait: string,
  value: string,
  runs: readonly Runs[],
  parameter: string,
): Figure {
  return valuesFigure({
    id: `recovery-${id}`,
    title:
      value === MTTR
        ? 'Time to recovery against the session timeout'
        : 'From the election until all are back, against the back-off',
    alt: runs.map((one) => `${one.parameter(parameter)} s: ${medianOf(one, value).toFixed(2)} s`).join('; '),
    x: { title: wait, scale: 'log' },
    y: { title: value === MTTR ? 'mean time to recovery (s)' : 'from the election until all are back (s)' },
    rows: runs.map((one) => ({
      group: 'all slaves and frameworks',
      x: one.parameter(parameter),
      ours: estimate(one.values(value)),
    })),
    mark: 'points',
    ...(value === MTTR && { reference: { value: 6, label: 'middle of the paper’s 4 to 8 s' } }),
  });
}

function waitsFinding(timeouts: readonly Runs[], backoffs: readonly Runs[]): string {
  const within = timeouts.filter((one) => {
    const median = medianOf(one, MTTR);
    return PAPER.from <= median && median <= PAPER.to;
  });
  const list = (runs: readonly Runs[], parameter: string, value: string): string =>
    enumerate(runs.map((one) => `${seconds(medianOf(one, value))} with ${one.parameter(parameter)} s`));
  const named = enumerate(within.map((one) => `${one.parameter(TIMEOUT)} s`));
  const said = [
    timeouts.length > 0 &&
      `By session timeout, the time to recovery was ${list(timeouts, TIMEOUT, MTTR)}. ` +
        `${within.length === 0 ? 'None of these medians is' : `With ${named} it is`} within the paper’s 4 to 8 s.`,
    backoffs.length > 0 &&
      `By back-off, from the election until all were back it took ${list(backoffs, BACKOFF, AFTER_ELECTION)}.`,
  ].filter((sentence) => sentence !== false);
  return said.length === 0 ? 'Nothing can be said: these scenarios were not run.' : said.join(' ');
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
