/** A thread that runs one task after another, whatever its tasks are. Started by workerPool.ts. */
import { mkdir, rm } from 'node:fs/promises';
import { flushCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { FileClient } from '../../files/fileClient.ts';
import { garbageCollector } from '../../threadGarbage.ts';
import type { UnreadablePart } from '../taskData.ts';
import { type TaskContext, UnfetchableError, UnreadablePartError } from './taskContext.ts';

/** What a worker is started with. */
export interface WorkerSetting extends Omit<TaskContext, 'temporary' | 'client' | 'progress'> {
  readonly secret: string;
}

/** What a worker is told to do. */
export interface WorkerOrder<Task = unknown> {
  readonly task: Task;
  /** A folder that the worker makes, and removes at the end. */
  readonly temporary: string;
  /** Where it writes how much is done, a float64 from 0 to 1, if that is wanted. */
  readonly progress?: SharedArrayBuffer;
}

/** It has no task for now: it gives back what the last ones have left. */
export type CollectOrder = 'collect';

/** What became of it. */
export type WorkerAnswer =
  /** `report`: what the task did, as JSON. */
  | { readonly outcome: 'finished'; readonly report: unknown }
  | {
      readonly outcome: 'failed';
      readonly message: string;
      readonly unfetchable?: Unfetchable;
      readonly unreadable?: UnreadablePart;
    };

/** Which source of a task could not be had, and from where. */
export interface Unfetchable {
  readonly source: number;
  readonly host: string;
  /** The host itself said that it is not there. */
  readonly isGone?: true;
}

/** Serves a pool, in a thread of its: runs the tasks that it is given. */
export function serveTasks<Task>(runTask: (task: Task, context: TaskContext) => Promise<unknown>): void {
  if (parentPort === null) return;
  const port = parentPort;
  const { secret, ...setting } = workerData as WorkerSetting;
  let made: Promise<FileClient> | undefined;
  // Loading HTTP takes as long as starting the thread.
  const client = (): Promise<FileClient> => {
    made ??= import('../../files/fileClient.ts').then((module) => new module.FileClient(secret));
    return made;
  };
  const run = async ({ task, temporary, progress }: WorkerOrder<Task>): Promise<WorkerAnswer> => {
    try {
      await mkdir(temporary, { recursive: true });
      const context = { ...setting, temporary, client, ...telling(progress) };
      return { outcome: 'finished', report: await runTask(task, context) };
    } catch (error) {
      return failureOf(error, setting.hostname);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  };
  const collectGarbage = garbageCollector();
  port.on('message', (order: WorkerOrder<Task> | CollectOrder) => {
    if (order === 'collect') return collectGarbage();
    void run(order).then((answer) => port.postMessage(answer));
  });
  // Threads end last of all: those that start meanwhile, here and on other nodes, need not compile the same again.
  flushCompileCache();
}

/** Progress by shared memory: a thread that is at work sends no messages, and costs nothing when nobody looks. */
function telling(progress: SharedArrayBuffer | undefined): Pick<TaskContext, 'progress'> {
  if (progress === undefined) return {};
  const cell = new Float64Array(progress);
  return {
    progress: (done) => {
      cell[0] = Math.min(1, done);
    },
  };
}

function failureOf(error: unknown, hostname: string): WorkerAnswer {
  const { message, code } = error as { readonly message: string; readonly code?: unknown };
  if (error instanceof UnfetchableError) {
    const { source, host, isGone } = error;
    return { outcome: 'failed', message, unfetchable: { source, host, ...(isGone && { isGone }) } };
  }
  if (error instanceof UnreadablePartError) {
    const { jobId, part, hosts, goneFrom } = error;
    return {
      outcome: 'failed',
      message,
      unreadable: { jobId, part, hosts, ...(goneFrom.length > 0 && { goneFrom }) },
    };
  }
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return {
      outcome: 'failed',
      message: `The disk of ${hostname} is full; remove files or use other nodes.`,
    };
  return { outcome: 'failed', message };
}
