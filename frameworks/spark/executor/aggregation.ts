/**
 * Gathers the values of each key, in bounded memory: when there is no more room, everything is dealt by a second hash into
 * buckets on disk, and each bucket is gathered by itself.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Combiner } from './combiner.ts';
import { hashKey } from './keyHash.ts';
import { MemoryEstimate } from './memoryEstimate.ts';
import { PairFile } from './pairFile.ts';
import type { Pair } from './pairFrames.ts';

/** Into how many buckets a partition is dealt that is too large for memory. */
const BUCKETS = 32;
/** How often it is asked whether there is room. */
const CHECK_EVERY = 256;

/** What gathering needs. */
export interface AggregationOptions {
  readonly combiner: Combiner;
  readonly memoryBytes: number;
  /** A folder for buckets; made when it is needed. */
  readonly temporary: string;
}

/** Values by key, as they come. */
export class Aggregation {
  readonly #options: AggregationOptions;
  #held = new Map<unknown, unknown>();
  #values = 0;
  readonly #estimate = new MemoryEstimate();
  #buckets: readonly PairFile[] | undefined;

  constructor(options: AggregationOptions) {
    this.#options = options;
  }

  /** Has it gone to disk? */
  get hasSpilled(): boolean {
    return this.#buckets !== undefined;
  }

  /** Adds a value of a key. */
  add(key: unknown, value: unknown, side = 0): void {
    const { combiner } = this.#options;
    if (this.#buckets !== undefined) return this.#toDisk(key, combiner.create(value, side));
    const held = this.#held.get(key);
    const now =
      held === undefined && !this.#held.has(key)
        ? combiner.create(value, side)
        : combiner.add(held, value, side);
    if (now !== held || held === undefined) this.#held.set(key, now);
    this.#values++;
    this.#estimate.note(key, combiner.isGrowing ? value : now);
    if (this.#values % CHECK_EVERY === 0 && this.#bytes() > this.#options.memoryBytes) this.#spill();
  }

  /** All keys with what is held of each, once each. Ends the gathering. */
  *entries(): Generator<Pair, void, void> {
    if (this.#buckets === undefined) {
      yield* this.#held;
      this.#held = new Map();
      return;
    }
    const { combiner, memoryBytes } = this.#options;
    for (const bucket of this.#buckets) {
      const held = new Map<unknown, unknown>();
      const estimate = new MemoryEstimate();
      let read = 0;
      for (const [key, value] of bucket.read()) {
        const before = held.get(key);
        const now = before === undefined && !held.has(key) ? value : combiner.merge(before, value);
        held.set(key, now);
        estimate.note(key, now);
        if (++read % CHECK_EVERY === 0 && estimate.bytes(held.size, held.size) > 2 * memoryBytes)
          throw new Error(
            `One of ${BUCKETS} parts of a partition needs more than twice the ${memoryBytes} bytes that a task may hold; use more partitions, or raise memoryPerTaskBytes.`,
          );
      }
      yield* held;
    }
  }

  /** Removes what is on disk. */
  close(): void {
    for (const bucket of this.#buckets ?? []) bucket.close();
  }

  #bytes(): number {
    const keys = this.#held.size;
    return this.#estimate.bytes(keys, this.#options.combiner.isGrowing ? this.#values : keys);
  }

  #spill(): void {
    const { temporary } = this.#options;
    mkdirSync(temporary, { recursive: true });
    this.#buckets = Array.from({ length: BUCKETS }, (_, n) => new PairFile(join(temporary, `bucket-${n}`)));
    for (const [key, value] of this.#held) this.#toDisk(key, value);
    this.#held = new Map();
  }

  #toDisk(key: unknown, value: unknown): void {
    // Bits that the choice of the partition has not used up, unless there are thousands.
    const bucket = this.#buckets?.[(hashKey(key) >>> 16) % BUCKETS];
    bucket?.write([key, value]);
  }
}
