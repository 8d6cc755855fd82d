/** What a task finds in its thread and on its node. */
import { join } from 'node:path';
import type { Site } from '../../files/site.ts';
import type { ExecutorData, TaskFailure } from '../taskData.ts';

/** The surroundings of a task. */
export interface TaskContext extends Site {
  /** A folder of the task's own, on the same file system as the node's files. It may have to be made. */
  readonly temporary: string;
  readonly executor: ExecutorData;
  /** Throws if the task is to end early. */
  checkKilled(): void;
}

/** Why a task failed, where the scheduler can do something about it. */
export class TaskError extends Error {
  readonly failure: Omit<TaskFailure, 'cache'>;

  constructor(message: string, failure: Omit<TaskFailure, 'cache'>) {
    super(message);
    this.name = 'TaskError';
    this.failure = failure;
  }
}

/** The task was told to end. */
export class KilledError extends Error {
  override readonly name = 'KilledError';
}

/** The folder for unfinished files of all tasks that an application runs on a node. */
export function unfinishedDir(dir: string, space: string): string {
  return join(dir, 'unfinished', space);
}

/** Path of a map output of a shuffle, as its file server knows it. */
export function shufflePath(space: string, shuffle: number, map: number): string {
  return `intermediate/${space}/shuffle-${shuffle}/m-${map}`;
}

/** Path of a result that is too large for a message. */
export function resultPath(space: string, name: string): string {
  return `intermediate/${space}/results/${name}`;
}

/** Path of a broadcast value that is too large for a message. */
export function broadcastPath(space: string, id: number): string {
  return `intermediate/${space}/broadcasts/b-${id}`;
}
