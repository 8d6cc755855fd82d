/** Cumulative distribution of how each job fared on Mesos against its static partition. */
import { type ClockRuns, fullPairs, whyNoPair } from '../results/clockRuns.ts';
import { pairedJobs } from '../results/jobTimes.ts';
import { count } from '../words.ts';
import { curvesFigure } from './curvesFigure.ts';
import type { Figure } from './figure.ts';

/** Draws the jobs of all seeds: those left of 1 ended sooner on Mesos. */
export function slowdownsFigure(runs: ClockRuns): Figure {
  const id = `${runs.clock}-slowdowns`;
  const title = 'Job time on Mesos over that on the static partition: left of 1 is sooner on Mesos';
  const pairs = fullPairs(runs);
  const lines = runs.frameworks.flatMap((framework) => {
    const ratios = pairs
      .flatMap((pair) => pairedJobs(pair, framework).map((job) => job.mesosS / job.staticS))
      .sort((a, b) => a - b);
    return ratios.length === 0 ? [] : [{ framework, ratios }];
  });
  const why = whyNoPair(runs) ?? 'No job finished on both systems.';
  if (lines.length === 0) return { state: 'empty', id, title, reason: why };
  return curvesFigure({
    id,
    title,
    alt: `For each of ${count(lines.length, 'framework')}, the fraction of jobs whose time on Mesos was at most so many times that on the static partition.`,
    x: { title: 'Mesos ÷ static job time (log)', scale: 'log', format: '~g' },
    y: { title: 'fraction of jobs', domain: [0, 1], format: '.0%' },
    lines: lines.map(({ framework, ratios }) => ({
      label: `${framework}, ${count(ratios.length, 'job')} in ${count(pairs.length, 'seed')}`,
      curve: { x: ratios, y: ratios.map((_, index) => (index + 1) / ratios.length) },
      look: { framework },
      step: true,
    })),
    references: [{ x: 1, label: 'no difference' }],
  });
}
