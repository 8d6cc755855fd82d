/** The jobs of all frameworks that a master knows: each is asked for its own. */
import * as v from 'valibot';
import { type JobClient, type JobServerError, jobClient } from '../jobs/jobClient.ts';
import { ownKey } from '../jobs/jobKey.ts';
import type { JobList } from '../jobs/jobList.ts';
import { infrastructureError, usageError } from './exit.ts';
import type { MasterReader } from './masterReads.ts';
import { readSecret } from './security.ts';

/** A job server that answered. */
export interface FoundServer {
  readonly frameworkId: string;
  readonly name: string;
  readonly client: JobClient;
  readonly list: JobList;
}

/** A framework that tells nothing of its jobs. */
export interface SilentFramework {
  readonly name: string;
  readonly why: string;
}

/** What was found. */
export interface AllJobs {
  readonly servers: readonly FoundServer[];
  readonly lists: readonly (JobList & { readonly frameworkId: string })[];
  readonly silent: readonly SilentFramework[];
}

/**
 * Finds the jobs of all frameworks, or of those of this id or name. While frameworks come to a new leader, waits for what is wanted: that
 * framework, or this job. Rejects with a CommandError.
 */
export type JobsOfCluster = (framework?: string, job?: string) => Promise<AllJobs>;

const FrameworksSchema = v.object({
  frameworks: v.array(v.object({ id: v.string(), name: v.string(), webui_url: v.optional(v.string(), '') })),
});

/** Makes a finder. Throws, in one sentence, what is wrong with the flags. */
export function jobsOfCluster(reader: MasterReader, flags: { readonly secret_file?: string }): JobsOfCluster {
  const key = keyOf(flags);
  const all: JobsOfCluster = async (wanted) => {
    const choose = ({ frameworks }: v.InferOutput<typeof FrameworksSchema>) =>
      frameworks.filter(
        ({ id, name, webui_url }) => wanted === undefined || [id, name, webui_url].includes(wanted),
      );
    const told = await reader.settled(
      () => reader.get(FrameworksSchema, '/frameworks'),
      (seen) => wanted === undefined || choose(seen).length > 0,
    );
    const { frameworks } = told;
    const chosen = choose(told);
    if (wanted !== undefined && chosen.length === 0)
      throw usageError(`no framework '${wanted}' runs${namesOf(frameworks)}`);
    const servers: FoundServer[] = [];
    const silent: SilentFramework[] = [];
    await Promise.all(
      chosen.map(async ({ id: frameworkId, name, webui_url }) => {
        if (!webui_url.startsWith('http://') || !URL.canParse(webui_url)) {
          silent.push({ name, why: 'tells nothing of its jobs' });
          return;
        }
        const client = jobClient(new URL(webui_url), key);
        try {
          servers.push({ frameworkId, name, client, list: await client.list() });
        } catch (error) {
          silent.push({ name, why: (error as Error).message });
        }
      }),
    );
    servers.sort((a, b) => (a.frameworkId < b.frameworkId ? -1 : 1));
    return {
      servers,
      lists: servers.map(({ frameworkId, list }) => ({ frameworkId, ...list })),
      silent,
    };
  };
  return (framework, job) =>
    reader.settled(
      () => all(framework),
      ({ lists }) => job === undefined || lists.some(({ jobs }) => jobs.some(({ id }) => id === job)),
    );
}

function namesOf(frameworks: readonly { readonly name: string }[]): string {
  if (frameworks.length === 0) return ', nor any other';
  return `; there is: ${[...new Set(frameworks.map(({ name }) => name))].slice(0, 20).join(', ')}`;
}

/** What opens job servers: the secret of the cluster, or this user's own key. */
export function keyOf({ secret_file }: { readonly secret_file?: string }): string {
  if (secret_file !== undefined) return readSecret(secret_file);
  try {
    return ownKey();
  } catch (error) {
    throw infrastructureError((error as Error).message, error);
  }
}

/** What a job server does not do is the caller's fault, unless it is not there. */
export function refusedOrder(error: JobServerError): Error {
  const { status, message } = error;
  if (status === 401)
    return usageError(
      `${message}: give the --secret_file that it was started with, or be the user who started it`,
    );
  return status !== undefined && status < 500 ? usageError(message) : infrastructureError(message, error);
}
