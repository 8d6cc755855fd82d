/** Writing a file to the block store: block after block, each to all of its nodes at once. */
import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Timer } from '../../mesos/driver/actor.ts';
import { cutBlocks } from '../files/blocks.ts';
import type { DfsEntry, WriteOptions } from './dfs.ts';
import { DfsError } from './dfsRefusal.ts';
import type { FileBlock } from './edits.ts';
import type { Answer, Call } from './nameNodeCalls.ts';
import { askNameNode, type NameNodeClientOptions } from './nameNodeClient.ts';

/** How often a writer says that it lives. */
const RENEW_MS = 15_000;
/** So often a block is begun anew because the namenode knows nothing of it: it was started anew meanwhile. */
const BEGINNINGS_MAX = 5;

/** A file that is being written. */
export class DfsWriter {
  readonly #nameNode: NameNodeClientOptions;
  readonly #path: string;
  readonly #options: WriteOptions;
  readonly #writer = `w${randomBytes(12).toString('hex')}`;
  /** Nodes that failed: they are not tried again for this file. */
  readonly #failed = new Map<string, string>();
  #renewal: Timer | undefined;
  #blocks = 0;
  #bytes = 0;

  constructor(nameNode: NameNodeClientOptions, path: string, options: WriteOptions) {
    this.#nameNode = nameNode;
    this.#path = path;
    this.#options = options;
  }

  /** Writes chunks of text as a whole file. */
  write(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<DfsEntry> {
    return this.#asFile(async (blockBytes) => {
      // While a block is on its way, the next is cut, and no more: a block is as large as memory lets it be.
      let last: Promise<void> = Promise.resolve();
      try {
        for await (const block of cutBlocks(chunks, blockBytes)) {
          await last;
          last = this.#store(block);
          last.catch(() => {});
        }
      } finally {
        await last;
      }
    });
  }

  /** Makes a file of a block that nodes hold already, under another path of theirs. */
  adopt(stored: string, hosts: readonly string[]): Promise<DfsEntry> {
    return this.#asFile((_, replication) => this.#link(stored, hosts, replication));
  }

  /** Begins the file, completes it, and gives it up if that fails. */
  async #asFile(fill: (blockBytes: number, replication: number) => Promise<void>): Promise<DfsEntry> {
    const { blockBytes, replication, overwrite = false } = this.#options;
    const created = await this.#ask({
      call: 'create',
      writer: this.#writer,
      path: this.#path,
      ...(blockBytes !== undefined && { blockBytes }),
      ...(replication !== undefined && { replication }),
      overwrite,
    });
    this.#renewLater();
    try {
      await fill(created.blockBytes, created.replication);
      return await this.#ask({ call: 'complete', writer: this.#writer, path: this.#path });
    } catch (error) {
      // It is forgotten in any case when the writer is silent for long enough: do not wait for a namenode that is gone.
      const { clock: _, ...impatient } = this.#nameNode;
      await askNameNode(impatient, { call: 'abandon', writer: this.#writer }).catch(() => {});
      throw error;
    } finally {
      this.#renewal?.cancel();
    }
  }

  async #store(bytes: Buffer): Promise<void> {
    const sum = crc32(bytes);
    await this.#block(bytes.length, async ({ id, targets }) => {
      const upload = { from: 'memory', bytes, crc32: sum } as const;
      const puts = targets.map(async ({ hostname, url }) => {
        try {
          await this.#nameNode.client.put(`${url}/blocks/${id}`, upload);
          return [hostname];
        } catch (error) {
          this.#failed.set(hostname, (error as Error).message);
          return [];
        }
      });
      const hosts = (await Promise.all(puts)).flat();
      return { block: { id, bytes: bytes.length, crc32: sum }, hosts };
    });
    this.#bytes += bytes.length;
    this.#options.progress?.(this.#bytes);
  }

  async #link(stored: string, hosts: readonly string[], replication: number): Promise<void> {
    const nodes = await this.#ask({ call: 'nodes' });
    await this.#block(0, async ({ id, targets }) => {
      const complaints: string[] = [];
      let block: FileBlock | undefined;
      const holders: string[] = [];
      for (const hostname of hosts) {
        const node = nodes[hostname];
        try {
          if (node === undefined) throw new Error('it is no data node that lives');
          const linked = await this.#nameNode.client.link(node.url, stored, id);
          block ??= { id, ...linked };
          if (block.crc32 === linked.crc32 && block.bytes === linked.bytes) holders.push(hostname);
          else await this.#nameNode.client.remove(`${node.url}/blocks/${id}`);
        } catch (error) {
          complaints.push(`${hostname}: ${(error as Error).message.replace(/\.$/, '')}`);
        }
      }
      const source = nodes[holders[0] ?? '']?.url;
      if (block !== undefined && source !== undefined) {
        const others = targets.filter(({ hostname }) => !holders.includes(hostname));
        const copies = others
          .slice(0, Math.max(0, replication - holders.length))
          .map(async ({ hostname, url }) => {
            await this.#nameNode.client.copy(url, `${source}/blocks/${id}`, id);
            return hostname;
          });
        // What fails now is repaired later.
        const made = await Promise.allSettled(copies);
        for (const one of made) if (one.status === 'fulfilled') holders.push(one.value);
        return { block, hosts: holders };
      }
      const why = complaints.length > 0 ? complaints.join('; ') : 'no host is said to hold it';
      throw new DfsError('failed', `'${stored}' cannot be made '${this.#path}': ${why}.`);
    });
  }

  /** Has a place given for a block, fills it, and tells the namenode; elsewhere or anew if need be. */
  async #block(
    bytes: number,
    fill: (
      place: Answer<'allocate'>,
    ) => Promise<{ readonly block: FileBlock; readonly hosts: readonly string[] }>,
  ): Promise<void> {
    const { writer: first } = this.#options;
    for (let beginnings = 0; ; ) {
      const place = await this.#ask({
        call: 'allocate',
        writer: this.#writer,
        bytes,
        ...(first !== undefined && { first }),
        without: [...this.#failed.keys()],
      }).catch((error: unknown) => {
        throw this.#withComplaints(error);
      });
      const { block, hosts } = await fill(place);
      if (hosts.length === 0) continue;
      try {
        await this.#ask({ call: 'commit', writer: this.#writer, index: this.#blocks, block, hosts });
        this.#blocks += 1;
        return;
      } catch (error) {
        beginnings += 1;
        const mayBegin = error instanceof DfsError && error.kind === 'unknown' && beginnings < BEGINNINGS_MAX;
        if (!mayBegin) throw error;
      }
    }
  }

  /** What the nodes said that failed belongs to it. */
  #withComplaints(error: unknown): unknown {
    if (!(error instanceof DfsError) || error.kind !== 'no-space' || this.#failed.size === 0) return error;
    const complaints = [...this.#failed].map(([host, why]) => `${host}: ${why.replace(/\.$/, '')}`);
    return new DfsError('no-space', `${error.message.replace(/\.$/, '')}: ${complaints.join('; ')}.`, error);
  }

  #renewLater(): void {
    const { clock } = this.#nameNode;
    this.#renewal = clock?.after(RENEW_MS, () => {
      this.#ask({ call: 'renew', writer: this.#writer }).catch(() => {});
      this.#renewLater();
    });
  }

  #ask<C extends Call>(call: C): Promise<Answer<C['call']>> {
    return askNameNode(this.#nameNode, call);
  }
}
