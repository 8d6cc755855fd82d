/** Spark for real: a master, slaves, file servers, driver program and executors, each a process, killed in the middle. */
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Block, Node } from '../../frameworks/files/block.ts';
import { cutBlocks } from '../../frameworks/files/blocks.ts';
import { storeBlocks } from '../../frameworks/files/testBlocks.ts';
import type { SparkSummary } from '../../frameworks/spark/application.ts';
import { sha256 } from '../../frameworks/spark/apps/logisticRegression.ts';
import { LAB, localMachines } from '../../infra/local.ts';
import type { Machine, Machines, RunningProcess } from '../../infra/machine.ts';
import { ended } from '../../mesos/isolation/testContainers.ts';
import { parse } from '../../mesos/protocol/resources.ts';
import { seededRandom } from '../../mesos/runtime/random.ts';
import { findCorpus } from '../../workloads/corpus.ts';
import { type Example, readExamples, train } from '../../workloads/logisticRegression.ts';
import { SPAM_DIMENSIONS, spamExamples } from '../../workloads/spamFeatures.ts';
import {
  type Deployment,
  exitInWords,
  fileFolder,
  prepare,
  type RunningFramework,
  startFileServer,
  startFramework,
  startMaster,
  startSlave,
} from '../run/deployment.ts';
import { childrenOf } from './testDeployment.ts';

interface Setting {
  folder: string;
  machines: Machines;
  head: Machine;
  deployment: Deployment;
  master: RunningProcess;
  address: string;
  slaves: readonly RunningProcess[];
  nodes: Readonly<Record<string, Node>>;
  blocks: readonly Block[];
  examples: readonly (readonly Example[])[];
}

const test = suite<Setting>('spark for real');
/** Of so many e-mails one is an example here. */
const EVERY = 25;
const TRAINING = { dimensions: SPAM_DIMENSIONS, iterations: 20, rate: 8, l2: 0.0001 };

test.before(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'spark-real-'));
  context.machines = await localMachines(join(context.folder, 'machines'), [
    'head',
    'node1',
    'node2',
    'node3',
  ]);
  const [head, ...others] = context.machines.machines as [Machine, ...Machine[]];
  const deployment = await prepare(context.machines.machines, 'this-test-only');
  const corpus = await findCorpus();
  const files = corpus.files.filter((_, n) => n % EVERY === 0);
  const texts = await Array.fromAsync(cutBlocks(spamExamples({ ...corpus, files }), 200_000));
  context.examples = texts.map((text) => readExamples(text, SPAM_DIMENSIONS));
  context.nodes = Object.fromEntries(
    await Promise.all(
      others.map(async (machine) => {
        const url = `http://${(await startFileServer(machine)).address}`;
        return [machine.name, { url, dir: fileFolder(machine) }] as const;
      }),
    ),
  );
  context.blocks = await storeBlocks({
    name: 'spam',
    blocks: texts,
    nodes: context.nodes,
    replication: 2,
    random: seededRandom('spark'),
    secret: deployment.fileSecret,
  });
  const { process, address } = await startMaster(head);
  context.slaves = await Promise.all(
    others.map((node) => startSlave(node, address, parse('cpus:1;mem:1024'))),
  );
  Object.assign(context, { head, deployment, master: process, address });
});

test.after(async ({ machines, folder }) => {
  await machines[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function startRegression(
  { head, deployment, address, nodes, blocks }: Setting,
  name: string,
  flags: readonly string[] = [],
  training: object = TRAINING,
): Promise<RunningFramework> {
  const config = {
    name,
    app: 'logistic-regression',
    args: { input: 'spam', ...training },
    inputs: { spam: blocks },
    nodes,
    localityWaitMs: 500,
    executor: {
      command: { shell: false, value: LAB, arguments: ['lab', 'executor', 'spark'], environment: {} },
      resources: { mem: 256 },
    },
  };
  const master = flags.length > 0 ? `http://${address}` : address;
  return startFramework(head, deployment, 'spark', config, { master, flags });
}

const executorsOf = async (slaves: readonly RunningProcess[]): Promise<readonly number[]> =>
  (await Promise.all(slaves.map(({ pid }) => childrenOf(pid).catch(() => [])))).flat();

const left = (dir: string): readonly string[] =>
  ['intermediate', 'unfinished'].flatMap((area) =>
    existsSync(join(dir, area)) ? readdirSync(join(dir, area)) : [],
  );

test('a driver program that is killed ends its application: executors end, nothing is left', async (context) => {
  const { process: driver } = await startRegression(context, 'killed', ['--api', 'v1'], {
    ...TRAINING,
    iterations: 100_000,
  });
  await driver.waitForLine(/iteration 3:/);
  const executors = await executorsOf(context.slaves);
  assert.ok(executors.length > 0);
  driver.signal('SIGKILL');
  await context.master.waitForLine(/framework-removed/);
  await Promise.all(executors.map(ended));
  for (const { dir } of Object.values(context.nodes)) assert.equal(left(dir), []);
});

test('an executor and a slave that are killed in the middle cost time, and the weights have the same bits', async (context) => {
  const { process: driver, summaryFile } = await startRegression(context, 'exact');
  await driver.waitForLine(/iteration 4:/);
  const [victim, ...others] = context.slaves as [RunningProcess, ...RunningProcess[]];
  const [executor] = await executorsOf(others);
  process.kill(executor as number, 'SIGKILL');
  await driver.waitForLine(/iteration 10:/);
  process.kill(victim.pid, 'SIGKILL');
  const exit = await driver.exited;
  assert.is(exit.code, 0, exitInWords(driver, exit));
  const summary: SparkSummary = JSON.parse(await readFile(summaryFile, 'utf8'));
  const direct = train(context.examples, TRAINING);
  const result = summary.result as { readonly losses: unknown; readonly weightsSha256: string };
  assert.equal(result.losses, direct.losses);
  assert.is(result.weightsSha256, sha256(direct.weights));
  await context.master.waitForLine(/slave-lost/);
  await Promise.all((await executorsOf(context.slaves)).map(ended));
  for (const { dir } of Object.values(context.nodes)) assert.equal(left(dir), []);
});

test.run();
