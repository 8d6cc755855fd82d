import { wallClock } from '../../infra/wallClock.ts';
import { parse } from '../../mesos/protocol/resources.ts';
import { OVERHEAD_CLAIMS } from '../../reports/paper/overhead.ts';
import { allFindings } from '../run/findings.ts';
import { lookAt, spanBetween } from '../run/machinesLook.ts';
import {
  type CostPair,
  fixedCostOf,
  type JobCost,
  type OverheadJob,
  overheadOf,
  pairOrder,
  rigidJob,
  unsteadyValues,
  whyDisturbed,
  wordCount,
} from '../trials/overhead.ts';
import { onTrialCluster, type Placement } from '../trials/trialCluster.ts';
import { storeText } from '../trials/wordCount.ts';
import type { Experiment, Findings, Trial } from './experiment.ts';

/** Runs in both ways, for each seed: of the paper's jobs, and of one that has next to nothing to do. */
const PAIRS = 6;
const FIXED_PAIRS = 4;
const SLAVES = { slaves: 2, resources: parse('cpus:1;mem:1024') };
const TEXT = { blocks: 12, blockBytes: 16 * 1024 * 1024 };
/** Gaussian elimination, as in LINPACK; the seed is of its matrix. */
const SOLVER = { type: 'lu', n: 2304, nb: 64, seed: 1 } as const;

/** What Mesos costs a framework that runs alone (NSDI'11 §6.2). */
export const overhead: Experiment = {
  id: 'overhead',
  title: 'What Mesos costs a framework that runs alone',
  question: 'How much longer does a job take through Mesos than on the same slaves without a master?',
  paper:
    'NSDI’11 §6.2 ran one framework at a time on 50 nodes: High-Performance LINPACK on MPI took 50.9 s without Mesos and 51.8 s with ' +
    'it, WordCount on Hadoop 160 s and 166 s; less than 4% more.',
  claims: OVERHEAD_CLAIMS,
  scenarios: [
    {
      kind: 'trial',
      clock: 'real',
      id: 'jobs',
      label: 'One framework alone',
      // More of them would be as inconclusive: pairs differ by tens of per cent on a machine whose processors are not its own.
      seeds: 1,
      machines: { kind: 'netns', otherwise: 'local' },
      parameters: {
        slaves: SLAVES.slaves,
        'text (MiB)': (TEXT.blocks * TEXT.blockBytes) / 2 ** 20,
        'unknowns of the solver': SOLVER.n,
        pairs: PAIRS,
      },
      run: measure,
    },
  ],
  caveats: [
    'Real processes on machines that are namespaces of one: 2 slaves with one slot each, and jobs of seconds, not of minutes. What Mesos ' +
      'costs is mostly the same for a short job and a long one, so it is a larger part of these.',
    'LINPACK is Gaussian elimination of our own, in processes that are started as the paper’s MPI ranks were. Without Mesos means: the ' +
      'same scheduler and executors on the same slaves, with no master and no offers.',
    'Without Mesos the slaves are started for each run; its job is submitted 1.5 s after they have come, when they are done with that. On ' +
      'Mesos they run already.',
    'Times, and the processor time of slaves and master, are from the submission of the job until its end; the scheduler’s processor time is that of ' +
      'its whole process, with and without Mesos. Runs are in pairs, in turn with and without Mesos first, after some that do not ' +
      'count. Others who use the machine disturb times far more than the processor time that all processes of a run took, so both are given.',
    'Processors of a virtual machine are now faster and now slower, by a tenth and more; if pairs of runs differ by ' +
      'as much, they tell of the machine. So it is also given which part of a run’s processor time the master and the slaves themselves took: that ' +
      'is counted in each run, and not a difference of two.',
  ],
};

async function measure({ seed, report, ...surroundings }: Trial): Promise<Findings> {
  return onTrialCluster(
    SLAVES,
    async (cluster) => {
      const runs = 1 + 2 * (1 + FIXED_PAIRS + 2 * PAIRS);
      let done = 0;
      report(done, runs, 'storing the text');
      const ranks = SLAVES.slaves;
      const text = await storeText(cluster, TEXT);
      const count = wordCount(cluster, 'WordCount', text);
      const little = wordCount(cluster, 'warm-up', text.slice(0, SLAVES.slaves));
      const solve = rigidJob(cluster, { name: 'LINPACK', ranks, program: SOLVER });
      const nothing = rigidJob(cluster, { name: 'nothing', ranks, program: { ...SOLVER, n: SOLVER.nb } });
      const all: JobCost[] = [];
      const once = async ({ name, run }: OverheadJob, placement: Placement): Promise<JobCost> => {
        report(done++, runs, `${name}, ${placement === 'mesos' ? 'on Mesos' : 'alone'}`);
        const cost = await run(placement);
        all.push(cost);
        return cost;
      };
      const first = seed % 2 === 1 ? 'mesos' : 'alone';
      const inPairs = async (job: OverheadJob, pairs: number): Promise<readonly CostPair[]> => {
        const costs: CostPair[] = [];
        for (const [one, other] of pairOrder(pairs, first))
          costs.push({ [one]: await once(job, one), [other]: await once(job, other) } as CostPair);
        return costs;
      };
      const before = await lookAt(cluster.machines);
      const clock = wallClock();
      // What the first runs find cold is nobody's cost: a master, and the code of ranks and of word counts. For that a block for each
      // slave is enough.
      for (const placement of ['mesos', 'alone'] as const) await once(nothing, placement);
      const fixed = await inPairs(nothing, FIXED_PAIRS);
      await once(little, first);
      const counts = await inPairs(count, PAIRS);
      const solves = await inPairs(solve, PAIRS);
      const found = [overheadOf(count.name, counts), overheadOf(solve.name, solves), fixedCostOf(fixed)];
      const { used, cpuBusy } = spanBetween(cluster.machines, before, await lookAt(cluster.machines));
      const processorSeconds = clock.stop().wallSeconds * (used.cpusEach[0] ?? 1);
      const limited = whyDisturbed(all, { processorSeconds, cpuBusy });
      const limitedValues = { ...unsteadyValues(solve.name, solves), ...unsteadyValues(count.name, counts) };
      return {
        ...allFindings(found),
        ...{ machines: used, cpuBusy },
        ...(limited !== undefined && { limited }),
        ...(Object.keys(limitedValues).length > 0 && { limitedValues }),
      };
    },
    surroundings,
  );
}
