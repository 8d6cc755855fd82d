/**
 * Datasets: lazy, partitioned, never changed (RDDs, HotCloud'10 §3.1). A transformation describes a new one; an action computes.
 */
import { serialize } from 'node:v8';
import type { Key } from '../executor/keyHash.ts';
import type { Dependency, LineageNode, Shuffle } from '../scheduling/lineage.ts';
import { type Action, type Argument, type Call, PARTITIONS_MAX, type Step } from '../taskData.ts';
import { refOf, type TaskFunction } from './functions.ts';
import { handleArgument } from './handles.ts';

/** Larger arguments are to be broadcast. */
const ARGUMENT_BYTES_MAX = 64 * 1024;

/** What datasets need of their application. */
export interface DatasetOwner {
  nextDatasetId(): number;
  nextShuffleId(): number;
  /** Are there file servers, without which nothing can be shuffled? */
  readonly canShuffle: boolean;
  /** Runs an action; resolves to the answers of the partitions, in their order. */
  run(
    node: LineageNode,
    action: Action,
    partitions: readonly number[],
    kind: string,
  ): Promise<readonly unknown[]>;
  unpersist(node: LineageNode): void;
}

/** Of what a dataset is made. */
interface Parent {
  readonly node: LineageNode;
  readonly isByKey: boolean;
}

/** A partitioned dataset of values. */
export class Dataset<T> {
  readonly #owner: DatasetOwner;
  readonly #node: LineageNode;
  /** Its pairs lie by the hash of their keys. */
  readonly #isByKey: boolean;

  /** Made by a SparkContext, or by transformations. */
  constructor(owner: DatasetOwner, node: LineageNode, isByKey = false) {
    this.#owner = owner;
    this.#node = node;
    this.#isByKey = isByKey;
  }

  get partitions(): number {
    return this.#node.partitions;
  }

  // --- transformations ---

  /** What the function makes of each value. Extra arguments go with it: broadcasts, accumulators, small values. */
  map<U, E extends readonly unknown[]>(f: TaskFunction<[value: T, ...extra: E], U>, ...extra: E): Dataset<U> {
    return this.#narrow({ type: 'map', call: callOf('map', f, extra) });
  }

  /** The values for which the function holds. */
  filter<E extends readonly unknown[]>(
    f: TaskFunction<[value: T, ...extra: E], boolean>,
    ...extra: E
  ): Dataset<T> {
    return this.#narrow({ type: 'filter', call: callOf('filter', f, extra) }, this.#isByKey);
  }

  /** All that the function makes of each value. */
  flatMap<U, E extends readonly unknown[]>(
    f: TaskFunction<[value: T, ...extra: E], Iterable<U>>,
    ...extra: E
  ): Dataset<U> {
    return this.#narrow({ type: 'flatMap', call: callOf('flatMap', f, extra) });
  }

  /** What the function makes of each partition, which it reads value by value. */
  mapPartitions<U, E extends readonly unknown[]>(
    f: TaskFunction<[values: Iterable<T>, ...extra: E], Iterable<U>>,
    ...extra: E
  ): Dataset<U> {
    return this.#narrow({ type: 'mapPartitions', call: callOf('mapPartitions', f, extra) });
  }

  /** Pairs of the key that the function gives a value, and the value. */
  keyBy<K extends Key, E extends readonly unknown[]>(
    f: TaskFunction<[value: T, ...extra: E], K>,
    ...extra: E
  ): Dataset<[K, T]> {
    return this.#narrow({ type: 'keyBy', call: callOf('keyBy', f, extra) });
  }

  /** Of pairs: the same keys with what the function makes of the values. They stay where they are. */
  mapValues<K extends Key, V, U, E extends readonly unknown[]>(
    this: Dataset<[K, V]>,
    f: TaskFunction<[value: V, ...extra: E], U>,
    ...extra: E
  ): Dataset<[K, U]> {
    return this.#narrow({ type: 'mapValues', call: callOf('mapValues', f, extra) }, this.#isByKey);
  }

  /** Of pairs: each key once, its values folded by an associative function, in the order of the partitions. */
  reduceByKey<K extends Key, V>(
    this: Dataset<[K, V]>,
    f: TaskFunction<[a: V, b: V], V>,
    partitions = this.partitions,
  ): Dataset<[K, V]> {
    const call = callOf('reduceByKey', f, []);
    return this.#byKey('reduceByKey', { type: 'reduceByKey', call }, [this.#parent()], partitions, call);
  }

  /** Of pairs: each key once, with the list of its values, which must fit into memory. */
  groupByKey<K extends Key, V>(this: Dataset<[K, V]>, partitions = this.partitions): Dataset<[K, V[]]> {
    return this.#byKey('groupByKey', { type: 'groupByKey' }, [this.#parent()], partitions);
  }

  /** Of pairs: for each key that both have, each of these values with each of the others. */
  join<K extends Key, V, W>(
    this: Dataset<[K, V]>,
    other: Dataset<[K, W]>,
    partitions = Math.max(this.partitions, other.partitions),
  ): Dataset<[K, [V, W]]> {
    return this.#byKey('join', { type: 'join' }, [this.#parent(), other.#parent()], partitions);
  }

  // --- memory ---

  /** From now on its partitions stay in the memory of the executors that make them, as far as there is room. */
  cache(): this {
    this.#node.isCached = true;
    return this;
  }

  /** The same as {@link cache}: memory is the only place. */
  persist(): this {
    return this.cache();
  }

  /** Its partitions need not stay in memory any more. */
  unpersist(): this {
    this.#node.isCached = false;
    this.#owner.unpersist(this.#node);
    return this;
  }

  // --- actions ---

  /** All values, in the order of the partitions. */
  async collect(): Promise<T[]> {
    const parts = await this.#run({ type: 'collect' });
    return parts.flatMap((part) => part as T[]);
  }

  /** How many values there are. */
  async count(): Promise<number> {
    const counts = await this.#run({ type: 'count' });
    return counts.reduce<number>((sum, count) => sum + (count as number), 0);
  }

  /** All values folded by an associative function, in the order of the partitions. Rejects with a RangeError if there are none. */
  async reduce(f: TaskFunction<[a: T, b: T], T>): Promise<T> {
    const call = callOf('reduce', f, []);
    const folded = (await this.#run({ type: 'reduce', call })).flatMap((part) => part as T[]);
    if (folded.length === 0)
      throw new RangeError('reduce: the dataset is empty, so there is nothing to fold.');
    return folded.reduce((a, b) => f(a, b));
  }

  /** The first values, at most so many: computes one partition, and more only as they are needed. */
  async take(most: number): Promise<T[]> {
    if (!Number.isSafeInteger(most) || most < 0)
      throw new RangeError(`take: how many must be a whole number, 0 or more, not ${most}.`);
    const taken: T[] = [];
    for (let from = 0, width = 1; from < this.partitions && taken.length < most; from += width, width *= 4) {
      const to = Math.min(this.partitions, from + width);
      const wanted = Array.from({ length: to - from }, (_, n) => from + n);
      const parts = await this.#run({ type: 'take', most: most - taken.length }, wanted);
      for (const value of parts.flatMap((part) => part as T[])) if (taken.length < most) taken.push(value);
    }
    return taken;
  }

  #parent(): Parent {
    return { node: this.#node, isByKey: this.#isByKey };
  }

  #run(action: Action, partitions?: readonly number[]): Promise<readonly unknown[]> {
    const all = partitions ?? Array.from({ length: this.partitions }, (_, n) => n);
    return this.#owner.run(this.#node, action, all, action.type);
  }

  #narrow<U>(step: Step, isByKey = false): Dataset<U> {
    const node: LineageNode = {
      id: this.#owner.nextDatasetId(),
      partitions: this.partitions,
      step,
      dependencies: [{ type: 'narrow', on: this.#node }],
      isCached: false,
    };
    return new Dataset<U>(this.#owner, node, isByKey);
  }

  #byKey<U>(
    operation: string,
    step: Step,
    parents: readonly Parent[],
    partitions: number,
    combine?: Call,
  ): Dataset<U> {
    if (!Number.isSafeInteger(partitions) || partitions < 1 || partitions > PARTITIONS_MAX)
      throw new RangeError(
        `${operation}: the number of partitions must be from 1 to ${PARTITIONS_MAX}, not ${partitions}.`,
      );
    const dependencies = parents.map(({ node, isByKey }): Dependency => {
      // What lies by the hash of its keys already need not be moved.
      if (isByKey && node.partitions === partitions) return { type: 'narrow', on: node };
      if (!this.#owner.canShuffle)
        throw new TypeError(
          `${operation} moves data between nodes and needs their file servers; name them in 'nodes' of the configuration.`,
        );
      const shuffle: Shuffle = {
        id: this.#owner.nextShuffleId(),
        on: node,
        parts: partitions,
        write: combine === undefined ? {} : { combine },
      };
      return { type: 'shuffle', shuffle };
    });
    const made: LineageNode = {
      id: this.#owner.nextDatasetId(),
      partitions,
      step,
      dependencies,
      isCached: false,
    };
    return new Dataset<U>(this.#owner, made, true);
  }
}

/** A function with its extra arguments, as executors are told of it. Throws a TypeError if they cannot be. */
function callOf(operation: string, f: (...args: never[]) => unknown, extra: readonly unknown[]): Call {
  const run = refOf(f, operation);
  return {
    run,
    extra: extra.map((value, at): Argument => {
      const handle = handleArgument(value);
      if (handle !== undefined) return handle;
      const what = `Argument ${at + 1} of ${operation}(${run.name})`;
      const bytes = bytesOf(value, what);
      if (bytes > ARGUMENT_BYTES_MAX)
        throw new TypeError(`${what} has ${bytes} bytes, more than ${ARGUMENT_BYTES_MAX}; broadcast it.`);
      return { type: 'value', value };
    }),
  };
}

/** How many bytes a value takes on its way. Throws a TypeError if it cannot travel. */
function bytesOf(value: unknown, what: string): number {
  return serialized(value, what).length;
}

/** A value as bytes. Throws a TypeError of one sentence if it cannot be sent to another process. */
export function serialized(value: unknown, what: string): Buffer {
  try {
    return serialize(value);
  } catch (error) {
    throw new TypeError(
      `${what} cannot be sent to executors: ${(error as Error).message.replace(/\.$/, '')}.`,
    );
  }
}
