/** What a Hadoop instance may be told of its jobs while it runs: its JobControl (frameworks/jobBoard.ts). */
import type { JobControl } from '../jobBoard.ts';
import { checkJobs, type HadoopJob, sourcesOf } from './job.ts';
import type { JobEntry, JobRoster } from './jobRoster.ts';

/** What the JobTracker does when it is told so. */
export interface ControlledJobs {
  readonly roster: JobRoster;
  /** Why no job can be taken any more; undefined as long as jobs can. */
  closed(): string | undefined;
  /** Takes a job that was checked. */
  take(spec: HadoopJob): void;
  /** Ends a job that has not ended. */
  delete(entry: JobEntry): void;
  /** Keeps a job that has not begun from being started, or no more. */
  setHeld(entry: JobEntry, held: boolean): void;
}

/** The control of an instance. Its calls throw a RangeError of one sentence if something cannot be done. */
export function jobControl(jobs: ControlledJobs): JobControl<HadoopJob> {
  const { roster } = jobs;
  const unended = (id: string): JobEntry => {
    const entry = roster.get(id);
    if (entry === undefined)
      throw new RangeError(`There is no job '${id}' here; its id may be mistyped, or it ended long ago.`);
    if (entry.state.is === 'ended') throw new RangeError(`Job '${id}' has ended already.`);
    return entry;
  };
  const waiting = (id: string): JobEntry => {
    const entry = unended(id);
    if (entry.state.is === 'active' && entry.state.job.startedMs !== undefined)
      throw new RangeError(`Job '${id}' runs already; only a job that waits can be held or released.`);
    return entry;
  };
  return {
    jobs: () => roster.statuses(),
    submit: (spec) => {
      const why = jobs.closed();
      if (why !== undefined) throw new RangeError(why);
      checkNewJob(spec, roster);
      jobs.take(spec);
    },
    delete: (id) => jobs.delete(unended(id)),
    hold: (id) => jobs.setHeld(waiting(id), true),
    release: (id) => jobs.setHeld(waiting(id), false),
  };
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
