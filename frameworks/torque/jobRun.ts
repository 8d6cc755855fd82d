/** A job on its way through the scheduler. */
import type { Timer } from '../../mesos/driver/actor.ts';
import type { RankResult, Start } from '../mpi/message.ts';
import type { Gang } from './gang.ts';
import type { TorqueJob } from './job.ts';
import type { TorqueJobSummary } from './summary.ts';

/** Where a job stands. */
export type JobState =
  /** Its time has not come, or the job that it follows has not ended. */
  | { readonly state: 'unsubmitted' }
  | { readonly state: 'queued' }
  /** Gave back what it had gathered, and waits a random time before it tries again. */
  | { readonly state: 'backing-off'; readonly timer: Timer }
  /** Takes slots as they are offered. The deadline runs from the first slot on. */
  | { readonly state: 'gathering'; readonly gang: Gang; deadline: Timer | undefined }
  /** All ranks were there and have been told to start. The deadline runs until the last has confirmed it. */
  | {
      readonly state: 'running';
      readonly gang: Gang;
      readonly starts: readonly Start[];
      deadline: Timer | undefined;
    }
  | { readonly state: 'ended'; readonly outcome: 'finished' | 'failed'; readonly message?: string };

/** A job and what has become of it so far. Times in milliseconds on the scheduler's clock. */
export interface JobRun {
  readonly job: TorqueJob;
  now: JobState;
  /** Gangs made so far. */
  gangs: number;
  failures: number;
  hoardTimeouts: number;
  submittedMs: number | undefined;
  startedMs: number | undefined;
  endedMs: number | undefined;
  result: RankResult | undefined;
}

/** A job of which nothing has happened yet. */
export function newJobRun(job: TorqueJob): JobRun {
  return {
    job,
    now: { state: 'unsubmitted' },
    gangs: 0,
    failures: 0,
    hoardTimeouts: 0,
    submittedMs: undefined,
    startedMs: undefined,
    endedMs: undefined,
    result: undefined,
  };
}

/** The gang that the job has at the moment. */
export function gangOf({ now }: JobRun): Gang | undefined {
  return now.state === 'gathering' || now.state === 'running' ? now.gang : undefined;
}

/** Stops the timer of the state that the job is in. */
export function cancelTimer({ now }: JobRun): void {
  if (now.state === 'backing-off') now.timer.cancel();
  if (now.state === 'gathering' || now.state === 'running') now.deadline?.cancel();
}

/** The account of a job that has ended. */
export function summarise(run: JobRun): TorqueJobSummary {
  const { job, now, failures, hoardTimeouts, submittedMs, startedMs, endedMs, result } = run;
  const finished = now.state === 'ended' && now.outcome === 'finished';
  return {
    id: job.id,
    kind: job.kind,
    ranks: job.ranks,
    outcome: finished ? 'finished' : 'failed',
    ...(now.state === 'ended' && now.message !== undefined ? { message: now.message } : {}),
    ...(submittedMs === undefined ? {} : { submittedMs }),
    ...(startedMs === undefined ? {} : { startedMs }),
    ...(endedMs === undefined ? {} : { endedMs }),
    failures,
    hoardTimeouts,
    ...(result === undefined ? {} : { result }),
  };
}
