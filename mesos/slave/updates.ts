/**
 * Status updates of one task on their way to its scheduler: at least once, in order. Only the oldest that is not
 * acknowledged is under way; it is sent again, at growing intervals, until it is.
 */
import type { TaskStatus } from '../protocol/entities.ts';
import { isTerminal } from '../protocol/tasks.ts';
import type { Clock, Millis, Timer } from '../runtime/actor.ts';

/** First repetition of an update that was not acknowledged; doubles up to {@link RETRY_MAX_MS}. */
const RETRY_MIN_MS = 10_000;
const RETRY_MAX_MS = 600_000;

/** The updates of one task. */
export class UpdateStream {
  readonly #waiting: TaskStatus[] = [];
  readonly #clock: Clock;
  readonly #forward: (status: TaskStatus) => void;
  #retry: Timer | undefined;
  #terminal = false;

  constructor(clock: Clock, forward: (status: TaskStatus) => void) {
    this.#clock = clock;
    this.#forward = forward;
  }

  /** Has the task's last update been acknowledged? */
  get isComplete(): boolean {
    return this.#terminal && this.#waiting.length === 0;
  }

  /** Has the task a terminal update, acknowledged or not? */
  get isTerminal(): boolean {
    return this.#terminal;
  }

  /** Takes an update on. One that comes twice, or after a terminal one, is left out. */
  add(status: TaskStatus): void {
    if (this.#terminal || this.#waiting.some(({ uuid }) => uuid === status.uuid)) return;
    this.#terminal = isTerminal(status.state);
    this.#waiting.push(status);
    if (this.#waiting.length === 1) this.#send(RETRY_MIN_MS);
  }

  /** The scheduler has the update. Unknown uuids are ignored: an acknowledgement may come twice. */
  acknowledge(uuid: string): void {
    if (this.#waiting[0]?.uuid !== uuid) return;
    this.#waiting.shift();
    this.#retry?.cancel();
    this.#retry = undefined;
    if (this.#waiting.length > 0) this.#send(RETRY_MIN_MS);
  }

  /** Stops sending. */
  close(): void {
    this.#retry?.cancel();
  }

  #send(retryMs: Millis): void {
    this.#forward(this.#waiting[0] as TaskStatus);
    this.#retry = this.#clock.after(retryMs, () => this.#send(Math.min(2 * retryMs, RETRY_MAX_MS)));
  }
}
