/** What a map emits, on its way to a sorted run: gathered in memory, spilled to disk when that is full, merged in the end. */
import type { PartitionIndex } from '../../files/beside.ts';
import type { NumberCollector, RecordCollector } from '../program/mapReduce.ts';
import { FoldTable } from './foldTable.ts';
import { hashPartitioner } from './keyHash.ts';
import { foldingMerger, recordMerger, writeCombined } from './merge.ts';
import type { Combine, Partitioner, ValueOrder } from './record.ts';
import { RecordBuffer } from './recordBuffer.ts';
import type { RunWriter } from './runWriter.ts';
import { Spiller } from './spiller.ts';

/** What any map output needs. */
export interface MapOutputOptions {
  /** An empty folder of its own. */
  readonly dir: string;
  readonly partitions: number;
  readonly memoryBytes: number;
  /** Default: by hash. */
  readonly partition?: Partitioner | undefined;
}

/** What is left when a map has emitted everything. */
export interface MapOutput {
  /** How many records were emitted. */
  readonly emitted: number;
  /** How many runs were written. */
  readonly spills: number;
  /** Writes everything as one run to a path on the same file system. Returns its index. */
  finish(path: string): PartitionIndex;
}

/** Of a map that emits numbers, which are folded as they come: a table from keys to numbers. */
export class FoldOutput implements MapOutput, NumberCollector {
  readonly #table: FoldTable;
  readonly #spiller: Spiller;
  #emitted = 0;

  constructor(options: MapOutputOptions & { readonly fold: (a: number, b: number) => number }) {
    const { fold, partitions, partition, memoryBytes } = options;
    this.#table = new FoldTable({ bytesMax: memoryBytes, fold, partitions, partition });
    this.#spiller = new Spiller({ ...options, merge: foldingMerger(fold) });
  }

  get emitted(): number {
    return this.#emitted;
  }

  get spills(): number {
    return this.#spiller.spills;
  }

  emit(bytes: Uint8Array, start: number, end: number, value: number): void {
    this.#emitted += 1;
    if (this.#table.add(bytes, start, end, value)) return;
    this.#spill();
    this.#table.add(bytes, start, end, value);
  }

  finish(path: string): PartitionIndex {
    if (this.#table.size > 0 || this.spills === 0) this.#spill();
    this.#table.release();
    return this.#spiller.finish(path);
  }

  #spill(): void {
    this.#spiller.spill((writer) =>
      this.#table.forEachInOrder((partition, bytes, start, end, value) =>
        writer.writeNumber(partition, bytes, start, end, value),
      ),
    );
    this.#table.clear();
  }
}

/** Of a map that emits records. They are combined, if at all, when they are spilled. */
export class RecordOutput implements MapOutput, RecordCollector {
  readonly #buffer: RecordBuffer;
  readonly #spiller: Spiller;
  readonly #partitions: number;
  readonly #partition: Partitioner;
  readonly #order: ValueOrder;
  readonly #combine: Combine | undefined;
  #emitted = 0;

  constructor(
    options: MapOutputOptions & { readonly order: ValueOrder; readonly combine: Combine | undefined },
  ) {
    const { order, combine, partitions, partition = hashPartitioner, memoryBytes } = options;
    this.#buffer = new RecordBuffer(memoryBytes);
    this.#spiller = new Spiller({ ...options, merge: recordMerger(order, combine) });
    this.#partitions = partitions;
    this.#partition = partition;
    this.#order = order;
    this.#combine = combine;
  }

  get emitted(): number {
    return this.#emitted;
  }

  get spills(): number {
    return this.#spiller.spills;
  }

  emit(
    key: Uint8Array,
    keyStart: number,
    keyEnd: number,
    value: Uint8Array,
    valueStart: number,
    valueEnd: number,
  ): void {
    this.#emitted += 1;
    const partition = this.#partition(key, keyStart, keyEnd, this.#partitions);
    if (this.#buffer.add(partition, key, keyStart, keyEnd, value, valueStart, valueEnd)) return;
    this.#spill();
    this.#buffer.add(partition, key, keyStart, keyEnd, value, valueStart, valueEnd);
  }

  finish(path: string): PartitionIndex {
    if (this.#buffer.size > 0 || this.spills === 0) this.#spill();
    return this.#spiller.finish(path);
  }

  #spill(): void {
    const cursor = this.#buffer.inOrder(this.#partitions, this.#order);
    const combine = this.#combine;
    this.#spiller.spill((writer: RunWriter) => {
      if (combine !== undefined) return writeCombined(cursor, combine, writer, () => cursor.partition);
      while (cursor.next()) {
        const { buffer, keyStart, keyEnd, valueStart, valueEnd } = cursor;
        writer.write(cursor.partition, buffer, keyStart, keyEnd, buffer, valueStart, valueEnd);
      }
    });
    this.#buffer.clear();
  }
}
