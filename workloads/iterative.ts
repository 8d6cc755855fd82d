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
  readonly model: {
    /** Mean time to read and parse a local block. */
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
export const LEAST_SQUARES_JOBS = 5;
/** Mean job time on the static partition of 96 cores, in seconds (Table 5). */
export const LEAST_SQUARES_STATIC_S = 337;

/** A step ends with its slowest slave: its length over the mean, as it comes out on the static partition at the default spread. */
const SLOWEST_OVER_MEAN = 1.167;

/**
 * The Spark workload of the macrobenchmark (NSDI'11 §6.1.1): 5 jobs of alternating least squares, each submitted 2 min after the one
 * before has ended. Its level is that of the static partition, 337 s on 96 cores. The paper says nothing of what is in a job; taken
 * here: a partition for each core of the whole cluster, so that a job can use all of it (its share on Mesos reaches 0.95), 10
 * iterations of two steps, 3 s of the driver program before each, to broadcast the factors.
 */
export function leastSquaresMix({ cv = 0.1 }: { readonly cv?: number } = {}): readonly IterativeJob[] {
  const [partitions, staticCores, iterations, driverMs, loadMs] = [384, 96, 10, 3_000, 15_000];
  const waves = partitions / staticCores;
  const steps = 2 * iterations;
  const stepMs = Math.round(
    ((1000 * LEAST_SQUARES_STATIC_S - steps * driverMs) / waves - loadMs) / steps / SLOWEST_OVER_MEAN,
  );
  return Array.from({ length: LEAST_SQUARES_JOBS }, (_, index) => ({
    id: jobId(index),
    kind: 'alternating least squares',
    submission:
      index === 0 ? { when: 'at', ms: 0 } : { when: 'after', jobId: jobId(index - 1), delayMs: 120_000 },
    partitions,
    iterations,
    model: { loadMs, bytes: 32 * MIB, stepMs: [stepMs, stepMs], driverMs, cv },
  }));
}

const jobId = (index: number): string => `least-squares-${index + 1}`;
