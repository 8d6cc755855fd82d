/** What the queue server has to say when it is done. */

import type { RankResult } from '../mpi/message.ts';
import type { TorqueJob } from './job.ts';

/** How a job ended. `deleted`: by somebody's wish. */
export type JobOutcome = 'finished' | 'failed' | 'deleted';

/** One job as it ran. Times in milliseconds on the scheduler's clock. */
export interface TorqueJobSummary {
  readonly id: TorqueJob['id'];
  readonly kind: string;
  readonly ranks: number;
  readonly outcome: JobOutcome;
  /** Why it failed or was deleted. */
  readonly message?: string;
  /** When it was meant to be submitted; absent if it never was. */
  readonly submittedMs?: number;
  /** When all ranks of its last attempt ran; absent if they never did. */
  readonly startedMs?: number;
  readonly endedMs?: number;
  /** Attempts that failed. */
  readonly failures: number;
  /** How often it gave back slots because they had not become a whole gang in time. */
  readonly hoardTimeouts: number;
  /** What rank 0 found. */
  readonly result?: RankResult;
}

/** All jobs, in the order of the configuration. */
export interface TorqueSummary {
  readonly framework: string;
  readonly jobs: readonly TorqueJobSummary[];
}
