/**
 * What data nodes are told to do: copy blocks that have too few replicas, remove replicas that are too many, damaged, or of no
 * file. Orders travel in the answers to heartbeats. What a node does not say that it does, or has done, is decided anew.
 */
import type { FileBlock } from './edits.ts';
import { type BlockState, countGood, type ReplicaState, type Replicas } from './replicas.ts';

/** A copy to make: the node that is told so fetches it. */
export interface CopyOrder {
  readonly block: FileBlock;
  /** Hostnames of nodes with a good replica, in the order to try. */
  readonly sources: readonly string[];
}

/** What a node is told. */
export interface Orders {
  readonly copies: readonly CopyOrder[];
  /** Ids of blocks of which to remove the replica. */
  readonly removals: readonly string[];
}

/** A node, as far as repairs go. */
export interface RepairNode {
  readonly hostname: string;
  /** On its disk; undefined if it does not say. */
  readonly freeBytes: number | undefined;
  /** It was heard of in the last moments: it counts as a keeper when others are told to remove theirs. */
  readonly isFresh: boolean;
}

/** How much is repaired at a time. */
export interface RepairLimits {
  /** Copies under way in the whole store. */
  readonly copiesMax: number;
  /** Copies that a node makes, or is the first source of. */
  readonly copiesPerNodeMax: number;
}

/** So many blocks are looked at in one turn, and so many replicas removed by one order. */
const LOOKED_AT_MAX = 1_000;
const REMOVALS_MAX = 1_000;

interface Copy {
  readonly order: CopyOrder;
  readonly isSent: boolean;
}

interface Removal {
  readonly isSent: boolean;
  /** What the replica was worth before; undefined: it is of no file. */
  readonly was: ReplicaState | undefined;
}

/** What is under way on a node. */
interface NodeWork {
  readonly copies: Map<string, Copy>;
  /** Replicas that it was told, or is to be told, to remove. */
  readonly removals: Map<string, Removal>;
  /** Copies that failed since the last that did not. */
  failures: number;
}

/** Decides on repairs, and keeps in mind what is under way. */
export class Repairs {
  readonly #replicas: Replicas;
  readonly #limits: RepairLimits;
  readonly #work = new Map<string, NodeWork>();

  constructor(replicas: Replicas, limits: RepairLimits) {
    this.#replicas = replicas;
    this.#limits = limits;
  }

  /** How many copies are under way. */
  get copies(): number {
    let copies = 0;
    for (const work of this.#work.values()) copies += work.copies.size;
    return copies;
  }

  /** A node has said which copies it makes. Of what it was told before, the rest is done, or has failed. */
  heard(hostname: string, copying: readonly string[]): void {
    const work = this.#workOf(hostname);
    const going = new Set(copying);
    for (const [id, { isSent }] of work.copies)
      if (isSent && !going.has(id)) {
        const isDone = this.#replicas.block(id)?.holders.get(hostname) === 'good';
        work.failures = isDone ? 0 : work.failures + 1;
        this.#endCopy(hostname, id);
      }
    for (const [id, { isSent, was }] of work.removals)
      if (isSent) {
        work.removals.delete(id);
        // If it is still there, the order was lost.
        if (was !== undefined) this.#replicas.mark(hostname, id, was);
      }
  }

  /** A node is gone: what it was told is void. */
  lost(hostname: string): void {
    const work = this.#work.get(hostname);
    for (const id of work?.copies.keys() ?? []) this.#endCopy(hostname, id);
    this.#work.delete(hostname);
  }

  /** Decides what to do next, given the nodes that live. */
  plan(nodes: readonly RepairNode[]): void {
    this.#planCopies(nodes);
    this.#planRemovals(nodes);
  }

  /** The orders for a node that have not been sent yet. `isStray` says which blocks of no file it may forget. */
  take(hostname: string, isStray: (id: string) => boolean): Orders {
    const work = this.#workOf(hostname);
    for (const id of this.#replicas.strays(hostname)) {
      if (work.removals.size >= REMOVALS_MAX) break;
      if (work.copies.has(id) || work.removals.has(id) || !isStray(id)) continue;
      work.removals.set(id, { isSent: false, was: undefined });
    }
    const copies: CopyOrder[] = [];
    for (const [id, { order, isSent }] of work.copies)
      if (!isSent) {
        copies.push(order);
        work.copies.set(id, { order, isSent: true });
      }
    const removals: string[] = [];
    for (const [id, { isSent, was }] of work.removals)
      if (!isSent && removals.length < REMOVALS_MAX) {
        removals.push(id);
        work.removals.set(id, { isSent: true, was });
      }
    return { copies, removals };
  }

  #planCopies(nodes: readonly RepairNode[]): void {
    let room = this.#limits.copiesMax - this.copies;
    const looked = [...this.#first(this.#replicas.scarce)];
    for (const state of looked.sort((a, b) => countGood(a) - countGood(b))) {
      if (room <= 0) return;
      while (countGood(state) + state.copying.size < state.wanted && room > 0) {
        const target = this.#target(state, nodes);
        const sources = target === undefined ? undefined : this.#sources(state);
        if (target === undefined || sources === undefined) {
          this.#replicas.postpone(state.block.id);
          break;
        }
        const order = { block: state.block, sources };
        this.#workOf(target).copies.set(state.block.id, { order, isSent: false });
        state.copying.add(target);
        room -= 1;
      }
    }
  }

  *#first(ids: ReadonlySet<string>): Generator<BlockState> {
    let looked = 0;
    for (const id of ids) {
      const state = this.#replicas.block(id);
      if (state !== undefined) yield state;
      looked += 1;
      if (looked >= LOOKED_AT_MAX) return;
    }
  }

  /** Where a new replica goes: where the fewest are, and last of all over a damaged one. */
  #target({ block, holders, copying }: BlockState, nodes: readonly RepairNode[]): string | undefined {
    let best: { readonly hostname: string; readonly rank: readonly number[] } | undefined;
    for (const { hostname, freeBytes, isFresh } of nodes) {
      const work = this.#workOf(hostname);
      const held = holders.get(hostname);
      if (!isFresh || held === 'good' || copying.has(hostname)) continue;
      if (work.removals.has(block.id) || work.copies.size >= this.#limits.copiesPerNodeMax) continue;
      if (!hasRoom(freeBytes, block.bytes)) continue;
      const load = this.#replicas.countOn(hostname) + work.copies.size;
      const rank = [held === 'damaged' ? 1 : 0, work.failures, load];
      if (best === undefined || isBefore(rank, best.rank)) best = { hostname, rank };
    }
    return best?.hostname;
  }

  /** Who can give a replica, the least busy first; undefined if all are busy. */
  #sources({ holders }: BlockState): readonly string[] | undefined {
    const busy = new Map<string, number>();
    for (const { copies } of this.#work.values())
      for (const { order } of copies.values()) {
        const source = order.sources[0] as string;
        busy.set(source, (busy.get(source) ?? 0) + 1);
      }
    const good = [...holders].flatMap(([hostname, state]) => (state === 'good' ? [hostname] : []));
    good.sort((a, b) => (busy.get(a) ?? 0) - (busy.get(b) ?? 0));
    const [first] = good;
    return first === undefined || (busy.get(first) ?? 0) >= this.#limits.copiesPerNodeMax ? undefined : good;
  }

  #planRemovals(nodes: readonly RepairNode[]): void {
    const fresh = new Set(nodes.flatMap(({ hostname, isFresh }) => (isFresh ? [hostname] : [])));
    for (const state of [...this.#first(this.#replicas.plenty)]) {
      const { block, wanted, holders } = state;
      for (;;) {
        const keepers = [...holders].flatMap(([host, is]) =>
          is === 'good' && fresh.has(host) ? [host] : [],
        );
        const damaged = [...holders].find(([host, is]) => is === 'damaged' && !state.copying.has(host));
        const isEnough = damaged !== undefined ? keepers.length >= wanted : keepers.length > wanted;
        if (!isEnough) break;
        const hostname = damaged?.[0] ?? this.#fullest(keepers);
        const was = damaged === undefined ? 'good' : 'damaged';
        this.#workOf(hostname).removals.set(block.id, { isSent: false, was });
        this.#replicas.mark(hostname, block.id, 'leaving');
      }
    }
  }

  #fullest(hostnames: readonly string[]): string {
    return hostnames.reduce((a, b) => (this.#replicas.countOn(b) > this.#replicas.countOn(a) ? b : a));
  }

  #endCopy(hostname: string, id: string): void {
    this.#work.get(hostname)?.copies.delete(id);
    this.#replicas.block(id)?.copying.delete(hostname);
  }

  #workOf(hostname: string): NodeWork {
    const work = this.#work.get(hostname) ?? { copies: new Map(), removals: new Map(), failures: 0 };
    this.#work.set(hostname, work);
    return work;
  }
}

/** Is a disk with so much free one to put so much on? As much again is left for others. */
export function hasRoom(freeBytes: number | undefined, bytes: number): boolean {
  return freeBytes === undefined || freeBytes >= 2 * bytes;
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  for (const [n, value] of a.entries()) {
    const other = b[n] as number;
    if (value !== other) return value < other;
  }
  return false;
}
