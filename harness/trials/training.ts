/** Logistic regression for real on the spam corpus: on Spark, and as a chain of Hadoop jobs, over the same blocks. */
import type { Block } from '../../frameworks/files/block.ts';
import { cutBlocks } from '../../frameworks/files/blocks.ts';
import type { HadoopSummary } from '../../frameworks/hadoop/jobSummary.ts';
import { readLoss } from '../../frameworks/hadoop/program/gradientStep.ts';
import { trainingJobs } from '../../frameworks/hadoop/queries.ts';
import type { SparkSummary } from '../../frameworks/spark/application.ts';
import { seededRandom } from '../../mesos/runtime/random.ts';
import { findCorpus } from '../../workloads/corpus.ts';
import { SPAM_DIMENSIONS, spamExamples } from '../../workloads/spamFeatures.ts';
import { executorCommand } from '../run/deployment.ts';
import { readPartOn, removeSpace, storeOn } from '../run/nodeFiles.ts';
import type { TrialCluster } from './trialCluster.ts';

const DESCENT = { dimensions: SPAM_DIMENSIONS, rate: 8, l2: 0.0001 };

/** Losses, and how long each iteration took. */
export interface Trained {
  readonly losses: readonly number[];
  readonly iterationMs: readonly number[];
}

/** The corpus as examples: made once, for each cell trains on the same. */
let examples: Promise<readonly Buffer[]> | undefined;

/** Puts the examples on the nodes, once each: the corpus so many times, 23 MB each time. */
export async function storeExamples(
  { places }: TrialCluster,
  { copies, blockBytes }: { readonly copies: number; readonly blockBytes: number },
): Promise<readonly Block[]> {
  examples ??= findCorpus().then((corpus) => Array.fromAsync(spamExamples(corpus)));
  const once = await examples;
  return storeOn(places, {
    name: 'spam',
    blocks: cutBlocks(Array.from({ length: copies }, () => once).flat(), blockBytes),
    replication: 1,
    random: seededRandom('iterations'),
  });
}

/** Trains on Spark. `cacheBytes` on each slave are for the parsed examples. */
export async function trainOnSpark(
  cluster: TrialCluster,
  blocks: readonly Block[],
  options: {
    readonly name: string;
    readonly mode: 'fine' | 'coarse';
    readonly iterations: number;
    readonly cacheBytes: number;
  },
): Promise<Trained> {
  const { name, mode, iterations, cacheBytes } = options;
  const config = {
    ...{ name, mode, cacheBytes, nodes: cluster.nodes },
    app: 'logistic-regression',
    args: { input: 'spam', ...DESCENT, iterations },
    inputs: { spam: blocks },
    executor: { command: executorCommand('spark'), resources: { mem: 1024 } },
  };
  const { summary } = await cluster.run('spark', config, 'mesos');
  return (summary as SparkSummary).result as Trained;
}

/** Trains on Hadoop, a job for each iteration. */
export async function trainOnHadoop(
  cluster: TrialCluster,
  blocks: readonly Block[],
  { name, iterations }: { readonly name: string; readonly iterations: number },
): Promise<Trained> {
  const { nodes, places } = cluster;
  const jobs = trainingJobs(blocks, { id: 'step', ...DESCENT, iterations, reduces: 1 });
  const config = {
    ...{ name, jobs, nodes },
    slot: { cpus: 1, mem: 512 },
    executor: { command: executorCommand('hadoop') },
  };
  const { summary, history } = await cluster.run('hadoop', config, 'mesos');
  const { space, jobs: ended } = summary as HadoopSummary;
  const losses: number[] = [];
  for (const { id, parts } of ended)
    for (const part of parts) losses.push(readLoss(await readPartOn(places, space, id, part)));
  await removeSpace(places, space);
  const [submitted] = history.filter(({ event }) => event === 'job-submitted');
  const ends = history.filter(({ event }) => event === 'job-finished').map(({ t }) => t);
  const iterationMs = ends.map((t, n) => t - (n === 0 ? (submitted?.t ?? t) : (ends[n - 1] as number)));
  return { losses, iterationMs };
}
