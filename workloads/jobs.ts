/** Jobs of a workload, as data: what is submitted when, and how much work it is. No framework, no clock. */

/** When a job is submitted. */
export type Submission =
  /** At a fixed time after the start of the workload. */
  | { readonly when: 'at'; readonly ms: number }
  /** Some time after another job of the same workload has ended. */
  | { readonly when: 'after'; readonly jobId: string; readonly delayMs: number };

/** A MapReduce job. */
export interface MapReduceJob {
  readonly id: string;
  /** What people call it, e.g. `text search`. */
  readonly kind: string;
  /** Class of size, for tables by class; 0 if it has none. */
  readonly bin: number;
  readonly maps: number;
  readonly reduces: number;
  readonly submission: Submission;
  /** Modelled times, for virtual time. */
  readonly model: {
    /** From submission until the first map may run, and from the last task until the job counts as ended: half each. */
    readonly setUpMs: number;
    /** Mean length of a map that reads a local block. */
    readonly mapMs: number;
    /** Mean length of a reduce, shuffle included. */
    readonly reduceMs: number;
    /** Coefficient of variation of the task lengths (log-normal). */
    readonly cv: number;
  };
}

/** A rigid job: it needs all its ranks at once. */
export interface RigidJob {
  readonly id: string;
  readonly kind: string;
  readonly ranks: number;
  readonly submission: Submission;
  readonly model: {
    /** Mean time that a rank works. The job ends with its slowest rank. */
    readonly workMs: number;
    /** Coefficient of variation between ranks (log-normal). */
    readonly cv: number;
  };
}
