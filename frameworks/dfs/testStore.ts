/** For tests: a namenode and data nodes in virtual time, whose disks are maps. Everything that a real one can lose, this can. */
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Random } from '../../mesos/driver/actor.ts';
import { DfsError } from './dfsRefusal.ts';
import type { Edit, FileBlock } from './edits.ts';
import { NameNode } from './nameNode.ts';
import type { Answer } from './nameNodeCalls.ts';
import type { NameNodeOptions } from './nameNodeOptions.ts';
import { Namespace } from './namespace.ts';
import { ReplicaChanges } from './replicaChanges.ts';

/** Random numbers of a seed. */
export function seeded(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  const uint32 = (): number => generator.next() >>> 0;
  return { uint32, uniform: () => uint32() / 2 ** 32 };
}

const STORE = 'dfstest';
export const HEARTBEAT_MS = 1_000;
export const NODE_TIMEOUT_MS = 10_000;
/** Names of data nodes. */
export const FIVE = ['n1', 'n2', 'n3', 'n4', 'n5'];
/** Long enough for nodes to be lost, or taken for alive after a start. */
export const LONG_MS = NODE_TIMEOUT_MS + 3 * HEARTBEAT_MS;
/** Long enough for all copies of a few blocks. */
export const REPAIR_MS = LONG_MS + 60 * HEARTBEAT_MS;
/** What a damaged replica has for a checksum. */
const DAMAGED = 999;

/** A data node in virtual time. */
export interface TestNode {
  readonly hostname: string;
  /** What is on its disk, with the checksum that it really has. */
  readonly disk: Map<string, FileBlock>;
  isUp: boolean;
  instance: number;
  changes: ReplicaChanges;
  isRegistered: boolean;
  copying: Answer<'heartbeat'>['copies'][number][];
  /** The answer to its next heartbeat does not arrive. */
  isDeaf: boolean;
  /** When it was killed last. */
  killedMs: number;
}

/** A namenode may take a node for alive that has been dead for so long. */
const UNNOTICED_MS = 4 * HEARTBEAT_MS;

/** A store in virtual time. */
export class TestStore {
  readonly nodes: readonly TestNode[];
  readonly log: string[] = [];
  readonly edits: Edit[] = [];
  readonly #options: Partial<NameNodeOptions>;
  readonly #random: Random;
  now = 0;
  nameNode: NameNode;
  #writers = 0;
  /** Most copies that were under way at a time, in all and on one node. */
  copiesMost = { store: 0, node: 0 };

  constructor(hostnames: readonly string[], options: Partial<NameNodeOptions> = {}, seed = 1) {
    this.#options = options;
    this.#random = seeded(seed);
    this.nodes = hostnames.map((hostname) => ({
      ...{ hostname, disk: new Map(), isUp: true, instance: 0, changes: new ReplicaChanges() },
      ...{ isRegistered: false, copying: [], isDeaf: false, killedMs: 0 },
    }));
    this.nameNode = this.#start();
    this.beat();
  }

  /** The namenode is killed, and started again with what it had kept. */
  restartNameNode(): void {
    this.nameNode = this.#start();
  }

  node(hostname: string): TestNode {
    const found = this.nodes.find((node) => node.hostname === hostname);
    if (found === undefined) throw new Error(`there is no node ${hostname}`);
    return found;
  }

  /** A node's process is killed; its disk stays. */
  kill(hostname: string): void {
    const node = this.node(hostname);
    node.isUp = false;
    node.killedMs = this.now;
  }

  /** A node's process is started again. */
  start(hostname: string): void {
    const node = this.node(hostname);
    if (node.isUp) return;
    node.isUp = true;
    node.instance += 1;
    node.isRegistered = false;
    node.copying = [];
    node.changes = new ReplicaChanges();
    // What it knows of its files stands beside them, whatever their bytes are now.
    for (const replica of node.disk.values()) node.changes.stored({ ...replica, crc32: crcOf(replica.id) });
  }

  /** Writes a file of so many blocks, as dfsWriter.ts does. Throws a DfsError if no node takes a block. */
  write(path: string, blocks: number, settings: { replication?: number; first?: string } = {}): void {
    const { replication, first } = settings;
    const writer = `w${this.#writers++}`;
    const more = replication === undefined ? {} : { replication };
    this.nameNode.call({ call: 'create', writer, path, overwrite: true, ...more });
    try {
      const without: string[] = [];
      for (let index = 0; index < blocks; ) {
        const where = first === undefined ? {} : { first };
        const place = this.nameNode.call({ call: 'allocate', writer, bytes: 10, without, ...where });
        const block = { id: place.id, bytes: 10, crc32: crcOf(place.id) };
        const hosts = place.targets.flatMap(({ hostname }) => {
          const node = this.node(hostname);
          if (!node.isUp) {
            without.push(hostname);
            return [];
          }
          this.#put(node, block);
          return [hostname];
        });
        if (hosts.length === 0) continue;
        this.nameNode.call({ call: 'commit', writer, index, block, hosts });
        index += 1;
      }
      this.nameNode.call({ call: 'complete', writer, path });
    } catch (error) {
      this.nameNode.call({ call: 'abandon', writer });
      throw error;
    }
  }

  /** Damages a replica on a disk; whoever reads it has its node look. */
  damage(hostname: string, id: string): void {
    const node = this.node(hostname);
    const replica = node.disk.get(id);
    if (replica === undefined) return;
    node.disk.set(id, { ...replica, crc32: DAMAGED });
    if (node.isUp) node.changes.damaged(id);
  }

  /** Time passes, with heartbeats. */
  pass(ms: number): void {
    for (const end = this.now + ms; this.now < end; ) {
      this.now += HEARTBEAT_MS;
      this.nameNode.tick();
      this.beat();
    }
  }

  /** All nodes that are up report once, and do what they are told. */
  beat(): void {
    for (const node of this.nodes) if (node.isUp) this.#beat(node);
    this.#countCopies();
  }

  /** All blocks of all files, with the nodes that really have a good replica. */
  *blocks(): Generator<{
    readonly path: string;
    readonly block: FileBlock;
    readonly good: readonly TestNode[];
  }> {
    for (const [path, { blocks }] of this.#namespace().files())
      for (const block of blocks) {
        const good = this.nodes.filter((node) => node.disk.get(block.id)?.crc32 === block.crc32);
        yield { path, block, good };
      }
  }

  #namespace(): Namespace {
    const namespace = new Namespace();
    for (const edit of this.edits) namespace.apply(edit);
    return namespace;
  }

  #start(): NameNode {
    return new NameNode(
      { store: STORE, heartbeatMs: HEARTBEAT_MS, nodeTimeoutMs: NODE_TIMEOUT_MS, ...this.#options },
      {
        clock: { now: () => this.now, random: this.#random },
        namespace: this.#namespace(),
        append: (edit) => this.edits.push(edit),
        log: (line) => this.log.push(line),
      },
    );
  }

  #put(node: TestNode, block: FileBlock): void {
    node.disk.set(block.id, block);
    node.changes.stored(block);
  }

  #beat(node: TestNode): void {
    const { hostname } = node;
    const who = { hostname, instance: `i${node.instance}` };
    if (!node.isRegistered) {
      const replicas = node.changes.all(STORE);
      const disk = { url: `http://${hostname}:1`, dir: `/disk/${hostname}` };
      this.nameNode.call({ call: 'register', ...who, node: disk, store: STORE, replicas });
      node.isRegistered = true;
    }
    // Copies take until the next heartbeat.
    for (const { block, sources } of node.copying) {
      const source = sources
        .map((one) => this.node(one.hostname))
        .find((one) => one.isUp && one.disk.get(block.id)?.crc32 === block.crc32);
      for (const { hostname: from } of sources)
        if (this.node(from).disk.get(block.id)?.crc32 === DAMAGED) this.node(from).changes.damaged(block.id);
      if (source !== undefined) this.#put(node, block);
    }
    node.copying = [];
    const changes = node.changes.take(STORE);
    try {
      const orders = this.nameNode.call({ call: 'heartbeat', ...who, ...changes, copying: [] });
      if (node.isDeaf) {
        node.changes.giveBack(changes);
        node.isDeaf = false;
        return;
      }
      node.copying = [...orders.copies];
      for (const id of orders.removals) {
        this.#checkRemoval(node, id);
        node.disk.delete(id);
        node.changes.removed(id);
      }
    } catch (error) {
      if (!(error instanceof DfsError)) throw error;
      node.isRegistered = false;
    }
  }

  /** As far as the namenode could know, enough replicas are left. */
  #checkRemoval(node: TestNode, id: string): void {
    for (const [path, { blocks, replication }] of this.#namespace().files()) {
      const block = blocks.find((one) => one.id === id);
      if (block === undefined) continue;
      const kept = this.nodes.filter(
        (one) => one !== node && one.disk.has(id) && (one.isUp || this.now - one.killedMs <= UNNOTICED_MS),
      );
      if (kept.length < replication)
        throw new Error(
          `${node.hostname} removes ${id} of ${path}, and ${kept.length} of ${replication} are left`,
        );
    }
  }

  #countCopies(): void {
    const counts = this.nodes.map(({ copying }) => copying.length);
    this.copiesMost = {
      store: Math.max(
        this.copiesMost.store,
        counts.reduce((a, b) => a + b, 0),
      ),
      node: Math.max(this.copiesMost.node, ...counts),
    };
  }
}

/** The checksum of a block of the tests. */
function crcOf(id: string): number {
  return id.length;
}
