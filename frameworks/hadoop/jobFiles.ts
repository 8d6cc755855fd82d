/** What jobs leave on the nodes: their output, and data that nobody needs when they have ended. */
import { FileClient } from '../files/fileClient.ts';
import type { HadoopConfig } from './job.ts';

type Nodes = HadoopConfig['nodes'];

/** Where something of a framework is. */
export interface FrameworkFiles {
  readonly nodes: Nodes;
  /** The framework's own, see HadoopSummary. */
  readonly space: string;
  /** Of the file servers. */
  readonly secret: string;
}

/**
 * Removes the map outputs of a job that has ended, or, with no `jobId`, all intermediate and unfinished files
 * of a framework that has ended. Resolves to what could not be removed, one sentence each: nodes may be gone.
 */
export async function deleteIntermediate(files: FrameworkFiles, jobId?: string): Promise<readonly string[]> {
  const { nodes, space, secret } = files;
  const paths =
    jobId === undefined
      ? [`intermediate/${space}`, `unfinished/${space}`]
      : [`intermediate/${space}/${jobId}`];
  return deletePaths(nodes, paths, secret);
}

/** Removes all files of a framework that has ended, its jobs' output among them, as {@link deleteIntermediate} does. */
export async function deleteSpace({ nodes, space, secret }: FrameworkFiles): Promise<readonly string[]> {
  return deletePaths(nodes, [`intermediate/${space}`, `unfinished/${space}`, `output/${space}`], secret);
}

/** Removes the output of a job, as {@link deleteIntermediate} does. */
export async function deleteOutput(files: FrameworkFiles, jobId: string): Promise<readonly string[]> {
  return deletePaths(files.nodes, [`output/${files.space}/${jobId}`], files.secret);
}

async function deletePaths(
  nodes: Nodes,
  paths: readonly string[],
  secret: string,
): Promise<readonly string[]> {
  const client = new FileClient(secret);
  const failures: string[] = [];
  const remove = (url: string): Promise<unknown> =>
    client.remove(url).catch((error: Error) => failures.push(error.message));
  await Promise.all(Object.values(nodes).flatMap(({ url }) => paths.map((path) => remove(`${url}/${path}`))));
  client.close();
  return failures;
}
