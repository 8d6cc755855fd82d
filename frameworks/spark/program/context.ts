/** What a driver program works with: where datasets come from, and what is shared with their tasks. */
import type { Block } from '../../files/block.ts';
import type { Dataset } from './dataset.ts';
import type { DriverAccumulator, DriverBroadcast } from './handles.ts';

/** An application's connection to its executors. */
export interface SparkContext {
  /** Partitions of a dataset for which nothing else is said. */
  readonly defaultPartitions: number;
  /**
   * The lines of a text: blocks of the distributed file system, or one of the configuration's `inputs` by its name, with one
   * partition each; or else a file at this path on every machine, cut into partitions. Throws a RangeError if there is none.
   */
  textFile(input: string | readonly Block[], partitions?: number): Dataset<string>;
  /** Values of the driver program. Throws a TypeError if they cannot travel, or are too many for their partitions. */
  parallelize<T>(values: readonly T[], partitions?: number): Dataset<T>;
  /** A value that every executor gets once. */
  broadcast<T>(value: T): DriverBroadcast<T>;
  /** A number to which tasks add. */
  accumulator(): DriverAccumulator;
  /** The application's clock, in milliseconds. */
  now(): number;
  /** Says something to the people who run the application. */
  log(line: string): void;
}

/** What a module exports as `main`: a driver program. What it resolves to goes into the summary, and must be JSON. */
export type Main = (context: SparkContext, args: Readonly<Record<string, unknown>>) => Promise<unknown>;
