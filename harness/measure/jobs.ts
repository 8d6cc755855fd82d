/** Jobs as they ran, from what the frameworks' schedulers recorded. */
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import type { JobMeasure } from '../result.ts';
import { type Fold, foldOf } from './fold.ts';
import type { Span } from './stepFunction.ts';

/** A job with its times on the clock of the history. */
export interface JobRun {
  readonly id: string;
  readonly kind: string;
  readonly tasks: number;
  /** When it was meant to be submitted, which may be earlier than it was. */
  readonly intendedMs: number;
  startedMs: number | null;
  endedMs: number | null;
  outcome: JobMeasure['outcome'];
}

/** The jobs of each framework, by its name, in order of submission. */
export type JobRuns = ReadonlyMap<string, readonly JobRun[]>;

/** Follows jobs; the first of several equal events counts (a check tells of the others). */
export function jobRuns(): Fold<JobRuns> {
  const frameworks = new Map<string, JobRun[]>();
  const byKey = new Map<string, JobRun>();
  const jobOf = (line: HistoryLine & { framework: string; jobId: string }): JobRun | undefined =>
    byKey.get(`${line.framework} ${line.jobId}`);
  return foldOf({
    on: {
      'job-submitted': (line) => {
        if (jobOf(line) !== undefined) return;
        const { framework, jobId: id, kind, tasks, intendedMs } = line;
        const job: JobRun = {
          id,
          kind,
          tasks,
          intendedMs,
          startedMs: null,
          endedMs: null,
          outcome: 'unfinished',
        };
        byKey.set(`${framework} ${id}`, job);
        const jobs = frameworks.get(framework);
        if (jobs === undefined) frameworks.set(framework, [job]);
        else jobs.push(job);
      },
      'job-started': (line) => {
        const job = jobOf(line);
        if (job !== undefined) job.startedMs ??= line.t;
      },
      'job-finished': (line) => {
        const job = jobOf(line);
        if (job === undefined || job.endedMs !== null) return;
        job.endedMs = line.t;
        job.outcome = line.outcome;
      },
    },
    result: () => frameworks,
  });
}

/** The job in seconds from `startMs`. */
export function measureJob(job: JobRun, startMs: number): JobMeasure {
  const seconds = (atMs: number): number => (atMs - startMs) / 1000;
  return {
    id: job.id,
    kind: job.kind,
    tasks: job.tasks,
    submittedS: seconds(job.intendedMs),
    startedS: job.startedMs === null ? null : seconds(job.startedMs),
    endedS: job.endedMs === null ? null : seconds(job.endedMs),
    outcome: job.outcome,
  };
}

/** When the job was waiting or running; until `endMs` if it never ended. */
export function spanOf(job: JobRun, endMs: number): Span {
  return { fromMs: job.intendedMs, toMs: job.endedMs ?? endMs };
}
