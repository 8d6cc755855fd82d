/** A job on its way through the queue server. */
import type { Millis, Timer } from '../../mesos/driver/actor.ts';
import type { JobStatus } from '../jobBoard.ts';
import type { RankResult, Start } from '../mpi/message.ts';
import type { TorqueConfig } from './config.ts';
import type { Gang } from './gang.ts';
import type { TorqueJob } from './job.ts';
import type { JobOutcome, TorqueJobSummary } from './summary.ts';

/** Where a job stands. */
export type JobState =
  /** Its time has not come, or the job that it follows has not ended. */
  | { readonly state: 'unsubmitted'; readonly timer?: Timer }
  | { readonly state: 'queued' }
  /** Gave back what it had gathered, and waits a random time before it tries again. */
  | {
      readonly state: 'backing-off';
      readonly timer: Timer;
      /** How many slots the server had at the time, its own among them: more there were not. */
      readonly slotsSeen: number;
    }
  /** Takes slots as they are offered. The deadline runs from the first slot on. */
  | { readonly state: 'gathering'; readonly gang: Gang; deadline: Timer | undefined }
  /** All ranks were there and have been told to start. */
  | RunningState
  | { readonly state: 'ended'; readonly outcome: JobOutcome; readonly message?: string };

/** Of a job whose ranks have been told to start. */
export interface RunningState {
  readonly state: 'running';
  readonly gang: Gang;
  readonly starts: readonly Start[];
  /** Runs until the last rank has confirmed the start. */
  deadline: Timer | undefined;
  /** When the job is killed; Infinity if it may run as long as it likes. */
  readonly endsMs: Millis;
  /** Runs until then. */
  readonly wallTime: Timer | undefined;
}

/** A job and what has become of it so far. Times in milliseconds on the scheduler's clock. */
export interface JobRun {
  readonly job: TorqueJob;
  now: JobState;
  /** Kept from being started, by somebody's wish. */
  held: boolean;
  /** When the server was told of it. */
  takenMs: Millis;
  failures: number;
  /** Why its last attempt failed. */
  failure: string | undefined;
  hoardTimeouts: number;
  submittedMs: Millis | undefined;
  startedMs: Millis | undefined;
  endedMs: Millis | undefined;
  result: RankResult | undefined;
}

/** A job of which nothing has happened yet. */
export function newJobRun(job: TorqueJob, takenMs: Millis): JobRun {
  return {
    job,
    now: { state: 'unsubmitted' },
    held: false,
    takenMs,
    failures: 0,
    failure: undefined,
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

/** Stops the timers of the state that the job is in. */
export function cancelTimers({ now }: JobRun): void {
  if (now.state === 'unsubmitted') now.timer?.cancel();
  if (now.state === 'backing-off') now.timer.cancel();
  if (now.state === 'gathering' || now.state === 'running') now.deadline?.cancel();
  if (now.state === 'running') now.wallTime?.cancel();
}

/** The account of a job that has ended. */
export function summarise(run: JobRun): TorqueJobSummary {
  const { job, now, failures, hoardTimeouts, submittedMs, startedMs, endedMs, result } = run;
  return {
    id: job.id,
    kind: job.kind,
    ranks: job.ranks,
    outcome: now.state === 'ended' ? now.outcome : 'failed',
    ...(now.state === 'ended' && now.message !== undefined ? { message: now.message } : {}),
    ...(submittedMs === undefined ? {} : { submittedMs }),
    ...(startedMs === undefined ? {} : { startedMs }),
    ...(endedMs === undefined ? {} : { endedMs }),
    failures,
    hoardTimeouts,
    ...(result === undefined ? {} : { result }),
  };
}

/** Where the job stands, for people. `slotsMax`: more the server may not have at the moment. */
export function statusOf(run: JobRun, slotsMax: number, config: TorqueConfig): JobStatus {
  const { job, now, startedMs, endedMs } = run;
  const phase = phaseOf(run);
  const hasRun = phase === 'running' || now.state === 'ended';
  const message = messageOf(run, slotsMax);
  const perSlave = Math.min(job.slotsPerSlaveMax ?? job.ranks, config.slotsPerSlaveMax ?? job.ranks);
  return {
    id: job.id,
    kind: job.kind,
    phase,
    submittedMs: run.submittedMs ?? run.takenMs,
    ...(startedMs !== undefined && hasRun && { startedMs }),
    ...(endedMs !== undefined && { endedMs }),
    tasks: { total: job.ranks, ...rankCounts(run) },
    ...(message !== undefined && { message }),
    needs: {
      slot: config.slot,
      atOnce: {
        what: 'ranks',
        ...(perSlave < job.ranks && { perSlave }),
        ...(slotsMax !== Number.POSITIVE_INFINITY && { most: slotsMax }),
      },
    },
  };
}

function phaseOf({ now, held }: JobRun): JobStatus['phase'] {
  switch (now.state) {
    case 'unsubmitted':
    case 'queued':
    case 'backing-off':
    case 'gathering':
      return held ? 'held' : 'waiting';
    case 'running':
      return 'running';
    case 'ended':
      return now.outcome;
    default:
      return now satisfies never;
  }
}

function rankCounts({ job, now }: JobRun): { readonly running: number; readonly finished: number } {
  if (now.state === 'running') {
    const finished = now.gang.slots.filter((slot) => slot.now.phase === 'finished').length;
    return { running: job.ranks - finished, finished };
  }
  return { running: 0, finished: now.state === 'ended' && now.outcome === 'finished' ? job.ranks : 0 };
}

function messageOf({ job, now, held, failure }: JobRun, slotsMax: number): string | undefined {
  switch (now.state) {
    case 'unsubmitted':
      return job.submission.when === 'after'
        ? `it is submitted when job '${job.submission.jobId}' has ended`
        : 'its time has not come';
    case 'queued':
      if (job.ranks > slotsMax) return `it needs ${job.ranks} slots, and the framework may have ${slotsMax}`;
      return held ? undefined : (failure ?? 'it waits for its turn');
    case 'backing-off':
      return `it got too few of its ${job.ranks} slots in time, and will try again`;
    case 'gathering':
      return `it has ${job.ranks - now.gang.missing} of its ${job.ranks} slots`;
    case 'running':
      return undefined;
    case 'ended':
      return now.message;
    default:
      return now satisfies never;
  }
}
