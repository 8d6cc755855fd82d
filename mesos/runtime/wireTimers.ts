/**
 * Timers on the real clock. Unlike plain `setTimeout` they never run early, equal times run in the order they were
 * asked for, and delays may be fractional or longer than 2³¹ ms. All of a process share one timer of the event loop.
 */
import type { Due, Millis, Timer } from './actor.ts';
import { EventQueue } from './eventQueue.ts';

/** Longest delay that `setTimeout` takes. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1;

/**
 * So many timers that are due run in one turn of the event loop, and the rest in the next: what they send leaves, and links open, while
 * thousands of actors of one process do the same thing, such as to register with a new master.
 */
const FIRED_PER_TURN_MAX = 250;

/** Whose timer it is. */
export interface TimerOwner {
  /** How many of its timers run. */
  timers: number;
  /** It has ended, and its timers with it. */
  readonly isGone: boolean;
  /** One of its timers will not run: {@link WireTimers.cancelled} is to be told. */
  timerCancelled(): void;
  /** Runs what is due; must not throw. */
  fire(due: Due): void;
}

class Entry implements Timer {
  readonly order: number;
  readonly owner: TimerOwner;
  /** Undefined when it has happened or is cancelled. */
  due: Due | undefined;

  constructor(order: number, due: Due, owner: TimerOwner) {
    this.order = order;
    this.due = due;
    this.owner = owner;
  }

  get isVoid(): boolean {
    return this.due === undefined || this.owner.isGone;
  }

  cancel(): void {
    if (this.isVoid) return;
    this.due = undefined;
    this.owner.timers--;
    this.owner.timerCancelled();
  }
}

/** The timers of one process. */
export class WireTimers {
  readonly #now: () => Millis;
  #queue = new EventQueue<Entry>();
  #order = 0;
  #cancelled = 0;
  /** When the event loop will call us; infinity if it will not. */
  #armedFor: Millis = Number.POSITIVE_INFINITY;
  #timeout: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;

  constructor(now: () => Millis) {
    this.#now = now;
  }

  /** Timers in the queue, cancelled ones included. */
  get size(): number {
    return this.#queue.size;
  }

  /** Lets something happen once, later. */
  after(delay: Millis, due: Due, owner: TimerOwner): Timer {
    const at = this.#now() + Math.max(0, delay);
    const entry = new Entry(this.#order++, due, owner);
    owner.timers++;
    this.#queue.push(entry, at);
    if (at < this.#armedFor) this.#arm();
    return entry;
  }

  /** Cancels all. */
  clear(): void {
    this.#queue = new EventQueue();
    this.#cancelled = 0;
    this.#disarm();
  }

  /** Timers were cancelled, or their owner is gone; they stay in the queue until their time, or until a quarter of the queue is such. */
  cancelled(count: number): void {
    this.#cancelled += count;
    if (this.#cancelled > 1000 && 4 * this.#cancelled > this.#queue.size) this.#sweep();
  }

  #sweep(): void {
    this.#queue.keep((entry) => !entry.isVoid);
    this.#cancelled = 0;
  }

  #arm(): void {
    this.#disarm();
    const { size, nextMs } = this.#queue;
    if (size === 0) return;
    this.#armedFor = nextMs;
    const delay = nextMs - this.#now();
    if (delay <= 0) this.#immediate = setImmediate(this.#fire);
    else this.#timeout = setTimeout(this.#fire, Math.min(TIMEOUT_MAX_MS, Math.ceil(delay)));
  }

  #disarm(): void {
    clearTimeout(this.#timeout);
    clearImmediate(this.#immediate);
    this.#timeout = undefined;
    this.#immediate = undefined;
    this.#armedFor = Number.POSITIVE_INFINITY;
  }

  readonly #fire = (): void => {
    const now = this.#now();
    // Nothing arms while this runs: it is done once at the end.
    this.#armedFor = Number.NEGATIVE_INFINITY;
    let fired = 0;
    while (this.#queue.nextMs <= now && fired < FIRED_PER_TURN_MAX) {
      const entry = this.#queue.pop() as Entry;
      const { due, owner } = entry;
      if (due === undefined || owner.isGone) this.#cancelled--;
      else {
        fired++;
        entry.due = undefined;
        owner.timers--;
        owner.fire(due);
      }
    }
    this.#arm();
  };
}
