/** The flags that every submission has. */
import type { ClusterFlags } from '../clusterFile.ts';
import type { SchedulerFlags } from '../schedulerProcess.ts';

/** The flags of all submissions. */
export interface SubmitFlags extends SchedulerFlags, ClusterFlags {
  readonly master: string;
  readonly history?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  /** After so many milliseconds without any task the user is told why, and again when that changes. */
  readonly patience: number;
  /** A scheduler that runs already. */
  readonly queue?: string;
}
