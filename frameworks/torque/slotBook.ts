/** The slots that the queue server has: those of its gangs, and those given back whose tasks are not known to be dead. */
import type { SchedulerDriver } from '../../mesos/driver/scheduler.ts';
import type { ExecutorId, SlaveId, TaskId, TaskStatus } from '../../mesos/protocol/entities.ts';
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import type { Slot } from './gang.ts';
import type { Held } from './queue.ts';

/** See the top of the file. Each rank has an executor of its own, which is ended with its task. */
export class SlotBook {
  readonly #driver: SchedulerDriver;
  readonly #held = new Map<TaskId, Held>();
  readonly #ending = new Map<TaskId, Slot>();
  /** Executors told to end, not known to have ended. */
  readonly #leaving = new Map<ExecutorId, SlaveId>();

  constructor(driver: SchedulerDriver) {
    this.#driver = driver;
  }

  /** How many were given back and are not free yet. */
  get ending(): number {
    return this.#ending.size;
  }

  /** All of them. */
  get size(): number {
    return this.#held.size + this.#ending.size;
  }

  /** How many are on a slave. */
  on(slaveId: SlaveId): number {
    let count = 0;
    for (const { slot } of this.#held.values()) if (slot.slaveId === slaveId) count++;
    for (const slot of this.#ending.values()) if (slot.slaveId === slaveId) count++;
    return count;
  }

  hold(held: Held): void {
    this.#held.set(held.slot.taskId, held);
  }

  /** The slot that this task holds for a gang. */
  get(taskId: TaskId): Held | undefined {
    return this.#held.get(taskId);
  }

  /** The slot's task is dead. */
  forget(slot: Slot): void {
    this.#held.delete(slot.taskId);
    this.#endExecutor(slot.slaveId, slot.executorId);
  }

  /** Has the tasks of these slots killed, as far as they are held. */
  giveBack(slots: readonly Slot[]): void {
    for (const slot of slots) {
      if (!this.#held.delete(slot.taskId)) continue;
      this.#ending.set(slot.taskId, slot);
      this.#driver.killTask(slot.taskId);
    }
  }

  /**
   * Notes what became of a task that is held for no gang. If it was not given back either, it was thought to be lost and is back
   * again, or another scheduler launched it: nobody waits for it any more, and it is ended.
   */
  heardOf({ taskId, state, slaveId, executorId }: TaskStatus): void {
    const ending = this.#ending.get(taskId);
    if (!isTerminal(state)) {
      if (ending === undefined) this.#driver.killTask(taskId);
    } else if (ending !== undefined) {
      this.#ending.delete(taskId);
      this.#endExecutor(ending.slaveId, ending.executorId);
    } else if (slaveId !== undefined && executorId !== undefined)
      this.#driver.shutdownExecutor(slaveId, executorId);
  }

  executorLost(executorId: ExecutorId): void {
    this.#leaving.delete(executorId);
  }

  slaveLost(slaveId: SlaveId): void {
    for (const [executorId, where] of this.#leaving) if (where === slaveId) this.#leaving.delete(executorId);
  }

  /** Says again what may have got lost. */
  repeatKills(): void {
    for (const taskId of this.#ending.keys()) this.#driver.killTask(taskId);
  }

  /** There is a master again: what was said meanwhile is said again, and asked what became of the tasks. */
  settle(): void {
    for (const [executorId, slaveId] of this.#leaving) this.#driver.shutdownExecutor(slaveId, executorId);
    this.#leaving.clear();
    const tasks = [...this.#held.values()].map(({ slot: { taskId, slaveId } }) => ({ taskId, slaveId }));
    if (tasks.length > 0) this.#driver.reconcileTasks(tasks);
  }

  #endExecutor(slaveId: SlaveId, executorId: ExecutorId): void {
    this.#leaving.set(executorId, slaveId);
    this.#driver.shutdownExecutor(slaveId, executorId);
  }
}
