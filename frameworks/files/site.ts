/** What a task finds on its node, and how it reaches the files of the others. */
import type { Node } from './block.ts';
import type { FileClient } from './fileClient.ts';

/** The surroundings of a task, as far as files go. */
export interface Site {
  /** Of the slave that it runs on. */
  readonly hostname: string;
  /** The folder that this node's file server keeps. */
  readonly dir: string;
  /** By hostname. */
  readonly nodes: Readonly<Record<string, Node>>;
  /** For reading from other nodes and writing to them. Made when it is first wanted: most maps never do. */
  client(): Promise<FileClient>;
}

/** URL of a stored file on another node. Throws an Error if the node is not known. */
export function urlOn(nodes: Site['nodes'], host: string, path: string): string {
  const node = nodes[host];
  if (node === undefined) throw new Error(`No file server is known for the host '${host}'.`);
  return `${node.url}/${path}`;
}
