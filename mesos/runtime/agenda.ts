/**
 * What is to happen in virtual time, in two queues. Messages arrive within fractions of a millisecond, most timers ring long after:
 * among each other there are few messages at a time, and a timer that is far behind the others has found its place at once.
 */
import type { Millis } from './actor.ts';
import { EventQueue } from './eventQueue.ts';
import type { Event } from './virtualEvent.ts';

/** All that is to happen. */
export class Agenda {
  readonly #messages = new EventQueue<Event>();
  readonly #others = new EventQueue<Event>();

  get size(): number {
    return this.#messages.size + this.#others.size;
  }

  /** Adds an event, at the time `now` or later. Its `order` must be higher than that of all before it. */
  add(event: Event, now: Millis): void {
    if (event.at === now) this.#messages.pushAtOnce(event);
    else if (event.kind === 'message') this.#messages.push(event);
    else this.#others.push(event);
  }

  /** Takes the earliest event out, unless it is later than `limitMs`. */
  take(limitMs: Millis): Event | undefined {
    const message = this.#messages.peek();
    const other = this.#others.peek();
    const isOther = other !== undefined && (message === undefined || isBefore(other, message));
    const first = isOther ? other : message;
    if (first === undefined || first.at > limitMs) return undefined;
    return (isOther ? this.#others : this.#messages).pop();
  }

  /** Drops the events that are not wanted any more. Costs as much as all that is to happen. */
  keep(isWanted: (event: Event) => boolean): void {
    this.#messages.keep(isWanted);
    this.#others.keep(isWanted);
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
