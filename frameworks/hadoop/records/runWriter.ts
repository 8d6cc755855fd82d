/**
 * Sorted runs on disk: spills, merged spills, map outputs.
 *
 * A run holds partition after partition; a partition holds records in the order of their keys, no key twice.
 * A record is the length of the key, the key, the value; numbers are little-endian base 128, as in protobuf.
 * Beside the run stands its index. Writing and reading are synchronous: they happen in a task's own thread
 * (workerPool.ts).
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Partition, PartitionIndex } from '../../dfs/storedFile.ts';

const BUFFER_BYTES = 256 * 1024;
/** Most bytes of a number. */
const NUMBER_BYTES_MAX = 8;

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
  write(partition: number, bytes: Uint8Array, start: number, end: number, value: number): void {
    while (this.#partitions.length < partition) this.#endPartition();
    const length = end - start;
    if (this.#end + length + 2 * NUMBER_BYTES_MAX > this.#buffer.length) this.#makeRoom(length);
    const buffer = this.#buffer;
    let at = writeNumber(buffer, this.#end, length);
    for (let from = start; from < end; from += 1, at += 1) buffer[at] = bytes[from] as number;
    this.#end = writeNumber(buffer, at, value);
    this.#records += 1;
  }

  /** Ends the run. Returns its index. */
  end(): PartitionIndex {
    while (this.#partitions.length < this.#partitionCount) this.#endPartition();
    this.#flush();
    return { partitions: this.#partitions };
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

  #makeRoom(keyLength: number): void {
    this.#flush();
    const needed = keyLength + 2 * NUMBER_BYTES_MAX;
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

/** Writes a whole number at a place; returns the place after it. */
function writeNumber(buffer: Buffer, at: number, value: number): number {
  let place = at;
  let rest = value;
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`${value} is not a value: values are whole numbers from 0 to 2^53 - 1.`);
  for (; rest > 0x7fff_ffff; rest = Math.floor(rest / 128), place += 1) buffer[place] = (rest % 128) | 128;
  for (; rest > 127; rest >>>= 7, place += 1) buffer[place] = (rest & 127) | 128;
  buffer[place] = rest;
  return place + 1;
}
