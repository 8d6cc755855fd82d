/** A thread that computes references. */
import { parentPort, workerData } from 'node:worker_threads';
import { mapReference } from '../../frameworks/hadoop/reference.ts';
import type { PoissonProgram } from '../../frameworks/mpi/kernels/poisson.ts';
import { solveAlone } from '../../frameworks/mpi/reference.ts';
import { sha256 as sha256OfNumbers } from '../../frameworks/spark/apps/logisticRegression.ts';
import { factorise } from '../../workloads/alternatingLeastSquares.ts';
import { type Corpus, readBlocks } from '../../workloads/corpus.ts';
import { generateRatings } from '../../workloads/ratings.ts';
import type { FactoringJob, TextJob, TextMix } from '../../workloads/small.ts';
import { sha256 } from './provenance.ts';

/** A job, as far as it matters for what it computes. */
export interface OutputOrder
  extends Pick<TextJob, 'program' | 'input' | 'reduces'>,
    Pick<TextMix, 'dataSet'> {}

/** Numbers to compute. */
export type NumbersOrder =
  | { readonly of: 'solution'; readonly program: PoissonProgram }
  | { readonly of: 'factors'; readonly job: Omit<FactoringJob, 'blockBytes'>; readonly seed: number };

/** What to compute. */
export type ReferenceOrder =
  | NumbersOrder
  | { readonly of: 'outputs'; readonly corpus: Corpus; readonly wanted: readonly OutputOrder[] };

/** Hashes of what was found, and of how many numbers that is. */
export interface NumbersReference {
  readonly sha256: readonly string[];
  readonly numbers: number;
}

/** The hash of each part of the output of a job, by its name. */
export type OutputReference = ReadonlyMap<string, string>;

async function compute(order: ReferenceOrder): Promise<unknown> {
  switch (order.of) {
    case 'solution': {
      const { solutionSha256 } = await solveAlone(order.program);
      return {
        sha256: [solutionSha256],
        numbers: order.program.gridSize ** 2,
      } satisfies NumbersReference;
    }
    case 'factors': {
      const { job, seed } = order;
      const { ratings, factoring, iterations } = job;
      const { users, items } = factorise([...generateRatings(ratings)], ratings, {
        ...factoring,
        iterations,
        seed,
      });
      return {
        sha256: [sha256OfNumbers(users), sha256OfNumbers(items)],
        numbers: users.length + items.length,
      } satisfies NumbersReference;
    }
    case 'outputs':
      return outputsOf(order.corpus, order.wanted);
    default:
      return order satisfies never;
  }
}

/** The outputs of jobs, in order. Those that are alike but for their number of reduces are mapped once, and no longer held than needed. */
async function outputsOf(
  corpus: Corpus,
  wanted: readonly OutputOrder[],
): Promise<readonly OutputReference[]> {
  const outputs = new Map<OutputOrder, OutputReference>();
  const alike = Map.groupBy(wanted, ({ reduces: _, ...mapped }) => JSON.stringify(mapped));
  for (const jobs of alike.values()) {
    const { dataSet, program, input } = jobs[0] as OutputOrder;
    const blocks = await Array.fromAsync(readBlocks(corpus, dataSet));
    const text = blocks.slice(input.firstBlock, input.firstBlock + input.blocks);
    const partsOf = await mapReference(program, text);
    for (const job of jobs)
      outputs.set(job, new Map(partsOf(job.reduces).map(({ name, bytes }) => [name, sha256(bytes)])));
  }
  return wanted.map((job) => outputs.get(job) as OutputReference);
}

parentPort?.postMessage(await compute(workerData as ReferenceOrder));
