/** Cumulative distribution of job times, one panel per framework. */
import { type ClockRuns, whyNoRun } from '../results/clockRuns.ts';
import { jobsOf, jobTimeS } from '../results/jobTimes.ts';
import { count } from '../words.ts';
import { type Dataset, type Figure, type Panel, rounded, roundedShare, type Value } from './figure.ts';
import { logTicks } from './logTicks.ts';
import { COLOUR, frameworkColour } from './theme.ts';

const SYSTEMS = ['mesos', 'static'] as const;

/** Draws the pair of runs that the report shows. */
export function jobTimesFigure(runs: ClockRuns): Figure {
  const id = `${runs.clock}-job-times`;
  const title = 'How many jobs had ended after how long';
  const dataset = jobTimesDataset(runs);
  if (dataset === null) {
    const reason =
      runs.completed.length > 0
        ? 'No job finished in the runs that completed.'
        : `${whyNoRun(runs, 'mesos')} ${whyNoRun(runs, 'static')}`;
    return { state: 'empty', id, title, reason };
  }
  return {
    state: 'drawn',
    id,
    title,
    layout: 'grid',
    panels: runs.frameworks.flatMap((name) => {
      const times = timesOf(dataset, name);
      return times.length === 0 ? [] : [panel(name, frameworkColour(name), dataset, times)];
    }),
    key: [
      { mark: 'line', colour: COLOUR.ink, label: 'on Mesos, in the framework’s colour' },
      ...(runs.shown?.static == null
        ? []
        : [{ mark: 'dashes' as const, colour: COLOUR.static, label: 'on its static partition' }]),
    ],
    datasets: [dataset],
    notes: unfinished(runs),
  };
}

function jobTimesDataset(runs: ClockRuns): Dataset | null {
  const rows = runs.frameworks.flatMap((framework) =>
    SYSTEMS.flatMap((system) => {
      const cell = runs.shown?.[system] ?? null;
      const jobs = cell === null ? [] : jobsOf(cell, framework);
      const times = jobs.flatMap((job) => jobTimeS(job) ?? []).sort((a, b) => a - b);
      return times.map((timeS, index): readonly Value[] => [
        framework,
        system,
        rounded(timeS),
        roundedShare((index + 1) / jobs.length),
      ]);
    }),
  );
  if (rows.length === 0) return null;
  return {
    name: `${runs.clock}-job-times`,
    title: `Job times, ${count(rows.length, 'row')}`,
    columns: [
      { field: 'framework', title: 'framework' },
      { field: 'system', title: 'system' },
      { field: 'seconds', title: 'job time (s)' },
      { field: 'fraction', title: 'fraction of its jobs that ended by then' },
    ],
    rows,
  };
}

/** Says which jobs never ended: their curves stay below 100%. */
function unfinished(runs: ClockRuns): readonly string[] {
  return SYSTEMS.flatMap((system) => {
    const cell = runs.shown?.[system] ?? null;
    if (cell === null) return [whyNoRun(runs, system)];
    return cell.frameworks.flatMap(({ name, jobs }) => {
      const left = jobs.filter((job) => jobTimeS(job) === null).length;
      const of = system === 'mesos' ? 'on Mesos' : 'on its static partition';
      return left === 0
        ? []
        : [`${count(left, 'job')} of ${name} did not finish ${of}; the curve stays below 100%.`];
    });
  });
}

function timesOf(dataset: Dataset, framework: string): readonly number[] {
  return dataset.rows.flatMap(([name, , timeS]) =>
    name === framework && typeof timeS === 'number' ? timeS : [],
  );
}

function panel(name: string, colour: string, dataset: Dataset, times: readonly number[]): Panel {
  const line = (system: 'mesos' | 'static') => ({
    transform: [
      {
        filter: {
          and: [
            { field: 'framework', equal: name },
            { field: 'system', equal: system },
          ],
        },
      },
    ],
    mark: {
      type: 'line' as const,
      interpolate: 'step-after' as const,
      color: system === 'mesos' ? colour : COLOUR.static,
      strokeWidth: system === 'mesos' ? 1.8 : 1.4,
      ...(system === 'static' ? { strokeDash: [5, 3] } : {}),
    },
  });
  return {
    title: name,
    alt: `Cumulative distribution of the job times of ${name}, on Mesos and on its static partition.`,
    spec: {
      data: { name: dataset.name },
      width: 'container',
      height: 170,
      encoding: {
        x: {
          field: 'seconds',
          type: 'quantitative',
          title: 'job time (s, log)',
          scale: { type: 'log', nice: false, domain: [Math.min(...times) / 1.15, Math.max(...times) * 1.15] },
          axis: { format: ',~f', values: logTicks(Math.min(...times), Math.max(...times)) },
        },
        y: {
          field: 'fraction',
          type: 'quantitative',
          title: null,
          scale: { domain: [0, 1] },
          axis: { format: '.0%', values: [0, 0.25, 0.5, 0.75, 1], minExtent: 42 },
        },
      },
      layer: [line('static'), line('mesos')],
    },
  };
}
