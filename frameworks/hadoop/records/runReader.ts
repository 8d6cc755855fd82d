/** Reads a partition of a run, record by record, from memory or from a part of a file. */
import { readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { NUMBER_BYTES_MAX } from './number.ts';
import type { RecordCursor } from './record.ts';

/** The bytes of a partition. */
export type RunSource =
  | { readonly from: 'memory'; readonly bytes: Buffer }
  | {
      readonly from: 'file';
      /** An open file descriptor, which the reader does not close. */
      readonly file: number;
      readonly offset: number;
      readonly bytes: number;
      /** Checked when the end is reached. */
      readonly crc32: number;
      readonly bufferBytes: number;
    };

/** The longest numbers before a key. */
const MARGIN_BYTES = 2 * NUMBER_BYTES_MAX;
const DAMAGED = 'A sorted run ends in the middle of a record: it is damaged.';
const NO_BYTES = Buffer.alloc(0);

/** Goes over the records of a partition. */
export class RunReader implements RecordCursor {
  buffer: Buffer;
  keyStart = 0;
  keyEnd = 0;
  valueStart = 0;
  valueEnd = 0;
  /** The first four bytes of the key as a number, for quick comparison. */
  prefix = 0;
  #at = 0;
  #end: number;
  readonly #file: number | undefined;
  #offset = 0;
  /** Bytes of the file that are not in the buffer yet. */
  #rest = 0;
  #crc = 0;
  readonly #expectedCrc: number | undefined;

  constructor(source: RunSource) {
    if (source.from === 'memory') {
      this.buffer = source.bytes;
      this.#end = source.bytes.length;
      this.#file = undefined;
      this.#expectedCrc = undefined;
    } else {
      const bytes = Math.min(source.bytes, source.bufferBytes);
      this.buffer = bytes === 0 ? NO_BYTES : Buffer.allocUnsafe(bytes);
      this.#end = 0;
      this.#file = source.file;
      this.#offset = source.offset;
      this.#rest = source.bytes;
      this.#expectedCrc = source.crc32;
    }
  }

  /** Goes to the next record. False: there is none. Throws an Error if the run is damaged. */
  next(): boolean {
    if (this.#end - this.#at < MARGIN_BYTES) this.#fill(MARGIN_BYTES);
    if (this.#at === this.#end) return false;
    const length = this.#readNumber();
    const valueLength = this.#readNumber();
    const needed = length + valueLength;
    if (needed > this.#end - this.#at + this.#rest) throw new Error(DAMAGED);
    if (this.#end - this.#at < needed) this.#fill(needed);
    const start = this.#at;
    this.keyStart = start;
    this.keyEnd = start + length;
    this.valueStart = this.keyEnd;
    this.valueEnd = start + needed;
    this.#at = this.valueEnd;
    const buffer = this.buffer;
    this.prefix =
      length >= 4
        ? (((buffer[start] as number) << 24) |
            ((buffer[start + 1] as number) << 16) |
            ((buffer[start + 2] as number) << 8) |
            (buffer[start + 3] as number)) >>>
          0
        : shortPrefix(buffer, start, length);
    return true;
  }

  #readNumber(): number {
    const buffer = this.buffer;
    let value = 0;
    let weight = 1;
    for (let at = this.#at; at < this.#end; at += 1) {
      const byte = buffer[at] as number;
      value += (byte & 127) * weight;
      if (byte < 128) {
        this.#at = at + 1;
        return value;
      }
      weight *= 128;
    }
    throw new Error(DAMAGED);
  }

  /** Brings up to `needed` bytes into the buffer, or as many as there are. */
  #fill(needed: number): void {
    if (this.#file === undefined || this.#rest === 0) return;
    const held = this.#end - this.#at;
    const wanted = Math.max(needed, this.buffer.length);
    const into = wanted > this.buffer.length ? Buffer.allocUnsafe(wanted) : this.buffer;
    this.buffer.copy(into, 0, this.#at, this.#end);
    this.buffer = into;
    this.#at = 0;
    this.#end = held;
    while (this.#rest > 0 && this.#end < into.length) {
      const room = Math.min(this.#rest, into.length - this.#end);
      const read = readSync(this.#file, into, this.#end, room, this.#offset);
      if (read === 0) throw new Error('A sorted run is shorter than its index says: it is damaged.');
      this.#crc = crc32(into.subarray(this.#end, this.#end + read), this.#crc);
      this.#end += read;
      this.#offset += read;
      this.#rest -= read;
    }
    if (this.#rest === 0 && this.#crc !== this.#expectedCrc)
      throw new Error('A sorted run has another checksum than its index says: it is damaged.');
  }
}

/** As {@link RunReader.prefix}, of a key of fewer than four bytes; those that are missing count as 0. */
function shortPrefix(buffer: Buffer, start: number, length: number): number {
  let prefix = 0;
  for (let at = 0; at < length; at += 1) prefix |= (buffer[start + at] as number) << (24 - 8 * at);
  return prefix >>> 0;
}
