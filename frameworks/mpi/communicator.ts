/** Message passing between the ranks of a job: point to point and the usual collective operations. */
import { setImmediate } from 'node:timers/promises';
import { bytesOf, type Frame, valuesOf } from './frame.ts';
import type { Link } from './link.ts';

/** How values of several ranks become one. */
export type Reduction = 'sum' | 'max' | 'min';

/** Bytes that may lie unread from one peer. More means that the ranks do not run the same program. */
const UNREAD_BYTES_MAX = 256 * 1024 * 1024;
/** Longest reason that ranks tell each other. */
const REASON_BYTES_MAX = 1000;
/** Tags from here on are those of the collective operations. */
const COLLECTIVE_TAGS = 2 ** 31;

/** What a rank has of another one. */
interface Neighbour {
  readonly link: Link;
  /** For errors, e.g. `rank 2 at 10.0.0.3:40112`. */
  readonly name: string;
  readonly unread: Map<number, Float64Array[]>;
  readonly waiting: Map<number, Waiter[]>;
  unreadBytes: number;
  state: 'here' | 'left';
}
type Waiter = {
  readonly resolve: (values: Float64Array) => void;
  readonly reject: (error: Error) => void;
};

/**
 * The ranks of one job, as one of them sees them. Every rank must call the same collective operations in the same
 * order. When a peer vanishes or {@link abort} is called, everything that is pending, and everything after it, rejects
 * with the same Error; nothing waits for ever.
 */
export class Communicator {
  readonly rank: number;
  readonly size: number;
  /** Never resolves; rejects when the job fails, or when this rank leaves it. For who waits for something else meanwhile. */
  readonly broken: Promise<never>;
  readonly #break: (reason: Error) => void;
  readonly #name: string;
  readonly #neighbours: readonly (Neighbour | undefined)[];
  #failure: Error | undefined;
  #collectives = 0;

  /** `links`: by rank, to every rank but the own. `names`: by rank, for errors. */
  constructor(rank: number, links: readonly (Link | undefined)[], names: readonly string[]) {
    this.rank = rank;
    this.size = links.length;
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => undefined);
    this.broken = promise;
    this.#break = reject;
    this.#name = names[rank] ?? `rank ${rank}`;
    this.#neighbours = links.map(
      (link, peer) =>
        link && {
          link,
          name: names[peer] ?? `rank ${peer}`,
          unread: new Map(),
          waiting: new Map(),
          unreadBytes: 0,
          state: 'here',
        },
    );
    for (const neighbour of this.#neighbours) if (neighbour !== undefined) void this.#listen(neighbour);
  }

  /** Sends values to another rank. Resolves when there is room for more; the values may be changed at once. */
  async send(to: number, values: Float64Array, tag = 0): Promise<void> {
    const neighbour = this.#neighbour(to);
    try {
      await neighbour.link.write('data', tag, bytesOf(values));
    } catch (error) {
      throw this.#fail(error instanceof RangeError ? error : gone(neighbour, error));
    }
  }

  /** The next message of that rank with that tag. */
  async receive(from: number, tag = 0): Promise<Float64Array> {
    const neighbour = this.#neighbour(from);
    const queue = neighbour.unread.get(tag);
    const values = queue?.shift();
    if (values !== undefined) {
      if (queue?.length === 0) neighbour.unread.delete(tag);
      neighbour.unreadBytes -= values.byteLength;
      return values;
    }
    if (neighbour.state === 'left') throw this.#fail(leftEarly(neighbour, this.rank));
    return new Promise((resolve, reject) => {
      const waiters = neighbour.waiting.get(tag);
      if (waiters === undefined) neighbour.waiting.set(tag, [{ resolve, reject }]);
      else waiters.push({ resolve, reject });
    });
  }

  /** Resolves when all ranks have come here. */
  async barrier(): Promise<void> {
    await this.allreduce(new Float64Array(0), 'sum');
  }

  /**
   * Entry by entry the sum, maximum or minimum over all ranks; every rank gets the same bits. Recursive doubling: in
   * about log2(size) steps. All ranks must give equally many values.
   */
  async allreduce(values: Float64Array, reduction: Reduction): Promise<Float64Array> {
    const tag = await this.#enterCollective();
    const total = values.slice();
    // The doubling needs a power of two: each rank of even number among the first ones lets its neighbour act for it.
    const doubling = 2 ** Math.floor(Math.log2(this.size));
    const extra = this.size - doubling;
    const paired = this.rank < 2 * extra;
    if (paired && this.rank % 2 === 0) {
      await this.send(this.rank + 1, total, tag);
      return this.#sameLength(total, await this.receive(this.rank + 1, tag));
    }
    if (paired) reduce(total, this.#sameLength(total, await this.receive(this.rank - 1, tag)), reduction);
    const place = paired ? (this.rank - 1) / 2 : this.rank - extra;
    for (let distance = 1; distance < doubling; distance *= 2) {
      const other = place ^ distance;
      const partner = other < extra ? 2 * other + 1 : other + extra;
      reduce(total, this.#sameLength(total, await this.exchange(partner, total, tag)), reduction);
    }
    if (paired) await this.send(this.rank - 1, total, tag);
    return total;
  }

  /** Sends to a rank and receives from it at the same time. */
  async exchange(peer: number, values: Float64Array, tag = 0): Promise<Float64Array> {
    const [theirs] = await Promise.all([this.receive(peer, tag), this.send(peer, values, tag)]);
    return theirs;
  }

  /** Every rank gets the values of the root; what the others give is not looked at. Binomial tree. */
  async broadcast(values: Float64Array | undefined, root: number): Promise<Float64Array> {
    const tag = await this.#enterCollective();
    const place = (this.rank - root + this.size) % this.size;
    const rankAt = (at: number): number => (at + root) % this.size;
    let distance = 1;
    while (distance < this.size && (place & distance) === 0) distance *= 2;
    const got = place === 0 ? values?.slice() : await this.receive(rankAt(place - distance), tag);
    if (got === undefined) throw new RangeError('the root of a broadcast must give values');
    for (distance /= 2; distance >= 1; distance /= 2)
      if (place + distance < this.size) await this.send(rankAt(place + distance), got, tag);
    return got;
  }

  /** The root gets the values of all ranks, by rank, of whatever lengths; the others get nothing. */
  async gather(values: Float64Array, root: number): Promise<readonly Float64Array[] | undefined> {
    const tag = await this.#enterCollective();
    if (this.rank !== root) {
      await this.send(root, values, tag);
      return undefined;
    }
    const ranks = Array.from({ length: this.size }, (_, rank) => rank);
    return Promise.all(ranks.map((rank) => (rank === root ? values.slice() : this.receive(rank, tag))));
  }

  /** Leaves: what was sent still arrives. Whoever waits for this rank afterwards is told that it has left. */
  close(): void {
    if (this.#failure !== undefined) return;
    for (const neighbour of this.#neighbours) {
      if (neighbour === undefined || neighbour.link.isBroken) continue;
      neighbour.link.write('bye').catch(() => undefined);
      neighbour.link.end();
    }
    this.#reject(new Error(`rank ${this.rank} has left the job`));
  }

  /** Ends everything at once with this reason; the others are told. */
  abort(reason: Error): void {
    this.#fail(reason, `${this.#name} gave up: ${reason.message}`);
  }

  /** Lets others run, e.g. who kills the rank. Throws if the job has failed meanwhile. For long stretches of work. */
  async breathe(): Promise<void> {
    await setImmediate();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Lets others run, so that a job of one rank stops no timers and kills, and numbers the operation. */
  async #enterCollective(): Promise<number> {
    if (this.size === 1) await setImmediate();
    if (this.#failure !== undefined) throw this.#failure;
    this.#collectives = (this.#collectives + 1) % COLLECTIVE_TAGS;
    return COLLECTIVE_TAGS + this.#collectives;
  }

  #neighbour(rank: number): Neighbour {
    if (this.#failure !== undefined) throw this.#failure;
    const neighbour = this.#neighbours[rank];
    if (neighbour === undefined)
      throw new RangeError(`rank ${this.rank} of ${this.size} cannot talk to rank ${rank}`);
    return neighbour;
  }

  async #listen(neighbour: Neighbour): Promise<void> {
    try {
      for (;;) {
        const frame = await neighbour.link.read();
        if (frame.kind === 'bye') break;
        if (frame.kind === 'abort') {
          this.#fail(new Error(frame.payload.toString('utf8', 0, REASON_BYTES_MAX)));
          return;
        }
        this.#deliver(neighbour, frame);
      }
      neighbour.state = 'left';
      if (neighbour.waiting.size > 0) this.#fail(leftEarly(neighbour, this.rank));
    } catch (error) {
      this.#fail(gone(neighbour, error));
    }
  }

  #deliver(neighbour: Neighbour, { kind, tag, payload }: Frame): void {
    if (kind !== 'data') throw new Error(`it sent '${kind}' where a message was due`);
    const values = valuesOf(payload);
    const waiters = neighbour.waiting.get(tag);
    const waiter = waiters?.shift();
    if (waiters?.length === 0) neighbour.waiting.delete(tag);
    if (waiter !== undefined) {
      waiter.resolve(values);
      return;
    }
    neighbour.unreadBytes += values.byteLength;
    if (neighbour.unreadBytes > UNREAD_BYTES_MAX)
      throw new Error(`it sent ${neighbour.unreadBytes} bytes that rank ${this.rank} does not read`);
    const queue = neighbour.unread.get(tag);
    if (queue === undefined) neighbour.unread.set(tag, [values]);
    else queue.push(values);
  }

  #sameLength(own: Float64Array, theirs: Float64Array): Float64Array {
    if (own.length === theirs.length) return theirs;
    throw this.#fail(
      new RangeError(`the ranks reduce ${own.length} and ${theirs.length} values; they must be equally many`),
    );
  }

  /** The first failure is the one that counts. The others are told, so that all name the same cause. Returns it. */
  #fail(error: Error, toOthers = error.message): Error {
    if (this.#failure !== undefined) return this.#failure;
    this.#reject(error);
    const reason = Buffer.from(toOthers).subarray(0, REASON_BYTES_MAX);
    for (const neighbour of this.#neighbours) neighbour?.link.endWith('abort', reason, error);
    return error;
  }

  #reject(error: Error): void {
    this.#failure = error;
    this.#break(error);
    for (const neighbour of this.#neighbours) {
      for (const waiters of neighbour?.waiting.values() ?? [])
        for (const { reject } of waiters) reject(error);
      neighbour?.waiting.clear();
    }
  }
}

function gone({ name }: Neighbour, error: unknown): Error {
  return new Error(`${name} is gone: ${error instanceof Error ? error.message : String(error)}`);
}

function leftEarly({ name }: Neighbour, rank: number): Error {
  return new Error(`${name} has left the job while rank ${rank} waits for it`);
}

function reduce(total: Float64Array, theirs: Float64Array, reduction: Reduction): void {
  const combine = COMBINE[reduction];
  for (let i = 0; i < total.length; i++) total[i] = combine(total[i] as number, theirs[i] as number);
}

const COMBINE: Readonly<Record<Reduction, (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  max: Math.max,
  min: Math.min,
};
