/** The event queue of virtual time: a binary heap ordered by time, then by the order of insertion. */
import type { Millis } from './actor.ts';

/** Something that will happen. */
export interface Pending {
  readonly at: Millis;
  /** Counts insertions, so that equal times run in the order they were asked for. */
  readonly order: number;
}

/** A queue of pending events, earliest first. */
export class EventQueue<E extends Pending> {
  readonly #heap: E[] = [];

  get size(): number {
    return this.#heap.length;
  }

  push(event: E): void {
    const heap = this.#heap;
    let hole = heap.length;
    heap.push(event);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = heap[parent] as E;
      if (isBefore(above, event)) break;
      heap[hole] = above;
      hole = parent;
    }
    heap[hole] = event;
  }

  /** The earliest event, left in the queue. */
  peek(): E | undefined {
    return this.#heap[0];
  }

  /** Takes the earliest event out. */
  pop(): E | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    const half = heap.length >> 1;
    let hole = 0;
    while (hole < half) {
      let child = 2 * hole + 1;
      const right = child + 1;
      if (right < heap.length && isBefore(heap[right] as E, heap[child] as E)) child = right;
      const below = heap[child] as E;
      if (isBefore(last, below)) break;
      heap[hole] = below;
      hole = child;
    }
    heap[hole] = last;
    return first;
  }
}

function isBefore(a: Pending, b: Pending): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
