/** What a map or reduce finds on its node. */
import { join } from 'node:path';
import type { Site } from '../../dfs/site.ts';
import type { TrackerData } from '../taskData.ts';

/** The surroundings of a task. */
export interface TaskContext extends Site {
  /** An empty folder of the task's own, on the same file system. */
  readonly temporary: string;
  readonly tracker: TrackerData;
}

/** The folder for unfinished files of all tasks that a framework runs on a node. */
export function unfinishedDir(dir: string, space: string): string {
  return join(dir, 'unfinished', space);
}

/** What another task has made could not be had: that task has to run again. */
export class UnfetchableError extends Error {
  /** Which of the sources it was. */
  readonly source: number;
  readonly host: string;

  constructor(source: number, name: string, host: string, why: string) {
    super(`The output of ${name} cannot be fetched from ${host}: ${why}`);
    this.name = 'UnfetchableError';
    this.source = source;
    this.host = host;
  }
}
