/**
 * The namenode of a block store: the files (namespace.ts), where their blocks are (replicas.ts), who writes, which data nodes
 * live, and what these are told to do (repairs.ts), as in HDFS. It touches no socket and no file, and takes time and chance from
 * its clock, so it works in virtual time as it does for real; nameNodeServer.ts serves it.
 *
 * Only the namespace is durable, by the edits that it appends. All else is learnt from the nodes again after a start.
 */
import type { Clock } from '../../mesos/driver/actor.ts';
import type { Block } from '../files/block.ts';
import type { DfsEntry } from './dfs.ts';
import { pathIn } from './dfsPath.ts';
import { DfsError } from './dfsRefusal.ts';
import type { Edit, FileBlock } from './edits.ts';
import { type DataNodeState, LiveNodes } from './liveNodes.ts';
import type { Answer, Call, CallOf } from './nameNodeCalls.ts';
import { NAME_NODE_DEFAULTS, type NameNodeOptions } from './nameNodeOptions.ts';
import type { DfsFile, Folder, Namespace } from './namespace.ts';
import { Repairs } from './repairs.ts';
import { countGood, Replicas } from './replicas.ts';
import { Writers } from './writers.ts';

/** What it needs of the world. */
export interface NameNodeWorld {
  readonly clock: Pick<Clock, 'now' | 'random'>;
  readonly namespace: Namespace;
  /** Keeps an edit. Who is answered after it must be able to rely on it. */
  append(edit: Edit): void;
  /** Is told, in one sentence, of what people may want to know. */
  log(line: string): void;
}

/** Who has missed so many ticks was stopped. */
const TICKS_MISSED_MAX = 3;
/** Entries in one answer. */
const LIST_MAX = 1_000;
/** Blocks in one answer. */
const OPEN_MAX = 200_000;

/** A namenode. Its methods throw a {@link DfsError} and change nothing if something cannot be. */
export class NameNode {
  readonly #options: Required<NameNodeOptions>;
  readonly #world: NameNodeWorld;
  readonly #replicas = new Replicas();
  readonly #repairs: Repairs;
  readonly #nodes: LiveNodes;
  readonly #writers: Writers;
  /** Nothing is repaired before: nodes may still report. */
  readonly #repairsFromMs: number;
  #blockNumber = 0;
  #needsRepair = false;
  readonly #startMs: number;
  #tickedMs: number;

  constructor(options: NameNodeOptions, world: NameNodeWorld) {
    this.#options = { ...NAME_NODE_DEFAULTS, ...options };
    this.#world = world;
    const { namespace, clock } = world;
    this.#repairs = new Repairs(this.#replicas, this.#options);
    this.#nodes = new LiveNodes(clock, this.#options.heartbeatMs, this.#options.nodeTimeoutMs);
    this.#writers = new Writers(clock);
    this.#startMs = clock.now();
    this.#tickedMs = this.#startMs;
    for (const [, { blocks, replication }] of namespace.files())
      for (const block of blocks) this.#replicas.want(block, replication);
    for (const { writer, blocks, replication } of namespace.writing.values()) {
      for (const block of blocks) this.#replicas.want(block, replication);
      this.#writers.hear(writer);
    }
    this.#repairsFromMs =
      namespace.size.blocks === 0 ? clock.now() : clock.now() + this.#options.nodeTimeoutMs;
    this.#edit({ edit: 'start', epoch: namespace.epoch + 1 });
  }

  /** How long until {@link tick} should be called again. */
  get tickMs(): number {
    const { heartbeatMs, nodeTimeoutMs, writerTimeoutMs } = this.#options;
    return Math.min(heartbeatMs, nodeTimeoutMs, writerTimeoutMs);
  }

  /** Gives up nodes and writers that have been silent for too long. */
  tick(): void {
    const now = this.#world.clock.now();
    // A namenode that did not run itself has heard nobody: the time in which it was stopped does not count.
    const pausedMs = now - this.#tickedMs - TICKS_MISSED_MAX * this.tickMs;
    this.#tickedMs = now;
    if (pausedMs > 0) {
      this.#nodes.forgive(pausedMs);
      this.#writers.forgive(pausedMs);
    }
    const { nodeTimeoutMs, writerTimeoutMs } = this.#options;
    for (const node of this.#nodes.takeSilent(now - nodeTimeoutMs)) this.#lose(node);
    for (const writer of this.#writers.silent(now - writerTimeoutMs)) {
      const path = this.#world.namespace.writing.get(writer)?.path;
      this.#world.log(`the writer of ${path} is silent; what it has written is forgotten`);
      this.#abandon(writer);
    }
  }

  /** Answers a call. */
  call<C extends Call>(call: C): Answer<C['call']> {
    return this.#answer(call) as Answer<C['call']>;
  }

  #answer(call: Call): Answer<Call['call']> {
    switch (call.call) {
      case 'stat':
        return this.#entry(call.path, this.#present(call.path));
      case 'list':
        return this.#list(call);
      case 'open':
        return this.#openBlocks(call.path);
      case 'nodes':
        return this.#nodes.map;
      case 'status':
        return this.#status();
      case 'create':
        return this.#create(call);
      case 'allocate':
        return this.#allocate(call);
      case 'commit':
        return this.#commit(call);
      case 'complete':
        return this.#complete(call);
      case 'abandon':
        if (this.#world.namespace.writing.has(call.writer)) this.#abandon(call.writer);
        return {};
      case 'renew':
        this.#hearWriter(call.writer);
        return {};
      case 'remove':
        return this.#remove(call);
      case 'rename':
        this.#edit({ edit: 'rename', from: call.from, to: call.to });
        return {};
      case 'replicate':
        this.#edit({ edit: 'replicate', path: call.path, replication: call.replication });
        return {};
      case 'register':
        return this.#register(call);
      case 'heartbeat':
        return this.#heartbeat(call);
      default:
        return call satisfies never;
    }
  }

  #edit(edit: Edit): void {
    const { wanted, freed } = this.#world.namespace.apply(edit);
    this.#world.append(edit);
    for (const { block, replication } of wanted) this.#replicas.want(block, replication);
    for (const id of freed) this.#replicas.forget(id);
  }

  #present(path: string): DfsFile | Folder {
    const found = this.#world.namespace.find(path);
    if (found !== undefined) return found;
    throw new DfsError('absent', `There is no file or folder '${path}'.`);
  }

  #entry(path: string, entry: DfsFile | Folder): DfsEntry {
    if (entry.type === 'folder') return { type: 'folder', path };
    const { bytes, blocks, blockBytes, replication, modifiedMs } = entry;
    let replicas = replication;
    for (const { id } of blocks) {
      const state = this.#replicas.block(id);
      replicas = Math.min(replicas, state === undefined ? 0 : countGood(state));
    }
    return {
      type: 'file',
      path,
      bytes,
      blocks: blocks.length,
      blockBytes,
      replication,
      replicas,
      modifiedMs,
    };
  }

  #list({ path, after }: CallOf<'list'>): Answer<'list'> {
    const found = this.#present(path);
    if (found.type === 'file') return { entries: [this.#entry(path, found)], isWhole: true };
    const entries: DfsEntry[] = [];
    for (const [name, entry] of this.#world.namespace.entries(found)) {
      if (after !== undefined && name <= after) continue;
      if (entries.length === LIST_MAX) return { entries, isWhole: false };
      entries.push(this.#entry(pathIn(path, name), entry));
    }
    return { entries, isWhole: true };
  }

  #openBlocks(path: string): Answer<'open'> {
    const found = this.#present(path);
    const files: DfsFile[] = [];
    if (found.type === 'file') files.push(found);
    else
      for (const [name, entry] of this.#world.namespace.entries(found))
        if (entry.type === 'file' && !/^[._]/.test(name)) files.push(entry);
    const count = files.reduce((sum, { blocks }) => sum + blocks.length, 0);
    if (count > OPEN_MAX)
      throw new DfsError('invalid', `'${path}' has ${count} blocks; open less than ${OPEN_MAX} at once.`);
    const blocks = files.flatMap((file) => file.blocks.map((block) => this.#located(path, block)));
    return { type: found.type, blocks, nodes: this.#nodes.map };
  }

  /** A block with those that hold a good replica of it, those that are sure to live first. */
  #located(path: string, block: FileBlock): Block {
    const holders = this.#replicas.block(block.id)?.holders ?? new Map<string, never>();
    const good = [...holders].flatMap(([hostname, state]) => (state === 'good' ? [hostname] : []));
    if (good.length === 0) {
      if (this.#isStarting())
        throw new DfsError(
          'not-yet',
          `No node has reported a block of '${path}' yet; try again in a moment.`,
        );
      const why = holders.size > 0 ? 'every replica is damaged' : 'no node that lives holds it';
      throw new DfsError('failed', `'${path}' cannot be read: of block ${block.id}, ${why}.`);
    }
    const fresh = good.filter((hostname) => {
      const node = this.#nodes.get(hostname);
      return node !== undefined && this.#nodes.isFresh(node);
    });
    const stale = good.filter((hostname) => !fresh.includes(hostname));
    return { ...block, hosts: [...fresh, ...stale] };
  }

  #create(call: CallOf<'create'>): Answer<'create'> {
    const { writer, path, overwrite } = call;
    const { blockBytes, replication } = this.#options;
    const open = this.#world.namespace.writing.get(writer);
    if (open !== undefined && open.path === path) {
      this.#hearWriter(writer);
      return { blockBytes: open.blockBytes, replication: open.replication };
    }
    const settings = {
      blockBytes: call.blockBytes ?? blockBytes,
      replication: call.replication ?? replication,
    };
    this.#edit({ edit: 'create', writer, path, ...settings, overwrite });
    this.#writers.hear(writer);
    return settings;
  }

  #allocate({ writer, bytes, first, without }: CallOf<'allocate'>): Answer<'allocate'> {
    const { replication } = this.#hearWriter(writer);
    const { clock, namespace } = this.#world;
    if (this.#nodes.all.length === 0 && clock.now() < this.#startMs + this.#options.nodeTimeoutMs)
      throw new DfsError('not-yet', 'No data node has come yet since the namenode was started.');
    const targets = this.#nodes.place({ replicas: replication, bytes, first, without });
    this.#blockNumber += 1;
    const id = `${this.#options.store}-${namespace.epoch}-${this.#blockNumber}`;
    this.#writers.expect(id, writer);
    return { id, targets };
  }

  #commit({ writer, index, block, hosts }: CallOf<'commit'>): Answer<'commit'> {
    const { blocks } = this.#hearWriter(writer);
    if (blocks[index]?.id === block.id) return {};
    if (!this.#writers.expects(block.id, writer))
      throw new DfsError('unknown', `Nothing is known of block ${block.id}; write it again.`);
    if (index !== blocks.length)
      throw new DfsError('invalid', `Block ${index} cannot come next: ${blocks.length} blocks are there.`);
    this.#edit({ edit: 'add', writer, block });
    this.#writers.came(block.id);
    for (const hostname of hosts) this.#replicas.added(hostname, block);
    return {};
  }

  #complete({ writer, path }: CallOf<'complete'>): Answer<'complete'> {
    const { namespace, clock } = this.#world;
    const open = namespace.writing.get(writer);
    if (open !== undefined) {
      if (open.path !== path)
        throw new DfsError('invalid', `This writer writes '${open.path}', not '${path}'.`);
      this.#edit({ edit: 'complete', writer, modifiedMs: clock.now() });
      this.#writers.forget(writer);
      return this.#entry(path, this.#present(path));
    }
    const found = namespace.find(path);
    if (found?.type === 'file' && found.writer === writer) return this.#entry(path, found);
    throw new DfsError('unknown', `The writer of '${path}' is not known (any more); write it again.`);
  }

  #remove({ path, recursive }: CallOf<'remove'>): Answer<'remove'> {
    if (this.#present(path).type === 'folder' && !recursive)
      throw new DfsError('invalid', `'${path}' is a folder; remove it recursively if all in it is to go.`);
    this.#edit({ edit: 'remove', path });
    return {};
  }

  #abandon(writer: string): void {
    this.#edit({ edit: 'abandon', writer });
    this.#writers.forget(writer);
  }

  #hearWriter(writer: string): { readonly replication: number; readonly blocks: readonly FileBlock[] } {
    const open = this.#world.namespace.writing.get(writer);
    if (open === undefined)
      throw new DfsError('unknown', 'This writer was silent for too long, or was never known; begin anew.');
    this.#writers.hear(writer);
    return open;
  }

  #register(call: CallOf<'register'>): Answer<'register'> {
    const { hostname, instance, node } = call;
    const { store, heartbeatMs } = this.#options;
    const hasReported = call.store === store;
    const former = this.#nodes.register(call, hasReported);
    // Who registers does nothing that it was told; what it reports is counted on, so none of it may be on its way out.
    this.#repairs.lost(hostname);
    const own = hasReported ? call.replicas.filter(({ id }) => this.#isOwn(id)) : [];
    this.#replicas.report(hostname, own);
    if (hasReported && !(former?.instance === instance && former.hasReported))
      this.#world.log(`data node ${hostname} is there, at ${node.url}, with ${own.length} blocks`);
    return { store, heartbeatMs };
  }

  #heartbeat(call: CallOf<'heartbeat'>): Answer<'heartbeat'> {
    const { hostname, added, removed, damaged, copying } = call;
    this.#nodes.hear(call);
    for (const replica of added) if (this.#isOwn(replica.id)) this.#replicas.added(hostname, replica);
    for (const id of removed) this.#replicas.removed(hostname, id);
    for (const id of damaged)
      if (this.#replicas.block(id)?.holders.get(hostname) === 'good') {
        this.#replicas.mark(hostname, id, 'damaged');
        this.#world.log(`the replica of block ${id} on ${hostname} is damaged`);
      }
    this.#repairs.heard(hostname, copying);
    this.#noteRepair();
    if (this.#isStarting()) return { copies: [], removals: [] };
    const nodes = this.#nodes.all;
    this.#repairs.plan(nodes.map((node) => ({ ...node, isFresh: this.#nodes.isFresh(node) })));
    const { copies, removals } = this.#repairs.take(hostname, (id) => !this.#writers.expects(id));
    return {
      copies: copies.map(({ block, sources }) => ({
        block,
        sources: sources.flatMap((source) => this.#nodes.addressOf(source) ?? []),
      })),
      removals,
    };
  }

  /** Tells when there is nothing left to copy after there was. */
  #noteRepair(): void {
    const needsRepair = this.#replicas.scarce.size > 0;
    if (this.#needsRepair && !needsRepair)
      this.#world.log('every block that has a good replica has all of them again');
    this.#needsRepair = needsRepair;
  }

  #lose({ hostname }: DataNodeState): void {
    const held = this.#replicas.countOn(hostname);
    this.#repairs.lost(hostname);
    this.#replicas.lose(hostname);
    this.#world.log(`data node ${hostname} is lost, with its replicas of ${held} blocks`);
    this.#noteRepair();
  }

  #isOwn(blockId: string): boolean {
    return blockId.startsWith(`${this.#options.store}-`);
  }

  #isStarting(): boolean {
    return this.#world.clock.now() < this.#repairsFromMs;
  }

  #status(): Answer<'status'> {
    const { namespace, clock } = this.#world;
    const now = clock.now();
    const told = (state: 'live' | 'lost') => (data: DataNodeState) => ({
      hostname: data.hostname,
      ...data.node,
      state,
      silentMs: Math.max(0, now - data.heardMs),
      blocks: this.#replicas.countOn(data.hostname),
      ...(data.freeBytes !== undefined && { freeBytes: data.freeBytes }),
    });
    return {
      store: this.#options.store,
      ...namespace.size,
      writing: namespace.writing.size,
      scarce: this.#replicas.scarce.size,
      missing: this.#replicas.missing.size,
      copying: this.#repairs.copies,
      isStarting: this.#isStarting(),
      nodes: [...this.#nodes.all.map(told('live')), ...this.#nodes.lost.map(told('lost'))].sort((a, b) =>
        a.hostname < b.hostname ? -1 : 1,
      ),
    };
  }
}
