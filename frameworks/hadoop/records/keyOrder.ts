/** The order of records: by partition, then by the bytes of the key, then, if wanted, by those of the value. */
import type { ValueOrder } from './record.ts';

/**
 * An entry of a table of keys, in words of 32 bits: offset and length of the key, its hash, its partition, the rest is the table's.
 * Where values are bytes, they stand behind their keys.
 */
export const ENTRY_WORDS = 6;
export const OFFSET = 0;
export const LENGTH = 1;
export const HASH = 2;
export const PARTITION = 3;
export const VALUE_LENGTH = 4;

/** Keys in one array, and where they are in it. */
export interface KeyTable {
  readonly size: number;
  readonly keys: Uint8Array;
  /** {@link ENTRY_WORDS} for each key. */
  readonly entries: Int32Array;
}

const LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
const LOW = LITTLE_ENDIAN ? 0 : 1;
const HIGH = 1 - LOW;
/** Runs of equal prefixes up to this long are sorted by insertion. */
const INSERTION_MAX = 24;

/** Compares keys as strings of unsigned bytes; a prefix of a key comes before it. */
export function compareKeys(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const aLength = aEnd - aStart;
  const bLength = bEnd - bStart;
  const shared = Math.min(aLength, bLength);
  for (let at = 0; at < shared; at += 1) {
    const difference = (a[aStart + at] as number) - (b[bStart + at] as number);
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}

/**
 * The numbers of the keys, in order.
 *
 * Each key becomes one 64-bit number: its partition, as many of its first bytes as there is room for, and its
 * index. These are sorted natively, which takes a tenth of the time of a comparison function; keys that are
 * equal so far are then put in order by comparing them.
 */
export function orderKeys(table: KeyTable, partitions: number, valueOrder: ValueOrder): Uint32Array {
  const { size, keys, entries } = table;
  const partitionBits = partitions > 1 ? 32 - Math.clz32(partitions - 1) : 0;
  const indexBits = Math.max(1, 32 - Math.clz32(size));
  const indexMask = 2 ** indexBits - 1;
  const numbers = new BigUint64Array(size);
  const words = new Uint32Array(numbers.buffer);
  for (let index = 0; index < size; index += 1) {
    const entry = index * ENTRY_WORDS;
    const start = entries[entry + OFFSET] as number;
    const length = entries[entry + LENGTH] as number;
    const first = prefixWord(keys, start, length);
    const second = length > 4 ? prefixWord(keys, start + 4, length - 4) : 0;
    const partition = entries[entry + PARTITION] as number;
    const high =
      partitionBits === 0 ? first : (partition << (32 - partitionBits)) | (first >>> partitionBits);
    const low = partitionBits === 0 ? second : (first << (32 - partitionBits)) | (second >>> partitionBits);
    words[2 * index + HIGH] = high;
    words[2 * index + LOW] = (low & ~indexMask) | index;
  }
  numbers.sort();
  const order = new Uint32Array(size);
  for (let at = 0; at < size; at += 1) order[at] = ((words[2 * at + LOW] as number) & indexMask) >>> 0;
  const compare = (a: number, b: number): number => {
    const aStart = entries[a * ENTRY_WORDS + OFFSET] as number;
    const bStart = entries[b * ENTRY_WORDS + OFFSET] as number;
    const aEnd = aStart + (entries[a * ENTRY_WORDS + LENGTH] as number);
    const bEnd = bStart + (entries[b * ENTRY_WORDS + LENGTH] as number);
    const byKey = compareKeys(keys, aStart, aEnd, keys, bStart, bEnd);
    if (byKey !== 0 || valueOrder === 'any') return byKey;
    const aValueEnd = aEnd + (entries[a * ENTRY_WORDS + VALUE_LENGTH] as number);
    const bValueEnd = bEnd + (entries[b * ENTRY_WORDS + VALUE_LENGTH] as number);
    return compareKeys(keys, aEnd, aValueEnd, keys, bEnd, bValueEnd);
  };
  for (let from = 0; from < size; ) {
    const high = words[2 * from + HIGH];
    const low = (words[2 * from + LOW] as number) >>> indexBits;
    let to = from + 1;
    while (
      to < size &&
      words[2 * to + HIGH] === high &&
      (words[2 * to + LOW] as number) >>> indexBits === low
    )
      to += 1;
    if (to - from > 1) sortRange(order, from, to, compare);
    from = to;
  }
  return order;
}

/** The first four bytes as a number, the first byte weighing most; missing bytes are 0. */
function prefixWord(keys: Uint8Array, start: number, length: number): number {
  if (length >= 4)
    return (
      ((keys[start] as number) << 24) |
      ((keys[start + 1] as number) << 16) |
      ((keys[start + 2] as number) << 8) |
      (keys[start + 3] as number)
    );
  let word = 0;
  for (let at = 0; at < length; at += 1) word |= (keys[start + at] as number) << (24 - 8 * at);
  return word;
}

function sortRange(
  order: Uint32Array,
  from: number,
  to: number,
  compare: (a: number, b: number) => number,
): void {
  if (to - from > INSERTION_MAX) {
    order.subarray(from, to).sort(compare);
    return;
  }
  for (let at = from + 1; at < to; at += 1) {
    const index = order[at] as number;
    let place = at;
    for (; place > from && compare(order[place - 1] as number, index) > 0; place -= 1)
      order[place] = order[place - 1] as number;
    order[place] = index;
  }
}
