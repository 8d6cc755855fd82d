/** A thread that computes one reference. */
import { parentPort, workerData } from 'node:worker_threads';
import type { PoissonProgram } from '../../frameworks/mpi/kernels/poisson.ts';
import { solveAlone } from '../../frameworks/mpi/reference.ts';
import { sha256 } from '../../frameworks/spark/apps/logisticRegression.ts';
import { factorise } from '../../workloads/alternatingLeastSquares.ts';
import { generateRatings } from '../../workloads/ratings.ts';
import type { FactoringJob } from '../../workloads/small.ts';

/** What to compute. */
export type ReferenceOrder =
  | { readonly of: 'solution'; readonly program: PoissonProgram }
  | { readonly of: 'factors'; readonly job: Omit<FactoringJob, 'blockBytes'>; readonly seed: number };

/** Hashes of what was found, and of how many numbers that is. */
export interface Reference {
  readonly sha256: readonly string[];
  readonly numbers: number;
}

async function compute(order: ReferenceOrder): Promise<Reference> {
  switch (order.of) {
    case 'solution': {
      const { solutionSha256 } = await solveAlone(order.program);
      return { sha256: [solutionSha256], numbers: order.program.gridSize ** 2 };
    }
    case 'factors': {
      const { job, seed } = order;
      const { ratings, factoring, iterations } = job;
      const { users, items } = factorise([...generateRatings(ratings)], ratings, {
        ...factoring,
        iterations,
        seed,
      });
      return { sha256: [sha256(users), sha256(items)], numbers: users.length + items.length };
    }
    default:
      return order satisfies never;
  }
}

parentPort?.postMessage(await compute(workerData as ReferenceOrder));
