/**
 * What is to happen in virtual time, in three queues. Much of it happens at once, and a line costs less than a heap. Messages arrive
 * within fractions of a millisecond, most timers ring long after: among each other there are few messages at a time, and a timer that is
 * far behind the others has found its place at once.
 */
import type { Millis } from './actor.ts';
import { EventQueue } from './eventQueue.ts';
import type { Event } from './virtualEvent.ts';

/** All that is to happen. */
export class Agenda {
  readonly #messages = new EventQueue<Event>();
  readonly #others = new EventQueue<Event>();
  /** What happens at the time of the event that was taken last: nothing earlier is left. Those in front have been taken. */
  readonly #line: (Event | undefined)[] = [];
  #taken = 0;
  #waiting = 0;

  get size(): number {
    return this.#messages.size + this.#others.size + this.#waiting - this.#taken;
  }

  /** Adds an event, at the time `now` or later. Its `order` must be higher than that of all before it. */
  add(event: Event, now: Millis): void {
    if (event.at === now) this.#line[this.#waiting++] = event;
    else if (event.kind === 'message') this.#messages.push(event, event.at);
    else this.#others.push(event, event.at);
  }

  /** Takes the earliest event out, unless it is later than `limitMs`. */
  take(limitMs: Millis): Event | undefined {
    const message = this.#messages.peek();
    const other = this.#others.peek();
    const isOther = other !== undefined && (message === undefined || isBefore(other, message));
    const later = isOther ? other : message;
    const inLine = this.#line[this.#taken];
    if (inLine !== undefined && (later === undefined || isBefore(inLine, later)))
      return inLine.at > limitMs ? undefined : this.#takeInLine();
    if (later === undefined || later.at > limitMs) return undefined;
    return (isOther ? this.#others : this.#messages).pop();
  }

  #takeInLine(): Event | undefined {
    const event = this.#line[this.#taken];
    this.#line[this.#taken++] = undefined;
    if (this.#taken === this.#waiting) {
      this.#taken = 0;
      this.#waiting = 0;
    }
    return event;
  }

  /** Drops the events that are not wanted any more. Costs as much as all that is to happen. */
  keep(isWanted: (event: Event) => boolean): void {
    this.#messages.keep(isWanted);
    this.#others.keep(isWanted);
    const inLine = this.#line.slice(this.#taken, this.#waiting) as Event[];
    this.#line.length = 0;
    this.#taken = 0;
    this.#waiting = 0;
    for (const event of inLine) if (isWanted(event)) this.#line[this.#waiting++] = event;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
