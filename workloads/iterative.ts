/**
 * Iterative jobs, which read their input once and then go over it again and again: what the paper runs on Spark. As data, for
 * virtual time.
 */
import type { Submission } from './jobs.ts';

/** A job that loads a dataset into memory and computes over it in iterations. */
export interface IterativeJob {
  readonly id: string;
  /** What people call it, e.g. `logistic regression`. */
  readonly kind: string;
  readonly submission: Submission;
  /** Partitions of the dataset, one block each. */
  readonly partitions: number;
  readonly iterations: number;
  /**
   * `partitions` (default) stay in memory where they were read, and tasks prefer to run there. What is `broadcast` every executor
   * fetches once, and tasks run as well on any slave.
   */
  readonly data?: 'partitions' | 'broadcast';
  readonly model: {
    /** From submission until the first task may run; default 0. */
    readonly setUpMs?: number;
    /** Mean time to read and parse a local block; of broadcast data, to fetch all of it. */
    readonly loadMs: number;
    /** What a parsed block takes in memory. */
    readonly bytes: number;
    /** The steps of an iteration, one after the other: mean time of a task over a partition that is in memory. */
    readonly stepMs: readonly number[];
    /** What the driver program takes before each step: to gather what the last one gave, and to send it out. */
    readonly driverMs: number;
    /** Coefficient of variation of the task lengths (log-normal). */
    readonly cv: number;
  };
}

const MIB = 1024 * 1024;

/** Logistic regression of figure 9, 29 GB on 20 nodes of 4 cores: 12 blocks of 128 MB a node (HotCloud'10 §5). */
export const FIGURE_9 = {
  nodes: 20,
  coresPerNode: 4,
  blocksPerNode: 12,
  firstS: 174,
  laterS: 6,
  hadoopS: 127,
} as const;

/**
 * The job of figure 9. Its times are those of the first iteration, 174 s, and of the later ones, 6 s, of which 1 s is taken to be the
 * driver program's; the rest are three waves of tasks.
 */
export function logisticRegressionJob(iterations: number, cv = 0.05): IterativeJob {
  const { nodes, coresPerNode, blocksPerNode, firstS, laterS } = FIGURE_9;
  const waves = blocksPerNode / coresPerNode;
  const driverMs = 1000;
  return {
    id: `regression-${iterations}`,
    kind: 'logistic regression',
    submission: { when: 'at', ms: 0 },
    partitions: nodes * blocksPerNode,
    iterations,
    model: {
      loadMs: Math.round((1000 * (firstS - laterS)) / waves),
      bytes: 128 * MIB,
      stepMs: [Math.round((1000 * laterS - driverMs) / waves)],
      driverMs,
      cv,
    },
  };
}

/** Jobs of the Spark workload of the macrobenchmark. */
const LEAST_SQUARES_JOBS = 5;
/** Time between the end of a job and the submission of the next (§6.1.1). */
const PAUSE_S = 120;

/**
 * The static side of figure 5c, in seconds: when the first four jobs had tasks, and when the first step of each had ended. The curve
 * dips briefly whenever a step ends: eight times in each job.
 */
export const FIGURE_5C = {
  bars: [
    { fromS: 16.2, firstStepS: 62.0, toS: 342.6 },
    { fromS: 475.4, firstStepS: 523.6, toS: 808.2 },
    { fromS: 943.1, firstStepS: 988.9, toS: 1265.6 },
    { fromS: 1400.5, firstStepS: 1444.3, toS: 1708.9 },
  ],
  stepsPerJob: 8,
  /** Slot time in the bars, over that of 96 slots for as long: the rest is lost in the dips. */
  busyPart: 0.959,
} as const;

/** Mean job time on the static partition of 96 cores, in seconds (Table 5). */
export const LEAST_SQUARES_STATIC_S = 337;

const STATIC_CORES = 96;
const CLUSTER_CORES = 384;
const DRIVER_MS = 500;
/** Of task lengths; see {@link leastSquaresMix}. */
const LEAST_SQUARES_CV = 0.023;

/** What the static side says of a job, in seconds: all that the model is made of. */
export function leastSquaresFit(): {
  readonly setUpS: number;
  readonly firstStepS: number;
  readonly laterStepS: number;
} {
  const { bars, stepsPerJob } = FIGURE_5C;
  const meanOf = (of: (bar: (typeof bars)[number]) => number): number =>
    bars.reduce((sum, bar) => sum + of(bar), 0) / bars.length;
  return {
    setUpS: LEAST_SQUARES_STATIC_S - meanOf(({ fromS, toS }) => toS - fromS),
    firstStepS: meanOf(({ fromS, firstStepS }) => firstStepS - fromS),
    laterStepS: meanOf(({ firstStepS, toS }) => toS - firstStepS) / (stepsPerJob - 1),
  };
}

/**
 * The Spark workload of the macrobenchmark (NSDI'11 §6.1.1): 5 jobs of alternating least squares, each submitted 2 min after the one
 * before has ended. The paper says nothing of what is in a job, but the static side of figure 5c shows it ({@link FIGURE_5C}): 14 s in
 * which nothing runs (the pauses between its bars say the same: 134 s, of which 120 s are asked for), then eight steps of 39.5 s on 96
 * cores, four iterations over two sides, the first of them 6.4 s longer, for it loads the data; and 4% of the slot time lost where steps end.
 *
 * The static side cannot say into how many tasks a step is cut. Taken here: one for each core of the whole cluster, so that a job can
 * use all of it. The driver program takes 0.5 s before each step: the dips never reach zero, so it is no more. The spread is that at
 * which the rest of the lost time is lost to the last tasks of a step.
 */
export function leastSquaresMix(): readonly IterativeJob[] {
  const { setUpS, firstStepS, laterStepS } = leastSquaresFit();
  const waves = CLUSTER_CORES / STATIC_CORES;
  const stepMs = Math.round((1000 * laterStepS * FIGURE_5C.busyPart) / waves);
  return Array.from({ length: LEAST_SQUARES_JOBS }, (_, index) => ({
    id: jobId(index),
    kind: 'alternating least squares',
    submission:
      index === 0
        ? { when: 'at', ms: 0 }
        : { when: 'after', jobId: jobId(index - 1), delayMs: 1000 * PAUSE_S },
    partitions: CLUSTER_CORES,
    iterations: FIGURE_5C.stepsPerJob / 2,
    data: 'broadcast',
    model: {
      setUpMs: Math.round(1000 * setUpS) - DRIVER_MS,
      loadMs: Math.round(1000 * (firstStepS - laterStepS)),
      bytes: 0,
      stepMs: [stepMs, stepMs],
      driverMs: DRIVER_MS,
      cv: LEAST_SQUARES_CV,
    },
  }));
}

const jobId = (index: number): string => `least-squares-${index + 1}`;
