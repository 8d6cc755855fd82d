/**
 * The job of the data locality experiment (NSDI'11 §6.3, figure 8): a scan of 100 GB that keeps 1% of the records, maps only.
 *
 * What it takes is calibrated on one number of the paper's static partitions: 565 s, with 5 or 6 nodes for each of 16 instances.
 * Under the model of `partition.ts` that makes {@link SCAN_STATIC_MAP_MS} for a map, over local and remote reads. How these
 * differ the static side does not tell, for it has one point only; {@link REMOTE_OVER_LOCAL} comes from elsewhere. Nothing that the
 * paper measured on Mesos is an input.
 */
import { HADOOP_SET_UP_MS } from './facebook.ts';
import type { MapReduceJob } from './jobs.ts';
import { localFraction, localMs } from './staticReads.ts';

/** Nodes of the cluster, and Hadoop instances that share it. */
export const SCAN_NODES = 93;
export const SCAN_INSTANCES = 16;
/** Replicas of a block. Not stated; 3 is HDFS's default, and gives the 18% of local maps on a static partition. */
export const SCAN_REPLICAS = 3;
/** 100 GB in blocks of 128 MB. The paper does not tell the size of its blocks. */
const SCAN_MAPS = 800;
/** Mean job time on a static partition, in seconds (figure 8). */
export const SCAN_STATIC_S = 565;
/** Mean length of a map on a static partition, fitted so that a job takes {@link SCAN_STATIC_S}. */
export const SCAN_STATIC_MAP_MS = 15_440;

/**
 * Length of a map that reads a remote block, over that of one that reads a local block. The paper does not give it.
 *
 * - `low`: the largest speed-up that a later reproduction of delay scheduling saw (12 nodes, 2021).
 * - `assumed`: delay scheduling doubled the throughput of IO-heavy jobs at best (Zaharia et al., EuroSys'10, abstract): the same
 *   group, file system and kind of node.
 * - `high`: from two static partitions of the same paper. A map takes 15.44 s where 17.6% of them are local (here), and 11.47 s where
 *   57.8% are (the text searches of §6.1, 24 of 96 nodes), which makes 7.3 s local and 17.2 s remote, if their blocks are alike.
 *
 * Bandwidth alone gives no answer: four remote maps of a node read 30 MB/s together, a quarter of what a link of 1 Gb/s carries.
 */
export const REMOTE_OVER_LOCAL = { low: 1.5, assumed: 2, high: 2.35 } as const;

/** Fraction of local maps on a static partition of the mean size, if blocks are anywhere. */
export const SCAN_STATIC_LOCAL: number = localFraction(
  SCAN_NODES / SCAN_INSTANCES,
  SCAN_NODES,
  SCAN_REPLICAS,
);

/** How to make the job. */
export interface ScanOptions {
  /** See {@link REMOTE_OVER_LOCAL}. Default: what is assumed. */
  readonly remoteSlowdown?: number;
  /** When it is submitted. Default 0. */
  readonly submittedMs?: number;
}

/** The job of one instance. The spread of the lengths is assumed; the paper gives none. */
export function scanJob({ remoteSlowdown, submittedMs = 0 }: ScanOptions = {}): MapReduceJob {
  const reads = {
    localFraction: SCAN_STATIC_LOCAL,
    remoteSlowdown: remoteSlowdown ?? REMOTE_OVER_LOCAL.assumed,
  };
  return {
    id: 'scan',
    kind: 'scan',
    bin: 0,
    maps: SCAN_MAPS,
    reduces: 0,
    submission: { when: 'at', ms: submittedMs },
    model: { setUpMs: HADOOP_SET_UP_MS, mapMs: localMs(SCAN_STATIC_MAP_MS, reads), reduceMs: 0, cv: 0.2 },
  };
}

/** Slaves of the static partition of instance `index`, counted from 0: 5 or 6, and all nodes in all. */
export function scanPartition(index: number): number {
  return Math.floor(SCAN_NODES / SCAN_INSTANCES) + (index < SCAN_NODES % SCAN_INSTANCES ? 1 : 0);
}

/**
 * A job time, measured with what is assumed of remote reads, as it would be with another ratio: the time without set-up, in
 * proportion to the mean length of its maps. Simulations with that ratio differ from this by at most 2%.
 */
export function rescaledScanMs(jobMs: number, localPart: number, remoteSlowdown: number): number {
  const meanMapMs = (ratio: number): number =>
    (localPart + (1 - localPart) * ratio) / (SCAN_STATIC_LOCAL + (1 - SCAN_STATIC_LOCAL) * ratio);
  return (
    HADOOP_SET_UP_MS +
    ((jobMs - HADOOP_SET_UP_MS) * meanMapMs(remoteSlowdown)) / meanMapMs(REMOTE_OVER_LOCAL.assumed)
  );
}
