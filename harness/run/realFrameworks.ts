/** The frameworks of real runs: how each is configured, and what it finds stored. */
import type { Block, Node } from '../../frameworks/dfs/block.ts';
import { cutBlocks, storeBlocks } from '../../frameworks/dfs/blocks.ts';
import type { HadoopJob } from '../../frameworks/hadoop/job.ts';
import { seededRandom } from '../../mesos/runtime/random.ts';
import { readBlocks } from '../../workloads/corpus.ts';
import { generateRatings, ratingLine } from '../../workloads/ratings.ts';
import type { TextJob, TextMix } from '../../workloads/small.ts';
import type { RealFramework } from '../experiments/realScenario.ts';
import { LAB } from './deployment.ts';
import type { RealRun } from './real.ts';

type Nodes = Readonly<Record<string, Node>>;

/** A configuration as a scheduler reads it. */
export type PreparedConfig = Readonly<Record<string, unknown>> & {
  readonly name: string;
  readonly nodes?: Nodes;
};

/** Does it read blocks, so that file servers are needed? */
export function keepsBlocks({ kind }: RealFramework): boolean {
  return kind === 'hadoop' || kind === 'spark';
}

/** Stores the input of a framework on these nodes, and configures it. */
export async function configOf(
  run: RealRun,
  framework: RealFramework,
  nodes: Nodes,
): Promise<PreparedConfig> {
  const { seed } = run;
  const { name } = framework;
  const command = {
    ...{ shell: false, value: LAB, environment: {} },
    arguments: ['lab', 'executor', framework.kind],
  };
  switch (framework.kind) {
    case 'hadoop': {
      const { slot, localityWaitMs, work } = framework;
      const { dataSet, jobs } = work(seed);
      const blocks = await storeText(run, name, nodes, dataSet);
      const own = jobs.map((job) => hadoopJob(job, blocks));
      return { name, slot, seed, nodes, localityWaitMs, executor: { command }, jobs: own };
    }
    case 'mpi': {
      const { slot, torque, jobs } = framework;
      return { ...torque, name, slot, seed, jobs: jobs(seed), executor: { name: 'mpi-rank', command } };
    }
    case 'spark': {
      const { slot, localityWaitMs, executorResources, work } = framework;
      const { ratings, factoring, iterations, blockBytes } = work(seed);
      const { users, items } = ratings;
      const lines = Buffer.from(`${[...generateRatings(ratings)].map(ratingLine).join('\n')}\n`);
      const blocks = await store(run, name, nodes, cutBlocks([lines], blockBytes));
      return {
        ...{ name, slot, seed, nodes, localityWaitMs },
        executor: { command, resources: executorResources },
        app: 'alternating-least-squares',
        args: { input: 'ratings', users, items, ...factoring, iterations, seed },
        inputs: { ratings: blocks },
      };
    }
    case 'load':
      return { ...framework.load, name, seed, executor: { command } };
    default:
      return framework satisfies never;
  }
}

function storeText(
  run: RealRun,
  name: string,
  nodes: Nodes,
  dataSet: TextMix['dataSet'],
): Promise<readonly Block[]> {
  return store(run, name, nodes, readBlocks(run.corpus, dataSet));
}

function store(
  { seed, scenario, deployment }: RealRun,
  name: string,
  nodes: Nodes,
  blocks: Parameters<typeof storeBlocks>[0]['blocks'],
): Promise<readonly Block[]> {
  return storeBlocks({
    ...{ name, blocks, nodes, replication: scenario.replication },
    random: seededRandom(`blocks/${seed}/${name}`),
    secret: deployment.secret.value,
  });
}

function hadoopJob({ input, ...job }: TextJob, blocks: readonly Block[]): HadoopJob {
  return { ...job, input: blocks.slice(input.firstBlock, input.firstBlock + input.blocks) };
}
