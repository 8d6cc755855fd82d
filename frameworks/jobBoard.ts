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
  /** What it needs of slaves, if all of its tasks need the same. */
  readonly needs?: JobNeeds;
}

/** What a job needs of slaves. */
export interface JobNeeds {
  /** Of each task. */
  readonly slot: Resources;
  /** Of their executor, once on each slave beside them; absent: nothing. */
  readonly executor?: Resources;
  /** All of its tasks are to run at the same time. */
  readonly atOnce?: {
    /** What people call them. */
    readonly what: 'ranks' | 'instances';
    /** Most of them on one slave; absent: as many as there is room for. */
    readonly perSlave?: number;
    /** Most tasks that the framework has at a time, of its own accord: as many as it is guaranteed. Absent: any number. */
    readonly most?: number;
  };
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
