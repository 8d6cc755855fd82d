/** What becomes of the jobs that are submitted in a window of time, and how long they wait. */
import type { Measure } from '../experiments/experiment.ts';
import { foldOf } from './fold.ts';
import type { Span } from './stepFunction.ts';

interface Job {
  readonly framework: string;
  readonly intendedMs: number;
  attemptedMs?: number;
  startedMs?: number;
  ended?: { readonly atMs: number; readonly outcome: 'finished' | 'failed' };
}

/**
 * Of the jobs of each framework that were meant to be submitted in the window, whatever became of them later: `NAME jobs (jobs)`;
 * `NAME started (%)`, `NAME finished (%)` and `NAME abandoned (%)`, by the end of the history; means of `NAME attempt after (s)`, from the submission until
 * its scheduler first thought about it (or launched its first task, if it does not record what it thinks about), `NAME wait (s)`,
 * until the first task was launched, and `NAME job time (s)`, until it had finished. What a job still waited for at the end of the
 * history counts as having come then: the mean is no more than the truth. Of `NAME job time (s)` only finished jobs count.
 * `finished an hour (jobs)` counts all that finished in the window, of all frameworks.
 */
export function jobWaits(window: Span): Measure {
  const jobs = new Map<string, Job>();
  let nowMs = 0;
  let finishedInWindow = 0;
  const jobOf = (line: { readonly framework: string; readonly jobId: string }): Job | undefined =>
    jobs.get(`${line.framework} ${line.jobId}`);
  return foldOf({
    on: {
      every: ({ t }) => {
        nowMs = t;
      },
      'job-submitted': ({ framework, jobId, intendedMs }) => {
        if (intendedMs >= window.fromMs && intendedMs < window.toMs)
          jobs.set(`${framework} ${jobId}`, { framework, intendedMs });
      },
      'job-decided': (line) => {
        const job = jobOf(line);
        if (job !== undefined) job.attemptedMs ??= line.t - line.tookMs;
      },
      'job-started': (line) => {
        const job = jobOf(line);
        if (job !== undefined) job.startedMs ??= line.t;
      },
      'job-finished': (line) => {
        const { t, outcome } = line;
        if (outcome === 'finished' && t >= window.fromMs && t < window.toMs) finishedInWindow++;
        const job = jobOf(line);
        if (job !== undefined) job.ended ??= { atMs: t, outcome };
      },
    },
    result() {
      const hours = (window.toMs - window.fromMs) / 3_600_000;
      const values: Record<string, number> = { 'finished an hour (jobs)': finishedInWindow / hours };
      for (const [name, own] of Map.groupBy(jobs.values(), ({ framework }) => framework)) {
        const of = (outcome: 'finished' | 'failed') => own.filter(({ ended }) => ended?.outcome === outcome);
        values[`${name} jobs (jobs)`] = own.length;
        values[`${name} started (%)`] =
          (100 * own.filter(({ startedMs }) => startedMs !== undefined).length) / own.length;
        values[`${name} finished (%)`] = (100 * of('finished').length) / own.length;
        values[`${name} abandoned (%)`] = (100 * of('failed').length) / own.length;
        values[`${name} attempt after (s)`] = meanS(
          own,
          (job) => job.attemptedMs ?? untilStarted(job, nowMs),
        );
        values[`${name} wait (s)`] = meanS(own, (job) => untilStarted(job, nowMs));
        const finished = of('finished');
        if (finished.length > 0)
          values[`${name} job time (s)`] = meanS(finished, ({ ended }) => ended?.atMs ?? nowMs);
      }
      return { values };
    },
  });
}

/** When its first task was launched; if there was none, when it was given up, or the end of the history. */
function untilStarted({ startedMs, ended }: Job, nowMs: number): number {
  return startedMs ?? ended?.atMs ?? nowMs;
}

/** Mean time from the submission. */
function meanS(jobs: readonly Job[], until: (job: Job) => number): number {
  return jobs.reduce((sum, job) => sum + until(job) - job.intendedMs, 0) / jobs.length / 1000;
}
