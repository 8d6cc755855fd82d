/** What `lab cluster` writes of the cluster that it runs, so that other commands find everything by one name: its folder. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import * as v from 'valibot';
import { readRecord } from '../../infra/deployments/record.ts';
import { usageError } from './exit.ts';

/** The variable that may name the folder, instead of `--cluster`. */
export const CLUSTER_VARIABLE = 'MESOS_LAB_CLUSTER';
/** In the folder. */
export const CLUSTER_FILE = 'cluster.json';
/** Where the parts of a cluster are if nothing is said. */
const DEFAULTS = { master: '127.0.0.1:5050', namenode: '127.0.0.1:5070' } as const;

const ClusterSchema = v.object({
  /** `host:port`. */
  master: v.string(),
  /** `host:port`. */
  namenode: v.exactOptional(v.string()),
  /** File with the secret of the cluster. */
  secretFile: v.exactOptional(v.string()),
  /** File with the secret of the block store. */
  dfsSecretFile: v.exactOptional(v.string()),
});
/** A cluster that runs. */
export type ClusterDescription = v.InferOutput<typeof ClusterSchema>;

/** The flags that a cluster's description stands for. */
export interface ClusterFlags {
  readonly cluster?: string;
  readonly master?: string;
  readonly namenode?: string;
  readonly secret_file?: string;
  readonly dfs_secret_file?: string;
}

/** Gives a command the flags by which it finds a cluster. */
export function withCluster(command: Command): Command {
  return withClusterFolder(command).option(
    '--master <where>',
    `HOST:PORT of the master, or the election of several: zk://… or file:///… (default: the cluster's, else ${DEFAULTS.master})`,
  );
}

/** Gives a command the flag that names a cluster's folder. */
export function withClusterFolder(command: Command): Command {
  return command.addOption(
    new Option('--cluster <folder>', "folder of 'lab cluster', which knows all that is not given").env(
      CLUSTER_VARIABLE,
    ),
  );
}

/**
 * The flags with what the cluster's description adds; its processes are reached by this one from now on, also if they are a deployment's
 * of whose machines only the shell is. Rejects, in one sentence, with what is wrong with the description.
 */
export async function findCluster<F extends ClusterFlags>(
  flags: F,
  isFromEnvironment: boolean,
): Promise<F & { readonly master: string; readonly namenode: string }> {
  const complete = completeFlags(flags, isFromEnvironment);
  const cluster = meant(flags, isFromEnvironment);
  if (cluster !== undefined) {
    const found = readRecord(cluster);
    if (found.is === 'found') {
      const { openWays } = await import('../up/ways.ts');
      await openWays(cluster, found.record);
    }
  }
  return complete;
}

/** The folder of the cluster that is meant: who names a master means that one, whatever the shell remembers. */
const meant = ({ cluster, master }: ClusterFlags, isFromEnvironment: boolean): string | undefined =>
  cluster === '' || (isFromEnvironment && master !== undefined) ? undefined : cluster;

/**
 * The flags with what the cluster's description adds, and without the cluster if another master is meant than its own. Throws, in one
 * sentence, what is wrong with the description.
 */
export function completeFlags<F extends ClusterFlags>(
  flags: F,
  isFromEnvironment: boolean,
): F & { readonly master: string; readonly namenode: string } {
  const { cluster: _, ...others } = flags;
  const cluster = meant(flags, isFromEnvironment);
  const known: Partial<ClusterDescription> = cluster === undefined ? {} : readCluster(cluster);
  const master = flags.master ?? known.master ?? DEFAULTS.master;
  const secret = flags.secret_file ?? known.secretFile;
  const dfsSecret = flags.dfs_secret_file ?? known.dfsSecretFile;
  return {
    // Whoever says what to do about the master must not name the folder of another.
    ...((master === known.master ? flags : others) as F),
    master,
    namenode: flags.namenode ?? known.namenode ?? DEFAULTS.namenode,
    ...(secret !== undefined && { secret_file: secret }),
    ...(dfsSecret !== undefined && { dfs_secret_file: dfsSecret }),
  };
}

/** How what is at this address is started again, if it is this cluster's namenode; undefined if it is not. */
export function restartAdviceForStore(cluster: string, namenode: string): string | undefined {
  return readCluster(cluster).namenode === namenode ? restartAdvice(cluster) : undefined;
}

/** How what has ended of this cluster is started again. */
export function restartAdvice(cluster: string): string {
  const found = readRecord(cluster);
  if (found.is !== 'found')
    return `end the cluster in ${cluster}, and start it again with the same 'lab cluster'`;
  return `start what has ended of '${found.record.name}' again with the same 'lab up'; 'lab status ${found.record.name}' tells how it is`;
}

function readCluster(folder: string): ClusterDescription {
  let text: string;
  try {
    text = readFileSync(join(folder, CLUSTER_FILE), 'utf8');
  } catch {
    throw usageError(
      `no cluster runs in ${folder}: start one with 'lab cluster', or unset ${CLUSTER_VARIABLE} and give --master`,
    );
  }
  try {
    return v.parse(ClusterSchema, JSON.parse(text));
  } catch {
    throw usageError(`${join(folder, CLUSTER_FILE)} is damaged; start the cluster again`);
  }
}
