/** The pending partitions of a stage, in order and by the places where they would rather be made. */

/** A slave's id for what is in the memory of its executor, or a hostname for what is on its disk; see {@link slavePlace}. */
export type Place = string;

/** The place of what is in the memory of an executor on this slave. */
export const slavePlace = (slaveId: string): Place => `slave ${slaveId}`;
/** The place of what is on the disk of this host. */
export const hostPlace = (hostname: string): Place => `host ${hostname}`;

/** A queue of numbers, some of which may have been taken by way of another queue. */
interface Queue {
  readonly partitions: number[];
  head: number;
}

/** Pending partitions. Each operation takes constant time on average. */
export class PendingTasks {
  readonly #all = newQueue();
  readonly #anywhere = newQueue();
  readonly #byPlace = new Map<Place, Queue>();
  readonly #pending = new Set<number>();

  /** How many are pending. */
  get size(): number {
    return this.#pending.size;
  }

  /** Adds a partition that would rather be made in one of these places; of none: anywhere. */
  add(partition: number, places: readonly Place[]): void {
    if (this.#pending.has(partition)) return;
    this.#pending.add(partition);
    this.#all.partitions.push(partition);
    if (places.length === 0) this.#anywhere.partitions.push(partition);
    for (const place of places) {
      let queue = this.#byPlace.get(place);
      if (queue === undefined) {
        queue = newQueue();
        this.#byPlace.set(place, queue);
      }
      queue.partitions.push(partition);
    }
  }

  /** Takes one that would rather be made here. */
  takeAt(places: readonly Place[]): number | undefined {
    for (const place of places) {
      const queue = this.#byPlace.get(place);
      const partition = queue && this.#take(queue);
      if (partition !== undefined) return partition;
    }
    return undefined;
  }

  /** Takes one that may be made anywhere. */
  takeUnplaced(): number | undefined {
    return this.#take(this.#anywhere);
  }

  /** Takes the one that has been pending for longest, wherever it would rather be made. */
  takeAny(): number | undefined {
    return this.#take(this.#all);
  }

  #take(queue: Queue): number | undefined {
    for (; queue.head < queue.partitions.length; queue.head++) {
      const partition = queue.partitions[queue.head] as number;
      if (!this.#pending.delete(partition)) continue;
      queue.head++;
      return partition;
    }
    queue.partitions.length = 0;
    queue.head = 0;
    return undefined;
  }
}

function newQueue(): Queue {
  return { partitions: [], head: 0 };
}
