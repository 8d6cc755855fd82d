/** Sorted runs that were written for want of memory, and the one run that is made of them. */
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import type { PartitionIndex } from '../../files/beside.ts';
import type { RunMerger } from './merge.ts';
import { mergeRunFiles, type RunFile } from './runFile.ts';
import { type RunWriter, writeRun } from './runWriter.ts';

/** What a spiller needs. */
export interface SpillerOptions {
  /** An empty folder of its own. */
  readonly dir: string;
  readonly partitions: number;
  /** What the buffers of a merge may take together. */
  readonly memoryBytes: number;
  readonly merge: RunMerger;
}

/** Keeps the spills of one task. */
export class Spiller {
  readonly #options: SpillerOptions;
  readonly #spills: RunFile[] = [];

  constructor(options: SpillerOptions) {
    this.#options = options;
  }

  /** How many runs were written. */
  get spills(): number {
    return this.#spills.length;
  }

  /** Writes a run. */
  spill(fill: (writer: RunWriter) => void): void {
    const path = join(this.#options.dir, `spill-${this.#spills.length}`);
    this.#spills.push({ path, index: writeRun(path, this.#options.partitions, fill) });
  }

  /** Makes one run of all spills, of which there must be one, at a path on the same file system. Returns its index. */
  finish(path: string): PartitionIndex {
    const [only, ...others] = this.#spills;
    if (only !== undefined && others.length === 0) {
      renameSync(only.path, path);
      return only.index;
    }
    const { merge, memoryBytes } = this.#options;
    return mergeRunFiles(this.#spills, path, { merge, bufferBytes: memoryBytes });
  }
}
