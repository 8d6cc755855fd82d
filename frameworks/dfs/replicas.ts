/**
 * Where the replicas of blocks are, as data nodes report them: soft state, made anew whenever the namenode is. It counts what
 * lives and what is good, and knows which blocks have too few replicas and which too many; repairs.ts says what to do about it.
 */
import type { FileBlock } from './edits.ts';

/** A replica as a data node reports it. */
export type ReplicaReport = FileBlock;

/** What a replica is worth. */
export type ReplicaState =
  | 'good'
  /** Its bytes are not those of the block. */
  | 'damaged'
  /** Its node was told, or is to be told, to remove it: nobody is sent there any more. */
  | 'leaving';

/** A block that belongs to a file, or is being written to one. */
export interface BlockState {
  readonly block: FileBlock;
  /** On how many nodes it is to be. */
  readonly wanted: number;
  /** By hostname. */
  readonly holders: Map<string, ReplicaState>;
  /** Hostnames of the nodes that were told to make a replica. */
  readonly copying: Set<string>;
}

/** What is known of a node's blocks. */
interface HeldBlocks {
  /** Blocks of files. */
  readonly blocks: Set<string>;
  /** Blocks that it has and that belong to no file: being written, or of files that were removed. */
  readonly strays: Map<string, ReplicaReport>;
}

/** How many replicas of a block are good. */
export function countGood({ holders }: BlockState): number {
  let good = 0;
  for (const state of holders.values()) if (state === 'good') good += 1;
  return good;
}

/** The replicas of all blocks. Hostnames name the nodes; what it is told of one that it does not know is passed over. */
export class Replicas {
  readonly #blocks = new Map<string, BlockState>();
  readonly #nodes = new Map<string, HeldBlocks>();
  readonly #scarce = new Set<string>();
  readonly #plenty = new Set<string>();
  readonly #missing = new Set<string>();

  /** Blocks with fewer good replicas than wanted, but at least one, in the order to look at them. */
  get scarce(): ReadonlySet<string> {
    return this.#scarce;
  }

  /** Blocks with more replicas than wanted, good or damaged. */
  get plenty(): ReadonlySet<string> {
    return this.#plenty;
  }

  /** Blocks without any good replica. */
  get missing(): ReadonlySet<string> {
    return this.#missing;
  }

  /** A block that belongs to a file; undefined if there is none of that id. */
  block(id: string): BlockState | undefined {
    return this.#blocks.get(id);
  }

  /** How many blocks of files a node holds. */
  countOn(hostname: string): number {
    return this.#nodes.get(hostname)?.blocks.size ?? 0;
  }

  /** What a node holds that belongs to no file. */
  strays(hostname: string): Iterable<string> {
    return this.#nodes.get(hostname)?.strays.keys() ?? [];
  }

  /** A block belongs to a file from now on, or is to have another number of replicas. What nodes hold of it counts. */
  want(block: FileBlock, wanted: number): void {
    const former = this.#blocks.get(block.id);
    const state: BlockState = former
      ? { ...former, wanted }
      : { block, wanted, holders: new Map(), copying: new Set() };
    this.#blocks.set(block.id, state);
    for (const [hostname, { strays }] of this.#nodes) {
      const replica = strays.get(block.id);
      if (replica !== undefined) this.#hold(hostname, replica);
    }
    this.#judge(block.id);
  }

  /** A block belongs to no file any more. What nodes hold of it are strays. */
  forget(id: string): void {
    const state = this.#blocks.get(id);
    if (state === undefined) return;
    this.#blocks.delete(id);
    this.#judge(id);
    for (const hostname of state.holders.keys()) {
      const node = this.#nodes.get(hostname);
      node?.blocks.delete(id);
      node?.strays.set(id, state.block);
    }
  }

  /** A node is there, and this is all that it holds. */
  report(hostname: string, replicas: readonly ReplicaReport[]): void {
    this.lose(hostname);
    this.#nodes.set(hostname, { blocks: new Set(), strays: new Map() });
    for (const replica of replicas) this.#hold(hostname, replica);
  }

  /** A node has a replica (anew). */
  added(hostname: string, replica: ReplicaReport): void {
    this.#hold(hostname, replica);
  }

  /** A node has a replica no more. */
  removed(hostname: string, id: string): void {
    const node = this.#nodes.get(hostname);
    node?.strays.delete(id);
    if (node?.blocks.delete(id) !== true) return;
    this.#blocks.get(id)?.holders.delete(hostname);
    this.#judge(id);
  }

  /** A replica that a node holds is worth something else now. */
  mark(hostname: string, id: string, state: ReplicaState): void {
    const block = this.#blocks.get(id);
    if (block?.holders.has(hostname) !== true) return;
    block.holders.set(hostname, state);
    this.#judge(id);
  }

  /** A node is gone, with all that it held. */
  lose(hostname: string): void {
    const node = this.#nodes.get(hostname);
    if (node === undefined) return;
    this.#nodes.delete(hostname);
    for (const id of node.blocks) {
      this.#blocks.get(id)?.holders.delete(hostname);
      this.#judge(id);
    }
  }

  /** Nothing can be done about a scarce block at the moment: the others are looked at first. */
  postpone(id: string): void {
    if (this.#scarce.delete(id)) this.#scarce.add(id);
  }

  #hold(hostname: string, replica: ReplicaReport): void {
    const node = this.#nodes.get(hostname);
    if (node === undefined) return;
    const { id } = replica;
    const state = this.#blocks.get(id);
    if (state === undefined) {
      node.strays.set(id, replica);
      return;
    }
    node.strays.delete(id);
    node.blocks.add(id);
    const isGood = replica.bytes === state.block.bytes && replica.crc32 === state.block.crc32;
    // What a node was told to remove may go at any moment, whatever else it says of it.
    if (state.holders.get(hostname) !== 'leaving') state.holders.set(hostname, isGood ? 'good' : 'damaged');
    this.#judge(id);
  }

  #judge(id: string): void {
    const state = this.#blocks.get(id);
    const good = state === undefined ? 0 : countGood(state);
    const put = (set: Set<string>, isIn: boolean): void => {
      if (!isIn) set.delete(id);
      else if (!set.has(id)) set.add(id);
    };
    put(this.#missing, state !== undefined && good === 0);
    put(this.#scarce, state !== undefined && good > 0 && good < state.wanted);
    const held =
      state === undefined ? 0 : [...state.holders.values()].filter((is) => is !== 'leaving').length;
    put(this.#plenty, state !== undefined && good >= state.wanted && held > state.wanted);
  }
}
