/**
 * Logistic regression on the spam corpus, iteration by iteration, on Spark (fine- and coarse-grained) and as a chain of Hadoop jobs:
 * the same data, slaves and mathematics, one after the other in one run (NSDI'11 §6.4, figure 9).
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Block, Node } from '../../frameworks/dfs/block.ts';
import { cutBlocks, storeBlocks } from '../../frameworks/dfs/blocks.ts';
import { deleteIntermediate, deleteOutput, readPart } from '../../frameworks/hadoop/jobFiles.ts';
import type { HadoopSummary } from '../../frameworks/hadoop/jobSummary.ts';
import { readLoss } from '../../frameworks/hadoop/program/gradientStep.ts';
import { trainingJobs } from '../../frameworks/hadoop/queries.ts';
import type { SparkSummary } from '../../frameworks/spark/application.ts';
import { localMachines } from '../../infra/local.ts';
import type { Machine } from '../../infra/machine.ts';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { parse } from '../../mesos/protocol/resources.ts';
import { seededRandom } from '../../mesos/runtime/random.ts';
import { findCorpus } from '../../workloads/corpus.ts';
import { SPAM_DIMENSIONS, spamExamples } from '../../workloads/spamFeatures.ts';
import {
  type Deployment,
  exitInWords,
  fileFolder,
  LAB,
  prepare,
  startFileServer,
  startFramework,
  startMaster,
  startSlave,
} from '../run/deployment.ts';
import { median } from '../statistics/quantile.ts';
import { type Measurement, measurement } from './measurement.ts';

const ROUNDS = 3;
/** Times that the corpus is gone through: some 66,000 examples, 250 MB of text. */
const COPIES = 11;
/** As in Hadoop at the time. */
const BLOCK_BYTES = 64 * 1024 * 1024;
const SPARK_ITERATIONS = 12;
const HADOOP_ITERATIONS = 3;
const DESCENT = { dimensions: SPAM_DIMENSIONS, rate: 8, l2: 0.0001 };
const SLAVES = ['node1', 'node2'];

interface Bench {
  readonly head: Machine;
  readonly deployment: Deployment;
  readonly master: string;
  readonly nodes: Readonly<Record<string, Node>>;
  readonly blocks: readonly Block[];
}

/** Losses, and how long each iteration took. */
interface Trained {
  readonly losses: readonly number[];
  readonly iterationMs: readonly number[];
}

/** Trains with each, in turns. Throws an Error if the results are not the same. */
export async function benchIterations(): Promise<readonly Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'mesos-lab-bench-'));
  const times: Record<'fine' | 'coarse' | 'hadoop', (readonly number[])[]> = {
    fine: [],
    coarse: [],
    hadoop: [],
  };
  try {
    await using machines = await localMachines(join(folder, 'machines'), ['head', ...SLAVES]);
    const [head, ...nodes] = machines.machines as [Machine, ...Machine[]];
    const bench = await start(folder, head, nodes);
    for (let round = 0; round < ROUNDS; round++) {
      const fine = await trainOnSpark(bench, 'fine', `fine-${round}`);
      const coarse = await trainOnSpark(bench, 'coarse', `coarse-${round}`);
      const hadoop = await trainOnHadoop(bench, `hadoop-${round}`);
      for (const [iteration, loss] of fine.losses.entries())
        if (
          coarse.losses[iteration] !== loss ||
          (iteration < HADOOP_ITERATIONS && hadoop.losses[iteration] !== loss)
        )
          throw new Error(`The losses of iteration ${iteration + 1} differ.`);
      times.fine.push(fine.iterationMs);
      times.coarse.push(coarse.iterationMs);
      times.hadoop.push(hadoop.iterationMs);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const later = (runs: readonly (readonly number[])[]): readonly number[] =>
    runs.map((run) => median(run.slice(1)));
  const firstOf = (runs: readonly (readonly number[])[]): readonly number[] =>
    runs.map(([first]) => first as number);
  const hadoop = later(times.hadoop);
  const measurements = [measurement('iterations/hadoop-ms', 'ms', hadoop)];
  for (const mode of ['fine', 'coarse'] as const) {
    const ms = later(times[mode]);
    measurements.push(
      measurement(`iterations/spark-${mode}-first-ms`, 'ms', firstOf(times[mode])),
      measurement(`iterations/spark-${mode}-later-ms`, 'ms', ms),
      measurement(
        `iterations/spark-${mode}-later-cheaper`,
        'times',
        ms.map((one, round) => (hadoop[round] as number) / one),
      ),
    );
  }
  return measurements;
}

async function start(folder: string, head: Machine, machines: readonly Machine[]): Promise<Bench> {
  const deployment = await prepare(folder, 'this-bench-only');
  const nodes = Object.fromEntries(
    await Promise.all(
      machines.map(async (machine) => {
        const url = `http://${(await startFileServer(machine, deployment)).address}`;
        return [machine.name, { url, dir: fileFolder(machine) }] as const;
      }),
    ),
  );
  const blocks = await storeBlocks({
    name: 'spam',
    blocks: cutBlocks(spamExamples(await findCorpus(), { copies: COPIES }), BLOCK_BYTES),
    nodes,
    replication: 1,
    random: seededRandom('iterations'),
    secret: deployment.secret.value,
  });
  const { address: master } = await startMaster(head, deployment);
  await Promise.all(machines.map((node) => startSlave(node, deployment, master, parse('cpus:1;mem:2048'))));
  return { head, deployment, master, nodes, blocks };
}

const commandOf = (framework: string) => ({
  shell: false,
  value: LAB,
  arguments: ['lab', 'executor', framework],
  environment: {},
});

async function trainOnSpark(bench: Bench, mode: 'fine' | 'coarse', name: string): Promise<Trained> {
  const { head, deployment, master, nodes, blocks } = bench;
  const config = {
    name,
    mode,
    app: 'logistic-regression',
    args: { input: 'spam', ...DESCENT, iterations: SPARK_ITERATIONS },
    inputs: { spam: blocks },
    nodes,
    executor: { command: commandOf('spark'), resources: { mem: 1024 } },
    cacheBytes: 512 * 1024 * 1024,
  };
  const { process, summaryFile } = await startFramework(head, deployment, 'spark', config, { master });
  const exit = await process.exited;
  if (exit.code !== 0) throw new Error(exitInWords(process, exit));
  const summary: SparkSummary = JSON.parse(await readFile(summaryFile, 'utf8'));
  return summary.result as Trained;
}

async function trainOnHadoop(bench: Bench, name: string): Promise<Trained> {
  const { head, deployment, master, nodes, blocks } = bench;
  const jobs = trainingJobs(blocks, { id: 'step', ...DESCENT, iterations: HADOOP_ITERATIONS, reduces: 1 });
  const config = {
    name,
    jobs,
    nodes,
    slot: { cpus: 1, mem: 512 },
    executor: { command: commandOf('hadoop') },
  };
  const { process, summaryFile } = await startFramework(head, deployment, 'hadoop', config, { master });
  const exit = await process.exited;
  if (exit.code !== 0) throw new Error(exitInWords(process, exit));
  const { space, jobs: ended }: HadoopSummary = JSON.parse(await readFile(summaryFile, 'utf8'));
  const files = { nodes, space, secret: deployment.secret.value };
  const losses: number[] = [];
  for (const { id, parts } of ended) {
    for (const part of parts) losses.push(readLoss(await readPart(files, id, part)));
    await deleteOutput(files, id);
  }
  await deleteIntermediate(files);
  const history = await readFile(join(deployment.histories, `${name}.ndjson`), 'utf8');
  const lines = history
    .split('\n')
    .filter((line) => line !== '')
    .map((line): HistoryLine => JSON.parse(line));
  const [submitted] = lines.filter(({ event }) => event === 'job-submitted');
  const ends = lines.filter(({ event }) => event === 'job-finished').map(({ t }) => t);
  const iterationMs = ends.map((t, n) => t - (n === 0 ? (submitted?.t ?? t) : (ends[n - 1] as number)));
  return { losses, iterationMs };
}
