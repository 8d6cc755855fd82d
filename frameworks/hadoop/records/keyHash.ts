/** The hash of a key: the same on every machine and in every run, because partitions are made from it. */
import { compareKeys } from './keyOrder.ts';
import type { Partitioner } from './record.ts';

/**
 * 32 bits, signed, from the key `bytes[start, end)`: FNV-1a with a final mix, so that its low bits are good
 * too.
 */
export function hashKey(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

/** Which of `partitions` reduces gets a key with this hash. */
export function partitionOf(hash: number, partitions: number): number {
  return (hash >>> 0) % partitions;
}

/** The partitioner of programs that ask for no other. */
export const hashPartitioner: Partitioner = (bytes, start, end, partitions) =>
  partitionOf(hashKey(bytes, start, end), partitions);

/**
 * Puts keys before the first bound into the first partition, and so on: what the partitions hold is in order too. The bounds are in
 * order; there should be one fewer than partitions.
 */
export function rangePartitioner(bounds: readonly Uint8Array[]): Partitioner {
  return (bytes, start, end, partitions) => {
    let low = 0;
    let high = Math.min(bounds.length, partitions - 1);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const bound = bounds[middle] as Uint8Array;
      if (compareKeys(bytes, start, end, bound, 0, bound.length) < 0) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
