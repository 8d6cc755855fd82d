/** The hash of a key: the same on every machine and in every run, because partitions are made from it. */

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
