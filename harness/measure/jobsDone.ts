/** Jobs that ended, and how long they took, by groups of frameworks. */
import type { Measure } from '../experiments/experiment.ts';
import { mean } from '../statistics/mean.ts';
import { foldOf } from './fold.ts';
import { jobRuns } from './jobs.ts';

/** Counts what finished, for each group of frameworks. */
export function jobsDone(groups: Readonly<Record<string, readonly string[]>>): () => Measure {
  return () => {
    const fold = jobRuns();
    return foldOf({
      parts: [fold],
      result() {
        const runs = fold.result();
        const values = Object.entries(groups).flatMap(([group, frameworks]) => {
          const times = frameworks
            .flatMap((name) => runs.get(name) ?? [])
            .flatMap(({ outcome, endedMs, intendedMs }) =>
              outcome === 'finished' && endedMs !== null ? [(endedMs - intendedMs) / 1000] : [],
            );
          return [
            [`${group} jobs done (count)`, times.length],
            ...(times.length > 0 ? [[`${group} job, mean (s)`, mean(times)]] : []),
          ];
        });
        return { values: Object.fromEntries(values) };
      },
    });
  };
}
