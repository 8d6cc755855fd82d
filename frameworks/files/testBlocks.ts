/** For tests: blocks on file servers, without a namenode. */
import type { Block, Node } from './block.ts';
import { type PlaceOptions, placeBlocks } from './blocks.ts';
import { FileClient } from './fileClient.ts';

/** What to store, and on which file servers. */
export interface StoreOptions extends Omit<PlaceOptions, 'hosts' | 'put'> {
  /** By hostname. */
  readonly nodes: Readonly<Record<string, Node>>;
  /** Of the file servers. */
  readonly secret: string;
}

/**
 * Stores blocks on file servers, each on several, which compare its checksum. Resolves to the blocks in
 * order. Rejects with a FileServerError if a replica cannot be stored.
 */
export async function storeBlocks({ nodes, secret, ...what }: StoreOptions): Promise<readonly Block[]> {
  const client = new FileClient(secret);
  try {
    return await placeBlocks({
      ...what,
      hosts: Object.keys(nodes),
      put: (host, id, bytes, sum) =>
        client.put(`${(nodes[host] as Node).url}/blocks/${id}`, { from: 'memory', bytes, crc32: sum }),
    });
  } finally {
    client.close();
  }
}
