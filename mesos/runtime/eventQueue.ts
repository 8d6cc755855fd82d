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
  #heap: E[] = [];
  /** The times of the events in the heap: plain numbers side by side, which are compared without a look at the events. */
  #times: Millis[] = [];
  /** Events of one time, each inserted after every event of that time in the heap; those in front have been served. */
  readonly #line: (E | undefined)[] = [];
  #served = 0;
  #waiting = 0;

  get size(): number {
    return this.#heap.length + this.#waiting - this.#served;
  }

  /** Adds an event. Its `order` must be higher than that of all before it. */
  push(event: E): void {
    this.#rise(this.#heap.length, event);
  }

  /** Adds an event that happens at the time of the one that was taken out last: nothing earlier is left, or will be added. */
  pushAtOnce(event: E): void {
    this.#line[this.#waiting++] = event;
  }

  /** The earliest event, left in the queue. */
  peek(): E | undefined {
    const first = this.#line[this.#served];
    return first === undefined || this.#isHeapFirst(first) ? this.#heap[0] : first;
  }

  /** Takes the earliest event out. */
  pop(): E | undefined {
    const first = this.#line[this.#served];
    if (first === undefined || this.#isHeapFirst(first)) return this.#popHeap();
    this.#line[this.#served++] = undefined;
    if (this.#served === this.#waiting) {
      this.#served = 0;
      this.#waiting = 0;
    }
    return first;
  }

  /** Drops the events that are not wanted any more. Costs as much as all that is in the queue. */
  keep(isWanted: (event: E) => boolean): void {
    const kept = [...this.#heap, ...this.#line.slice(this.#served, this.#waiting)] as E[];
    this.#heap = [];
    this.#times = [];
    this.#line.length = 0;
    this.#served = 0;
    this.#waiting = 0;
    for (const event of kept) if (isWanted(event)) this.push(event);
  }

  #isHeapFirst(first: E): boolean {
    const top = this.#heap[0];
    return top !== undefined && (top.at < first.at || (top.at === first.at && top.order < first.order));
  }

  #rise(place: number, event: E): void {
    const heap = this.#heap;
    const times = this.#times;
    const { at } = event;
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

  #popHeap(): E | undefined {
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

  /** Comes the event beside the one at this place before it? */
  #isRightFirst(place: number): boolean {
    const time = this.#times[place] as Millis;
    const other = this.#times[place + 1] as Millis;
    return (
      other < time || (other === time && (this.#heap[place + 1] as E).order < (this.#heap[place] as E).order)
    );
  }
}
