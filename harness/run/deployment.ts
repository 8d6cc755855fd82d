/** Deploys the system on machines: file servers, a master or none, slaves, frameworks. Each is a process of its own. */
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine, ProcessExit, RunningProcess } from '../../infra/machine.ts';
import { format, type Resources } from '../../mesos/protocol/resources.ts';
import { PROJECT } from './provenance.ts';

/** The `lab` command, by which every process is started. */
export const LAB = join(PROJECT, 'harness', 'lab');

/** What all processes of a deployment share. */
export interface Deployment {
  /** File with the secret of the cluster. */
  readonly clusterSecretFile: string;
  /** The secret of the file servers, by file and by value. */
  readonly secret: { readonly file: string; readonly value: string };
  /** File with the variables by which executors are given the secret of the file servers. */
  readonly executorVariablesFile: string;
  /** Where every process writes its history. */
  readonly histories: string;
}

/** Prepares a deployment in a folder that the harness removes at the end. The secret is that of the file servers. */
export async function prepare(folder: string, secret: string): Promise<Deployment> {
  const histories = join(folder, 'histories');
  await mkdir(histories, { recursive: true });
  const write = async (name: string, text: string): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };
  return {
    clusterSecretFile: await write('cluster-secret', randomBytes(32).toString('hex')),
    secret: { file: await write('file-secret', secret), value: secret },
    executorVariablesFile: await write('executor-variables', JSON.stringify({ HADOOP_FILE_SECRET: secret })),
    histories,
  };
}

/** A daemon that listens. */
export interface Listening {
  readonly process: RunningProcess;
  /** `host:port`. */
  readonly address: string;
}

/** A file server. */
export async function startFileServer(machine: Machine, { secret }: Deployment): Promise<Listening> {
  const process = await machine.start({
    name: `fileserver-${machine.name}`,
    program: LAB,
    arguments: [
      'fileserver',
      '--ip',
      machine.ip,
      '--port',
      '0',
      '--work_dir',
      fileFolder(machine),
      '--secret_file',
      secret.file,
    ],
  });
  return { process, address: await listening(process) };
}

/** The namenode of a block store. */
export async function startNameNode(
  machine: Machine,
  { secret }: Deployment,
  flags: readonly string[] = [],
): Promise<Listening> {
  const folder = join(machine.folder, 'namenode');
  const process = await machine.start({
    name: 'namenode',
    program: LAB,
    arguments: [
      ...['namenode', '--ip', machine.ip, '--port', '0', '--work_dir', folder],
      ...['--secret_file', secret.file, '--quiet', ...flags],
    ],
  });
  return { process, address: await listening(process) };
}

/** A file server that is part of a block store; resolves when its namenode has registered it. */
export async function startDataNode(
  machine: Machine,
  { secret }: Deployment,
  namenode: string,
): Promise<Listening> {
  const process = await machine.start({
    name: `fileserver-${machine.name}`,
    program: LAB,
    arguments: [
      ...['fileserver', '--ip', machine.ip, '--port', '0', '--work_dir', fileFolder(machine)],
      ...['--secret_file', secret.file, '--namenode', namenode, '--hostname', machine.name],
    ],
  });
  const address = await listening(process);
  await process.waitForLine(/^registered with /);
  return { process, address };
}

/** The folder that a machine's file server keeps. */
export function fileFolder(machine: Machine): string {
  return join(machine.folder, 'files');
}

/** A master, or one of several that elect their leader: then by the name of its process and with the flags of the election. */
export async function startMaster(
  machine: Machine,
  deployment: Deployment,
  name = 'master',
  flags: readonly string[] = [],
): Promise<Listening> {
  const process = await machine.start({
    name,
    program: LAB,
    arguments: ['master', '--ip', machine.ip, '--port', '0', ...flags, ...common(deployment, name)],
  });
  return { process, address: await listening(process) };
}

/** A slave; resolves when its master has registered it. */
export async function startSlave(
  machine: Machine,
  deployment: Deployment,
  master: string,
  resources: Resources,
  flags: readonly string[] = [],
): Promise<RunningProcess> {
  const process = await machine.start({
    name: `slave-${machine.name}`,
    program: LAB,
    arguments: [
      ...['slave', '--master', master, '--ip', machine.ip, '--port', '0', '--hostname', machine.name],
      ...['--resources', format(resources), '--work_dir', join(machine.folder, 'work')],
      ...['--executor_environment_variables', `file://${deployment.executorVariablesFile}`],
      ...flags,
      ...common(deployment, `slave-${machine.name}`),
    ],
  });
  await process.waitForLine(/^registered as /);
  return process;
}

/** A framework that was started. */
export interface RunningFramework {
  readonly process: RunningProcess;
  /** What became of its jobs, as JSON; there when it has ended. */
  readonly summaryFile: string;
}

/** A framework's scheduler, as a process of this name, on a master, or (given a number of slaves) without one. */
export async function startFramework(
  machine: Machine,
  deployment: Deployment,
  which: 'hadoop' | 'mpi' | 'dryad' | 'spark' | 'load',
  config: { readonly name: string },
  on: { readonly master: string; readonly flags?: readonly string[] } | { readonly slaves: number },
  name = config.name,
): Promise<RunningFramework> {
  const configFile = join(machine.folder, `${name}.json`);
  const summaryFile = join(machine.folder, `${name}-summary.json`);
  await writeFile(configFile, JSON.stringify(config));
  const where =
    'master' in on
      ? ['--master', on.master, ...(on.flags ?? [])]
      : ['--slaves', String(on.slaves), '--ip', machine.ip, '--port', '0'];
  const process = await machine.start({
    name,
    program: LAB,
    arguments: [
      ...['framework', which, '--config', configFile, '--summary', summaryFile, ...where],
      ...common(deployment, name),
    ],
    // A Spark driver program puts broadcast values on the nodes, and gets large results from there.
    ...(which === 'spark' && { environment: { HADOOP_FILE_SECRET: deployment.secret.value } }),
  });
  return { process, summaryFile };
}

/** Resolves with `host:port` when the process says that it listens. */
export async function listening(process: RunningProcess): Promise<string> {
  const [, address] = await process.waitForLine(/^listening on (\S+)$/);
  return address as string;
}

/** How a process ended, in words. */
export function exitInWords(process: RunningProcess, { code, signal }: ProcessExit): string {
  const how = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
  // Who was killed had no last words: what it happened to say before is not the reason.
  const said = signal === null ? process.lastLines().at(-1) : undefined;
  return `${process.name} ${how}${said === undefined ? '' : `: ${said}`}`;
}

function common({ clusterSecretFile, histories }: Deployment, name: string): readonly string[] {
  return ['--secret_file', clusterSecretFile, '--history', join(histories, `${name}.ndjson`)];
}
