/** Times of jobs by framework, and how busy the cluster was. */
import type { Measure } from '../experiments/experiment.ts';
import type { Curve } from '../result.ts';
import { mean } from '../statistics/mean.ts';
import { median, quantile } from '../statistics/quantile.ts';
import { clusterSize } from './cluster.ts';
import { cumulative } from './distribution.ts';
import { foldOf } from './fold.ts';
import { holdings } from './holdings.ts';
import { jobRuns } from './jobs.ts';

/**
 * Times of jobs from their submission, for each framework by its name: `mean job time, NAME (s)`, the median, the time that 95% do not
 * exceed, and the mean wait for the first task; the curve `job times, NAME (s)`. CPUs that tasks held until the last job ended, as a
 * percentage of all.
 */
export function jobTimes(): Measure {
  const jobs = jobRuns();
  const held = holdings();
  const cluster = clusterSize();
  let lastMs = 0;
  return foldOf({
    parts: [jobs, held, cluster],
    on: {
      'job-finished': ({ t }) => {
        lastMs = t;
      },
    },
    result() {
      const values: Record<string, number> = {};
      const curves: Record<string, Curve> = {};
      for (const [name, runs] of jobs.result()) {
        const seconds = runs.flatMap(({ intendedMs, endedMs }) =>
          endedMs === null ? [] : (endedMs - intendedMs) / 1_000,
        );
        const waits = runs.flatMap(({ intendedMs, startedMs }) =>
          startedMs === null ? [] : (startedMs - intendedMs) / 1_000,
        );
        if (seconds.length > 0) {
          values[`mean job time, ${name} (s)`] = mean(seconds);
          values[`median job time, ${name} (s)`] = median(seconds);
          values[`95 % of job times, ${name} (s)`] = quantile(seconds, 0.95);
        }
        if (waits.length > 0) values[`mean wait, ${name} (s)`] = mean(waits);
        curves[`job times, ${name} (s)`] = cumulative(seconds);
      }
      const { cpus } = held.result().total;
      values['CPUs in use (%)'] = (100 * cpus.mean({ fromMs: 0, toMs: lastMs })) / cluster.result().cpus;
      values['last job ended (s)'] = lastMs / 1_000;
      return { values, curves };
    },
  });
}
