/**
 * Status updates of one task on their way to its scheduler: at least once, in order. Only the oldest that is not
 * acknowledged is under way; it is sent again, at growing intervals, until it is.
 */
import type { FrameworkId, TaskStatus } from '../protocol/entities.ts';
import { isTerminal } from '../protocol/tasks.ts';
import type { Clock, Millis, Timer } from '../runtime/actor.ts';

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

/** Sends an update to the master, if there is one. */
export type Forward = (frameworkId: FrameworkId, status: TaskStatus) => void;

/** The uuids that are remembered when one more came; the list may be the one that was given. */
export function withSeen(seen: string[], uuid: string): string[] {
  if (seen.length >= REMEMBERED_MAX) seen.shift();
  return withOne(seen, uuid);
}

/** The updates that wait when one more does; the list may be the one that was given. */
export function withWaiting(waiting: TaskStatus[], status: TaskStatus): TaskStatus[] {
  if (waiting.length >= WAITING_MAX) waiting.pop();
  return withOne(waiting, status);
}

function withOne<T>(list: T[], one: T): T[] {
  if (list.length < COPIED_MAX) return list.concat([one]);
  list.push(one);
  return list;
}

/** Of most tasks none waits. A list as short is copied before it becomes another one. */
const NONE: never[] = [];

/** The updates of one task. */
export class UpdateStream {
  /** Not acknowledged, oldest first. */
  #waiting: TaskStatus[];
  /** Uuids of those that came last. */
  #seen: string[];
  readonly #clock: Clock;
  readonly #forward: Forward;
  readonly #frameworkId: FrameworkId;
  #retry: Timer | undefined;
  #terminal: boolean;

  /** Recovered updates wait until they are repeated. */
  constructor(clock: Clock, forward: Forward, frameworkId: FrameworkId, recovered?: RecoveredUpdates) {
    this.#clock = clock;
    this.#forward = forward;
    this.#frameworkId = frameworkId;
    this.#waiting = recovered === undefined ? NONE : [...recovered.waiting];
    this.#seen = recovered === undefined ? NONE : [...recovered.seen];
    this.#terminal = this.#waiting.some(({ state }) => isTerminal(state));
  }

  /** Has the task's last update been acknowledged? */
  get isComplete(): boolean {
    return this.#terminal && this.#waiting.length === 0;
  }

  /** Would `add` take it? Not one that came before, nor one after a terminal one. */
  takes({ uuid }: TaskStatus): boolean {
    return !this.#terminal && (uuid === undefined || !this.#seen.includes(uuid));
  }

  /** Takes an update on, if it is news. */
  add(status: TaskStatus): void {
    if (!this.takes(status)) return;
    if (status.uuid !== undefined) this.#seen = withSeen(this.#seen, status.uuid);
    this.#terminal = isTerminal(status.state);
    this.#waiting = withWaiting(this.#waiting, status);
    if (this.#waiting.length === 1) this.#send(RETRY_MIN_MS);
  }

  /** The scheduler has the update. Returns if that was news: an acknowledgement may come twice, and then means nothing. */
  acknowledge(uuid: string): boolean {
    if (this.#waiting[0]?.uuid !== uuid) return false;
    if (this.#waiting.length === 1) this.#waiting = NONE;
    else this.#waiting.shift();
    this.repeat();
    return true;
  }

  /** Sends the oldest update at once: whoever it was sent to before may not have it. */
  repeat(): void {
    this.close();
    if (this.#waiting.length > 0) this.#send(RETRY_MIN_MS);
  }

  /** Stops sending. */
  close(): void {
    this.#retry?.cancel();
    this.#retry = undefined;
  }

  #send(retryMs: Millis): void {
    this.#forward(this.#frameworkId, this.#waiting[0] as TaskStatus);
    this.#retry = this.#clock.after(retryMs, () => this.#send(Math.min(2 * retryMs, RETRY_MAX_MS)));
  }
}
