/** The output of one map: combined in memory, spilled to disk when that is full, merged in the end. */
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import type { PartitionIndex } from '../../dfs/storedFile.ts';
import type { Collector } from '../program/mapReduce.ts';
import { Combiner } from './combiner.ts';
import { mergeRunFiles, type RunFile } from './runFile.ts';
import { writeRun } from './runWriter.ts';

/** What a spiller needs. */
export interface SpillerOptions {
  /** An empty folder of its own. */
  readonly dir: string;
  readonly partitions: number;
  readonly memoryBytes: number;
  readonly fold: (a: number, b: number) => number;
}

/** Collects what a map emits, and makes one sorted run of it. */
export class Spiller implements Collector {
  readonly #options: SpillerOptions;
  readonly #combiner: Combiner;
  readonly #spills: RunFile[] = [];
  #emitted = 0;

  constructor(options: SpillerOptions) {
    this.#options = options;
    this.#combiner = new Combiner(options.memoryBytes, options.fold);
  }

  /** How many records were emitted. */
  get emitted(): number {
    return this.#emitted;
  }

  /** How many runs were written. */
  get spills(): number {
    return this.#spills.length;
  }

  emit(bytes: Uint8Array, start: number, end: number, value: number): void {
    this.#emitted += 1;
    if (this.#combiner.add(bytes, start, end, value)) return;
    this.#spill();
    this.#combiner.add(bytes, start, end, value);
  }

  /** Writes everything as one run to a path on the same file system. Returns its index. */
  finish(path: string): PartitionIndex {
    if (this.#combiner.size > 0 || this.#spills.length === 0) this.#spill();
    const { fold, memoryBytes } = this.#options;
    const [only, ...others] = this.#spills;
    if (only !== undefined && others.length === 0) {
      renameSync(only.path, path);
      return only.index;
    }
    return mergeRunFiles(this.#spills, path, { fold, bufferBytes: memoryBytes });
  }

  #spill(): void {
    const path = join(this.#options.dir, `spill-${this.#spills.length}`);
    const { partitions } = this.#options;
    const index = writeRun(path, partitions, (writer) =>
      this.#combiner.forEachInOrder(partitions, (partition, bytes, start, end, value) =>
        writer.write(partition, bytes, start, end, value),
      ),
    );
    this.#spills.push({ path, index });
    this.#combiner.clear();
  }
}
