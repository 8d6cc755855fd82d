/**
 * The tasks that a driver has launched and whose end it has not seen. Launches, kills and the master's answers may be lost when
 * a master fails or a link breaks; from this the driver knows what to ask for and what to order again.
 */
import type { SlaveId, TaskId, TaskInfo, TaskStatus } from '../protocol/entities.ts';
import { isTerminal } from '../protocol/tasks.ts';

/** What to do with a status that has come. */
export type Verdict =
  /** Tell the scheduler. */
  | 'tell'
  /** Tell the scheduler, which wants the task to be killed: the order may have been lost. */
  | 'tell-and-kill'
  /** The scheduler knows that the task has ended: it is to end for good. */
  | 'kill'
  /** It tells nothing new. */
  | 'drop';

interface Known {
  readonly slaveId: SlaveId;
  isKilled: boolean;
  /** The master has been asked for it and has not answered. */
  isAsked: boolean;
}

/** How many ended tasks are remembered, to know them again if they come back. */
const ENDED_MAX = 100_000;

/** The tasks of one driver. */
export class KnownTasks {
  readonly #live = new Map<TaskId, Known>();
  /** Lost or ended, as the scheduler was told; the latest last. */
  readonly #ended = new Set<TaskId>();

  launched({ taskId, slaveId }: TaskInfo): void {
    this.#ended.delete(taskId);
    if (!this.#live.has(taskId)) this.#live.set(taskId, { slaveId, isKilled: false, isAsked: false });
  }

  killed(taskId: TaskId): void {
    const known = this.#live.get(taskId);
    if (known !== undefined) known.isKilled = true;
  }

  /** A status has come. */
  heard({ taskId, slaveId, state }: TaskStatus): Verdict {
    if (this.#ended.has(taskId)) return isTerminal(state) ? 'drop' : 'kill';
    if (isTerminal(state)) {
      this.#live.delete(taskId);
      this.#remember(taskId);
      return 'tell';
    }
    const known = this.#live.get(taskId);
    if (known !== undefined) {
      known.isAsked = false;
      return known.isKilled ? 'tell-and-kill' : 'tell';
    }
    // Of a scheduler whose place this one has taken.
    if (slaveId !== undefined) this.#live.set(taskId, { slaveId, isKilled: false, isAsked: false });
    return 'tell';
  }

  #remember(taskId: TaskId): void {
    this.#ended.add(taskId);
    if (this.#ended.size <= ENDED_MAX) return;
    for (const oldest of this.#ended) {
      this.#ended.delete(oldest);
      return;
    }
  }

  /** A master is there: it has to be asked for all tasks. */
  askForAll(): void {
    for (const known of this.#live.values()) known.isAsked = true;
  }

  /** The tasks for which it is still to be asked. */
  asked(): readonly { readonly taskId: TaskId; readonly slaveId: SlaveId }[] {
    return [...this.#live].flatMap(([taskId, { slaveId, isAsked }]) =>
      isAsked ? [{ taskId, slaveId }] : [],
    );
  }
}
