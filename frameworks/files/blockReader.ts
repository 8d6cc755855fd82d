/**
 * Reading a block: from this node's disk if the block is there, else from a node that holds a
 * replica.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Block } from './block.ts';
import { type ByteSource, type LinesVisitor, readLines } from './lineSource.ts';
import { type Site, urlOn } from './site.ts';
import type { StoredPath } from './storedFile.ts';

/** Whether the replica that was read is on the reader's own node. */
export type Locality = 'local' | 'remote';

/** A replica could not be read, or was damaged: another one may do. */
class ReplicaError extends Error {
  override readonly name = 'ReplicaError';
  /** Its node itself said that it is not there. */
  readonly isGone: boolean;

  constructor(message: string, isGone = false) {
    super(message);
    this.isGone = isGone;
  }
}

/** No replica of a block could be read. */
export class UnreadableBlockError extends Error {
  override readonly name = 'UnreadableBlockError';
  /** The nodes that said themselves that they do not have it. */
  readonly goneFrom: readonly string[];

  constructor(message: string, goneFrom: readonly string[]) {
    super(message);
    this.goneFrom = goneFrom;
  }
}

/** What is left to do when all lines of a block have been read. */
export interface BlockRun<T> {
  readonly visit: LinesVisitor;
  finish(): T;
  /** It will not be finished: gives back what it holds. */
  abandon(): void;
}

/**
 * Runs something over all lines of a block. If a replica turns out to be damaged, it starts anew with the
 * next one. Rejects with an {@link UnreadableBlockError} when there is none left, or with the first other error.
 * `path`: where the block is among the files of its nodes.
 */
export async function overBlock<T>(
  block: Block,
  index: number,
  site: Site,
  start: () => BlockRun<T>,
  path: StoredPath = `blocks/${block.id}`,
): Promise<{ readonly result: T; readonly locality: Locality }> {
  const complaints: string[] = [];
  const goneFrom: string[] = [];
  for (const replica of replicas(block, path, index, site)) {
    const run = start();
    try {
      const source = await replica.open();
      try {
        await readLines(new CheckedSource(block, source), run.visit);
      } finally {
        await source.close();
      }
    } catch (error) {
      run.abandon();
      if (!(error instanceof ReplicaError)) throw error;
      complain(block, replica.host, site);
      complaints.push(`${replica.host}: ${error.message}`);
      if (error.isGone) goneFrom.push(replica.host);
      continue;
    }
    return { result: run.finish(), locality: replica.locality };
  }
  const why = complaints.length > 0 ? complaints.join('; ') : 'no file server is known that has it';
  throw new UnreadableBlockError(`Block '${block.id}' cannot be read: ${why}.`, goneFrom);
}

/** Has a node look at its replica: if that is at fault and the node is a data node, the replica is replaced. Nobody waits for it. */
function complain({ id }: Block, host: string, site: Site): void {
  if (site.nodes[host] === undefined) return;
  site
    .client()
    .then((client) => client.check(urlOn(site.nodes, host, `blocks/${id}`)))
    .catch(() => {});
}

interface Replica {
  readonly host: string;
  readonly locality: Locality;
  open(): Promise<ClosableSource>;
}

interface ClosableSource extends ByteSource {
  close(): Promise<void>;
}

/**
 * Where a block may be read, in the order to try. Maps with different numbers begin with different remote
 * nodes.
 */
function* replicas(
  block: Block,
  path: StoredPath,
  index: number,
  site: Site,
): Generator<Replica, void, void> {
  const { hostname, dir, nodes } = site;
  const download = async (host: string): Promise<ClosableSource> => {
    const client = await site.client();
    const { chunks } = await client.get(urlOn(nodes, host, path)).catch(replicaError);
    return new ChunkSource(chunks[Symbol.asyncIterator]());
  };
  if (block.hosts.includes(hostname)) {
    const asFile = nodes[hostname]?.ownReads !== 'server';
    const open = () => (asFile ? openFile(join(dir, path)) : download(hostname));
    yield { host: hostname, locality: 'local', open };
  }
  const others = block.hosts.filter((host) => host !== hostname && nodes[host] !== undefined);
  for (let at = 0; at < others.length; at += 1) {
    const host = others[(index + at) % others.length] as string;
    yield { host, locality: 'remote', open: () => download(host) };
  }
}

const NOT_FOUND = 404;

function replicaError(error: unknown): never {
  const { message, status } = error as Error & { readonly status?: number };
  throw new ReplicaError(message.replace(/\.$/, ''), status === NOT_FOUND);
}

async function openFile(path: string): Promise<ClosableSource> {
  const file: FileHandle = await open(path, 'r').catch(replicaError);
  return {
    read: async (into, at) => {
      const { bytesRead } = await file.read(into, at, into.length - at).catch(replicaError);
      return bytesRead;
    },
    close: () => file.close(),
  };
}

/** Chunks, as they come from the network, as a source. */
class ChunkSource implements ClosableSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #chunk: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterator<Buffer>) {
    this.#chunks = chunks;
  }

  async read(into: Buffer, at: number): Promise<number> {
    while (this.#chunk.length === 0) {
      const next = await this.#chunks.next().catch(replicaError);
      if (next.done === true) return 0;
      this.#chunk = next.value;
    }
    const copied = this.#chunk.copy(into, at);
    this.#chunk = this.#chunk.subarray(copied);
    return copied;
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}

/** Compares length and checksum of a block when it has been read. */
class CheckedSource implements ByteSource {
  readonly #block: Block;
  readonly #source: ByteSource;
  #bytes = 0;
  #crc = 0;

  constructor(block: Block, source: ByteSource) {
    this.#block = block;
    this.#source = source;
  }

  async read(into: Buffer, at: number): Promise<number> {
    const read = await this.#source.read(into, at);
    const { bytes, crc32: expected } = this.#block;
    if (read > 0) {
      this.#bytes += read;
      if (expected !== undefined) this.#crc = crc32(into.subarray(at, at + read), this.#crc);
    } else if (this.#bytes !== bytes)
      throw new ReplicaError(`the replica has ${this.#bytes} bytes, not ${bytes}`);
    else if (expected !== undefined && this.#crc !== expected)
      throw new ReplicaError('the replica does not have the checksum of the block; it is damaged');
    return read;
  }
}
