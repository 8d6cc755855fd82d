/** A thread that runs one task after another, and keeps what they cached. Started by threadPool.ts. */

import { rm } from 'node:fs/promises';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { FileClient } from '../../files/fileClient.ts';
import { garbageCollector } from '../../threadGarbage.ts';
import type { ExecutorData, TaskData, TaskFailure, TaskReport } from '../taskData.ts';
import { PartitionCache, sharedPool } from './partitionCache.ts';
import { BroadcastValues, runTask, type ThreadMemory } from './runTask.ts';
import { KilledError, type TaskContext, TaskError, unfinishedDir } from './taskContext.ts';

/** What a thread is started with. */
export interface ThreadSetting {
  readonly secret: string;
  readonly hostname: string;
  /** The folder that this node's file server keeps; where there is none, one of its own, made when it is needed. */
  readonly dir: string;
  readonly executor: ExecutorData;
  /** Room left for cached partitions, and what this thread has taken of it; see sharedPool. */
  readonly left: Int32Array<SharedArrayBuffer>;
  readonly own: Int32Array<SharedArrayBuffer>;
  /** Set to the number of a task of this thread that is to end. */
  readonly killed: Int32Array<SharedArrayBuffer>;
}

/** What a thread is told. */
export type ThreadOrder =
  | {
      readonly type: 'run';
      readonly number: number;
      readonly name: string;
      readonly task: TaskData;
      readonly broadcasts: ReadonlyMap<number, SharedArrayBuffer>;
    }
  /** It has no task for now: it gives back what the last ones have left. */
  | { readonly type: 'collect' }
  | { readonly type: 'unpersist'; readonly dataset: number }
  | { readonly type: 'forget'; readonly broadcast: number };

/** What became of a task. */
export type ThreadAnswer =
  | { readonly outcome: 'finished'; readonly report: TaskReport }
  | { readonly outcome: 'failed'; readonly message: string; readonly failure: TaskFailure }
  | { readonly outcome: 'killed'; readonly cache: TaskReport['cache'] };

if (parentPort !== null) {
  const port = parentPort;
  const setting = workerData as ThreadSetting;
  const memory: ThreadMemory = {
    cache: new PartitionCache(sharedPool(setting.left, setting.own)),
    functions: new Map(),
    broadcasts: new BroadcastValues(),
  };
  let made: Promise<FileClient> | undefined;
  // Loading HTTP takes as long as starting the thread.
  const client = (): Promise<FileClient> => {
    made ??= import('../../files/fileClient.ts').then((module) => new module.FileClient(setting.secret));
    return made;
  };
  const collectGarbage = garbageCollector();
  port.on('message', (order: ThreadOrder) => {
    if (order.type === 'collect') return collectGarbage();
    if (order.type === 'unpersist') return memory.cache.unpersist(order.dataset);
    if (order.type === 'forget') return memory.broadcasts.forget(order.broadcast);
    void run(order, setting, memory, client).then((answer) => port.postMessage(answer));
  });
  // For the threads that start while this one runs.
  flushCompileCache();
}

async function run(
  { number, name, task, broadcasts }: ThreadOrder & { readonly type: 'run' },
  { hostname, dir, executor, killed }: ThreadSetting,
  memory: ThreadMemory,
  client: TaskContext['client'],
): Promise<ThreadAnswer> {
  const context: TaskContext = {
    hostname,
    dir,
    nodes: executor.nodes,
    client,
    executor,
    temporary: join(unfinishedDir(dir, executor.space), name),
    checkKilled: () => {
      if (Atomics.load(killed, 0) === number) throw new KilledError('The task was told to end.');
    },
  };
  try {
    const report = await runTask(task, name, broadcasts, memory, context);
    return { outcome: 'finished', report: { ...report, cache: memory.cache.takeChanges() } };
  } catch (error) {
    await rm(context.temporary, { recursive: true, force: true });
    const cache = memory.cache.takeChanges();
    if (error instanceof KilledError) return { outcome: 'killed', cache };
    const failure = error instanceof TaskError ? error.failure : {};
    return { outcome: 'failed', message: messageOf(error, hostname), failure: { ...failure, cache } };
  }
}

function messageOf(error: unknown, hostname: string): string {
  const { message, code, stack } = error as Partial<Error> & { readonly code?: unknown };
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return `The disk of ${hostname} is full; remove files or use other nodes.`;
  if (error instanceof TaskError || message === undefined) return message ?? String(error);
  // Of an error in a task function it helps to know where.
  const where = /\n\s+at (.+)/.exec(stack ?? '')?.[1];
  return where === undefined ? message : `${message} (at ${where})`;
}
