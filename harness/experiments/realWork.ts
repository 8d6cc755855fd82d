/** What a seed makes of the frameworks of a real scenario. */
import type { FactoringJob } from '../../workloads/small.ts';
import type { RealFramework } from './realScenario.ts';

/** How many jobs it has with this seed, as far as that is known before. */
export function countRealJobs(framework: RealFramework, seed: number): number {
  switch (framework.kind) {
    case 'hadoop':
      return framework.work(seed).jobs.length;
    case 'mpi':
      return framework.jobs(seed).length;
    case 'spark':
      return stepsOf(framework.work(seed));
    case 'load':
      return framework.load.jobsMax ?? 0;
    default:
      return framework satisfies never;
  }
}

/** What a seed makes of a framework: plain data. */
export function realWork(framework: RealFramework, seed: number): unknown {
  switch (framework.kind) {
    case 'hadoop':
    case 'spark':
      return framework.work(seed);
    case 'mpi':
      return framework.jobs(seed);
    case 'load':
      return framework.load;
    default:
      return framework satisfies never;
  }
}

/** Two for each iteration, and one for the error at the end. */
const stepsOf = ({ iterations }: FactoringJob): number => 2 * iterations + 1;
