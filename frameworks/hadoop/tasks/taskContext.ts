/** What a map or reduce finds on its node. */
import { join } from 'node:path';
import type { Block } from '../../files/block.ts';
import type { UnreadableBlockError } from '../../files/blockReader.ts';
import type { Site } from '../../files/site.ts';
import type { TrackerData } from '../taskData.ts';

/** The surroundings of a task. */
export interface TaskContext extends Site {
  /** An empty folder of the task's own, on the same file system. */
  readonly temporary: string;
  readonly tracker: TrackerData;
  /** Takes how much of the task is done, 0 to 1, as often as it likes; absent: nobody wants to know. */
  progress?(done: number): void;
}

/** The folder for unfinished files of all tasks that a framework runs on a node. */
export function unfinishedDir(dir: string, space: string): string {
  return join(dir, 'unfinished', space);
}

const NOT_FOUND = 404;

/** What another task has made could not be had: that task has to run again. */
export class UnfetchableError extends Error {
  /** The number of the source. */
  readonly source: number;
  readonly host: string;
  /** The host itself said that it is not there. */
  readonly isGone: boolean;

  constructor(source: number, name: string, host: string, why: Error & { readonly status?: number }) {
    super(`The output of ${name} cannot be fetched from ${host}: ${why.message}`);
    this.name = 'UnfetchableError';
    this.source = source;
    this.host = host;
    this.isGone = why.status === NOT_FOUND;
  }
}

/** A task could not read a part of an earlier job's output from any node that should have it. */
export class UnreadablePartError extends Error {
  override readonly name = 'UnreadablePartError';
  readonly jobId: string;
  readonly part: string;
  /** Who should have it. */
  readonly hosts: readonly string[];
  /** Which of them said themselves that it is not there. */
  readonly goneFrom: readonly string[];

  constructor(jobId: string, { id: part, hosts }: Block, why: UnreadableBlockError) {
    super(`Of the output of job '${jobId}': ${why.message}`);
    this.jobId = jobId;
    this.part = part;
    this.hosts = hosts;
    this.goneFrom = why.goneFrom;
  }
}
