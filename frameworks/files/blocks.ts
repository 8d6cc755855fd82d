/** Files as blocks: cutting text, choosing who holds which block. */
import { crc32 } from 'node:zlib';
import type { Random } from '../../mesos/driver/actor.ts';
import { endOfBlock } from '../../workloads/textBlocks.ts';
import type { Block } from './block.ts';

const NEWLINE = 10;

/**
 * Cuts the concatenation of texts, e.g. of many small files or of the pieces of one large file, into blocks
 * of at most `blockBytes`, at line ends; a block is larger only if one line is.
 */
export async function* cutBlocks(
  texts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  blockBytes: number,
): AsyncGenerator<Buffer, void, void> {
  if (!(blockBytes >= 1)) throw new RangeError(`A block must hold at least one byte, not ${blockBytes}.`);
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  for await (const text of texts) {
    held.push(text);
    heldBytes += text.length;
    if (heldBytes < blockBytes) continue;
    // What is held of a line that is longer than a block has no end of a line.
    if (heldBytes - text.length >= blockBytes && !text.includes(NEWLINE)) continue;
    let rest: Buffer = Buffer.concat(held, heldBytes);
    for (let end = endOfBlock(rest, blockBytes); end > 0; end = endOfBlock(rest, blockBytes)) {
      yield rest.subarray(0, end);
      rest = rest.subarray(end);
    }
    held = [rest];
    heldBytes = rest.length;
  }
  if (heldBytes > 0) yield Buffer.concat(held, heldBytes);
}

/**
 * Chooses hosts for replicas, block after block: at random, all hosts of a block distinct, and evenly, so
 * that no host holds more than two more replicas than another. Fewer per block if there are fewer hosts.
 */
export function* chooseReplicas(
  hosts: readonly string[],
  replication: number,
  random: Random,
): Generator<readonly string[], never, void> {
  if (hosts.length === 0) throw new RangeError('There is no host to hold blocks.');
  const deck = new ReplicaDeck(random);
  for (;;) yield deck.deal(hosts, replication);
}

/** Hosts are dealt like cards: everyone is dealt once before a new deck is shuffled. Hosts may come and go between the deals. */
export class ReplicaDeck {
  readonly #random: Random;
  #deck: string[] = [];
  /** Those of the last deal, which are usually those of the next. */
  #hosts: readonly string[] = [];
  #eligible: ReadonlySet<string> = new Set();

  constructor(random: Random) {
    this.#random = random;
  }

  /** So many distinct hosts, or all if they are fewer; none if `count` is not positive. */
  deal(hosts: readonly string[], count: number): readonly string[] {
    if (hosts !== this.#hosts) {
      this.#hosts = hosts;
      this.#eligible = new Set(hosts);
    }
    const most = Math.min(count, this.#eligible.size);
    const chosen = new Set<string>();
    const passed: string[] = [];
    while (chosen.size < most) {
      if (this.#deck.length === 0) this.#deck = shuffle(hosts, this.#random);
      const host = this.#deck.pop() as string;
      if (chosen.has(host)) passed.push(host);
      else if (this.#eligible.has(host)) chosen.add(host);
    }
    this.#deck.push(...passed);
    return [...chosen];
  }
}

function shuffle(hosts: readonly string[], random: Random): string[] {
  const deck = [...hosts];
  for (let last = deck.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random.uniform() * (last + 1));
    [deck[last], deck[other]] = [deck[other] as string, deck[last] as string];
  }
  return deck;
}

/** What to cut into replicas, and who takes them. */
export interface PlaceOptions {
  /** Blocks are called `NAME-00000` and so on. */
  readonly name: string;
  readonly blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** Hostnames. */
  readonly hosts: readonly string[];
  readonly replication: number;
  readonly random: Random;
  /** Stores a replica. */
  readonly put: (host: string, id: string, bytes: Uint8Array, crc32: number) => Promise<void>;
}

/** Stores blocks, each on several hosts, one block after the other. Resolves to the blocks in order. */
export async function placeBlocks(options: PlaceOptions): Promise<readonly Block[]> {
  const { name, replication, random, put } = options;
  const replicas = chooseReplicas(options.hosts.toSorted(), replication, random);
  const placed: Block[] = [];
  for await (const bytes of options.blocks) {
    const id = `${name}-${String(placed.length).padStart(5, '0')}`;
    const hosts = replicas.next().value;
    const sum = crc32(bytes);
    await Promise.all(hosts.map((host) => put(host, id, bytes, sum)));
    placed.push({ id, bytes: bytes.length, hosts, crc32: sum });
  }
  return placed;
}
