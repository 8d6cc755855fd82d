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

/** A reduce could not get the output of a map: that map has to run again. */
export class UnfetchableError extends Error {
  readonly map: number;
  readonly host: string;

  constructor(map: number, host: string, why: string) {
    super(`The output of map ${map} cannot be fetched from ${host}: ${why}`);
    this.name = 'UnfetchableError';
    this.map = map;
    this.host = host;
  }
}
