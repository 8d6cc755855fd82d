/** A record: a key and a value, both bytes. How records go through the machinery without being copied. */

/**
 * Stands at one record at a time, until the next call of `next`: the key is `buffer[keyStart, keyEnd)`, the value
 * `buffer[valueStart, valueEnd)`.
 */
export interface RecordCursor {
  readonly buffer: Uint8Array;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  /** Goes to the next record. False: there is none. */
  next(): boolean;
}

/** In which order a reduce gets the values of a key: in none, or in that of their bytes. */
export type ValueOrder = 'any' | 'bytes';

/** Chooses which of `partitions` reduces gets the key `bytes[start, end)`. */
export type Partitioner = (bytes: Uint8Array, start: number, end: number, partitions: number) => number;

/** The values of one key, one after the other; each is `bytes[start, end)` until the next call of `next`. */
export interface Values {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Goes to the next value, at first to the first one. False: there is none. */
  next(): boolean;
}

/** Makes one value, or some, of the values of a key: it has to mean the same to the reduce. */
export type Combine = (values: Values, emit: (bytes: Uint8Array, start: number, end: number) => void) => void;

const SHORT_BYTES = 24;

/** Copies `from[start, end)` to a place; returns the place after it. Most keys are short, for which a loop is fastest. */
export function copyBytes(
  from: Uint8Array,
  start: number,
  end: number,
  into: Uint8Array,
  at: number,
): number {
  const length = end - start;
  if (length <= SHORT_BYTES) for (let n = 0; n < length; n += 1) into[at + n] = from[start + n] as number;
  else into.set(from.subarray(start, end), at);
  return at + length;
}
