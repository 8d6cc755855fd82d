/** What is pending, earliest first, and equal times in the order of their insertion: a binary heap. */
import type { Millis } from './actor.ts';

/** Something that will happen. */
export interface Ordered {
  /** Counts insertions, so that equal times run in the order they were asked for. */
  readonly order: number;
}

/** A queue of pending events. */
export class EventQueue<E extends Ordered> {
  #heap: E[] = [];
  /** The times of the events in the heap: plain numbers side by side, which are compared without a look at the events. */
  #times: Millis[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** When the earliest event happens; infinity if there is none. */
  get nextMs(): Millis {
    return this.#times[0] ?? Number.POSITIVE_INFINITY;
  }

  /** Adds an event that happens `at` a time. Its `order` must be higher than that of all before it. */
  push(event: E, at: Millis): void {
    this.#rise(this.#heap.length, event, at);
  }

  /** The earliest event, left in the queue. */
  peek(): E | undefined {
    return this.#heap[0];
  }

  /** Takes the earliest event out. */
  pop(): E | undefined {
    const heap = this.#heap;
    const times = this.#times;
    const first = heap[0];
    const last = heap.pop();
    const at = times.pop();
    if (last === undefined || at === undefined || heap.length === 0) return first;
    const half = heap.length >> 1;
    let hole = 0;
    while (hole < half) {
      let child = 2 * hole + 1;
      const right = child + 1;
      if (right < heap.length && this.#isRightFirst(child)) child = right;
      const time = times[child] as Millis;
      const below = heap[child] as E;
      if (at < time || (at === time && last.order < below.order)) break;
      heap[hole] = below;
      times[hole] = time;
      hole = child;
    }
    heap[hole] = last;
    times[hole] = at;
    return first;
  }

  /** Drops the events that are not wanted any more. Costs as much as all that is in the queue. */
  keep(isWanted: (event: E) => boolean): void {
    const all = this.#heap;
    const times = this.#times;
    this.#heap = [];
    this.#times = [];
    for (const [place, event] of all.entries()) if (isWanted(event)) this.push(event, times[place] as Millis);
  }

  #rise(place: number, event: E, at: Millis): void {
    const heap = this.#heap;
    const times = this.#times;
    let hole = place;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const time = times[parent] as Millis;
      const above = heap[parent] as E;
      if (time < at || (time === at && above.order < event.order)) break;
      heap[hole] = above;
      times[hole] = time;
      hole = parent;
    }
    heap[hole] = event;
    times[hole] = at;
  }

  /** Comes the event beside the one at this place before it? */
  #isRightFirst(place: number): boolean {
    const time = this.#times[place] as Millis;
    const other = this.#times[place + 1] as Millis;
    return (
      other < time || (other === time && (this.#heap[place + 1] as E).order < (this.#heap[place] as E).order)
    );
  }
}
