/**
 * A data node of the block store: a file server that tells a namenode which blocks it has, and copies and removes blocks when it
 * is told to. It goes on serving while the namenode is out of reach.
 */
import { randomBytes } from 'node:crypto';
import { readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Timer } from '../../mesos/driver/actor.ts';
import { fetchBlock } from '../files/fetchedBlock.ts';
import { FileClient } from '../files/fileClient.ts';
import { type FileServerOptions, type FileWatcher, startFileServer } from '../files/fileServer.ts';
import type { HttpService } from '../files/httpService.ts';
import { findStored, isFilePath, removeStored } from '../files/storedFile.ts';
import { DfsError } from './dfsRefusal.ts';
import type { FileBlock } from './edits.ts';
import type { Answer } from './nameNodeCalls.ts';
import { askNameNode } from './nameNodeClient.ts';
import { ReplicaChanges } from './replicaChanges.ts';

/** How to start a data node. */
export interface DataNodeOptions extends Omit<FileServerOptions, 'watcher'> {
  /** Of the namenode, `http://host:port`. */
  readonly nameNode: string;
  /** By which the namenode and schedulers know this machine: the hostname of its slave. */
  readonly hostname: string;
  /** `http://host:port` by which others reach its file server; default: where it listens. */
  readonly advertise?: string;
  readonly clock: Pick<Clock, 'after'>;
  /** Is told, in one sentence, of what people may want to know. */
  readonly log: (line: string) => void;
  /** The folder is compared with what it should be this often; default 10 min. */
  readonly rescanMs?: number;
}

/** A running data node. */
export interface DataNode extends HttpService {
  /** Resolves when the namenode knows it; rejects with a DfsError if it is refused. */
  readonly registered: Promise<void>;
}

const RESCAN_MS = 600_000;
/** Until the namenode says how often it wants to hear. */
const FIRST_HEARTBEAT_MS = 1_000;

/** Starts a data node. Rejects if the folder cannot be made or the address is taken. */
export async function startDataNode(options: DataNodeOptions): Promise<DataNode> {
  const replicas = new ReplicaChanges();
  const watcher: FileWatcher = {
    stored: (path, bytes, crc32) => onBlock(path, (id) => replicas.stored({ id, bytes, crc32 })),
    removed: (path) => onBlock(path, (id) => replicas.removed(id)),
    damaged: (path) => onBlock(path, (id) => replicas.damaged(id)),
  };
  const server = await startFileServer({ ...options, watcher });
  const reporter = new Reporter(options, server.url, replicas);
  return {
    ...server,
    registered: reporter.registered,
    async close() {
      reporter.close();
      await server.close();
    },
  };
}

function onBlock(path: string, run: (id: string) => void): void {
  const [area, id] = path.split('/');
  if (area === 'blocks' && id !== undefined) run(id);
}

/** Keeps the namenode informed, and does what it says. */
class Reporter {
  readonly registered: Promise<void>;
  readonly #options: DataNodeOptions;
  readonly #url: string;
  readonly #replicas: ReplicaChanges;
  readonly #client: FileClient;
  readonly #instance = `i${randomBytes(8).toString('hex')}`;
  readonly #copying = new Set<string>();
  readonly #first = Promise.withResolvers<void>();
  #store: string | undefined;
  #state: 'unregistered' | 'registered' | 'closed' = 'unregistered';
  #isInReach = true;
  #heartbeatMs = FIRST_HEARTBEAT_MS;
  #sinceScanMs = 0;
  #timer: Timer | undefined;
  #turn: Promise<void> = Promise.resolve();
  #isTurnDue = false;

  constructor(options: DataNodeOptions, url: string, replicas: ReplicaChanges) {
    this.#options = options;
    this.#url = options.advertise ?? url;
    this.#replicas = replicas;
    this.#client = new FileClient(options.secret);
    this.registered = this.#first.promise;
    // Who does not wait for it is told by the log.
    this.registered.catch(() => {});
    this.#soon();
  }

  close(): void {
    this.#state = 'closed';
    this.#timer?.cancel();
    this.#client.close();
  }

  /** Reports at once, or after the report that is under way. */
  #soon(): void {
    this.#timer?.cancel();
    if (this.#isTurnDue) return;
    this.#isTurnDue = true;
    this.#turn = this.#turn.then(() => {
      this.#isTurnDue = false;
      return this.#report();
    });
  }

  async #report(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#timer?.cancel();
    try {
      if (this.#state === 'unregistered') await this.#register();
      else await this.#heartbeat();
      this.#inReach();
    } catch (error) {
      this.#failed(error);
    }
    // Ended meanwhile?
    if ((this.#state as string) === 'closed') return;
    this.#timer = this.#options.clock.after(this.#heartbeatMs, () => this.#soon());
  }

  #failed(error: unknown): void {
    if ((this.#state as string) === 'closed') return;
    if (error instanceof DfsError && error.kind === 'unknown') {
      // The namenode was started anew, or has taken this node for lost.
      this.#state = 'unregistered';
      return;
    }
    const { message } = error as Error;
    if (this.#isInReach) this.#options.log(message);
    this.#isInReach = false;
    // Somebody must do something about these.
    if (error instanceof DfsError && ['secret', 'exists', 'invalid'].includes(error.kind))
      this.#first.reject(error);
  }

  #inReach(): void {
    if (!this.#isInReach) this.#options.log(`the namenode at ${this.#options.nameNode} is in reach again`);
    this.#isInReach = true;
  }

  async #register(): Promise<void> {
    if (this.#store !== undefined) await this.#scan();
    const store = this.#store;
    const { hostname, dir } = this.#options;
    const replicas = store === undefined ? [] : this.#replicas.all(store);
    const answer = await this.#ask({
      call: 'register',
      hostname,
      instance: this.#instance,
      node: { url: this.#url, dir },
      ...(await this.#free()),
      ...(store !== undefined && { store }),
      replicas,
    });
    this.#heartbeatMs = answer.heartbeatMs;
    if (answer.store !== store) {
      // Now it is known which blocks are meant.
      this.#store = answer.store;
      return this.#register();
    }
    this.#state = 'registered';
    this.#first.resolve();
  }

  async #heartbeat(): Promise<void> {
    this.#sinceScanMs += this.#heartbeatMs;
    if (this.#sinceScanMs >= (this.#options.rescanMs ?? RESCAN_MS)) await this.#scan();
    const changes = this.#replicas.take(this.#store as string);
    let orders: Answer<'heartbeat'>;
    try {
      orders = await this.#ask({
        call: 'heartbeat',
        hostname: this.#options.hostname,
        instance: this.#instance,
        ...(await this.#free()),
        ...changes,
        copying: [...this.#copying],
      });
    } catch (error) {
      this.#replicas.giveBack(changes);
      throw error;
    }
    for (const { block, sources } of orders.copies) void this.#copy(block, sources);
    if (orders.removals.length > 0) await this.#remove(orders.removals);
  }

  async #copy(block: FileBlock, sources: Answer<'heartbeat'>['copies'][number]['sources']): Promise<void> {
    if (this.#copying.has(block.id)) return;
    this.#copying.add(block.id);
    const complaints: string[] = [];
    for (const { hostname, url } of sources) {
      const why = await this.#fetch(block, `${url}/blocks/${block.id}`).catch(
        (error: Error) => error.message,
      );
      if (why === undefined) break;
      complaints.push(`${hostname}: ${why}`);
    }
    this.#copying.delete(block.id);
    if (this.#state === 'closed') return;
    if (complaints.length > 0) this.#options.log(`copying block ${block.id}: ${complaints.join('; ')}`);
    this.#soon();
  }

  /** Fetches a block and keeps it. Rejects if that replica will not do. */
  async #fetch(block: FileBlock, url: string): Promise<void> {
    const { dir } = this.#options;
    try {
      await fetchBlock({ client: this.#client, url, dir, blockId: block.id, expected: block });
      this.#replicas.stored(block);
    } catch (error) {
      // If it is the replica that is at fault, its node finds that out itself.
      await this.#client.check(url).catch(() => {});
      throw error;
    }
  }

  async #remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const path = `blocks/${id}`;
      // Nothing that is not of this store is removed, whatever the namenode says.
      if (!id.startsWith(`${this.#store}-`) || !isFilePath(path)) continue;
      await removeStored(this.#options.dir, path);
      this.#replicas.removed(id);
    }
    this.#soon();
  }

  /** Looks what is there. */
  async #scan(): Promise<void> {
    this.#sinceScanMs = 0;
    const { dir } = this.#options;
    const before = this.#replicas.ids();
    const names = await readdir(join(dir, 'blocks')).catch((error: NodeJS.ErrnoException): string[] => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const found = new Set<string>();
    for (const id of names) {
      if (!id.startsWith(`${this.#store}-`)) continue;
      const stored = await findStored(dir, `blocks/${id}`);
      if (stored?.beside.type !== 'crc32') continue;
      found.add(id);
      this.#replicas.found({ id, bytes: stored.bytes, crc32: stored.beside.crc32 });
    }
    for (const id of before)
      if (!found.has(id) && (await findStored(dir, `blocks/${id}`)) === undefined) this.#replicas.removed(id);
  }

  async #free(): Promise<{ readonly freeBytes?: number }> {
    try {
      const { bavail, bsize } = await statfs(this.#options.dir);
      return { freeBytes: bavail * bsize };
    } catch {
      return {};
    }
  }

  #ask<C extends Parameters<typeof askNameNode>[1]>(call: C): Promise<Answer<C['call']>> {
    return askNameNode({ url: this.#options.nameNode, client: this.#client }, call);
  }
}
