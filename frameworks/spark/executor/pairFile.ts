/** A file of pairs, written and then read, by one thread. */
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { type Pair, parseFrame, writeFrames } from './pairFrames.ts';

/** Pairs that wait to be written. */
const PENDING_MAX = 512;
const HEADER = Buffer.alloc(4);

/** Pairs in the order in which they were written. */
export class PairFile {
  readonly #path: string;
  readonly #file: number;
  #pending: Pair[] = [];
  #bytes = 0;

  /** Throws the error of the file system if the file cannot be made. */
  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, 'wx+');
  }

  write(pair: Pair): void {
    this.#pending.push(pair);
    if (this.#pending.length >= PENDING_MAX) this.#flush();
  }

  /** All pairs, once they have been written. */
  *read(): Generator<Pair, void, void> {
    this.#flush();
    for (let at = 0; at < this.#bytes; ) {
      readAll(this.#file, HEADER, at);
      const body = Buffer.allocUnsafe(HEADER.readUInt32LE());
      readAll(this.#file, body, at + HEADER.length);
      at += HEADER.length + body.length;
      const [keys, values] = parseFrame(body);
      for (const [n, key] of keys.entries()) yield [key, values[n]];
    }
  }

  /** Closes and removes it. */
  close(): void {
    closeSync(this.#file);
    rmSync(this.#path, { force: true });
  }

  #flush(): void {
    for (const frame of writeFrames(this.#pending)) {
      writeAll(this.#file, frame);
      this.#bytes += frame.length;
    }
    this.#pending = [];
  }
}

/** Writes all bytes at the end of a file. */
export function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

/** Fills a buffer from a place in a file. Throws if the file ends before. */
export function readAll(file: number, into: Uint8Array, position: number): void {
  for (let at = 0; at < into.length; ) {
    const read = readSync(file, into, at, into.length - at, position + at);
    if (read === 0) throw new Error('A file of the task has become shorter.');
    at += read;
  }
}
