/**
 * Status updates of one task on their way to its scheduler: at least once, in order. Only the oldest that is not
 * acknowledged is under way; it is sent again, at growing intervals, until it is.
 */
import type { FrameworkId, TaskStatus } from '../protocol/entities.ts';
import type { SlaveReport } from '../protocol/slave.ts';
import { isTerminal } from '../protocol/tasks.ts';
import type { Clock, Millis } from '../runtime/actor.ts';
import { type Packed, packed, unpacked } from '../runtime/packed.ts';

/** First repetition of an update that was not acknowledged; doubles up to {@link RETRY_MAX_MS}. */
const RETRY_MIN_MS = 10_000;
const RETRY_MAX_MS = 600_000;
/** Updates of a task that are remembered by their uuids, so that one that comes twice is known. */
const REMEMBERED_MAX = 100;
/** Updates of a task that wait. Where there would be more, the last gives way to the one that comes, which tells more. */
export const WAITING_MAX = 1_000;
/** A list up to this length is copied when it changes: one that grows takes room for many more, and there may be a hundred thousand. */
const COPIED_MAX = 4;
const NEVER = Number.POSITIVE_INFINITY;

/** What an earlier process of the slave knew of a task's updates. */
export interface RecoveredUpdates {
  /** Not acknowledged, oldest first. */
  readonly waiting: readonly TaskStatus[];
  /** Those that came last, by their uuids. */
  readonly seen: readonly string[];
}

const NO_UPDATES: RecoveredUpdates = { waiting: [], seen: [] };

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

/** Updates that are not acknowledged. */
interface Waiting {
  /** Oldest first; there is one. */
  statuses: TaskStatus[];
  /** When the oldest is to be sent again; a recovered one is not until it is repeated. */
  dueMs: Millis;
  retryMs: Millis;
}

/** The updates of one task. */
export class UpdateStream {
  /** Of most tasks none waits. */
  #waiting: Waiting | undefined;
  /** Uuids of those that came last. */
  #seen: Packed<string>;
  #terminal: boolean;

  constructor({ waiting, seen }: RecoveredUpdates = NO_UPDATES) {
    if (waiting.length > 0) this.#waiting = waitingFor([...waiting]);
    this.#seen = packed(seen);
    this.#terminal = waiting.some(({ state }) => isTerminal(state));
  }

  /** The oldest that is not acknowledged. */
  get oldestUpdate(): TaskStatus | undefined {
    return this.#waiting?.statuses[0];
  }

  /** Has the task's last update been acknowledged? */
  get isComplete(): boolean {
    return this.#terminal && this.#waiting === undefined;
  }

  /** Would `add` take it? Not one that came before, nor one after a terminal one. */
  takes({ uuid }: TaskStatus): boolean {
    return !this.#terminal && (uuid === undefined || !unpacked(this.#seen).includes(uuid));
  }

  /** Takes an update on, which must be news. Returns if it is the oldest. */
  addUpdate(status: TaskStatus): boolean {
    if (status.uuid !== undefined) this.#seen = packed(withSeen(unpacked(this.#seen), status.uuid));
    this.#terminal = isTerminal(status.state);
    if (this.#waiting !== undefined) {
      this.#waiting.statuses = withWaiting(this.#waiting.statuses, status);
      return false;
    }
    this.#waiting = waitingFor([status]);
    return true;
  }

  /** The scheduler has the update. Returns if that was news: an acknowledgement may come twice, and then means nothing. */
  acknowledge(uuid: string): boolean {
    const waiting = this.#waiting;
    if (waiting === undefined || waiting.statuses[0]?.uuid !== uuid) return false;
    if (waiting.statuses.length === 1) this.#waiting = undefined;
    else waiting.statuses.shift();
    return true;
  }

  /** The oldest is sent, not for want of an answer: it will be sent again in {@link RETRY_MIN_MS}. */
  sent(nowMs: Millis): void {
    if (this.#waiting === undefined) return;
    this.#waiting.retryMs = RETRY_MIN_MS;
    this.#waiting.dueMs = nowMs + RETRY_MIN_MS;
  }

  /** Is the oldest to be sent again? Then when it is next becomes later. */
  isDue(nowMs: Millis): boolean {
    const waiting = this.#waiting;
    if (waiting === undefined || waiting.dueMs > nowMs) return false;
    waiting.retryMs = Math.min(2 * waiting.retryMs, RETRY_MAX_MS);
    waiting.dueMs = nowMs + waiting.retryMs;
    return true;
  }

  /** When the oldest is to be sent again. */
  get dueMs(): Millis {
    return this.#waiting?.dueMs ?? NEVER;
  }
}

function waitingFor(statuses: TaskStatus[]): Waiting {
  return { statuses, dueMs: NEVER, retryMs: RETRY_MIN_MS };
}

/** Updates of a framework's task. */
export interface Updated extends UpdateStream {
  readonly frameworkId: FrameworkId;
}

/** What sending needs of its slave. */
export interface Sending {
  readonly context: Clock;
  readonly registration: { report(report: SlaveReport): void };
}

/** Sends the updates of all tasks of a slave to the master, if there is one. One timer serves them all: nearly all updates are acknowledged long before it rings. */
export class UpdateSender {
  readonly #slave: Sending;
  readonly #tasks: Iterable<Updated>;
  /** Will it ring? If so, soon enough for what is sent meanwhile. */
  #isSet = false;

  constructor(slave: Sending, tasks: Iterable<Updated>) {
    this.#slave = slave;
    this.#tasks = tasks;
  }

  /** Sends a task's oldest update, if one waits. */
  send(task: Updated): void {
    const status = task.oldestUpdate;
    if (status === undefined) return;
    this.#report(task.frameworkId, status);
    task.sent(this.#slave.context.now());
    this.#ringIn(RETRY_MIN_MS);
  }

  #report(frameworkId: FrameworkId, status: TaskStatus): void {
    this.#slave.registration.report({ type: 'STATUS_UPDATE', frameworkId, status });
  }

  #ringIn(delayMs: Millis): void {
    if (this.#isSet) return;
    this.#isSet = true;
    this.#slave.context.after(Math.min(delayMs, RETRY_MIN_MS), this);
  }

  /** The timer rings. */
  due(): void {
    const nowMs = this.#slave.context.now();
    this.#isSet = false;
    let nextMs = NEVER;
    for (const task of this.#tasks) {
      const { frameworkId, oldestUpdate } = task;
      if (oldestUpdate === undefined) continue;
      if (task.isDue(nowMs)) this.#report(frameworkId, oldestUpdate);
      nextMs = Math.min(nextMs, task.dueMs);
    }
    if (nextMs < NEVER) this.#ringIn(nextMs - nowMs);
  }
}
