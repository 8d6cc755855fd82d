/** Coarse-grained mode: the long tasks, one on each slave, and the messages to the executors that run them. */
import type { Timer } from '../../../mesos/driver/actor.ts';
import type { SchedulerDriver } from '../../../mesos/driver/scheduler.ts';
import type { ExecutorId, SlaveId, TaskId } from '../../../mesos/protocol/entities.ts';
import { type Order, packData } from '../taskData.ts';

/** Messages may be lost with a link: what was not answered in this time is said again. */
export const REPEAT_MS = 5_000;

/** A long task, and the slots that it gives. */
export interface CoarseWorker {
  readonly taskId: TaskId;
  readonly slaveId: SlaveId;
  readonly host: string;
  readonly slots: number;
  /** Tasks that run in it. */
  running: number;
  /** Its executor runs, and takes orders. */
  isReady: boolean;
}

/** The long tasks of an application. */
export class CoarseWorkers {
  readonly #driver: SchedulerDriver;
  readonly #executorId: ExecutorId;
  readonly #bySlave = new Map<SlaveId, CoarseWorker>();
  readonly #byTask = new Map<TaskId, CoarseWorker>();
  /** Launches that have not been answered. */
  readonly #unanswered = new Map<TaskId, Timer>();
  #launched = 0;

  constructor(driver: SchedulerDriver, executorId: ExecutorId) {
    this.#driver = driver;
    this.#executorId = executorId;
  }

  get slots(): number {
    let slots = 0;
    for (const worker of this.#bySlave.values()) slots += worker.slots;
    return slots;
  }

  all(): Iterable<CoarseWorker> {
    return this.#bySlave.values();
  }

  on(slaveId: SlaveId): CoarseWorker | undefined {
    return this.#bySlave.get(slaveId);
  }

  of(taskId: TaskId): CoarseWorker | undefined {
    return this.#byTask.get(taskId);
  }

  /** A long task is about to be launched; returns it, with its id. */
  add(slaveId: SlaveId, host: string, slots: number): CoarseWorker {
    const taskId = `coarse-${this.#launched++}`;
    const worker = { taskId, slaveId, host, slots, running: 0, isReady: false };
    this.#bySlave.set(slaveId, worker);
    this.#byTask.set(taskId, worker);
    return worker;
  }

  /** The long task has ended. */
  remove({ taskId, slaveId }: CoarseWorker): void {
    this.#bySlave.delete(slaveId);
    this.#byTask.delete(taskId);
  }

  /** Tells an executor to run a task, again and again until it answers. */
  launch(slaveId: SlaveId, taskId: TaskId, data: Uint8Array): void {
    this.#unanswered.set(
      taskId,
      this.#driver.after(REPEAT_MS, () => this.launch(slaveId, taskId, data)),
    );
    this.send(slaveId, { type: 'launch', taskId, data });
  }

  /** The executor has answered, or will not any more. */
  answered(taskId: TaskId): void {
    this.#unanswered.get(taskId)?.cancel();
    this.#unanswered.delete(taskId);
  }

  send(slaveId: SlaveId, order: Order): void {
    this.#driver.sendFrameworkMessage(slaveId, this.#executorId, packData(order));
  }

  /** Nothing is said any more. */
  stop(): void {
    for (const timer of this.#unanswered.values()) timer.cancel();
    this.#unanswered.clear();
  }
}
