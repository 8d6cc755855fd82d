/** The job server of a scheduler that a command runs: on this machine only. */
import type { JobDesk } from '../jobs/jobList.ts';
import { type JobServer, startJobServer } from '../jobs/jobServer.ts';
import { keyOf } from './clusterJobs.ts';
import { infrastructureError } from './exit.ts';

/** What is served. */
export interface ServedJobs {
  readonly framework: string;
  /** Undefined as long as the scheduler has not been made. */
  readonly desk: () => JobDesk | undefined;
  /** 0: any free one. */
  readonly port: number;
  readonly flags: { readonly secret_file?: string };
  readonly now: () => number;
  readonly log: (line: string) => void;
}

/** Starts it. Rejects with a CommandError. Where the cluster has a secret, nobody sees the jobs who does not know it. */
export async function serveJobs({ flags, ...served }: ServedJobs): Promise<JobServer> {
  const isPrivate = flags.secret_file !== undefined;
  const key = keyOf(flags);
  return startJobServer({ host: '127.0.0.1', key, isPrivate, ...served }).catch((error: Error) => {
    throw infrastructureError(`the jobs cannot be served: ${error.message}`, error);
  });
}
