/** A cluster of real processes that runs rigid jobs: a master, slaves of two slots each, and a queue server for each job. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MpiProgram } from '../../frameworks/mpi/program.ts';
import type { TorqueSummary } from '../../frameworks/torque/summary.ts';
import { LAB, localMachines } from '../../infra/local.ts';
import type { Machine, RunningProcess } from '../../infra/machine.ts';
import { makeOwnFolder } from '../../infra/ownFolder.ts';
import { listening } from '../run/deployment.ts';

const SLOTS_PER_SLAVE = 2;
const RANK = { shell: false, value: LAB, arguments: [LAB, 'executor', 'mpi'], environment: {} };

/** A cluster that runs. */
export interface MpiCluster {
  readonly folder: string;
  readonly slaves: readonly RunningProcess[];
  /** Runs a job until it has ended. */
  run(ranks: number, program: MpiProgram): Promise<TorqueSummary['jobs'][number]>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts it on this machine; all of it ends when it is disposed of. */
export async function startMpiCluster(slaves: number): Promise<MpiCluster> {
  const folder = await makeOwnFolder('bench');
  const machines = await localMachines(join(folder, 'machines'), ['node']);
  const [machine] = machines.machines as readonly [Machine];
  return startMpiClusterOn(
    Array.from({ length: slaves }, () => machine),
    folder,
    machines,
  );
}

/** Starts it with one slave on each of these machines, of which the first has the master too. It owns the folder and them. */
export async function startMpiClusterOn(
  places: readonly Machine[],
  folder: string,
  owned: AsyncDisposable,
): Promise<MpiCluster> {
  const dispose = async (): Promise<void> => {
    await owned[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  };
  try {
    const [head] = places as readonly [Machine];
    const process = await head.start({
      name: 'master',
      program: LAB,
      arguments: ['master', '--port', '0', '--quiet', ...reachable(head)],
    });
    const master = await listening(process);
    const slaves = await Promise.all(
      places.map((machine, index) => startSlave(machine, master, join(folder, `work${index}`), index)),
    );
    let jobs = 0;
    return {
      folder,
      slaves,
      run: (ranks, program) => runJob(head, master, join(folder, `job${++jobs}`), ranks, program),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Flags of who is to be reached from other machines. */
function reachable({ ip }: Machine): readonly string[] {
  return ip.startsWith('127.') ? [] : ['--ip', ip, '--allow_insecure'];
}

async function startSlave(
  machine: Machine,
  master: string,
  workDir: string,
  index: number,
): Promise<RunningProcess> {
  const slave = await machine.start({
    name: `slave${index}`,
    program: LAB,
    arguments: [
      ...['slave', '--master', master, '--port', '0', '--resources', `cpus:${SLOTS_PER_SLAVE};mem:1024`],
      ...['--work_dir', workDir, '--quiet', ...reachable(machine)],
    ],
  });
  await slave.waitForLine(/^registered as /);
  return slave;
}

async function runJob(
  machine: Machine,
  master: string,
  files: string,
  ranks: number,
  program: MpiProgram,
): Promise<TorqueSummary['jobs'][number]> {
  const [config, summary] = [`${files}.json`, `${files}-summary.json`];
  const job = { id: 'job', kind: program.type, ranks, submission: { when: 'at', ms: 0 }, program };
  const executor = { name: 'mpi-rank', command: RANK };
  await writeFile(
    config,
    JSON.stringify({ name: 'torque', jobs: [job], slot: { cpus: 1, mem: 256 }, executor }),
  );
  const server = await machine.start({
    name: 'torque',
    program: LAB,
    arguments: [
      'framework',
      'torque',
      '--config',
      config,
      '--master',
      master,
      '--summary',
      summary,
      '--quiet',
    ],
  });
  await server.exited;
  const [ended] = (JSON.parse(await readFile(summary, 'utf8')) as TorqueSummary).jobs;
  if (ended === undefined) throw new Error(`there is no job in ${summary}`);
  return ended;
}
