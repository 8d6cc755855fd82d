/** The map side of a shuffle: pairs, dealt by the hash of their key into parts of one file that others fetch. */
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Partition, PartitionIndex } from '../../files/beside.ts';
import { publish } from '../../files/storedFile.ts';
import type { Combiner } from './combiner.ts';
import { partOf } from './keyHash.ts';
import { MemoryEstimate } from './memoryEstimate.ts';
import { readAll, writeAll } from './pairFile.ts';
import { type Pair, writeFrames } from './pairFrames.ts';
import { shufflePath, type TaskContext } from './taskContext.ts';

const CHECK_EVERY = 256;
const COPY_BYTES = 256 * 1024;

interface Run {
  readonly file: number;
  readonly path: string;
  readonly index: PartitionIndex;
}

/** Takes the pairs of one map. */
export class ShuffleWriter {
  readonly #parts: number;
  readonly #combiner: Combiner | undefined;
  readonly #context: TaskContext;
  #held = new Map<unknown, unknown>();
  #pairs: Pair[] = [];
  #written = 0;
  readonly #estimate = new MemoryEstimate();
  readonly #runs: Run[] = [];

  constructor(parts: number, combiner: Combiner | undefined, context: TaskContext) {
    this.#parts = parts;
    this.#combiner = combiner;
    this.#context = context;
  }

  /** Adds a pair. Throws a TypeError if it is none, or its key cannot be one. */
  write(pair: unknown): void {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new TypeError('A shuffle needs pairs, [key, value]; make them with keyBy or map.');
    const [key, value] = pair as [unknown, unknown];
    if (this.#combiner === undefined) {
      this.#pairs.push([key, value]);
      this.#estimate.note(key, value);
    } else {
      const held = this.#held.get(key);
      const isNew = held === undefined && !this.#held.has(key);
      const now = isNew ? this.#combiner.create(value, 0) : this.#combiner.add(held, value, 0);
      this.#held.set(key, now);
      this.#estimate.note(key, now);
    }
    if (++this.#written % CHECK_EVERY !== 0) return;
    const count = this.#held.size + this.#pairs.length;
    if (this.#estimate.bytes(count, count) > this.#context.executor.memoryPerTaskBytes) this.#spill();
  }

  /** Writes the rest and makes the map output known to the file server. Resolves to its bytes. */
  async finish(shuffle: number, map: number): Promise<number> {
    this.#spill();
    const { dir, executor } = this.#context;
    const run = this.#runs.length === 1 ? (this.#runs[0] as Run) : this.#merge();
    for (const { file } of this.#runs.splice(0)) closeSync(file);
    await publish(dir, run.path, shufflePath(executor.space, shuffle, map), {
      type: 'index',
      index: run.index,
    });
    return run.index.partitions.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** It will not be finished. */
  abandon(): void {
    for (const { file } of this.#runs.splice(0)) closeSync(file);
  }

  #spill(): void {
    const parts = Array.from({ length: this.#parts }, (): Pair[] => []);
    for (const pair of this.#combiner === undefined ? this.#pairs : this.#held)
      parts[partOf(pair[0], this.#parts)]?.push(pair);
    this.#pairs = [];
    this.#held = new Map();
    this.#writeRun((part, write) => {
      for (const frame of writeFrames(parts[part] as Pair[])) write(frame);
      return parts[part]?.length ?? 0;
    });
  }

  /** One run in which each part is that of all runs, one after the other. */
  #merge(): Run {
    const buffer = Buffer.allocUnsafe(COPY_BYTES);
    const runs = [...this.#runs];
    return this.#writeRun((part, write) => {
      let records = 0;
      for (const { file, index } of runs) {
        const { offset, bytes, records: more } = index.partitions[part] as Partition;
        records += more;
        for (let at = 0; at < bytes; at += COPY_BYTES) {
          const chunk = buffer.subarray(0, Math.min(COPY_BYTES, bytes - at));
          readAll(file, chunk, offset + at);
          write(chunk);
        }
      }
      return records;
    });
  }

  /** Writes all parts, one after the other; `fill` writes one and tells of how many pairs. */
  #writeRun(fill: (part: number, write: (bytes: Uint8Array) => void) => number): Run {
    const { temporary } = this.#context;
    mkdirSync(temporary, { recursive: true });
    const path = join(temporary, `run-${this.#runs.length}`);
    const file = openSync(path, 'wx+');
    const partitions: Partition[] = [];
    let offset = 0;
    try {
      for (let part = 0; part < this.#parts; part++) {
        const start = offset;
        let sum = 0;
        const records = fill(part, (bytes) => {
          writeAll(file, bytes);
          sum = crc32(bytes, sum);
          offset += bytes.length;
        });
        partitions.push({ offset: start, bytes: offset - start, records, crc32: sum });
      }
    } catch (error) {
      closeSync(file);
      rmSync(path, { force: true });
      throw error;
    }
    const run = { file, path, index: { partitions } };
    this.#runs.push(run);
    return run;
  }
}
