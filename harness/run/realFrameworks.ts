/** The frameworks of real runs: how each is configured, and what it finds stored. */
import type { Block, Node } from '../../frameworks/files/block.ts';
import { cutBlocks, type PlaceOptions } from '../../frameworks/files/blocks.ts';
import type { HadoopJob } from '../../frameworks/hadoop/job.ts';
import type { Machine } from '../../infra/machine.ts';
import { seededRandom } from '../../mesos/runtime/random.ts';
import { readBlocks } from '../../workloads/corpus.ts';
import { ratingTexts } from '../../workloads/ratings.ts';
import type { TextJob, TextMix } from '../../workloads/small.ts';
import type { RealFramework } from '../experiments/realScenario.ts';
import { executorCommand } from './deployment.ts';
import { storeOn } from './nodeFiles.ts';
import type { RealRun } from './realRun.ts';

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

/** Stores the input of a framework on these machines and configures it; `nodes` are their file servers, once they run. */
export async function configOf(
  run: RealRun,
  framework: RealFramework,
  machines: readonly Machine[],
  nodes: () => Promise<Nodes>,
): Promise<PreparedConfig> {
  const { seed } = run;
  const { name } = framework;
  const command = executorCommand(framework.kind);
  switch (framework.kind) {
    case 'hadoop': {
      const { slot, localityWaitMs, work } = framework;
      const { dataSet, jobs } = work(seed);
      const blocks = await storeText(run, name, machines, dataSet);
      const own = jobs.map((job) => hadoopJob(job, blocks));
      return {
        ...{ name, slot, seed, nodes: await nodes(), localityWaitMs },
        executor: { command },
        jobs: own,
      };
    }
    case 'mpi': {
      const { slot, torque, jobs } = framework;
      return { ...torque, name, slot, seed, jobs: jobs(seed), executor: { name: 'mpi-rank', command } };
    }
    case 'spark': {
      const { slot, localityWaitMs, executorResources, work } = framework;
      const { ratings, factoring, iterations, blockBytes } = work(seed);
      const { users, items } = ratings;
      const blocks = await store(run, name, machines, cutBlocks(ratingTexts(ratings), blockBytes));
      return {
        ...{ name, slot, seed, nodes: await nodes(), localityWaitMs },
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
  machines: readonly Machine[],
  dataSet: TextMix['dataSet'],
): Promise<readonly Block[]> {
  return store(run, name, machines, readBlocks(run.corpus, dataSet));
}

function store(
  { seed, scenario }: RealRun,
  name: string,
  machines: readonly Machine[],
  blocks: PlaceOptions['blocks'],
): Promise<readonly Block[]> {
  const random = seededRandom(`blocks/${seed}/${name}`);
  return storeOn(machines, { name, blocks, replication: scenario.replication, random });
}

function hadoopJob({ input, ...job }: TextJob, blocks: readonly Block[]): HadoopJob {
  return { ...job, input: blocks.slice(input.firstBlock, input.firstBlock + input.blocks) };
}
