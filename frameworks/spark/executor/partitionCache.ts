/** Cached partitions: as many as fit, the least recently used leave first (HotCloud'10 §3.1). Pure: the same in virtual time. */
import type { CacheChange, CacheChanges } from '../taskData.ts';

/** The bytes that all threads of an executor keep in memory together. */
export interface MemoryPool {
  /** Takes bytes, if so many are left. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

/** A pool of one thread. */
export function ownPool(bytesMax: number): MemoryPool {
  let held = 0;
  return {
    take: (bytes) => {
      if (held + bytes > bytesMax) return false;
      held += bytes;
      return true;
    },
    give: (bytes) => {
      held -= bytes;
    },
  };
}

/**
 * A pool that threads share. `left` counts what is left, in kibibytes, so that 2 TiB can be counted; `own` what this thread has
 * taken, so that it can be given back when the thread is gone.
 */
export function sharedPool(
  left: Int32Array<SharedArrayBuffer>,
  own: Int32Array<SharedArrayBuffer>,
): MemoryPool {
  return {
    take: (bytes) => {
      const kib = Math.ceil(bytes / 1024);
      const isThere = Atomics.sub(left, 0, kib) >= kib;
      if (isThere) Atomics.add(own, 0, kib);
      else Atomics.add(left, 0, kib);
      return isThere;
    },
    give: (bytes) => {
      const kib = Math.ceil(bytes / 1024);
      Atomics.sub(own, 0, kib);
      Atomics.add(left, 0, kib);
    },
  };
}

interface Entry<T> extends CacheChange {
  readonly value: T;
}

/** Partitions in the memory of one thread. */
export class PartitionCache<T> {
  readonly #pool: MemoryPool;
  /** In the order of use, the least recent first. */
  readonly #entries = new Map<string, Entry<T>>();
  #added: CacheChange[] = [];
  #dropped: CacheChange[] = [];

  constructor(pool: MemoryPool) {
    this.#pool = pool;
  }

  /** A partition, which counts as used from now. */
  get(dataset: number, partition: number): T | undefined {
    const key = keyOf(dataset, partition);
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  has(dataset: number, partition: number): boolean {
    return this.#entries.has(keyOf(dataset, partition));
  }

  /**
   * Takes room for a partition, for which others make place: never those of its own dataset, which would only push each other
   * out, round after round. False: there is none.
   */
  reserve(dataset: number, bytes: number): boolean {
    if (this.#pool.take(bytes)) return true;
    for (const [key, entry] of this.#entries) {
      if (entry.dataset === dataset) continue;
      this.#drop(key, entry);
      if (this.#pool.take(bytes)) return true;
    }
    return false;
  }

  /** Gives back room that was reserved. */
  release(bytes: number): void {
    this.#pool.give(bytes);
  }

  /** Keeps a partition for which room was reserved. */
  put(dataset: number, partition: number, value: T, bytes: number): void {
    const key = keyOf(dataset, partition);
    const old = this.#entries.get(key);
    if (old !== undefined) this.#drop(key, old);
    this.#entries.set(key, { dataset, partition, bytes, value });
    this.#added.push({ dataset, partition, bytes });
  }

  /** Lets go of a whole dataset. */
  unpersist(dataset: number): void {
    for (const [key, entry] of this.#entries) if (entry.dataset === dataset) this.#drop(key, entry);
  }

  /** What has come and gone since this was last asked. */
  takeChanges(): CacheChanges {
    const stays = (change: CacheChange): boolean => this.has(change.dataset, change.partition);
    const changes = {
      added: this.#added.filter(stays),
      dropped: this.#dropped.filter((change) => !stays(change)),
    };
    this.#added = [];
    this.#dropped = [];
    return changes;
  }

  /** What was thought to be here is not. */
  miss(dataset: number, partition: number): void {
    this.#dropped.push({ dataset, partition, bytes: 0 });
  }

  #drop(key: string, { dataset, partition, bytes }: Entry<T>): void {
    this.#entries.delete(key);
    this.#pool.give(bytes);
    this.#dropped.push({ dataset, partition, bytes });
  }
}

function keyOf(dataset: number, partition: number): string {
  return `${dataset}/${partition}`;
}
