/** Asks a master what became of the tasks that nothing was heard of since the last one was lost. */
import type { Millis, Timer } from '../../mesos/driver/actor.ts';
import type { SchedulerDriver } from '../../mesos/driver/scheduler.ts';
import type { TaskId } from '../../mesos/protocol/entities.ts';
import type { Attempt } from './task.ts';

/** How long to wait for an answer about a task, at first and at most. */
const FIRST_MS = 5_000;
const LONGEST_MS = 60_000;

/** Asks again and again, ever less often, as long as nothing was heard of some. */
export class Reconciliation {
  readonly #driver: Pick<SchedulerDriver, 'after' | 'reconcileTasks'>;
  readonly #attempts: ReadonlyMap<TaskId, Attempt>;
  #timer: Timer | undefined;

  constructor(
    driver: Pick<SchedulerDriver, 'after' | 'reconcileTasks'>,
    attempts: ReadonlyMap<TaskId, Attempt>,
  ) {
    this.#driver = driver;
    this.#attempts = attempts;
  }

  /** There is a master again. */
  start(): void {
    this.#ask(FIRST_MS);
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #ask(patienceMs: Millis): void {
    this.stop();
    const silent = [...this.#attempts.values()].filter(({ heard }) => !heard);
    if (silent.length === 0) return;
    this.#driver.reconcileTasks(silent.map(({ taskId, slaveId }) => ({ taskId, slaveId })));
    const next = Math.min(patienceMs * 2, LONGEST_MS);
    this.#timer = this.#driver.after(patienceMs, () => this.#ask(next));
  }
}
