/** What the schedulers that take jobs while they run have in common: which job may be told what. */
import type { JobControl, JobStatus } from './jobBoard.ts';

/** The jobs of a scheduler, and what it does with them when it is told so. */
export interface ControlledJobs<Job, Entry> {
  jobs(): readonly JobStatus[];
  get(jobId: string): Entry | undefined;
  hasEnded(entry: Entry): boolean;
  hasStarted(entry: Entry): boolean;
  /** Takes a job, or throws a RangeError. */
  submit(job: Job): void;
  /** Ends a job that has not ended. */
  delete(entry: Entry): void;
  /** Keeps a job that has not started from being started, or no more. */
  setHeld(entry: Entry, held: boolean): void;
}

/** The control of these jobs. Its calls throw a RangeError of one sentence if something cannot be done. */
export function controlOf<Job, Entry>(jobs: ControlledJobs<Job, Entry>): JobControl<Job> {
  const unended = (id: string): Entry => {
    const entry = jobs.get(id);
    if (entry === undefined)
      throw new RangeError(`There is no job '${id}' here; its id may be mistyped, or it ended long ago.`);
    if (jobs.hasEnded(entry)) throw new RangeError(`Job '${id}' has ended already.`);
    return entry;
  };
  const waiting = (id: string): Entry => {
    const entry = unended(id);
    if (jobs.hasStarted(entry))
      throw new RangeError(`Job '${id}' runs already; only a job that waits can be held or released.`);
    return entry;
  };
  return {
    jobs: () => jobs.jobs(),
    submit: (job) => jobs.submit(job),
    delete: (id) => jobs.delete(unended(id)),
    hold: (id) => jobs.setHeld(waiting(id), true),
    release: (id) => jobs.setHeld(waiting(id), false),
  };
}
