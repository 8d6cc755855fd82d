/** Records in memory, in the order in which they come, in a bounded number of bytes. */
import { ENTRY_WORDS, LENGTH, OFFSET, orderKeys, PARTITION, VALUE_LENGTH } from './keyOrder.ts';
import { copyBytes, type RecordCursor, type ValueOrder } from './record.ts';

/** Bytes that one entry takes beside its record: itself, sorting. */
const ENTRY_BYTES = 4 * ENTRY_WORDS + 16;
const ENTRIES_MIN = 512;
const BYTES_MIN = 16 * 1024;

/** Stands at records that are also of a partition. */
export interface PartitionedCursor extends RecordCursor {
  readonly partition: number;
}

/** It grows up to its bound; then it is full, and who fills it writes its records out, in order, and clears it. */
export class RecordBuffer {
  readonly #bytesMax: number;
  #size = 0;
  #bytes: Uint8Array = new Uint8Array(BYTES_MIN);
  #end = 0;
  #entries: Int32Array = new Int32Array(ENTRIES_MIN * ENTRY_WORDS);

  /** `bytesMax`: what it may take in memory, all told. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Number of records. */
  get size(): number {
    return this.#size;
  }

  /** Adds a record, by copy. False: it is full, and the record has not been added. */
  add(
    partition: number,
    key: Uint8Array,
    keyStart: number,
    keyEnd: number,
    value: Uint8Array,
    valueStart: number,
    valueEnd: number,
  ): boolean {
    const length = keyEnd - keyStart + valueEnd - valueStart;
    if (!this.#makeRoom(length)) {
      if (this.#size > 0) return false;
      throw new RangeError(
        `A record of ${length} bytes does not fit into a task's ${this.#bytesMax} bytes; raise memoryPerTaskBytes.`,
      );
    }
    const word = this.#size * ENTRY_WORDS;
    const entries = this.#entries;
    entries[word + OFFSET] = this.#end;
    entries[word + LENGTH] = keyEnd - keyStart;
    entries[word + PARTITION] = partition;
    entries[word + VALUE_LENGTH] = valueEnd - valueStart;
    this.#end = copyBytes(key, keyStart, keyEnd, this.#bytes, this.#end);
    this.#end = copyBytes(value, valueStart, valueEnd, this.#bytes, this.#end);
    this.#size += 1;
    return true;
  }

  /** All records, in the order of partition, key and, if wanted, value. */
  inOrder(partitions: number, order: ValueOrder): PartitionedCursor {
    const table = { size: this.#size, keys: this.#bytes, entries: this.#entries };
    return new OrderedCursor(this.#bytes, this.#entries, orderKeys(table, partitions, order));
  }

  /** Forgets all records. The memory is kept. */
  clear(): void {
    this.#size = 0;
    this.#end = 0;
  }

  #makeRoom(length: number): boolean {
    const capacity = this.#entries.length / ENTRY_WORDS;
    const bytesNeeded = this.#end + length;
    if (bytesNeeded > this.#bytes.length && !this.#growBytes(bytesNeeded, capacity)) return false;
    return this.#size < capacity || this.#growEntries(capacity);
  }

  #growBytes(needed: number, capacity: number): boolean {
    let size = Math.max(2 * this.#bytes.length, needed);
    if (!this.#fits(size, capacity)) size = needed;
    if (!this.#fits(size, capacity)) return false;
    const bytes = new Uint8Array(size);
    bytes.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = bytes;
    return true;
  }

  #growEntries(capacity: number): boolean {
    if (!this.#fits(this.#bytes.length, 2 * capacity)) return false;
    const entries = new Int32Array(2 * capacity * ENTRY_WORDS);
    entries.set(this.#entries);
    this.#entries = entries;
    return true;
  }

  #fits(bytes: number, entries: number): boolean {
    return bytes + entries * ENTRY_BYTES <= this.#bytesMax;
  }
}

class OrderedCursor implements PartitionedCursor {
  readonly buffer: Uint8Array;
  keyStart = 0;
  keyEnd = 0;
  valueStart = 0;
  valueEnd = 0;
  partition = 0;
  readonly #entries: Int32Array;
  readonly #order: Uint32Array;
  #at = 0;

  constructor(bytes: Uint8Array, entries: Int32Array, order: Uint32Array) {
    this.buffer = bytes;
    this.#entries = entries;
    this.#order = order;
  }

  next(): boolean {
    if (this.#at === this.#order.length) return false;
    const word = (this.#order[this.#at] as number) * ENTRY_WORDS;
    this.#at += 1;
    this.keyStart = this.#entries[word + OFFSET] as number;
    this.keyEnd = this.keyStart + (this.#entries[word + LENGTH] as number);
    this.valueStart = this.keyEnd;
    this.valueEnd = this.valueStart + (this.#entries[word + VALUE_LENGTH] as number);
    this.partition = this.#entries[word + PARTITION] as number;
    return true;
  }
}
