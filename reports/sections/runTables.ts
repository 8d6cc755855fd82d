/** Tables by framework: sums of job times (the paper's Table 4), and mean shares while busy. */
import type { Estimate, System } from '../../harness/result.ts';
import { table, withBrackets, withInterval } from '../page/blocks.ts';
import type { Html } from '../page/html.ts';
import { paperSum } from '../paper/paperNumbers.ts';
import { type ClockRuns, fullPairs } from '../results/clockRuns.ts';
import { estimate } from '../results/estimate.ts';
import { sums } from '../results/jobTimes.ts';
import { grouped, percent, ratio, seconds } from '../words.ts';

/** Sums of job times and the speed-up, with the paper's; null if nothing can be compared. */
export function sumsTable(runs: ClockRuns): Html | null {
  const pairs = fullPairs(runs);
  const rows = runs.frameworks.flatMap((name) => sums(pairs, name) ?? []);
  if (rows.length === 0) return null;
  return table(
    withBrackets(
      'Sums of job times, medians over the seeds',
      rows.map(({ speedUp }) => speedUp),
    ),
    [
      { title: 'Framework' },
      { title: 'Jobs compared', number: true },
      { title: 'Static', number: true },
      { title: 'Mesos', number: true },
      { title: 'Speed-up', number: true },
      { title: 'Paper', number: true },
    ],
    rows.map((one) => [
      one.framework,
      `${grouped(one.pairedJobs)} of ${grouped(one.jobs)}`,
      withInterval(one.staticS, seconds),
      withInterval(one.mesosS, seconds),
      withInterval(one.speedUp, ratio),
      paper(runs, one.framework),
    ]),
  );
}

/** Mean share of each framework while it had unfinished jobs, on both systems. */
export function sharesTable(runs: ClockRuns): Html | null {
  if (runs.frameworks.length === 0) return null;
  const rows = runs.frameworks.map((name) => ({
    name,
    shares: (['static', 'mesos'] as const).map((system) => meanShare(runs, system, name)),
  }));
  return table(
    withBrackets(
      'Mean share of the CPUs while there were unfinished jobs, medians over the seeds',
      rows.flatMap(({ shares }) => shares),
    ),
    [{ title: 'Framework' }, { title: 'Static', number: true }, { title: 'Mesos', number: true }],
    rows.map(({ name, shares }) => [name, ...shares.map((share) => withInterval(share, percent))]),
  );
}

function meanShare(runs: ClockRuns, system: System, name: string): Estimate | null {
  const values = runs.pairs.flatMap(
    (pair) => pair[system]?.frameworks.find((one) => one.name === name)?.meanShareWhileBusy ?? [],
  );
  return estimate(values);
}

function paper({ claims }: ClockRuns, framework: string): string {
  const value = paperSum(claims, framework);
  return value === null ? 'no value' : ratio(value);
}
