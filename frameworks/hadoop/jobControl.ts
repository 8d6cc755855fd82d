/** What a Hadoop instance may be told of its jobs while it runs: its JobControl (frameworks/jobBoard.ts). */
import type { JobControl, JobNeeds } from '../jobBoard.ts';
import { type ControlledJobs, controlOf } from '../jobControl.ts';
import { checkJobs, type HadoopJob, sourcesOf } from './job.ts';
import type { JobEntry, JobRoster } from './jobRoster.ts';

/** What the JobTracker does when it is told so. */
export interface TrackedJobs extends Pick<ControlledJobs<HadoopJob, JobEntry>, 'delete' | 'setHeld'> {
  readonly roster: JobRoster;
  /** What each of them needs of slaves. */
  readonly needs: JobNeeds;
  /** Why no job can be taken any more; undefined as long as jobs can. */
  closed(): string | undefined;
  /** Takes a job that was checked. */
  take(spec: HadoopJob): void;
}

/** The control of an instance. Its calls throw a RangeError of one sentence if something cannot be done. */
export function jobControl(jobs: TrackedJobs): JobControl<HadoopJob> {
  const { roster, needs } = jobs;
  return controlOf({
    ...jobs,
    jobs: () => roster.statuses().map((status) => ({ ...status, needs })),
    get: (id) => roster.get(id),
    hasEnded: ({ state }) => state.is === 'ended',
    hasStarted: ({ state }) => state.is === 'active' && state.job.startedMs !== undefined,
    submit(spec) {
      const why = jobs.closed();
      if (why !== undefined) throw new RangeError(why);
      checkNewJob(spec, roster);
      jobs.take(spec);
    },
  });
}

function checkNewJob(spec: HadoopJob, roster: JobRoster): void {
  const { id, submission } = spec;
  if (roster.get(id) !== undefined)
    throw new RangeError(`There is a job '${id}' already; give this one another id.`);
  if (submission.when === 'after' && roster.get(submission.jobId) === undefined)
    throw new RangeError(`Job '${id}' waits for job '${submission.jobId}', which is not known here.`);
  for (const source of sourcesOf(spec))
    if (roster.get(source) === undefined)
      throw new RangeError(
        `Job '${id}' reads the output of job '${source}', which is not known here; it may have ended long ago.`,
      );
  try {
    checkJobs([spec], (other) => roster.get(other) !== undefined);
  } catch (error) {
    throw new RangeError((error as Error).message);
  }
}
