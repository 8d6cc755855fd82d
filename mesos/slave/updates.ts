/**
 * Status updates of one task on their way to its scheduler: at least once, in order. Only the oldest that is not
 * acknowledged is under way; it is sent again, at growing intervals, until it is.
 */
import type { FrameworkId, TaskStatus } from '../protocol/entities.ts';
import { isTerminal } from '../protocol/tasks.ts';
import type { Clock, Millis, Timer } from '../runtime/actor.ts';
import { type Packed, packed, unpacked } from '../runtime/packed.ts';
import type { Registered } from './registration.ts';

/** First repetition of an update that was not acknowledged; doubles up to {@link RETRY_MAX_MS}. */
const RETRY_MIN_MS = 10_000;
const RETRY_MAX_MS = 600_000;
/** Updates of a task that are remembered by their uuids, so that one that comes twice is known. */
const REMEMBERED_MAX = 100;
/** Updates of a task that wait. Where there would be more, the last gives way to the one that comes, which tells more. */
export const WAITING_MAX = 1_000;
/** A list up to this length is copied when it changes: one that grows takes room for many more, and there may be a hundred thousand. */
const COPIED_MAX = 4;

/** What an earlier process of the slave knew of a task's updates. */
export interface RecoveredUpdates {
  /** Not acknowledged, oldest first. */
  readonly waiting: readonly TaskStatus[];
  /** Those that came last, by their uuids. */
  readonly seen: readonly string[];
}

/** The uuids that are remembered when one more came. */
export function withSeen(seen: readonly string[], uuid: string): readonly string[] {
  return (seen.length < REMEMBERED_MAX ? seen : seen.slice(1)).concat([uuid]);
}

/** The updates that wait when one more does; the list may be the one that was given. */
export function withWaiting(waiting: TaskStatus[], status: TaskStatus): TaskStatus[] {
  if (waiting.length < COPIED_MAX) return waiting.concat([status]);
  if (waiting.length >= WAITING_MAX) waiting.pop();
  waiting.push(status);
  return waiting;
}

/** Of most tasks none waits. A list as short is copied before it becomes another one. */
const NONE: never[] = [];

/** The updates of one task. */
export class UpdateStream {
  /** Not acknowledged, oldest first. */
  #waiting: TaskStatus[];
  /** Uuids of those that came last. */
  #seen: Packed<string>;
  #terminal: boolean;
  /** When the oldest is to be sent again; a recovered one is not until it is repeated. */
  #dueMs: Millis = Number.POSITIVE_INFINITY;
  #retryMs: Millis = RETRY_MIN_MS;

  constructor(recovered?: RecoveredUpdates) {
    this.#waiting = recovered === undefined ? NONE : [...recovered.waiting];
    this.#seen = packed(recovered?.seen);
    this.#terminal = this.#waiting.some(({ state }) => isTerminal(state));
  }

  /** The oldest that is not acknowledged. */
  get oldest(): TaskStatus | undefined {
    return this.#waiting[0];
  }

  /** Has the task's last update been acknowledged? */
  get isComplete(): boolean {
    return this.#terminal && this.#waiting.length === 0;
  }

  /** Would `add` take it? Not one that came before, nor one after a terminal one. */
  takes({ uuid }: TaskStatus): boolean {
    return !this.#terminal && (uuid === undefined || !unpacked(this.#seen).includes(uuid));
  }

  /** Takes an update on, which must be news. Returns if it is the oldest. */
  add(status: TaskStatus): boolean {
    if (status.uuid !== undefined) this.#seen = packed(withSeen(unpacked(this.#seen), status.uuid));
    this.#terminal = isTerminal(status.state);
    this.#waiting = withWaiting(this.#waiting, status);
    return this.#waiting.length === 1;
  }

  /** The scheduler has the update. Returns if that was news: an acknowledgement may come twice, and then means nothing. */
  acknowledge(uuid: string): boolean {
    if (this.#waiting[0]?.uuid !== uuid) return false;
    if (this.#waiting.length === 1) this.#waiting = NONE;
    else this.#waiting.shift();
    return true;
  }

  /** The oldest is sent, not for want of an answer. Returns when it is to be sent again. */
  sent(nowMs: Millis): Millis {
    this.#retryMs = RETRY_MIN_MS;
    this.#dueMs = nowMs + RETRY_MIN_MS;
    return this.#dueMs;
  }

  /** Is the oldest to be sent again? Then when it is next becomes later. */
  isDue(nowMs: Millis): boolean {
    if (this.#dueMs > nowMs) return false;
    this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MAX_MS);
    this.#dueMs = nowMs + this.#retryMs;
    return true;
  }

  /** When the oldest is to be sent again. */
  get dueMs(): Millis {
    return this.#waiting.length === 0 ? Number.POSITIVE_INFINITY : this.#dueMs;
  }
}

/** Whose updates there are. */
export interface Updated {
  readonly frameworkId: FrameworkId;
  readonly updates: UpdateStream;
}

/** Sends the updates of all tasks of a slave to the master, if there is one. One timer serves them all: nearly all updates are acknowledged long before it rings. */
export class UpdateSender {
  readonly #clock: Clock;
  readonly #registration: Pick<Registered, 'report'>;
  readonly #tasks: Iterable<Updated>;
  #timer: Timer | undefined;
  #ringsMs: Millis = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, registration: Pick<Registered, 'report'>, tasks: Iterable<Updated>) {
    this.#clock = clock;
    this.#registration = registration;
    this.#tasks = tasks;
  }

  /** Sends a task's oldest update, if one waits. */
  send({ frameworkId, updates }: Updated): void {
    const status = updates.oldest;
    if (status === undefined) return;
    this.#report(frameworkId, status);
    const nowMs = this.#clock.now();
    this.#ringAt(updates.sent(nowMs), nowMs);
  }

  #report(frameworkId: FrameworkId, status: TaskStatus): void {
    this.#registration.report({ type: 'STATUS_UPDATE', frameworkId, status });
  }

  #ringAt(timeMs: Millis, nowMs: Millis): void {
    if (this.#ringsMs <= timeMs) return;
    this.#timer?.cancel();
    this.#ringsMs = timeMs;
    // Bound, not a closure, which would be twice as large: nearly every slave of a process has one.
    this.#timer = this.#clock.after(timeMs - nowMs, this.#ring.bind(this));
  }

  #ring(): void {
    const nowMs = this.#clock.now();
    this.#ringsMs = Number.POSITIVE_INFINITY;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { frameworkId, updates } of this.#tasks) {
      const { oldest } = updates;
      if (oldest === undefined) continue;
      if (updates.isDue(nowMs)) this.#report(frameworkId, oldest);
      nextMs = Math.min(nextMs, updates.dueMs);
    }
    if (nextMs < Number.POSITIVE_INFINITY) this.#ringAt(nextMs, nowMs);
  }
}
