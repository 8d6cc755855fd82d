/** Makes a partition: what narrow dependencies lead through is made in one go, a batch of values at a time. */
import type { Call, PlanNode, TaskData } from '../taskData.ts';
import { Aggregation } from './aggregation.ts';
import { type Combiner, folding, listing, siding } from './combiner.ts';
import type { PartitionCache } from './partitionCache.ts';
import { readShuffle } from './shuffleReader.ts';
import { sizeOf } from './sizeOf.ts';
import { BATCH_SIZE, type Batches, oneByOne, readSource } from './sources.ts';
import type { TaskContext } from './taskContext.ts';

/** Applies a task function to a value and its extra arguments. */
export type Applied = (...values: readonly unknown[]) => unknown;

/** What making partitions needs beside the task. */
export interface PipelineOptions {
  readonly context: TaskContext;
  readonly cache: PartitionCache<Batches>;
  /** The function of a call, with its extra arguments bound. */
  readonly functionOf: (call: Call) => Applied;
}

/** A partition that can be made, and what is known of its input. */
export interface Prepared {
  readonly batches: Batches;
  readonly inputBytes: number;
  readonly locality: 'memory' | 'local' | 'remote' | undefined;
  /** Removes what was on disk meanwhile. */
  close(): void;
}

/**
 * Reads what a task needs, so that its partition can be made without waiting. Rejects with a TaskError if a map output cannot be
 * had, or with the error of the source.
 */
export async function prepare(task: TaskData, options: PipelineOptions): Promise<Prepared> {
  const { plan, partition, shuffles, sources } = task;
  const { cache, context } = options;
  const { needed, made } = neededNodes(task, cache);
  const aggregations: Aggregation[] = [];
  let inputBytes = 0;
  let locality: Prepared['locality'] = made.size > 0 ? 'memory' : undefined;
  try {
    for (const [number, node] of plan.entries()) {
      const consumers = needed.get(number);
      if (consumers === undefined || made.has(number)) continue;
      // Thought to be in memory here, and not: the scheduler is told, and would not wait for it again.
      if (node.isCached) cache.miss(node.dataset, partition);
      let batches: Batches;
      const source = sources.find((one) => one.node === number);
      if (source !== undefined) {
        const read = await readSource(source.input, partition, context);
        batches = read.batches;
        inputBytes += read.bytes;
        if (source.hosts.length > 0) locality = read.locality;
      } else if (isByKey(node)) {
        const aggregation = new Aggregation({
          combiner: combinerOf(node, options),
          memoryBytes: context.executor.memoryPerTaskBytes,
          temporary: `${context.temporary}/node-${number}`,
        });
        aggregations.push(aggregation);
        for (const [side, input] of node.inputs.entries()) {
          if (input.type === 'node') {
            for (const pair of oneByOne(made.get(input.node) as Batches)) {
              const [key, value] = pair as readonly [unknown, unknown];
              aggregation.add(key, value, side);
            }
            continue;
          }
          const outputs = shuffles.find(({ shuffle }) => shuffle === input.shuffle);
          if (outputs === undefined)
            throw new Error(`The task was not told where shuffle ${input.shuffle} is.`);
          inputBytes += await readShuffle(outputs, partition, context, (key, value) =>
            aggregation.add(key, value, side),
          );
        }
        batches = byKey(node, aggregation);
      } else {
        const [input] = node.inputs;
        if (input?.type !== 'node') throw new Error(`Dataset ${node.dataset} is made of nothing.`);
        batches = narrow(node, made.get(input.node) as Batches, options);
      }
      if (node.isCached) batches = keeping(node.dataset, partition, batches, cache);
      made.set(number, consumers > 1 ? shared(batches) : batches);
    }
  } catch (error) {
    for (const aggregation of aggregations) aggregation.close();
    throw error;
  }
  return {
    batches: made.get(plan.length - 1) as Batches,
    inputBytes,
    locality,
    close: () => {
      for (const aggregation of aggregations) aggregation.close();
    },
  };
}

/** The nodes that have to be made, and how often each is used; and what of them is in memory. */
function neededNodes(
  { plan, partition }: TaskData,
  cache: PartitionCache<Batches>,
): { readonly needed: ReadonlyMap<number, number>; readonly made: Map<number, Batches> } {
  const needed = new Map([[plan.length - 1, 1]]);
  const made = new Map<number, Batches>();
  // Each stands after those that it is made of.
  for (let number = plan.length - 1; number >= 0; number--) {
    const node = plan[number] as PlanNode;
    if (!needed.has(number)) continue;
    const held = node.isCached ? cache.get(node.dataset, partition) : undefined;
    if (held !== undefined) made.set(number, held);
    else
      for (const input of node.inputs)
        if (input.type === 'node') needed.set(input.node, (needed.get(input.node) ?? 0) + 1);
  }
  return { needed, made };
}

function isByKey({ step }: PlanNode): boolean {
  return step.type === 'reduceByKey' || step.type === 'groupByKey' || step.type === 'join';
}

function combinerOf({ step }: PlanNode, { functionOf }: PipelineOptions): Combiner {
  switch (step.type) {
    case 'reduceByKey':
      return folding(functionOf(step.call));
    case 'groupByKey':
      return listing as Combiner;
    case 'join':
      return siding as Combiner;
    default:
      throw new TypeError(`A step '${step.type}' gathers nothing by key.`);
  }
}

/** What was gathered, as pairs; of a join, each value of one side with each of the other. */
function byKey({ step }: PlanNode, aggregation: Aggregation): Batches {
  const isJoin = step.type === 'join';
  function* batches(): Generator<readonly unknown[], void, void> {
    let batch: unknown[] = [];
    for (const [key, held] of aggregation.entries()) {
      if (isJoin) {
        const [left, right] = held as readonly [readonly unknown[], readonly unknown[]];
        for (const one of left) for (const other of right) batch.push([key, [one, other]]);
      } else batch.push([key, held]);
      if (batch.length < BATCH_SIZE) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }
  return { [Symbol.iterator]: batches };
}

function narrow({ step }: PlanNode, input: Batches, { functionOf, context }: PipelineOptions): Batches {
  const perBatch = (apply: (batch: readonly unknown[]) => readonly unknown[]): Batches => ({
    *[Symbol.iterator]() {
      for (const batch of input) {
        context.checkKilled();
        yield apply(batch);
      }
    },
  });
  switch (step.type) {
    case 'map': {
      const run = functionOf(step.call);
      return perBatch((batch) => batch.map((value) => run(value)));
    }
    case 'filter': {
      const run = functionOf(step.call);
      return perBatch((batch) => batch.filter((value) => run(value)));
    }
    case 'flatMap': {
      const run = functionOf(step.call);
      return perBatch((batch) => batch.flatMap((value) => [...(run(value) as Iterable<unknown>)]));
    }
    case 'keyBy': {
      const run = functionOf(step.call);
      return perBatch((batch) => batch.map((value) => [run(value), value]));
    }
    case 'mapValues': {
      const run = functionOf(step.call);
      return perBatch((batch) =>
        batch.map((pair) => {
          const [key, value] = pair as readonly [unknown, unknown];
          return [key, run(value)];
        }),
      );
    }
    case 'mapPartitions': {
      const run = functionOf(step.call);
      return {
        *[Symbol.iterator]() {
          let batch: unknown[] = [];
          for (const value of run(oneByOne(input)) as Iterable<unknown>) {
            batch.push(value);
            if (batch.length < BATCH_SIZE) continue;
            context.checkKilled();
            yield batch;
            batch = [];
          }
          if (batch.length > 0) yield batch;
        },
      };
    }
    case 'source':
      throw new Error('A source has no input to be made of.');
    case 'model':
      throw new TypeError('A modelled dataset has no values; it is for virtual time.');
    case 'reduceByKey':
    case 'groupByKey':
    case 'join':
      throw new Error(`A step '${step.type}' is not narrow.`);
    default:
      return step satisfies never;
  }
}

/** Keeps a partition in memory while it is made, if there is room for all of it. */
function keeping(
  dataset: number,
  partition: number,
  input: Batches,
  cache: PartitionCache<Batches>,
): Batches {
  function* batches(): Generator<readonly unknown[], void, void> {
    const held: (readonly unknown[])[] = [];
    let bytes = 0;
    let isKept = true;
    try {
      for (const batch of input) {
        if (isKept) {
          const more = roundUp(sizeOf(batch));
          if (cache.reserve(dataset, more)) {
            bytes += more;
            held.push(batch);
          } else {
            isKept = false;
            held.length = 0;
            cache.release(bytes);
            bytes = 0;
          }
        }
        yield batch;
      }
      if (!isKept) return;
      cache.put(dataset, partition, held, bytes);
      bytes = 0;
    } finally {
      if (bytes > 0) cache.release(bytes);
    }
  }
  return { [Symbol.iterator]: batches };
}

/** Whole kibibytes, in which memory is counted: so that a sum of batches is what each of them took. */
function roundUp(bytes: number): number {
  return Math.ceil(bytes / 1024) * 1024;
}

/** Batches that are made once and read several times. */
function shared(input: Batches): Batches {
  const held: (readonly unknown[])[] = [];
  let iterator: Iterator<readonly unknown[]> | undefined;
  return {
    *[Symbol.iterator]() {
      iterator ??= input[Symbol.iterator]();
      for (let at = 0; ; at++) {
        if (at === held.length) {
          const next = iterator.next();
          if (next.done === true) return;
          held.push(next.value);
        }
        yield held[at] as readonly unknown[];
      }
    },
  };
}
