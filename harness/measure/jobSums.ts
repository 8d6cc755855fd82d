/** How long the jobs of each framework took together, and those of each kind on average. */
import type { Measure } from '../experiments/experiment.ts';
import { mean } from '../statistics/mean.ts';
import { foldOf } from './fold.ts';
import { type JobRun, jobRuns } from './jobs.ts';

/** The name of the value: the sum of a framework's job times. */
export const sumOf = (framework: string): string => `job times of ${framework}, sum (s)`;

/** The name of the value: the mean time of its jobs of one kind and size. */
export const meanOf = (framework: string, kind: string, tasks: number): string =>
  `${kind} of ${tasks} tasks of ${framework}, mean (s)`;

/** The name of the value: the mean time from the submission of its jobs until they run. */
export const waitOf = (framework: string): string => `wait of jobs of ${framework}, mean (s)`;

/**
 * Times count from the intended submission, of jobs that have finished; there is a sum only where all have. Jobs of a framework that is
 * an `alias` count as those of the one it stands for.
 */
export function jobSums(alias: Readonly<Record<string, string>> = {}): () => Measure {
  return () => {
    const fold = jobRuns();
    return foldOf({
      parts: [fold],
      result() {
        const values: Record<string, number> = {};
        const byFramework = new Map<string, JobRun[]>();
        for (const [name, jobs] of fold.result()) {
          const framework = alias[name] ?? name;
          byFramework.set(framework, [...(byFramework.get(framework) ?? []), ...jobs]);
        }
        for (const [framework, jobs] of byFramework) {
          const times = jobs.map(timeS).filter((time) => time !== null);
          if (times.length === jobs.length)
            values[sumOf(framework)] = times.reduce((sum, time) => sum + time, 0);
          const waits = jobs.flatMap(({ startedMs, intendedMs }) =>
            startedMs === null ? [] : (startedMs - intendedMs) / 1000,
          );
          if (waits.length > 0) values[waitOf(framework)] = mean(waits);
          for (const [name, times] of byKind(framework, jobs)) values[name] = mean(times);
        }
        return { values };
      },
    });
  };
}

function byKind(framework: string, jobs: readonly JobRun[]): ReadonlyMap<string, readonly number[]> {
  const kinds = new Map<string, number[]>();
  for (const job of jobs) {
    const name = meanOf(framework, job.kind, job.tasks);
    const time = timeS(job);
    if (time !== null) kinds.set(name, [...(kinds.get(name) ?? []), time]);
  }
  return kinds;
}

const timeS = ({ endedMs, intendedMs, outcome }: JobRun): number | null =>
  endedMs === null || outcome !== 'finished' ? null : (endedMs - intendedMs) / 1000;
