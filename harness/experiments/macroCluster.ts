/** The cluster of the macrobenchmark in virtual time (NSDI'11 §6.1), shared by Mesos or split into partitions. */
import type { TorqueManners } from '../../frameworks/torque/config.ts';
import type { Millis } from '../../mesos/runtime/actor.ts';
import { FRAMEWORKS } from '../../reports/paper/macro.ts';
import { facebookMix } from '../../workloads/facebook.ts';
import { type IterativeJob, leastSquaresMix } from '../../workloads/iterative.ts';
import type { MapReduceJob, RigidJob } from '../../workloads/jobs.ts';
import { largeBatch } from '../../workloads/largeBatch.ts';
import { rigidMix, SLOW_NODE_PART, SLOW_NODE_SPEED, TORQUE_ITERATION_MS } from '../../workloads/rigid.ts';
import { localFraction } from '../../workloads/staticReads.ts';
import type { Allocation, VirtualFramework, VirtualScenario } from './virtualScenario.ts';

/** The name of the small jobs of the Facebook mix, where they are in a framework of their own. */
export const SMALL_APART = 'facebook-small';

const NODES = 96;
const CORES = 4;
const SLOT = { cpus: 1, mem: 1024 };
const REPLICATION = 3;
/** The wait of the Hadoop port and of Spark at the time. */
const LOCALITY_WAIT_MS = 5_000;
/** The largest bin of Table 3 that counts as small: up to 12 tasks. */
const SMALL_BIN_MAX = 3;

/** Offers are made so often. */
export const BATCH_MS = 1_000;

/** How the cluster differs from the paper's. */
export interface MacroOptions {
  readonly allocation?: Allocation;
  /** Free resources are gathered this long before they are offered; default 1 s. */
  readonly batchMs?: Millis;
  /** How long Hadoop's jobs wait for a slot beside their data. */
  readonly localityWaitMs?: Millis;
  /** The small jobs of the Facebook mix have a framework of their own. */
  readonly smallApart?: boolean;
  /** One file system spans the cluster, and a map that reads a remote block takes so many times as long. */
  readonly remoteSlowdown?: number;
  /** How long executors take to start. */
  readonly executorStartMs?: Millis;
  /** A part of the paper's size, above 0 and up to 1: of nodes, tasks and ranks. Default 1. */
  readonly scale?: number;
}

/**
 * The cluster that all frameworks share. Offers are batched once in a second: the paper's experiments ran on a build that did so, and a
 * simulator by one of its authors takes 1 s. Torque's port looks into its queue every second, takes at most one slot of each slave,
 * and never more than a quarter of the cluster.
 */
export function sharedCluster(options: MacroOptions = {}): VirtualScenario {
  const { allocation, batchMs = BATCH_MS, executorStartMs, scale = 1 } = options;
  const torque = {
    pollMs: 1_000,
    iterationMs: TORQUE_ITERATION_MS,
    slotsPerSlaveMax: 1,
    slotsMax: nodesAt(scale),
  };
  return {
    ...cluster(options, torque),
    master: { allocationIntervalMs: batchMs },
    ...(allocation !== undefined && { allocation }),
    ...(executorStartMs !== undefined && { executorStartMs }),
  };
}

/** The cluster in four partitions, each with a framework of its own; Torque packs its jobs onto few nodes. */
export function splitCluster(options: MacroOptions = {}): VirtualScenario {
  return cluster({ ...options, smallApart: false }, { iterationMs: TORQUE_ITERATION_MS });
}

function cluster(options: MacroOptions, torque: TorqueManners): VirtualScenario {
  const { scale = 1, remoteSlowdown = 1 } = options;
  const nodes = nodesAt(scale);
  const partition = nodes / 4;
  const rest = { slot: SLOT, localityWaitMs: LOCALITY_WAIT_MS };
  return {
    slaves: nodes,
    slaveResources: { cpus: CORES, mem: 15 * 1024 },
    replication: Math.min(REPLICATION, partition),
    blocksOn: remoteSlowdown > 1 ? 'cluster' : 'partition',
    speeds: speeds(nodes),
    frameworks: [
      ...hadoops(options, partition),
      {
        ...rest,
        kind: 'spark',
        name: FRAMEWORKS.spark,
        partition,
        remoteSlowdown: 1,
        executorResources: {},
        cacheBytes: 0,
        jobs: () => leastSquaresMix().map((job) => iterativeAt(job, scale)),
      },
      {
        kind: 'mpi',
        name: FRAMEWORKS.torque,
        partition,
        slot: SLOT,
        torque,
        jobs: () => rigidMix().map((job) => rigidAt(job, scale)),
      },
    ],
    limitMs: 4 * 3_600_000,
  };
}

function hadoops(options: MacroOptions, partition: number): readonly VirtualFramework[] {
  const { localityWaitMs = LOCALITY_WAIT_MS, remoteSlowdown = 1, smallApart = false, scale = 1 } = options;
  const reads =
    remoteSlowdown > 1
      ? { staticReads: { localFraction: localFraction(1, 4, REPLICATION), remoteSlowdown } }
      : {};
  const facebook = (seed: number, isWanted: (job: MapReduceJob) => boolean): readonly MapReduceJob[] =>
    facebookMix({ seed, ...reads })
      .filter(isWanted)
      .map((job) => mapReduceAt(job, scale));
  const hadoop = { kind: 'hadoop', slot: SLOT, localityWaitMs, remoteSlowdown } as const;
  const isSmall = ({ bin }: MapReduceJob): boolean => bin <= SMALL_BIN_MAX;
  return [
    {
      ...hadoop,
      name: FRAMEWORKS.facebook,
      partition,
      jobs: (seed) => facebook(seed, (job) => !smallApart || !isSmall(job)),
    },
    ...(smallApart
      ? [{ ...hadoop, name: SMALL_APART, partition: 0, jobs: (seed: number) => facebook(seed, isSmall) }]
      : []),
    {
      ...hadoop,
      name: FRAMEWORKS.large,
      partition,
      jobs: () => largeBatch(reads).map((job) => mapReduceAt(job, scale)),
    },
  ];
}

/** Two of 96 nodes are slow: one of the partition of Torque, one of a partition of Hadoop; of Spark's none is. */
function speeds(nodes: number): readonly number[] {
  const slow = Math.round(nodes * SLOW_NODE_PART);
  const partition = nodes / 4;
  const isSlow = (node: number): boolean =>
    slow > 0 && (node === nodes - 1 || (slow > 1 && node === 2 * partition - 1));
  return Array.from({ length: nodes }, (_, node) => (isSlow(node) ? SLOW_NODE_SPEED : 1));
}

/** A multiple of four, at least eight. */
const nodesAt = (scale: number): number => 4 * Math.max(2, Math.round((NODES * scale) / 4));
const atLeastOne = (count: number, scale: number): number => Math.max(1, Math.round(count * scale));

const mapReduceAt = (job: MapReduceJob, scale: number): MapReduceJob => ({
  ...job,
  maps: atLeastOne(job.maps, scale),
  reduces: job.reduces === 0 ? 0 : atLeastOne(job.reduces, scale),
});
const iterativeAt = (job: IterativeJob, scale: number): IterativeJob => ({
  ...job,
  partitions: atLeastOne(job.partitions, scale),
});
const rigidAt = (job: RigidJob, scale: number): RigidJob => ({
  ...job,
  ranks: atLeastOne(job.ranks, scale),
});
