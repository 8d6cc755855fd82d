/** What a map or reduce finds on its node. */
import { join } from 'node:path';
import type { FileClient } from '../files/fileClient.ts';
import type { Node } from '../job.ts';
import type { TrackerData } from '../taskData.ts';

/** The surroundings of a task. */
export interface TaskContext {
  /** Of the slave that it runs on. */
  readonly hostname: string;
  /** The folder that this node's file server keeps. */
  readonly dir: string;
  /** An empty folder of the task's own, on the same file system. */
  readonly temporary: string;
  readonly tracker: TrackerData;
  /** For reading from other nodes and writing to them. Made when it is first wanted: most maps never do. */
  client(): Promise<FileClient>;
}

/** The folder for unfinished files of all tasks that a framework runs on a node. */
export function unfinishedDir(dir: string, space: string): string {
  return join(dir, 'unfinished', space);
}

/** URL of a stored file on another node. Throws an Error if the node is not known. */
export function urlOn(nodes: Readonly<Record<string, Node>>, host: string, path: string): string {
  const node = nodes[host];
  if (node === undefined) throw new Error(`No file server is known for the host '${host}'.`);
  return `${node.url}/${path}`;
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
