/** What a queue server may be told while it runs: its JobControl (frameworks/jobBoard.ts). */
import type { JobControl } from '../jobBoard.ts';
import { type ControlledJobs, controlOf } from '../jobControl.ts';
import { JOBS_MAX } from './config.ts';
import { complaintAbout, type TorqueJob } from './job.ts';
import type { JobRun } from './jobRun.ts';
import type { JobRoster } from './roster.ts';

/** What the server does when it is told so. */
export interface ControlledQueue
  extends Pick<ControlledJobs<TorqueJob, JobRun>, 'jobs' | 'delete' | 'setHeld'> {
  readonly roster: JobRoster;
  /** The most slots that it may have. */
  slotsMax(): number;
  /** Why it takes no more jobs; undefined as long as it does. */
  closed(): string | undefined;
  /** Takes a job that was checked. */
  take(job: TorqueJob): void;
}

/** The control of a server. Its calls throw a RangeError of one sentence if something cannot be done. */
export function queueControl(queue: ControlledQueue): JobControl<TorqueJob> {
  return controlOf({
    ...queue,
    get: (id) => queue.roster.get(id),
    hasEnded: ({ now }) => now.state === 'ended',
    hasStarted: ({ now }) => now.state === 'running',
    submit(job) {
      const wrong = queue.closed() ?? refusal(job, queue);
      if (wrong !== undefined) throw new RangeError(wrong);
      queue.take(job);
    },
  });
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
