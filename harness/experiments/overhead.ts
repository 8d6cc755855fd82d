import { parse } from '../../mesos/protocol/resources.ts';
import { OVERHEAD_CLAIMS } from '../../reports/paper/overhead.ts';
import { type OverheadJob, rigidJob, wordCount } from '../trials/overhead.ts';
import { onTrialCluster } from '../trials/trialCluster.ts';
import type { Experiment, Findings, Trial } from './experiment.ts';

const SLAVES = { slaves: 2, resources: parse('cpus:1;mem:1024') };
const TEXT = { blocks: 8, blockBytes: 16 * 1024 * 1024 };
/** Gaussian elimination, as in LINPACK; the seed is of its matrix. */
const SOLVER = { type: 'lu', n: 2400, nb: 64, seed: 1 } as const;

/** What Mesos costs a framework that runs alone (NSDI'11 §6.2). */
export const overhead: Experiment = {
  id: 'overhead',
  title: 'What Mesos costs a framework that runs alone',
  question: 'How much longer does a job take through Mesos than on the same slaves without a master?',
  paper:
    'NSDI’11 §6.2 ran one framework at a time on 50 nodes: High-Performance LINPACK on MPI took 50.9 s without Mesos and 51.8 s with ' +
    'it, WordCount on Hadoop 160 s and 166 s; less than 4 % more.',
  claims: OVERHEAD_CLAIMS,
  scenarios: [
    {
      kind: 'trial',
      clock: 'real',
      id: 'jobs',
      label: 'One framework alone',
      seeds: 3,
      parameters: {
        slaves: SLAVES.slaves,
        'text (MiB)': (TEXT.blocks * TEXT.blockBytes) / 2 ** 20,
        'unknowns of the solver': SOLVER.n,
      },
      run: measure,
    },
  ],
  caveats: [
    'Real processes on one machine: 2 slaves with one slot each, and jobs of seconds, not of minutes. What Mesos costs is mostly the ' +
      'same for a short job and a long one, so it is a larger part of these.',
    'LINPACK is Gaussian elimination of our own, in processes that are started as the paper’s MPI ranks were. Without Mesos means: the ' +
      'same scheduler and executors on the same slaves, with no master and no offers.',
    'Times are from the submission of the job until its end.',
  ],
};

async function measure({ seed, report, ...surroundings }: Trial): Promise<Findings> {
  return onTrialCluster(
    SLAVES,
    async (cluster) => {
      report(0, 4, 'storing the text');
      const jobs: readonly OverheadJob[] = [
        await wordCount(cluster, TEXT),
        rigidJob(cluster, { name: 'LINPACK', ranks: SLAVES.slaves, program: SOLVER }),
      ];
      const values: Record<string, number> = {};
      // In turns, so that neither is always the one that finds a cold machine.
      const placements = seed % 2 === 1 ? (['mesos', 'alone'] as const) : (['alone', 'mesos'] as const);
      let done = 0;
      for (const { name, run } of jobs) {
        for (const placement of placements) {
          report(done++, 4, `${name}, ${placement === 'mesos' ? 'on Mesos' : 'alone'}`);
          values[`${name} ${placement === 'mesos' ? 'on' : 'without'} Mesos (s)`] = await run(placement);
        }
        const [on, without] = [values[`${name} on Mesos (s)`], values[`${name} without Mesos (s)`]];
        values[`${name} overhead (%)`] = 100 * ((on as number) / (without as number) - 1);
      }
      return { values };
    },
    surroundings,
  );
}
