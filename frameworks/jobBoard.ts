/** What a framework tells of its jobs while they run, and what it may be told: behind progress bars, `lab jobs`, queue servers. */
import type { Millis } from '../mesos/driver/actor.ts';
import type { Resources } from '../mesos/protocol/resources.ts';

/** Where a job stands. `deleted`: by somebody's wish, before it had ended. */
export type JobPhase = 'waiting' | 'held' | 'running' | 'finished' | 'failed' | 'deleted';

/** One job. Times on the scheduler's clock. */
export interface JobStatus {
  readonly id: string;
  readonly kind: string;
  readonly phase: JobPhase;
  readonly submittedMs: Millis;
  readonly startedMs?: Millis;
  readonly endedMs?: Millis;
  /** `total` grows while a job finds out what it has to do. */
  readonly tasks: { readonly total: number; readonly running: number; readonly finished: number };
  /** Why it failed, or waits. */
  readonly message?: string;
  /** What its finished tasks counted, by name. */
  readonly counters?: Readonly<Record<string, number>>;
  /** Its tasks only run together: what each needs, and most of them on one slave, if not as many as there is room for. */
  readonly gang?: { readonly slot: Resources; readonly perSlave?: number };
}

/** Shows the jobs of a framework, in the order of their submission. */
export interface JobBoard {
  jobs(): readonly JobStatus[];
}

/** Jobs that come, and go, while the framework runs. Each call throws a RangeError of one sentence if it cannot be done. */
export interface JobControl<Job> extends JobBoard {
  /** Takes a job as if it had been in the configuration, submitted now. */
  submit(job: Job): void;
  /** Ends a job and all its tasks. */
  delete(jobId: string): void;
  /** Keeps a waiting job from being started. */
  hold(jobId: string): void;
  /** Lets a held job be started. */
  release(jobId: string): void;
  /** How many tasks a job is to have from now on. Absent: jobs of this framework have as many as they need. */
  scale?(jobId: string, tasks: number): void;
}
