/** What the master answers when a framework asks for the state of tasks (reconciliation, explicit and implicit). */
import type { SlaveId, TaskId } from '../protocol/entities.ts';
import type { TaskState } from '../protocol/tasks.ts';
import { answer, stateFor } from './answers.ts';
import type { Books } from './books.ts';
import type { Framework } from './state.ts';

/** A task that is asked for. */
interface Asked {
  readonly taskId: TaskId;
  readonly slaveId?: SlaveId;
}

/** Reconciliation. */
export class Reconciliation {
  readonly #books: Books;

  constructor(books: Books) {
    this.#books = books;
  }

  /** Tells the state of the tasks that are asked for, or of all that are known if none are named. */
  reconcile(framework: Framework, asked: readonly Asked[]): void {
    if (asked.length > 0) for (const one of asked) this.answer(framework, one);
    else for (const taskId of [...framework.tasks.keys()]) this.answer(framework, { taskId });
  }

  /** Tells the latest state of a task. Silent while its slave may still come back: the framework is to ask again. */
  answer(framework: Framework, { taskId, slaveId }: Asked): void {
    const task = framework.tasks.get(taskId);
    const state = task?.state ?? this.#stateOfUnknown(slaveId);
    if (state === undefined) return;
    const where = task?.slave.id ?? slaveId;
    answer(this.#books, framework, {
      taskId,
      state: stateFor(framework, state),
      reason: 'REASON_RECONCILIATION',
      message: task === undefined ? 'Reconciliation: Task is unknown' : 'Reconciliation: Latest task state',
      ...(where !== undefined && { slaveId: where }),
    });
  }

  #stateOfUnknown(slaveId: SlaveId | undefined): TaskState | undefined {
    if (slaveId === undefined) return this.#books.isRecovering ? undefined : 'TASK_UNKNOWN';
    // Its slave has told all that is on it.
    if (this.#books.slaves.has(slaveId)) return 'TASK_GONE';
    const gone = this.#books.goneOf(slaveId);
    switch (gone) {
      case 'unreachable':
        return 'TASK_UNREACHABLE';
      case 'left':
        return 'TASK_GONE';
      case 'gone-by-operator':
        return 'TASK_GONE_BY_OPERATOR';
      case undefined:
        return this.#books.isRecovering ? undefined : 'TASK_UNKNOWN';
      default:
        return gone satisfies never;
    }
  }
}
