/** The data nodes that a namenode knows: which live, which are lost, and where a new block may go. */
import type { Clock, Millis } from '../../mesos/driver/actor.ts';
import type { Node } from '../files/block.ts';
import { ReplicaDeck } from '../files/blocks.ts';
import { DfsError } from './dfsRefusal.ts';
import type { CallOf } from './nameNodeCalls.ts';
import { hasRoom } from './repairs.ts';

/** A data node. */
export interface DataNodeState {
  readonly hostname: string;
  /** Of its process. */
  readonly instance: string;
  readonly node: Node;
  /** It has said what it holds of this store. */
  readonly hasReported: boolean;
  readonly freeBytes: number | undefined;
  readonly heardMs: Millis;
}

/** By which a node is reached. */
export interface NodeAddress {
  readonly hostname: string;
  readonly url: string;
}

/** What a block needs of its place. */
export interface Placing {
  /** How many nodes. */
  readonly replicas: number;
  readonly bytes: number;
  /** Hostname of the node that gets one in any case, if it can. */
  readonly first: string | undefined;
  /** Hostnames of nodes that get none. */
  readonly without: readonly string[];
}

/** Who has missed so many heartbeats is not sure to live. */
const HEARTBEATS_FRESH = 3;

/** The nodes. */
export class LiveNodes {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #freshMs: Millis;
  readonly #deck: ReplicaDeck;
  readonly #live = new Map<string, DataNodeState>();
  /** Those that fell silent. */
  readonly #lost = new Map<string, DataNodeState>();

  constructor(clock: Pick<Clock, 'now' | 'random'>, heartbeatMs: Millis, timeoutMs: Millis) {
    this.#clock = clock;
    this.#freshMs = Math.min(HEARTBEATS_FRESH * heartbeatMs, timeoutMs);
    this.#deck = new ReplicaDeck(clock.random);
  }

  /** All that live, in the order in which they came. */
  get all(): readonly DataNodeState[] {
    return [...this.#live.values()];
  }

  /** All that are lost and have not come back. */
  get lost(): readonly DataNodeState[] {
    return [...this.#lost.values()];
  }

  /** By hostname, for those who read blocks. */
  get map(): Record<string, Node> {
    return Object.fromEntries(this.all.map(({ hostname, node }) => [hostname, node]));
  }

  /** The node of that name, if it lives. */
  get(hostname: string): DataNodeState | undefined {
    return this.#live.get(hostname);
  }

  /** Where the node of that name is, if it lives. */
  addressOf(hostname: string): NodeAddress | undefined {
    const node = this.#live.get(hostname);
    return node && { hostname, url: node.node.url };
  }

  /** Was it heard of in the last moments? */
  isFresh({ heardMs }: DataNodeState): boolean {
    return this.#clock.now() - heardMs <= this.#freshMs;
  }

  /** A node is there. Returns the one of that name that was there before. Throws a DfsError if that is another machine's. */
  register(call: CallOf<'register'>, hasReported: boolean): DataNodeState | undefined {
    const { hostname, instance, node, freeBytes } = call;
    const former = this.#live.get(hostname);
    const isOther = former !== undefined && former.instance !== instance && former.node.dir !== node.dir;
    if (isOther && this.isFresh(former))
      throw new DfsError(
        'exists',
        `Another data node is called '${hostname}' and keeps ${former.node.dir}; give each a name of its own.`,
      );
    this.#lost.delete(hostname);
    const heardMs = this.#clock.now();
    this.#live.set(hostname, { hostname, instance, node, hasReported, freeBytes, heardMs });
    return former;
  }

  /** A node says that it lives. Throws a DfsError if it has not registered. */
  hear({ hostname, instance, freeBytes }: CallOf<'heartbeat'>): void {
    const node = this.#live.get(hostname);
    if (node?.instance !== instance)
      throw new DfsError('unknown', `The data node '${hostname}' is not registered; register it.`);
    this.#live.set(hostname, { ...node, freeBytes, heardMs: this.#clock.now() });
  }

  /** Takes away those that were not heard of since. */
  takeSilent(sinceMs: Millis): readonly DataNodeState[] {
    const silent = this.all.filter(({ heardMs }) => heardMs < sinceMs);
    for (const node of silent) {
      this.#live.delete(node.hostname);
      this.#lost.set(node.hostname, node);
    }
    return silent;
  }

  /** Nobody could be heard for so long. */
  forgive(ms: Millis): void {
    for (const node of this.all)
      this.#live.set(node.hostname, { ...node, heardMs: Math.min(this.#clock.now(), node.heardMs + ms) });
  }

  /** Where a block may go; fewer nodes than wanted if there are not enough. Throws a DfsError if there is none. */
  place({ replicas, bytes, first, without }: Placing): readonly NodeAddress[] {
    const excluded = new Set(without);
    const able = this.all.filter(
      ({ hostname, freeBytes }) => !excluded.has(hostname) && hasRoom(freeBytes, bytes),
    );
    const own = able.find((node) => node.hostname === first && this.isFresh(node))?.hostname;
    const others = able.filter(({ hostname }) => hostname !== own);
    const chosen = own === undefined ? [] : [own];
    // Those that are not sure to live only if there are not enough others.
    for (const isFresh of [true, false]) {
      const some = others.filter((node) => this.isFresh(node) === isFresh).map(({ hostname }) => hostname);
      chosen.push(...this.#deck.deal(some, replicas - chosen.length));
    }
    if (chosen.length > 0) return chosen.flatMap((hostname) => this.addressOf(hostname) ?? []);
    throw new DfsError('no-space', this.#whyNone(excluded, bytes));
  }

  #whyNone(excluded: ReadonlySet<string>, bytes: number): string {
    if (this.#live.size === 0)
      return 'No data node lives; start one with lab fileserver --namenode HOST:PORT.';
    if (this.all.every(({ hostname }) => excluded.has(hostname)))
      return 'None of the data nodes that live could store the block.';
    return `No data node has room for ${bytes} bytes more; remove files or add nodes.`;
  }
}
