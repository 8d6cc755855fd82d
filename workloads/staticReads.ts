/** From the mean map of the paper's static partition to a map that reads a local block. */

/** How maps read their blocks on the static partition of an experiment. */
export interface StaticReads {
  /** Fraction of maps that read a local block. */
  readonly localFraction: number;
  /** Length of a map that reads a remote block, over the length of one that reads a local block. */
  readonly remoteSlowdown: number;
}

/**
 * Fraction of maps that find a replica of their block on the partition when placement is random: 1 - (1 - p /
 * n)^r, with p of n nodes in the partition and r replicas of each block spread over all nodes.
 */
export function localFraction(partitionNodes: number, allNodes: number, replicas: number): number {
  return 1 - (1 - partitionNodes / allNodes) ** replicas;
}

/**
 * The length of a local map, such that the mean over local and remote reads is `meanMs`. Whole milliseconds.
 */
export function localMs(meanMs: number, reads: StaticReads | undefined): number {
  if (reads === undefined) return meanMs;
  return Math.round(meanMs / (reads.localFraction + (1 - reads.localFraction) * reads.remoteSlowdown));
}
