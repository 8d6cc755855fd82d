/** What Mesos costs a framework that has the cluster to itself: the same job on the same slaves, with a master and without. */
import type { MpiProgram } from '../../frameworks/mpi/program.ts';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { executorCommand } from '../run/deployment.ts';
import type { Placement, TrialCluster } from './trialCluster.ts';
import { storeText, type TextSize, wordCountConfig } from './wordCount.ts';

/** A job that is run with and without Mesos. `run` gives its seconds from submission to end. */
export interface OverheadJob {
  readonly name: string;
  run(placement: Placement): Promise<number>;
}

/** Counts the words of e-mail. */
export async function wordCount(cluster: TrialCluster, size: TextSize): Promise<OverheadJob> {
  const blocks = await storeText(cluster, size);
  let runs = 0;
  return {
    name: 'WordCount',
    run: async (placement) => {
      const config = wordCountConfig(cluster, blocks, { name: `count${++runs}`, memMiB: 256, reduces: 2 });
      return secondsOf((await cluster.run('hadoop', config, placement)).history);
    },
  };
}

/** A rigid job of as many ranks. */
export function rigidJob(
  cluster: TrialCluster,
  { name, ranks, program }: { readonly name: string; readonly ranks: number; readonly program: MpiProgram },
): OverheadJob {
  const job = { id: 'job', kind: program.type, ranks, submission: { when: 'at', ms: 0 }, program };
  let runs = 0;
  return {
    name,
    run: async (placement) => {
      const executor = { name: 'mpi-rank', command: executorCommand('mpi') };
      const config = { name: `${program.type}${++runs}`, jobs: [job], slot: { cpus: 1, mem: 256 }, executor };
      return secondsOf((await cluster.run('mpi', config, placement)).history);
    },
  };
}

/** From the submission of the only job to its end. Throws an Error if it has not finished. */
function secondsOf(history: readonly HistoryLine[]): number {
  const submitted = history.find(({ event }) => event === 'job-submitted');
  const finished = history.find(({ event }) => event === 'job-finished');
  if (submitted === undefined || finished === undefined) throw new Error('the job has not finished');
  return (finished.t - submitted.t) / 1000;
}
