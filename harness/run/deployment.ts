/** Deploys the system on machines: file servers, a master or none, slaves, frameworks. Each is a process of its own. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Machine, type ProcessExit, type RunningProcess, workFolder } from '../../infra/machine.ts';
import type { CommandInfo } from '../../mesos/protocol/entities.ts';
import { format, type Resources } from '../../mesos/protocol/resources.ts';

/** What all processes of a deployment share. */
export interface Deployment {
  /** The secret of the file servers. */
  readonly fileSecret: string;
}

/** By which an executor finds the `lab` command of the machine that it is on. */
export const LAB_VARIABLE = 'MESOS_LAB_COMMAND';

/** Gives every machine the secrets that its processes need: that of the cluster, by default a new one, and that of the file servers. */
export async function prepare(
  machines: readonly Machine[],
  fileSecret: string,
  clusterSecret = randomBytes(32).toString('hex'),
): Promise<Deployment> {
  await Promise.all(
    machines.map(async (machine) => {
      await machine.write(clusterSecretFile(machine), clusterSecret);
      await machine.write(fileSecretFile(machine), fileSecret);
      const variables = { HADOOP_FILE_SECRET: fileSecret, [LAB_VARIABLE]: machine.lab };
      await machine.write(executorVariablesFile(machine), JSON.stringify(variables));
    }),
  );
  return { fileSecret };
}

/** File with the secret of the cluster. */
export const clusterSecretFile = ({ folder }: Machine): string => join(folder, 'cluster-secret');

/** File with the secret of the file servers. */
export const fileSecretFile = ({ folder }: Machine): string => join(folder, 'file-secret');

/** File with the variables that every executor on this machine is given. */
const executorVariablesFile = ({ folder }: Machine): string => join(folder, 'executor-variables');

/** The history of a process of this name. */
export const historyFile = ({ folder }: Machine, process: string): string =>
  join(folder, `${process}.ndjson`);

/** How slaves start an executor of ours, wherever `lab` is on their machines. */
export function executorCommand(which: string): CommandInfo {
  return { shell: true, value: `exec "$${LAB_VARIABLE}" executor ${which}`, arguments: [], environment: {} };
}

/** A daemon that listens. */
export interface Listening {
  readonly process: RunningProcess;
  /** `host:port`. */
  readonly address: string;
}

/** A file server; port 0 is any free one. */
export async function startFileServer(machine: Machine, port = 0): Promise<Listening> {
  const process = await machine.start({
    name: `fileserver-${machine.name}`,
    program: machine.lab,
    arguments: [
      ...['fileserver', '--ip', machine.ip, '--port', `${port}`, '--work_dir', fileFolder(machine)],
      ...['--secret_file', fileSecretFile(machine)],
    ],
  });
  return { process, address: await listening(process) };
}

/** The namenode of a block store. */
export async function startNameNode(machine: Machine, flags: readonly string[] = []): Promise<Listening> {
  const folder = join(machine.folder, 'namenode');
  const process = await machine.start({
    name: 'namenode',
    program: machine.lab,
    arguments: [
      ...['namenode', '--ip', machine.ip, '--port', '0', '--work_dir', folder],
      ...['--secret_file', fileSecretFile(machine), '--quiet', ...flags],
    ],
  });
  return { process, address: await listening(process) };
}

/** A file server that is part of a block store; resolves when its namenode has registered it. */
export async function startDataNode(machine: Machine, namenode: string): Promise<Listening> {
  const process = await machine.start({
    name: `fileserver-${machine.name}`,
    program: machine.lab,
    arguments: [
      ...['fileserver', '--ip', machine.ip, '--port', '0', '--work_dir', fileFolder(machine)],
      ...['--secret_file', fileSecretFile(machine), '--namenode', namenode, '--hostname', machine.name],
    ],
  });
  const address = await listening(process);
  await process.waitForLine(/^registered with /);
  return { process, address };
}

/** The folder that a machine's file server keeps. */
export function fileFolder(machine: Machine): string {
  return join(workFolder(machine), 'files');
}

/** A master, or one of several that elect their leader: then by the name of its process and with the flags of the election. */
export async function startMaster(
  machine: Machine,
  name = 'master',
  flags: readonly string[] = [],
): Promise<Listening> {
  const process = await machine.start({
    name,
    program: machine.lab,
    arguments: ['master', '--ip', machine.ip, '--port', '0', ...flags, ...common(machine, name)],
  });
  return { process, address: await listening(process) };
}

/** A slave, by default the only one on its machine; resolves when its master has registered it. */
export async function startSlave(
  machine: Machine,
  master: string,
  resources: Resources,
  flags: readonly string[] = [],
  name = `slave-${machine.name}`,
): Promise<RunningProcess> {
  const process = await machine.start({
    name,
    program: machine.lab,
    arguments: [
      ...['slave', '--master', master, '--ip', machine.ip, '--port', '0', '--hostname', machine.name],
      ...['--resources', format(resources), '--work_dir', join(workFolder(machine), name)],
      ...['--executor_environment_variables', `file://${executorVariablesFile(machine)}`],
      ...flags,
      ...common(machine, name),
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
  { fileSecret }: Deployment,
  which: 'hadoop' | 'mpi' | 'dryad' | 'spark' | 'load' | 'service',
  config: { readonly name: string },
  on: { readonly master: string; readonly flags?: readonly string[] } | { readonly slaves: number },
  name = config.name,
): Promise<RunningFramework> {
  const configFile = join(machine.folder, `${name}.json`);
  const summaryFile = join(machine.folder, `${name}-summary.json`);
  await machine.write(configFile, JSON.stringify(config));
  const where =
    'master' in on
      ? ['--master', on.master, ...(on.flags ?? [])]
      : ['--slaves', String(on.slaves), '--ip', machine.ip, '--port', '0'];
  const process = await machine.start({
    name,
    program: machine.lab,
    arguments: [
      ...['framework', which, '--config', configFile, '--summary', summaryFile, ...where],
      ...common(machine, name),
    ],
    // A Spark driver program puts broadcast values on the nodes, and gets large results from there.
    ...(which === 'spark' && { environment: { HADOOP_FILE_SECRET: fileSecret } }),
  });
  return { process, summaryFile };
}

/** What became of the jobs of a framework that has ended, as its kind writes it. */
export async function readSummary(machine: Machine, { summaryFile }: RunningFramework): Promise<unknown> {
  return JSON.parse((await machine.read(summaryFile)).toString('utf8'));
}

/** Resolves with `host:port` when the process says that it listens. */
export async function listening(process: RunningProcess): Promise<string> {
  const [, address] = await process.waitForLine(/^listening on (\S+)$/);
  return address as string;
}

/** How something ended, in words that follow its name. */
export function endInWords({ code, signal }: ProcessExit): string {
  return signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
}

/** How a process ended, in words. */
export function exitInWords(process: RunningProcess, exit: ProcessExit): string {
  // Who was killed had no last words: what it happened to say before is not the reason.
  const said = exit.signal === null ? process.lastLines().at(-1) : undefined;
  return `${process.name} ${endInWords(exit)}${said === undefined ? '' : `: ${said}`}`;
}

function common(machine: Machine, name: string): readonly string[] {
  return ['--secret_file', clusterSecretFile(machine), '--history', historyFile(machine, name)];
}
