/** Runs a task in its thread: makes the partition, and leaves what the task is to leave. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import { publish } from '../../files/storedFile.ts';
import { findFunction } from '../program/functions.ts';
import {
  type Action,
  type Argument,
  type Call,
  RESULT_INLINE_BYTES_MAX,
  type TaskData,
  type TaskReport,
  type TaskResult,
} from '../taskData.ts';
import { folding } from './combiner.ts';
import type { PartitionCache } from './partitionCache.ts';
import { type Applied, prepare } from './pipeline.ts';
import { ShuffleWriter } from './shuffleWriter.ts';
import { type Batches, oneByOne } from './sources.ts';
import { resultPath, type TaskContext, TaskError } from './taskContext.ts';

/** What a thread keeps between tasks. */
export interface ThreadMemory {
  readonly cache: PartitionCache<Batches>;
  readonly functions: Map<string, Applied>;
  readonly broadcasts: BroadcastValues;
}

/** Values of which a thread remembers what it has read. */
const BROADCASTS_READ_MAX = 8;

/** Broadcast values as this thread has read them: each thread has its own, so that none can change those of another. */
export class BroadcastValues {
  readonly #read = new Map<number, unknown>();

  /** What functions get: the value is read when it is first asked for. */
  handle(id: number, bytes: SharedArrayBuffer | undefined): { readonly value: unknown } {
    const read = (): unknown => this.#value(id, bytes);
    return {
      get value() {
        return read();
      },
    };
  }

  forget(id: number): void {
    this.#read.delete(id);
  }

  #value(id: number, bytes: SharedArrayBuffer | undefined): unknown {
    if (this.#read.has(id)) return this.#read.get(id);
    if (bytes === undefined) throw new Error(`Broadcast ${id} is not here.`);
    const value: unknown = deserialize(Buffer.from(new Uint8Array(bytes)));
    this.#read.set(id, value);
    if (this.#read.size > BROADCASTS_READ_MAX) {
      const [oldest] = this.#read.keys();
      if (oldest !== undefined) this.#read.delete(oldest);
    }
    return value;
  }
}

/** Runs a task. Rejects with an error whose message is one sentence for people. */
export async function runTask(
  task: TaskData,
  taskName: string,
  broadcasts: ReadonlyMap<number, SharedArrayBuffer>,
  memory: ThreadMemory,
  context: TaskContext,
): Promise<Omit<TaskReport, 'cache'>> {
  const accumulated = new Map<number, number>();
  await loadFunctions(task, memory.functions);
  const argumentOf = (argument: Argument): unknown => {
    switch (argument.type) {
      case 'value':
        return argument.value;
      case 'broadcast':
        return memory.broadcasts.handle(argument.id, broadcasts.get(argument.id));
      case 'accumulator': {
        const { id } = argument;
        return { add: (amount: number) => accumulated.set(id, (accumulated.get(id) ?? 0) + amount) };
      }
      default:
        return argument satisfies never;
    }
  };
  const functionOf = ({ run, extra }: Call): Applied => {
    const found = memory.functions.get(nameOf(run)) as Applied;
    const bound = extra.map(argumentOf);
    return bound.length === 0 ? found : (...values) => found(...values, ...bound);
  };
  const prepared = await prepare(task, { context, cache: memory.cache, functionOf });
  try {
    const result =
      task.output.type === 'shuffle'
        ? await toShuffle(task, prepared.batches, functionOf, context)
        : await toResult(task.output.action, prepared.batches, functionOf, taskName, context);
    return {
      result,
      accumulators: [...accumulated].map(([id, amount]) => ({ id, amount })),
      ...(prepared.locality !== undefined && { locality: prepared.locality }),
      inputBytes: prepared.inputBytes,
    };
  } finally {
    prepared.close();
    await rm(context.temporary, { recursive: true, force: true });
  }
}

async function toShuffle(
  { output, partition }: TaskData,
  batches: Batches,
  functionOf: (call: Call) => Applied,
  context: TaskContext,
): Promise<TaskResult> {
  if (output.type !== 'shuffle') throw new TypeError('The task writes to no shuffle.');
  const { shuffle, parts, write } = output;
  const combiner = write.combine && folding(functionOf(write.combine));
  const writer = new ShuffleWriter(parts, combiner, context);
  try {
    for (const batch of batches) {
      context.checkKilled();
      for (const pair of batch) writer.write(pair);
    }
    await writer.finish(shuffle, partition);
  } catch (error) {
    writer.abandon();
    throw error;
  }
  return { type: 'none' };
}

async function toResult(
  action: Action,
  batches: Batches,
  functionOf: (call: Call) => Applied,
  taskName: string,
  context: TaskContext,
): Promise<TaskResult> {
  const bytes = serialize(answer(action, batches, functionOf, context));
  if (bytes.length <= RESULT_INLINE_BYTES_MAX) return { type: 'inline', bytes };
  const { dir, executor, hostname, temporary } = context;
  if (executor.nodes[hostname] === undefined)
    throw new TaskError(
      `The result of a partition has ${bytes.length} bytes, and more than ${RESULT_INLINE_BYTES_MAX} go by file servers, of which the configuration names none for ${hostname}`,
      { isFinal: true },
    );
  await mkdir(temporary, { recursive: true });
  const path = join(temporary, 'result');
  await writeFile(path, bytes);
  await publish(dir, path, resultPath(executor.space, taskName), { type: 'crc32', crc32: crc32(bytes) });
  return { type: 'file', host: hostname, name: taskName, bytes: bytes.length };
}

/** What the driver program makes the answer of the action of. */
function answer(
  action: Action,
  batches: Batches,
  functionOf: (call: Call) => Applied,
  context: TaskContext,
): unknown {
  switch (action.type) {
    case 'collect': {
      const all: unknown[] = [];
      for (const batch of batches) {
        context.checkKilled();
        for (const value of batch) all.push(value);
      }
      return all;
    }
    case 'count': {
      let count = 0;
      for (const batch of batches) {
        context.checkKilled();
        count += batch.length;
      }
      return count;
    }
    case 'reduce': {
      const run = functionOf(action.call);
      let folded: readonly unknown[] = [];
      for (const value of oneByOne(batches)) folded = [folded.length === 0 ? value : run(folded[0], value)];
      context.checkKilled();
      return folded;
    }
    case 'take': {
      const taken: unknown[] = [];
      if (action.most === 0) return taken;
      for (const value of oneByOne(batches)) if (taken.push(value) >= action.most) break;
      return taken;
    }
    case 'model':
      throw new TypeError('A modelled action has no answer; it is for virtual time.');
    default:
      return action satisfies never;
  }
}

/** Imports the modules of all functions that the task needs. */
async function loadFunctions({ plan, output }: TaskData, functions: Map<string, Applied>): Promise<void> {
  const calls = plan.flatMap(({ step }) => ('call' in step ? [step.call] : []));
  if (output.type === 'result' && 'call' in output.action) calls.push(output.action.call);
  if (output.type === 'shuffle' && output.write.combine !== undefined) calls.push(output.write.combine);
  for (const { run } of calls)
    if (!functions.has(nameOf(run))) functions.set(nameOf(run), (await findFunction(run)) as Applied);
}

function nameOf({ module, name }: Call['run']): string {
  return `${module}#${name}`;
}
