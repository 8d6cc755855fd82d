/** `lab cluster`: a whole cluster on this machine: a master, slaves with file servers, and the namenode of their block store. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { localMachines } from '../../infra/local.ts';
import type { Machine, RunningProcess } from '../../infra/machine.ts';
import { makeOwnFolder } from '../../infra/ownFolder.ts';
import type { Resources } from '../../mesos/protocol/resources.ts';
import {
  clusterSecretFile,
  exitInWords,
  fileSecretFile,
  prepare,
  startDataNode,
  startMaster,
  startNameNode,
  startSlave,
} from '../run/deployment.ts';
import { byteSize } from './byteSize.ts';
import { CLUSTER_FILE, CLUSTER_VARIABLE, type ClusterDescription } from './clusterFile.ts';
import { logLine } from './daemons/daemon.ts';
import { EXIT, infrastructureError, usageError } from './exit.ts';
import { resourceList, wholeNumber } from './flagValues.ts';
import { interrupted, listenForInterruption } from './interruption.ts';
import { TYPED } from './typed.ts';

const SLAVES_MAX = 200;
const REPLICATION = 3;

interface Flags {
  readonly slaves: number;
  readonly resources: Resources;
  readonly port: number;
  readonly folder?: string;
  readonly block_size?: number;
  readonly replication?: number;
}

/** The command. */
export const clusterCommand = new Command('cluster')
  .description('run a whole cluster on this machine, until Ctrl-C: master, slaves, block store')
  .option('--slaves <n>', 'number of slaves', wholeNumber('--slaves', 1, SLAVES_MAX), 4)
  .option('--resources <list>', 'what each slave offers', resourceList('--resources'), { cpus: 2, mem: 2048 })
  .option('--port <port>', "the master's port; 0 for any free one", wholeNumber('--port', 0, 65_535), 5050)
  .option('--folder <folder>', 'new folder for everything, removed at the end (default: a temporary one)')
  .option(
    '--block_size <size>',
    'largest block of files whose writers do not say (default: 64MiB)',
    byteSize('--block_size', 1, 2 ** 30),
  )
  .option(
    '--replication <n>',
    `replicas of files whose writers do not say (default: ${REPLICATION}, if there are so many slaves)`,
    wholeNumber('--replication', 1, SLAVES_MAX),
  )
  .action(async (flags: Flags) => {
    const interruption = listenForInterruption();
    const folder = await takeFolder(flags.folder);
    try {
      await using machines = await localMachines(join(folder, 'machines'), [
        'head',
        ...Array.from({ length: flags.slaves }, (_, index) => `slave${index + 1}`),
      ]);
      const [head, ...nodes] = machines.machines;
      await prepare(machines.machines, randomBytes(32).toString('hex'));
      const broken = Promise.withResolvers<never>();
      const { signal } = interruption;
      const started = start(head as Machine, nodes, { ...flags, signal, fail: broken.reject });
      const description = await interruption.unless(Promise.race([started, broken.promise]));
      writeFileSync(join(folder, CLUSTER_FILE), `${JSON.stringify(description, null, 2)}\n`);
      for (const line of introduction(folder, description, flags.slaves)) console.log(line);
      await interruption.unless(broken.promise);
    } catch (error) {
      // To be ended is what a cluster is for.
      if (!(error instanceof Error) || error.message !== interrupted().message) throw error;
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    }
    process.exit(EXIT.ok);
  });

/** A folder that is this cluster's own. */
async function takeFolder(given: string | undefined): Promise<string> {
  if (given === undefined) return makeOwnFolder('cluster');
  const folder = resolve(given);
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw usageError(
      `${given} is not empty, and all that is in it would be removed at the end: give a new --folder`,
    );
  return folder;
}

interface Starting extends Flags {
  /** Aborted: everything is to end. */
  readonly signal: AbortSignal;
  /** The cluster cannot go on. */
  readonly fail: (error: Error) => void;
}

/** Starts all processes. */
async function start(head: Machine, nodes: readonly Machine[], flags: Starting): Promise<ClusterDescription> {
  const needed = (process: RunningProcess): void =>
    void process.exited.then((exit) => flags.fail(infrastructureError(exitInWords(process, exit))));
  const inWords = (error: Error): never => {
    throw infrastructureError(`the cluster cannot be started: ${error.message}`, error);
  };
  const replication = flags.replication ?? Math.min(REPLICATION, nodes.length);
  const blockSize = flags.block_size === undefined ? [] : ['--block_size', `${flags.block_size}`];
  const [master, namenode] = await Promise.all([
    startMaster(head, 'master', ['--port', `${flags.port}`, '--quiet']),
    startNameNode(head, ['--replication', `${replication}`, ...blockSize]),
  ]).catch(inWords);
  needed(master.process);
  needed(namenode.process);
  const parts = await Promise.all(
    nodes.flatMap((node) => [
      startDataNode(node, namenode.address).then(({ process }) => process),
      startSlave(node, master.address, flags.resources, ['--quiet']),
    ]),
  ).catch(inWords);
  // The others go on.
  for (const process of parts)
    void process.exited.then((exit) => {
      if (!flags.signal.aborted) logLine(exitInWords(process, exit));
    });
  return {
    master: master.address,
    namenode: namenode.address,
    secretFile: clusterSecretFile(head),
    dfsSecretFile: fileSecretFile(head),
  };
}

function introduction(
  folder: string,
  { master, secretFile }: ClusterDescription,
  slaves: number,
): readonly string[] {
  const secret = secretFile === undefined ? '' : readFileSync(secretFile, 'utf8');
  return [
    `A cluster of ${slaves} ${slaves === 1 ? 'slave' : 'slaves'} runs, all in ${folder}. Ctrl-C ends it and removes everything.`,
    `Its page is http://${master}/; sign in with the token ${secret}`,
    'In another terminal, in this folder, for example:',
    '',
    `  export ${CLUSTER_VARIABLE}=${folder}`,
    `  ${TYPED} submit hadoop wordcount --input README.md --output counts`,
    `  ${TYPED} submit mpi poisson -n 4 --grid 256`,
    `  ${TYPED} jobs`,
    '',
  ];
}
