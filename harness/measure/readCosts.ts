/** What a job's time was, and what it cost a map to read its block from another node: measured, where the model only assumes it. */
import type { Measure } from '../experiments/experiment.ts';
import { median } from '../statistics/quantile.ts';
import { foldOf } from './fold.ts';
import { frameworkNames } from './frameworkNames.ts';
import { jobRuns } from './jobs.ts';
import { newPass } from './pass.ts';

/**
 * `job time (s)`: the mean over all jobs. `local map (s)`, `remote map (s)`: the medians of maps from when they began to run until the
 * end of their block had been read, and `remote over local (×)`; where there are maps of both kinds.
 */
export function readCosts(pass = newPass()): Measure {
  const jobs = pass.shared(jobRuns);
  const names = pass.shared(frameworkNames);
  const nameOf = names.result();
  /** When maps began to run, by the name of their framework and their own. */
  const begunMs = new Map<string, number>();
  const seconds: Record<'local' | 'remote', number[]> = { local: [], remote: [] };
  const frameworkOf = new Map<number, string>();
  return foldOf({
    parts: [jobs, names],
    on: {
      'task-launched': (line) => void frameworkOf.set(pass.task(line), nameOf(line) ?? line.frameworkId),
      'task-updated': (line) => {
        if (line.state === 'TASK_RUNNING')
          begunMs.set(`${frameworkOf.get(pass.task(line))} ${line.taskId}`, line.t);
      },
      'block-read': (line) => {
        const fromMs = begunMs.get(`${line.framework} ${line.taskId}`);
        if (fromMs !== undefined) seconds[line.locality].push((line.t - fromMs) / 1_000);
      },
    },
    result() {
      const times = [...jobs.result().values()]
        .flat()
        .map(({ intendedMs, endedMs }) => (endedMs ?? Number.NaN) - intendedMs);
      const values: Record<string, number> = {
        'job time (s)': times.reduce((sum, ms) => sum + ms, 0) / times.length / 1_000,
      };
      if (seconds.local.length > 0) values['local map (s)'] = median(seconds.local);
      if (seconds.remote.length > 0) values['remote map (s)'] = median(seconds.remote);
      if (seconds.local.length > 0 && seconds.remote.length > 0)
        values['remote over local (×)'] = median(seconds.remote) / median(seconds.local);
      return { values };
    },
  });
}
