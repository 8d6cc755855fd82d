/** What a queue server may be told while it runs: its JobControl (frameworks/jobBoard.ts). */
import type { JobControl, JobStatus } from '../jobBoard.ts';
import { JOBS_MAX } from './config.ts';
import { complaintAbout, type TorqueJob } from './job.ts';
import type { JobRun } from './jobRun.ts';
import type { JobRoster } from './roster.ts';

/** What the server does when it is told so. */
export interface ControlledQueue {
  readonly roster: JobRoster;
  /** The most slots that it may have. */
  slotsMax(): number;
  /** Why it takes no more jobs; undefined as long as it does. */
  closed(): string | undefined;
  jobs(): readonly JobStatus[];
  /** Takes a job that was checked. */
  take(job: TorqueJob): void;
  /** Ends a job that has not ended. */
  delete(run: JobRun): void;
  /** Keeps a job that does not run from being started, or no more. */
  setHeld(run: JobRun, held: boolean): void;
}

/** The control of a server. Its calls throw a RangeError of one sentence if something cannot be done. */
export function queueControl(queue: ControlledQueue): JobControl<TorqueJob> {
  const { roster } = queue;
  const unended = (id: string): JobRun => {
    const run = roster.get(id);
    if (run === undefined)
      throw new RangeError(`There is no job '${id}' here; its id may be mistyped, or it ended long ago.`);
    if (run.now.state === 'ended') throw new RangeError(`Job '${id}' has ended already.`);
    return run;
  };
  const waiting = (id: string): JobRun => {
    const run = unended(id);
    if (run.now.state === 'running')
      throw new RangeError(`Job '${id}' runs already; only a job that waits can be held or released.`);
    return run;
  };
  return {
    jobs: () => queue.jobs(),
    submit: (job) => {
      const wrong = queue.closed() ?? refusal(job, queue);
      if (wrong !== undefined) throw new RangeError(wrong);
      queue.take(job);
    },
    delete: (id) => queue.delete(unended(id)),
    hold: (id) => queue.setHeld(waiting(id), true),
    release: (id) => queue.setHeld(waiting(id), false),
  };
}

function refusal(job: TorqueJob, { roster, slotsMax }: ControlledQueue): string | undefined {
  const { id, submission } = job;
  if (roster.get(id) !== undefined) return `There is a job '${id}' already; give this one another id.`;
  if (roster.unended >= JOBS_MAX)
    return `The queue is full: it has ${JOBS_MAX} jobs; try again when some have ended.`;
  if (submission.when === 'after' && roster.get(submission.jobId) === undefined)
    return `Job '${id}' waits for job '${submission.jobId}', which is not known here.`;
  const complaint = complaintAbout(job, slotsMax());
  return complaint && `${complaint[0]?.toUpperCase()}${complaint.slice(1)}.`;
}
