/** A job: an action, from the moment it is asked for until its last result is there. */
import type { Millis } from '../../../mesos/driver/actor.ts';
import type { JobStatus } from '../../jobBoard.ts';
import type { TaskReport } from '../taskData.ts';
import type { JobSpec } from './lineage.ts';

/** Whom to tell of a job. Called from within the scheduler: do nothing slow. */
export interface JobListener {
  /**
   * The answer of one partition, once each. One that is a file of a node may turn out to be lost: then `again` makes the partition
   * anew, and it is told once more; else `taken` says that the answer was read. The job ends when all were.
   */
  onResult(partition: number, report: TaskReport, answer: { taken(): void; again(why: string): void }): void;
  /** Amounts for accumulators, once for each finished task. */
  onAccumulated(amounts: TaskReport['accumulators']): void;
  /** The job has ended; with a reason if it failed. Nothing is told after that. */
  onEnd(failure?: string): void;
}

/** A job under way, or one that has ended. */
export class Job {
  readonly spec: JobSpec;
  readonly listener: JobListener;
  readonly submittedMs: Millis;
  /** Of two jobs the one with the lower order comes first. */
  readonly order: number;
  startedMs: Millis | undefined;
  endedMs: Millis | undefined;
  failure: string | undefined;
  tasks = 0;
  finished = 0;
  /** Tasks by where they found their input. */
  readonly reads = { memory: 0, local: 0, remote: 0 };
  /** How many of its results are still to come. */
  left: number;

  constructor(spec: JobSpec, listener: JobListener, submittedMs: Millis, order: number) {
    this.spec = spec;
    this.listener = listener;
    this.submittedMs = submittedMs;
    this.order = order;
    this.left = spec.partitions.length;
  }

  get hasEnded(): boolean {
    return this.endedMs !== undefined;
  }
}

/** What the board shows of a job, of which so many tasks run. */
export function statusOf(job: Job, running: number): JobStatus {
  const { spec, submittedMs, startedMs, endedMs, failure, tasks: total, finished, reads } = job;
  return {
    id: spec.id,
    kind: spec.kind,
    phase:
      endedMs !== undefined
        ? failure === undefined
          ? 'finished'
          : 'failed'
        : startedMs === undefined
          ? 'waiting'
          : 'running',
    submittedMs,
    ...(startedMs !== undefined && { startedMs }),
    ...(endedMs !== undefined && { endedMs }),
    tasks: { total, running, finished },
    counters: { memoryReads: reads.memory, localReads: reads.local, remoteReads: reads.remote },
    ...(failure !== undefined && { message: failure }),
  };
}
