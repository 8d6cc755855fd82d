/** The block store that a submission works with, or what is to be done to have one. */

import type { Dfs } from '../../../frameworks/dfs/dfs.ts';
import { DfsError } from '../../../frameworks/dfs/dfsRefusal.ts';
import { openDfs } from '../../../frameworks/dfs/openDfs.ts';
import type { Node } from '../../../frameworks/files/block.ts';
import { restartAdviceForStore } from '../clusterFile.ts';
import { storeError } from '../dfs.ts';
import { infrastructureError, usageError } from '../exit.ts';
import { realClock } from '../realClock.ts';
import { readSecret } from '../security.ts';

/** A store that answers. */
export interface OpenStore {
  readonly dfs: Dfs;
  /** Its file servers, by the hostname of their slave. */
  readonly nodes: Readonly<Record<string, Node>>;
  readonly secret: string;
}

/** Opens the store. Rejects with a CommandError that says which commands start one. */
export async function openStore({
  namenode,
  dfs_secret_file,
  cluster,
}: {
  readonly namenode: string;
  readonly dfs_secret_file?: string;
  readonly cluster?: string;
}): Promise<OpenStore> {
  const { start, startServers } = adviceFor(namenode, cluster);
  if (dfs_secret_file === undefined)
    throw usageError(
      `files are read from a block store, whose secret is needed: give --dfs_secret_file, or ${start}`,
    );
  const where = { url: namenode, secret: readSecret(dfs_secret_file) };
  const impatient = openDfs(where);
  try {
    const nodes = await impatient.nodes();
    if (Object.keys(nodes).length === 0)
      throw infrastructureError(`the block store at ${namenode} has no file servers: ${startServers}`);
    return { dfs: openDfs({ ...where, clock: realClock() }), nodes, secret: where.secret };
  } catch (error) {
    if (!(error instanceof DfsError)) throw error;
    const told = storeError(error);
    throw error.kind === 'failed' ? infrastructureError(`${told.message}; ${start}`, error) : told;
  } finally {
    impatient.close();
  }
}

/** What there is to do where no store is, and where one has no file servers. */
function adviceFor(
  namenode: string,
  cluster: string | undefined,
): { readonly start: string; readonly startServers: string } {
  const again = cluster === undefined ? undefined : restartAdviceForStore(cluster, namenode);
  if (again !== undefined) return { start: again, startServers: again };
  const servers =
    `beside each slave, 'lab fileserver --namenode ${namenode} --work_dir DIR --secret_file FILE', ` +
    `or a whole cluster with 'lab cluster'`;
  return {
    start: `start one with 'lab namenode --work_dir DIR --secret_file FILE' and, ${servers}`,
    startServers: `start one ${servers}`,
  };
}

/** As the work, but what the store refuses is a CommandError. */
export async function telling<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw error instanceof DfsError ? storeError(error) : error;
  });
}
