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

/** How many ended tasks are remembered at least, to know them again if they come back; up to twice as many are. */
const ENDED_MIN = 50_000;

/** The tasks of one driver. */
export class KnownTasks {
  readonly #live = new Map<TaskId, Known>();
  /** Lost or ended, as the scheduler was told. An id that is used again is that of the task that lives. */
  #ended = new Set<TaskId>();
  /** Those before; forgotten all together. */
  #endedBefore: ReadonlySet<TaskId> = new Set();

  launched({ taskId, slaveId }: TaskInfo): void {
    if (!this.#live.has(taskId)) this.#live.set(taskId, { slaveId, isKilled: false, isAsked: false });
  }

  killed(taskId: TaskId): void {
    const known = this.#live.get(taskId);
    if (known !== undefined) known.isKilled = true;
  }

  /** A status has come. */
  heard({ taskId, slaveId, state }: TaskStatus): Verdict {
    const known = this.#live.get(taskId);
    if (known === undefined && this.#hasEnded(taskId)) return isTerminal(state) ? 'drop' : 'kill';
    if (isTerminal(state)) {
      if (known !== undefined) this.#live.delete(taskId);
      this.#remember(taskId);
      return 'tell';
    }
    if (known !== undefined) {
      known.isAsked = false;
      return known.isKilled ? 'tell-and-kill' : 'tell';
    }
    // Of a scheduler whose place this one has taken.
    if (slaveId !== undefined) this.#live.set(taskId, { slaveId, isKilled: false, isAsked: false });
    return 'tell';
  }

  #hasEnded(taskId: TaskId): boolean {
    return this.#ended.has(taskId) || this.#endedBefore.has(taskId);
  }

  #remember(taskId: TaskId): void {
    this.#ended.add(taskId);
    if (this.#ended.size < ENDED_MIN) return;
    this.#endedBefore = this.#ended;
    this.#ended = new Set();
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
