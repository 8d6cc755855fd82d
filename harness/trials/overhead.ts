/** What Mesos costs a framework that has the cluster to itself: the same job on the same slaves, with a master and without. */
import type { Block } from '../../frameworks/files/block.ts';
import type { MpiProgram } from '../../frameworks/mpi/program.ts';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import type { Millis } from '../../mesos/runtime/actor.ts';
import type { Findings } from '../experiments/experiment.ts';
import { executorCommand } from '../run/deployment.ts';
import { median } from '../statistics/quantile.ts';
import type { FrameworkRun, Placement, TrialCluster } from './trialCluster.ts';
import { wordCountConfig } from './wordCount.ts';

/** What one run of a job took. */
export interface JobCost {
  /** From its submission to its end. */
  readonly seconds: number;
  /** Of all processes that had a part in it, of slaves and master from the submission on; null where it cannot be told. */
  readonly cpuSeconds: number | null;
  /** Of the daemons alone: the slaves, and the master if there is one. Null likewise. */
  readonly daemonCpuSeconds: number | null;
}

/** A job that is run with and without Mesos. */
export interface OverheadJob {
  readonly name: string;
  run(placement: Placement): Promise<JobCost>;
}

/**
 * Without a master slaves are started for each run, and take processor time for a second after that; those of Mesos run already. A job that
 * began at once paid for it, and LINPACK seemed to take 2 to 8% less on Mesos.
 */
const SETTLE_MS: Readonly<Record<Placement, Millis>> = { mesos: 0, alone: 1_500 };

/** Counts the words of blocks that are stored. */
export function wordCount(cluster: TrialCluster, name: string, blocks: readonly Block[]): OverheadJob {
  let runs = 0;
  return {
    name,
    run: async (placement) => {
      const config = wordCountConfig(cluster, blocks, {
        ...{ name: `${name}${++runs}`, memMiB: 256, reduces: 2 },
        submitMs: SETTLE_MS[placement],
      });
      return costOf(await cluster.run('hadoop', config, placement));
    },
  };
}

/** A rigid job of as many ranks. */
export function rigidJob(
  cluster: TrialCluster,
  { name, ranks, program }: { readonly name: string; readonly ranks: number; readonly program: MpiProgram },
): OverheadJob {
  let runs = 0;
  return {
    name,
    run: async (placement) => {
      const executor = { name: 'mpi-rank', command: executorCommand('mpi') };
      const submission = { when: 'at', ms: SETTLE_MS[placement] };
      const job = { id: 'job', kind: program.type, ranks, submission, program };
      const config = { name: `${name}${++runs}`, jobs: [job], slot: { cpus: 1, mem: 256 }, executor };
      return costOf(await cluster.run('mpi', config, placement));
    },
  };
}

function costOf({ history, cpuSeconds, daemonCpuSeconds }: FrameworkRun): JobCost {
  return { seconds: secondsOf(history), cpuSeconds, daemonCpuSeconds };
}

/** From the submission of the only job to its end. Throws an Error if it has not finished. */
function secondsOf(history: readonly HistoryLine[]): number {
  const submitted = history.find(({ event }) => event === 'job-submitted');
  const finished = history.find(({ event }) => event === 'job-finished');
  if (submitted === undefined || finished === undefined) throw new Error('the job has not finished');
  return (finished.t - submitted.t) / 1000;
}

/** Part of the processors above which what others did cannot be told from what a run took. */
const OTHERS_MAX = 0.15;

/**
 * Why times are not those of the runs alone; undefined if nothing speaks against it. `cpuBusy`: the busy part of all the processors'
 * time meanwhile, which was `processorSeconds`.
 */
export function whyDisturbed(
  runs: readonly JobCost[],
  { processorSeconds, cpuBusy }: { readonly processorSeconds: number; readonly cpuBusy: number },
): string | undefined {
  let ownSeconds = 0;
  for (const { cpuSeconds } of runs) {
    if (cpuSeconds === null) return undefined;
    ownSeconds += cpuSeconds;
  }
  const others = cpuBusy - ownSeconds / processorSeconds;
  return others > OTHERS_MAX
    ? `Others used ${Math.round(100 * others)}% of the machine’s processors meanwhile, which delays some runs and not others.`
    : undefined;
}

/**
 * Pairs are all the same: if they differ by more points than this, they tell of the processors. The paper's overheads are a few per cent. Of
 * five pairs and more the first and the last by their difference do not count: one that was disturbed hardly moves a median.
 */
const SPREAD_MAX_POINTS = 10;
const PAIRS_TO_TRIM = 5;

/**
 * Why values of a job tell of the machine and not of Mesos, by their names: of all that compare the runs of a pair. Empty if nothing speaks
 * against them.
 */
export function unsteadyValues(name: string, pairs: readonly CostPair[]): Readonly<Record<string, string>> {
  const why = whyUnsteady(name, pairs);
  const names = Object.keys(overheadOf(name, pairs).values).filter((value) => value !== daemonsPart(name));
  return why === undefined ? {} : Object.fromEntries(names.map((value) => [value, why]));
}

function whyUnsteady(name: string, pairs: readonly CostPair[]): string | undefined {
  const percents = pairs
    .flatMap(({ mesos, alone }) =>
      mesos.cpuSeconds === null || alone.cpuSeconds === null
        ? []
        : 100 * (mesos.cpuSeconds / alone.cpuSeconds - 1),
    )
    .sort((a, b) => a - b);
  const counted = percents.length < PAIRS_TO_TRIM ? percents : percents.slice(1, -1);
  const [least = 0, most = least] = [counted[0], counted.at(-1)];
  if (most - least <= SPREAD_MAX_POINTS) return undefined;
  return (
    `On Mesos ${name} took ${told(least)} processor time in one pair of runs and ${told(most)} in another, though all pairs are the same: ` +
    'the processors were now faster and now slower, by more than Mesos could cost.'
  );
}

const told = (percent: number): string => `${Math.abs(percent).toFixed(0)}% ${percent < 0 ? 'less' : 'more'}`;

/** One run in each way, one after the other. */
export type CostPair = Readonly<Record<Placement, JobCost>>;

/**
 * The order of so many pairs: in turn with and without first, so that what drifts (a machine that gets busier, or warmer) is on both sides
 * alike. `first` begins.
 */
export function pairOrder(pairs: number, first: Placement): readonly (readonly [Placement, Placement])[] {
  const second = first === 'mesos' ? 'alone' : 'mesos';
  return Array.from({ length: pairs }, (_, n) => (n % 2 === 0 ? [first, second] : [second, first]));
}

/** What Mesos costs a job that has next to nothing to do, and so any job: the same for short and long ones. */
export function fixedCostOf(pairs: readonly CostPair[]): Required<Pick<Findings, 'values' | 'samples'>> {
  const differences = (of: (cost: JobCost) => number | null): readonly number[] =>
    pairs.flatMap(({ mesos, alone }) => {
      const [on, without] = [of(mesos), of(alone)];
      return on === null || without === null ? [] : [1_000 * (on - without)];
    });
  const samples = {
    'fixed cost (ms)': differences(({ seconds }) => seconds),
    'fixed cost, processors (ms)': differences(({ cpuSeconds }) => cpuSeconds),
  };
  const counted = Object.entries(samples).filter(([, of]) => of.length > 0);
  return {
    values: Object.fromEntries(counted.map(([name, of]) => [name, median(of)])),
    samples: Object.fromEntries(counted),
  };
}

/** What pairs of runs tell of a job: the overhead of each, in time and in processor time, and the medians. */
export function overheadOf(
  name: string,
  pairs: readonly CostPair[],
): Required<Pick<Findings, 'values' | 'samples'>> {
  const percents = (of: (cost: JobCost) => number): readonly number[] =>
    pairs.map(({ mesos, alone }) => 100 * (of(mesos) / of(alone) - 1));
  const medians = (what: string, of: (cost: JobCost) => number): Readonly<Record<string, number>> => ({
    [`${name} on Mesos${what} (s)`]: median(pairs.map(({ mesos }) => of(mesos))),
    [`${name} without Mesos${what} (s)`]: median(pairs.map(({ alone }) => of(alone))),
    [`${name} overhead${what} (%)`]: median(percents(of)),
  });
  const wall = ({ seconds }: JobCost): number => seconds;
  const cpu = ({ cpuSeconds }: JobCost): number => cpuSeconds ?? Number.NaN;
  const isCounted = pairs.every(({ mesos, alone }) => mesos.cpuSeconds !== null && alone.cpuSeconds !== null);
  const daemons = pairs.flatMap(({ mesos }) => daemonPercentOf(mesos) ?? []);
  const ofDaemons = daemonsPart(name);
  return {
    values: {
      ...medians('', wall),
      ...(isCounted && { ...medians(', processors', cpu), [ofDaemons]: median(daemons) }),
    },
    samples: {
      [`${name} overhead (%)`]: percents(wall),
      ...(isCounted && { [`${name} overhead, processors (%)`]: percents(cpu), [ofDaemons]: daemons }),
    },
  };
}

const daemonsPart = (name: string): string => `${name}, taken by the daemons of Mesos (%)`;

/**
 * Processor time of the master and the slaves themselves, as a part of what all else took that had a part in the run. It is counted, not
 * the difference of two runs: so a machine that is now faster and now slower hardly touches it.
 */
function daemonPercentOf({ cpuSeconds, daemonCpuSeconds }: JobCost): number | undefined {
  return cpuSeconds === null || daemonCpuSeconds === null
    ? undefined
    : (100 * daemonCpuSeconds) / (cpuSeconds - daemonCpuSeconds);
}
