/** What a driver program puts on the nodes of its executors, gets from there, and leaves behind. */
import { deserialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import type { Node } from '../../files/block.ts';
import { FileClient } from '../../files/fileClient.ts';
import { urlOn } from '../../files/site.ts';
import { broadcastPath, resultPath } from '../executor/taskContext.ts';
import type { TaskResult } from '../taskData.ts';

/** On how many nodes a broadcast value is put, from where the others get it. */
const BROADCAST_COPIES = 3;

/** The files of an application. Close it at the end. */
export class DriverFiles {
  readonly #nodes: Readonly<Record<string, Node>>;
  readonly #space: string;
  readonly #client: FileClient;

  constructor(nodes: Readonly<Record<string, Node>>, space: string, secret: string) {
    this.#nodes = nodes;
    this.#space = space;
    this.#client = new FileClient(secret);
  }

  /** Puts a broadcast value on some nodes. Resolves to their hostnames; rejects if no node takes it. */
  async putBroadcast(id: number, bytes: Buffer): Promise<readonly string[]> {
    const upload = { from: 'memory', bytes, crc32: crc32(bytes) } as const;
    // Not always the same ones: several values are to be got from several nodes.
    const names = Object.keys(this.#nodes).sort();
    const first = (id * BROADCAST_COPIES) % Math.max(1, names.length);
    const order = [...names.slice(first), ...names.slice(0, first)];
    const hosts: string[] = [];
    let failure: unknown = new Error('the configuration names no nodes');
    while (order.length > 0 && hosts.length < BROADCAST_COPIES) {
      const put = async (host: string): Promise<void> => {
        await this.#client.put(urlOn(this.#nodes, host, broadcastPath(this.#space, id)), upload);
        hosts.push(host);
      };
      const tried = await Promise.allSettled(order.splice(0, BROADCAST_COPIES - hosts.length).map(put));
      for (const one of tried) if (one.status === 'rejected') failure = one.reason;
    }
    if (hosts.length === 0)
      throw new Error(`A broadcast value cannot be put on any node: ${(failure as Error).message}`);
    return hosts;
  }

  /** Reads the answer of a task, and removes its file. Rejects if that is gone. */
  async readResult(result: Exclude<TaskResult, { readonly type: 'none' }>): Promise<unknown> {
    if (result.type === 'inline') return deserialize(result.bytes);
    const url = urlOn(this.#nodes, result.host, resultPath(this.#space, result.name));
    const { chunks } = await this.#client.get(url);
    const answer: unknown = deserialize(Buffer.concat(await Array.fromAsync(chunks)));
    // If it cannot be removed now, it goes with the rest at the end.
    this.#client.remove(url).catch(() => undefined);
    return answer;
  }

  /** Removes a broadcast value from all nodes, as far as they can be reached. */
  async removeBroadcast(id: number): Promise<void> {
    await this.#remove([broadcastPath(this.#space, id)]);
  }

  /** Removes all that the application left on its nodes, as far as they can be reached, and ends all connections. */
  async close(): Promise<void> {
    await this.#remove([`intermediate/${this.#space}`, `unfinished/${this.#space}`]);
    this.#client.close();
  }

  async #remove(paths: readonly string[]): Promise<void> {
    const urls = Object.values(this.#nodes).flatMap(({ url }) => paths.map((path) => `${url}/${path}`));
    await Promise.all(urls.map((url) => this.#client.remove(url).catch(() => undefined)));
  }
}
