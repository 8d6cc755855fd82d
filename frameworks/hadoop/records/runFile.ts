/** Sorted runs as files: merging many into one, partition by partition. */
import { closeSync, openSync, rmSync } from 'node:fs';
import type { PartitionIndex } from '../../files/beside.ts';
import type { RunMerger } from './merge.ts';
import { RunReader } from './runReader.ts';
import { writeRun } from './runWriter.ts';

/** A run on disk. */
export interface RunFile {
  readonly path: string;
  readonly index: PartitionIndex;
}

/** How to merge. */
export interface MergeOptions {
  readonly merge: RunMerger;
  /** What the buffers of the runs may take together. */
  readonly bufferBytes: number;
}

/** How many runs are merged at once. More are merged in groups first. */
export const MERGE_WIDTH = 32;
const READER_BYTES_MIN = 4096;
const READER_BYTES_MAX = 256 * 1024;

/** What each of `count` runs may take as its buffer. */
export function readerBytes(bufferBytes: number, count: number): number {
  const share = Math.floor(bufferBytes / Math.max(1, count));
  return Math.min(READER_BYTES_MAX, Math.max(READER_BYTES_MIN, share));
}

/** Merges runs with the same number of partitions into one new file, and removes them. */
export function mergeRunFiles(runs: readonly RunFile[], path: string, options: MergeOptions): PartitionIndex {
  const few = reduceToWidth(runs, path, options);
  const partitions = few[0]?.index.partitions.length ?? 0;
  const files = few.map((run) => openSync(run.path, 'r'));
  try {
    const bufferBytes = readerBytes(options.bufferBytes, few.length);
    return writeRun(path, partitions, (writer) => {
      for (let partition = 0; partition < partitions; partition += 1) {
        const readers = few.map(({ index }, at) =>
          openPartition(files[at] as number, index, partition, bufferBytes),
        );
        options.merge(readers, writer, partition);
      }
    });
  } finally {
    for (const file of files) closeSync(file);
    for (const run of few) rmSync(run.path, { force: true });
  }
}

/** A reader of one partition of an open run. */
export function openPartition(
  file: number,
  index: PartitionIndex,
  partition: number,
  bufferBytes: number,
): RunReader {
  const part = index.partitions[partition];
  if (part === undefined)
    throw new Error(`A run of ${index.partitions.length} partitions has no ${partition}.`);
  const { offset, bytes, crc32 } = part;
  return new RunReader({ from: 'file', file, offset, bytes, crc32, bufferBytes });
}

/** Merges groups of runs until there are few enough to merge at once. */
export function reduceToWidth(
  runs: readonly RunFile[],
  path: string,
  options: MergeOptions,
): readonly RunFile[] {
  let left = [...runs];
  for (let pass = 0; left.length > MERGE_WIDTH; pass += 1) {
    const merged: RunFile[] = [];
    for (let at = 0; at < left.length; at += MERGE_WIDTH) {
      const group = left.slice(at, at + MERGE_WIDTH);
      const target = `${path}.pass${pass}.${merged.length}`;
      merged.push({ path: target, index: mergeRunFiles(group, target, options) });
    }
    left = merged;
  }
  return left;
}
