/** Keys and their numbers in memory, folded as they come, in a bounded number of bytes. */
import { hashKey, partitionOf } from './keyHash.ts';
import { ENTRY_WORDS, HASH, LENGTH, OFFSET, orderKeys, PARTITION } from './keyOrder.ts';
import type { Partitioner } from './record.ts';

/** Takes a record: `bytes[start, end)` is the key, valid during the call only. */
export type FoldedRecordVisitor = (
  partition: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  value: number,
) => void;

/** What a table needs. */
export interface FoldTableOptions {
  /** What it may take in memory, all told. */
  readonly bytesMax: number;
  readonly fold: (a: number, b: number) => number;
  readonly partitions: number;
  /** Default: by hash. */
  readonly partition?: Partitioner | undefined;
}

/** An entry and its value, counted in words of 64 bits. */
const ENTRY_DOUBLES = ENTRY_WORDS / 2;
const VALUE = 2;
/** Bytes that one entry takes beside its key: itself, two places in the table, sorting. */
const ENTRY_BYTES = 4 * ENTRY_WORDS + 2 * 4 + 16;
const ENTRIES_MIN = 512;
const KEY_BYTES_MIN = 16 * 1024;

/**
 * A hash table from keys to values, in flat arrays: no object per record. It grows up to its bound; then it
 * is full, and who fills it writes its records out, in order, and clears it.
 */
export class FoldTable {
  readonly #fold: (a: number, b: number) => number;
  readonly #bytesMax: number;
  readonly #partitions: number;
  readonly #partition: Partitioner | undefined;
  #size = 0;
  #keys: Uint8Array<ArrayBuffer> = new Uint8Array(KEY_BYTES_MIN);
  #keysEnd = 0;
  #capacity = ENTRIES_MIN;
  #entries: Int32Array<ArrayBuffer> = new Int32Array(ENTRIES_MIN * ENTRY_WORDS);
  /** The same memory. */
  #values: Float64Array = new Float64Array(this.#entries.buffer);
  /** Number of the entry + 1, found by its hash with open addressing; 0: free. */
  #table: Int32Array<ArrayBuffer> = new Int32Array(2 * ENTRIES_MIN);

  constructor({ bytesMax, fold, partitions, partition }: FoldTableOptions) {
    this.#bytesMax = bytesMax;
    this.#fold = fold;
    this.#partitions = partitions;
    this.#partition = partition;
  }

  /** Number of different keys. */
  get size(): number {
    return this.#size;
  }

  /** Adds a record. False: it is full, and the record has not been added. */
  add(bytes: Uint8Array, start: number, end: number, value: number): boolean {
    const hash = hashKey(bytes, start, end);
    const length = end - start;
    const table = this.#table;
    const mask = table.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const entry = (table[place] as number) - 1;
      if (entry < 0) return this.#insert(place, hash, bytes, start, end, value);
      const at = entry * ENTRY_WORDS;
      if (
        this.#entries[at + HASH] === hash &&
        this.#entries[at + LENGTH] === length &&
        isSameKey(this.#keys, this.#entries[at + OFFSET] as number, bytes, start, end)
      ) {
        const own = entry * ENTRY_DOUBLES + VALUE;
        this.#values[own] = this.#fold(this.#values[own] as number, value);
        return true;
      }
    }
  }

  /** Calls back for every record, in the order of partition and key. */
  forEachInOrder(visit: FoldedRecordVisitor): void {
    const keys = this.#keys;
    const entries = this.#entries;
    const order = orderKeys({ size: this.#size, keys, entries }, this.#partitions, 'any');
    for (let at = 0; at < order.length; at += 1) {
      const entry = order[at] as number;
      const word = entry * ENTRY_WORDS;
      const start = entries[word + OFFSET] as number;
      const end = start + (entries[word + LENGTH] as number);
      const partition = entries[word + PARTITION] as number;
      visit(partition, keys, start, end, this.#values[entry * ENTRY_DOUBLES + VALUE] as number);
    }
  }

  /** Forgets all records. The memory is kept. */
  clear(): void {
    this.#size = 0;
    this.#keysEnd = 0;
    this.#table.fill(0);
  }

  /** Gives its memory back. It cannot be used any more. */
  release(): void {
    for (const { buffer } of [this.#keys, this.#entries, this.#table]) buffer.transfer(0);
  }

  #insert(
    place: number,
    hash: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    value: number,
  ): boolean {
    const length = end - start;
    if (this.#size === this.#capacity) {
      if (!this.#growEntries()) return this.#full(length);
      return this.add(bytes, start, end, value);
    }
    if (this.#keysEnd + length > this.#keys.length && !this.#growKeys(length)) return this.#full(length);
    const entry = this.#size;
    const keys = this.#keys;
    let to = this.#keysEnd;
    const word = entry * ENTRY_WORDS;
    this.#entries[word + OFFSET] = to;
    this.#entries[word + LENGTH] = length;
    this.#entries[word + HASH] = hash;
    this.#entries[word + PARTITION] =
      this.#partition === undefined
        ? partitionOf(hash, this.#partitions)
        : this.#partition(bytes, start, end, this.#partitions);
    this.#values[entry * ENTRY_DOUBLES + VALUE] = value;
    for (let from = start; from < end; from += 1, to += 1) keys[to] = bytes[from] as number;
    this.#keysEnd = to;
    this.#size = entry + 1;
    this.#table[place] = entry + 1;
    return true;
  }

  #full(keyLength: number): false {
    if (this.#size > 0) return false;
    throw new RangeError(`A key of ${keyLength} bytes does not fit into a task's ${this.#bytesMax} bytes.`);
  }

  #fits(keyBytes: number, entries: number): boolean {
    return keyBytes + entries * ENTRY_BYTES <= this.#bytesMax;
  }

  #growKeys(length: number): boolean {
    const needed = this.#keysEnd + length;
    let bytes = Math.max(2 * this.#keys.length, needed);
    if (!this.#fits(bytes, this.#capacity)) bytes = needed;
    if (!this.#fits(bytes, this.#capacity)) return false;
    // What it leaves is free at once: to the garbage collector some MiB beside a small heap are no reason to hurry.
    this.#keys = new Uint8Array(this.#keys.buffer.transfer(bytes));
    return true;
  }

  #growEntries(): boolean {
    const capacity = 2 * this.#capacity;
    if (!this.#fits(this.#keys.length, capacity)) return false;
    const entries = new Int32Array(this.#entries.buffer.transfer(4 * capacity * ENTRY_WORDS));
    this.#entries = entries;
    this.#values = new Float64Array(entries.buffer);
    this.#capacity = capacity;
    this.#table.buffer.transfer(0);
    const table = new Int32Array(2 * capacity);
    const mask = table.length - 1;
    for (let entry = 0; entry < this.#size; entry += 1) {
      let place = (entries[entry * ENTRY_WORDS + HASH] as number) & mask;
      while (table[place] !== 0) place = (place + 1) & mask;
      table[place] = entry + 1;
    }
    this.#table = table;
    return true;
  }
}

function isSameKey(keys: Uint8Array, offset: number, bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start, own = offset; at < end; at += 1, own += 1) if (keys[own] !== bytes[at]) return false;
  return true;
}
