/**
 * The event queue of virtual time: earliest first, and equal times in the order of their insertion. A binary heap, and beside it a
 * line for what is to happen at once: much of it is, and a line costs less than a heap.
 */
import type { Millis } from './actor.ts';

/** Something that will happen. */
export interface Pending {
  readonly at: Millis;
  /** Counts insertions, so that equal times run in the order they were asked for. */
  readonly order: number;
}

/** A queue of pending events. */
export class EventQueue<E extends Pending> {
  readonly #heap: E[] = [];
  /** Events of one time, each inserted after every event of that time in the heap. */
  #line: E[] = [];
  #served = 0;

  get size(): number {
    return this.#heap.length + this.#line.length - this.#served;
  }

  /** Adds an event. Its `order` must be higher than that of all before it. */
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

  /** Adds an event that happens at the time of the one that was taken out last: nothing earlier is left, or will be added. */
  pushAtOnce(event: E): void {
    this.#line.push(event);
  }

  /** The earliest event, left in the queue. */
  peek(): E | undefined {
    const first = this.#line[this.#served];
    const top = this.#heap[0];
    return first === undefined || (top !== undefined && isBefore(top, first)) ? top : first;
  }

  /** Takes the earliest event out. */
  pop(): E | undefined {
    const first = this.#line[this.#served];
    if (first === undefined) return this.#popHeap();
    const top = this.#heap[0];
    if (top !== undefined && isBefore(top, first)) return this.#popHeap();
    this.#served++;
    if (this.#served === this.#line.length) {
      this.#line = [];
      this.#served = 0;
    }
    return first;
  }

  /** Throws out all but these. */
  keep(isKept: (event: E) => boolean): void {
    this.#line = this.#line.slice(this.#served).filter(isKept);
    this.#served = 0;
    const heap = this.#heap;
    let kept = 0;
    for (const event of heap) if (isKept(event)) heap[kept++] = event;
    heap.length = kept;
    for (let hole = (kept >> 1) - 1; hole >= 0; hole--) this.#sink(hole, heap[hole] as E);
  }

  #popHeap(): E | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) this.#sink(0, last);
    return first;
  }

  /** Puts an event into the hole, or below it, so that each is before those below it. */
  #sink(from: number, event: E): void {
    const heap = this.#heap;
    const half = heap.length >> 1;
    let hole = from;
    while (hole < half) {
      let child = 2 * hole + 1;
      const right = child + 1;
      if (right < heap.length && isBefore(heap[right] as E, heap[child] as E)) child = right;
      const below = heap[child] as E;
      if (isBefore(event, below)) break;
      heap[hole] = below;
      hole = child;
    }
    heap[hole] = event;
  }
}

function isBefore(a: Pending, b: Pending): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
