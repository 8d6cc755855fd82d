/** Real processes, killed in the middle of a job: the job still ends with the exact result, or says why not. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { storeBlocks } from '../frameworks/hadoop/blocks.ts';
import { type HadoopConfig, readHadoopConfig } from '../frameworks/hadoop/job.ts';
import { readPart } from '../frameworks/hadoop/jobFiles.ts';
import type { HadoopSummary } from '../frameworks/hadoop/jobSummary.ts';
import { runReference } from '../frameworks/hadoop/reference.ts';
import { localMachines } from '../infra/local.ts';
import type { Machine, RunningProcess } from '../infra/machine.ts';
import { parse } from '../mesos/protocol/resources.ts';
import { seededRandom } from '../mesos/runtime/random.ts';
import { findCorpus, readBlocks } from '../workloads/corpus.ts';
import {
  type Deployment,
  exitInWords,
  fileFolder,
  LAB,
  prepare,
  type RunningFramework,
  startFileServer,
  startFramework,
  startMaster,
  startSlave,
} from './run/deployment.ts';

const PROGRAM = { type: 'wordcount' } as const;
const REDUCES = 2;
const BLOCKS = { blockBytes: 1024 * 1024, blocks: 12 };

interface Cluster {
  readonly folder: string;
  readonly head: Machine;
  readonly deployment: Deployment;
  readonly master: RunningProcess;
  /** Of the master, `host:port`. */
  readonly address: string;
  readonly slaves: readonly RunningProcess[];
  readonly text: readonly Buffer[];
  readonly config: HadoopConfig;
  readonly running: RunningFramework;
}

/** Deploys a cluster that is counting words, and lets a test do something to it. */
async function withCluster(run: (cluster: Cluster) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'faults-'));
  try {
    await using machines = await localMachines(join(folder, 'machines'), ['head', 'node1', 'node2', 'node3']);
    await run(await deploy(folder, machines.machines as [Machine, ...Machine[]]));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function deploy(folder: string, [head, ...nodes]: readonly [Machine, ...Machine[]]): Promise<Cluster> {
  const deployment = await prepare(folder, 'this-test-only');
  const text = await Array.fromAsync(readBlocks(await findCorpus(), BLOCKS));
  const servers = await Promise.all(
    nodes.map(async (machine) => {
      const url = `http://${(await startFileServer(machine, deployment)).address}`;
      return [machine.name, { url, dir: fileFolder(machine) }] as const;
    }),
  );
  const blocks = await storeBlocks({
    name: 'text',
    blocks: text,
    nodes: Object.fromEntries(servers),
    replication: 2,
    random: seededRandom('faults'),
    secret: deployment.secret.value,
  });
  const { process: master, address } = await startMaster(head, deployment);
  const slaves = await Promise.all(
    nodes.map((node) => startSlave(node, deployment, address, parse('cpus:1;mem:512'))),
  );
  const config = readHadoopConfig({
    name: 'hadoop',
    slot: { cpus: 1, mem: 256 },
    nodes: Object.fromEntries(servers),
    executor: {
      command: { shell: false, value: LAB, arguments: ['lab', 'executor', 'hadoop'], environment: {} },
    },
    jobs: [
      {
        id: 'count',
        kind: 'word count',
        submission: { when: 'at', ms: 0 },
        input: blocks,
        reduces: REDUCES,
        program: PROGRAM,
      },
    ],
  });
  const running = await startFramework(head, deployment, 'hadoop', config, { master: address });
  await master.waitForLine(/state=TASK_RUNNING/);
  return { folder, head, deployment, master, address, slaves, text, config, running };
}

async function assertExact({ running, config, deployment, text }: Cluster): Promise<void> {
  const exit = await running.process.exited;
  assert.is(exit.code, 0, exitInWords(running.process, exit));
  const summary: HadoopSummary = JSON.parse(await readFile(running.summaryFile, 'utf8'));
  const files = { nodes: config.nodes, space: summary.space, secret: deployment.secret.value };
  const expected = await runReference(PROGRAM, text, REDUCES);
  const parts = summary.jobs[0]?.parts ?? [];
  assert.is(parts.length, expected.length);
  for (const [index, part] of parts.entries()) {
    const own = await readPart(files, 'count', part);
    assert.ok(expected[index]?.bytes.equals(own), `${part.name} differs`);
  }
}

/** The processes that a process has started. */
async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(/\s+/).filter(Boolean).map(Number);
}

async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
  return !stat.includes(') Z');
}

const ended = async (pid: number): Promise<void> => {
  while (await isAlive(pid)) await new Promise(setImmediate);
};

test('an executor that is killed: its tasks run again, and the result is exact', () =>
  withCluster(async (cluster) => {
    for (const slave of cluster.slaves)
      for (const pid of await childrenOf(slave.pid)) process.kill(pid, 'SIGKILL');
    await assertExact(cluster);
  }));

test('a slave that is killed: its executors end, its maps run again elsewhere, and the result is exact', () =>
  withCluster(async (cluster) => {
    const [slave] = cluster.slaves as [RunningProcess];
    const executors = await childrenOf(slave.pid);
    // Only the slave: its executors must notice by themselves.
    process.kill(slave.pid, 'SIGKILL');
    await cluster.master.waitForLine(/slave-lost/);
    await Promise.all(executors.map(ended));
    await assertExact(cluster);
  }));

test('a scheduler that is killed: its framework is removed and its executors end', () =>
  withCluster(async ({ running, master, slaves }) => {
    const executors = (await Promise.all(slaves.map(({ pid }) => childrenOf(pid)))).flat();
    assert.ok(executors.length > 0);
    running.process.signal('SIGKILL');
    await master.waitForLine(/framework-removed .*scheduler is gone/);
    await Promise.all(executors.map(ended));
  }));

test('garbage on the port of the master disturbs nobody', () =>
  withCluster(async (cluster) => {
    const port = Number(cluster.address.split(':')[1]);
    for (const garbage of [
      'GET / HTTP/1.1\r\n\r\n',
      '\0'.repeat(100_000),
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff',
    ])
      connect(port, '127.0.0.1')
        .on('error', () => {})
        .end(garbage, 'latin1');
    await assertExact(cluster);
  }));

test('when everybody is told to end, everybody ends', () =>
  withCluster(async ({ master, slaves, running }) => {
    const executors = (await Promise.all(slaves.map(({ pid }) => childrenOf(pid)))).flat();
    const processes = [running.process, ...slaves, master];
    for (const each of processes) process.kill(each.pid, 'SIGTERM');
    for (const each of processes) assert.is((await each.exited).signal, null, each.name);
    await Promise.all(executors.map(ended));
  }));

/** A machine of this kind without anything on it. */
async function withMachine(run: (machine: Machine, folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'faults-'));
  await using machines = await localMachines(folder, ['machine']);
  await run(machines.machines[0] as Machine, folder);
}

const daemon = (machine: Machine, ...args: string[]): Promise<RunningProcess> =>
  machine.start({ name: args.join('-').replaceAll('/', '-'), program: LAB, arguments: args });

test('a history that cannot be written ends the daemon with a sentence', () =>
  withMachine(async (machine) => {
    const master = await daemon(machine, 'master', '--port', '0', '--history', '/dev/full');
    const [, address] = await master.waitForLine(/listening on (\S+)/);
    await daemon(
      machine,
      'slave',
      '--master',
      address as string,
      '--port',
      '0',
      '--work_dir',
      machine.folder,
    );
    assert.is((await master.exited).code, 5);
    assert.match(master.lastLines().join('\n'), /the disk is full/);
  }));

test('a port that is taken is told in a sentence', () =>
  withMachine(async (machine) => {
    const first = await daemon(machine, 'master', '--port', '0');
    const [, port] = await first.waitForLine(/listening on \S+:(\d+)/);
    const second = await daemon(machine, 'master', '--port', port as string);
    assert.is((await second.exited).code, 5);
    assert.match(second.lastLines().join('\n'), new RegExp(`^lab: .*${port}.*`));
  }));

test('processes end when the one that started them is killed', () =>
  withMachine(async (_, folder) => {
    const local = JSON.stringify(join(import.meta.dirname, '../infra/local.ts'));
    const script = `
      import { localMachines } from ${local};
      const { machines: [machine] } = await localMachines(${JSON.stringify(folder)}, ['orphan']);
      const child = await machine.start({ name: 'master', program: ${JSON.stringify(LAB)}, arguments: ['master', '--port', '0'] });
      await child.waitForLine(/listening/);
      console.log(child.pid);`;
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [pid] = await once(parent.stdout, 'data');
    parent.kill('SIGKILL');
    await ended(Number(String(pid)));
  }));

test.run();
