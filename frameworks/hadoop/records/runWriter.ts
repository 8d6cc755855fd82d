/**
 * Sorted runs on disk: spills, merged spills, map outputs.
 *
 * A run holds partition after partition; a partition holds records in the order of their keys. A record is the lengths of key and
 * value, the key, the value. Lengths, and values that are numbers, are as number.ts writes them.
 * Beside the run stands its index. Writing and reading are synchronous: they happen in a task's own thread
 * (workerPool.ts).
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Partition, PartitionIndex } from '../../files/beside.ts';
import { NUMBER_BYTES_MAX, numberBytes, writeNumber } from './number.ts';
import { copyBytes } from './record.ts';

const BUFFER_BYTES = 256 * 1024;

/** Writes a run to an open file. */
export class RunWriter {
  readonly #file: number;
  readonly #partitionCount: number;
  readonly #partitions: Partition[] = [];
  #buffer: Buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  /** Bytes in the buffer, and how many of them are in the checksum already. */
  #end = 0;
  #summed = 0;
  /** Bytes in the file. */
  #written = 0;
  #offset = 0;
  #records = 0;
  #crc = 0;

  constructor(file: number, partitions: number) {
    this.#file = file;
    this.#partitionCount = partitions;
  }

  /** Adds a record, which must not come before the last one in the order of partition and key. */
  write(
    partition: number,
    key: Uint8Array,
    keyStart: number,
    keyEnd: number,
    value: Uint8Array,
    valueStart: number,
    valueEnd: number,
  ): void {
    const valueLength = valueEnd - valueStart;
    const at = this.#begin(partition, key, keyStart, keyEnd, valueLength);
    this.#end = copyBytes(value, valueStart, valueEnd, this.#buffer, at);
  }

  /** Adds a record whose value is a number. */
  writeNumber(partition: number, key: Uint8Array, keyStart: number, keyEnd: number, value: number): void {
    const at = this.#begin(partition, key, keyStart, keyEnd, numberBytes(value));
    this.#end = writeNumber(this.#buffer, at, value);
  }

  /** Ends the run. Returns its index. */
  end(): PartitionIndex {
    while (this.#partitions.length < this.#partitionCount) this.#endPartition();
    this.#flush();
    return { partitions: this.#partitions };
  }

  /** Writes all of a record but its value, for which there is room then. Returns the place. */
  #begin(partition: number, key: Uint8Array, keyStart: number, keyEnd: number, valueLength: number): number {
    while (this.#partitions.length < partition) this.#endPartition();
    const length = keyEnd - keyStart;
    const needed = length + valueLength + 3 * NUMBER_BYTES_MAX;
    if (this.#end + needed > this.#buffer.length) this.#makeRoom(needed);
    const buffer = this.#buffer;
    this.#records += 1;
    const at = writeNumber(buffer, writeNumber(buffer, this.#end, length), valueLength);
    return copyBytes(key, keyStart, keyEnd, buffer, at);
  }

  #endPartition(): void {
    this.#sum();
    const end = this.#written + this.#end;
    this.#partitions.push({
      offset: this.#offset,
      bytes: end - this.#offset,
      records: this.#records,
      crc32: this.#crc,
    });
    this.#offset = end;
    this.#records = 0;
    this.#crc = 0;
  }

  #sum(): void {
    this.#crc = crc32(this.#buffer.subarray(this.#summed, this.#end), this.#crc);
    this.#summed = this.#end;
  }

  #flush(): void {
    this.#sum();
    writeAll(this.#file, this.#buffer.subarray(0, this.#end));
    this.#written += this.#end;
    this.#end = 0;
    this.#summed = 0;
  }

  #makeRoom(needed: number): void {
    this.#flush();
    if (needed > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(needed);
  }
}

/** Writes a run to a new file. Throws the error of the file system; then nothing stays open. */
export function writeRun(
  path: string,
  partitions: number,
  fill: (writer: RunWriter) => void,
): PartitionIndex {
  const file = openSync(path, 'wx');
  try {
    const writer = new RunWriter(file, partitions);
    fill(writer);
    return writer.end();
  } finally {
    closeSync(file);
  }
}

/** Writes all of these bytes to a file. */
export function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}
