/** What a job's time was, and what it cost a map to read its block from another node: measured, where the model only assumes it. */
import type { Measure } from '../experiments/experiment.ts';
import { median } from '../statistics/quantile.ts';
import { jobRuns } from './jobs.ts';
import { frameworkKey, taskKey } from './scope.ts';

/**
 * `job time (s)`: the mean over all jobs. `local map (s)`, `remote map (s)`: the medians of maps from when they began to run until the
 * end of their block had been read, and `remote over local (×)`; where there are maps of both kinds.
 */
export function readCosts(): Measure {
  const jobs = jobRuns();
  const names = new Map<string, string>();
  /** When maps began to run, by the name of their framework and their own. */
  const begunMs = new Map<string, number>();
  const seconds: Record<'local' | 'remote', number[]> = { local: [], remote: [] };
  const frameworkOf = new Map<string, string>();
  return {
    observe(line) {
      jobs.observe(line);
      if (line.event === 'framework-registered') names.set(frameworkKey(line), line.name);
      if (line.event === 'task-launched')
        frameworkOf.set(taskKey(line), names.get(frameworkKey(line)) ?? line.frameworkId);
      if (line.event === 'task-updated' && line.state === 'TASK_RUNNING')
        begunMs.set(`${frameworkOf.get(taskKey(line))} ${line.taskId}`, line.t);
      if (line.event !== 'block-read') return;
      const fromMs = begunMs.get(`${line.framework} ${line.taskId}`);
      if (fromMs !== undefined) seconds[line.locality].push((line.t - fromMs) / 1_000);
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
  };
}
