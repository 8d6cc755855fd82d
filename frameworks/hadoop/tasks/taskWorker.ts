/** A thread that runs one task after another. Started by workerPool.ts. */
import { mkdir, rm } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { FileClient } from '../../dfs/fileClient.ts';
import type { TaskData, TaskFailure, TaskReport } from '../taskData.ts';
import { runMap } from './mapTask.ts';
import { runReduce } from './reduceTask.ts';
import { type TaskContext, UnfetchableError } from './taskContext.ts';

/** What a worker is started with. */
export interface WorkerSetting extends Omit<TaskContext, 'temporary' | 'client'> {
  readonly secret: string;
}

/** What a worker is told to do. */
export interface WorkerOrder {
  readonly task: TaskData;
  /** A folder that the worker makes, and removes at the end. */
  readonly temporary: string;
}

/** What became of it. */
export type WorkerAnswer =
  | { readonly outcome: 'finished'; readonly report: TaskReport }
  | { readonly outcome: 'failed'; readonly message: string; readonly failure?: TaskFailure };

if (parentPort !== null) {
  const port = parentPort;
  const { secret, ...setting } = workerData as WorkerSetting;
  let made: Promise<FileClient> | undefined;
  // Loading HTTP takes as long as starting the thread.
  const client = (): Promise<FileClient> => {
    made ??= import('../../dfs/fileClient.ts').then((module) => new module.FileClient(secret));
    return made;
  };
  port.on('message', (order: WorkerOrder) => {
    run(order, { ...setting, temporary: order.temporary, client }).then((answer) => port.postMessage(answer));
  });
}

async function run({ task, temporary }: WorkerOrder, context: TaskContext): Promise<WorkerAnswer> {
  try {
    await mkdir(temporary, { recursive: true });
    const report = task.type === 'map' ? await runMap(task, context) : await runReduce(task, context);
    return { outcome: 'finished', report };
  } catch (error) {
    return failureOf(error, context.hostname);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function failureOf(error: unknown, hostname: string): WorkerAnswer {
  const { message, code } = error as { readonly message: string; readonly code?: unknown };
  if (error instanceof UnfetchableError) {
    const { map, host } = error;
    return { outcome: 'failed', message, failure: { unfetchable: { map, host } } };
  }
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return {
      outcome: 'failed',
      message: `The disk of ${hostname} is full; remove files or use other nodes.`,
    };
  return { outcome: 'failed', message };
}
