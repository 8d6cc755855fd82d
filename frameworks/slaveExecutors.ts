/** The executors of an instance, one on each slave that has one, as far as is known. */
import type { Timer } from '../mesos/driver/actor.ts';
import type { SchedulerDriver } from '../mesos/driver/scheduler.ts';
import type { ExecutorId, SlaveId } from '../mesos/protocol/entities.ts';

/** How long they are kept for the next job when there is none; starting them takes a while. */
const IDLE_MS = 5_000;

/** Slaves that have an executor. */
export class SlaveExecutors {
  readonly #driver: Pick<SchedulerDriver, 'after' | 'shutdownExecutor'>;
  readonly #executorId: ExecutorId;
  readonly #on = new Set<SlaveId>();
  #idle: Timer | undefined;

  /** `executorId`: of each of them. */
  constructor(driver: Pick<SchedulerDriver, 'after' | 'shutdownExecutor'>, executorId: ExecutorId) {
    this.#driver = driver;
    this.#executorId = executorId;
  }

  started(slaveId: SlaveId): void {
    this.#on.add(slaveId);
  }

  ended(slaveId: SlaveId): void {
    this.#on.delete(slaveId);
  }

  /** Whether there is anything to do for them: if not, they end after a while, since they may hold resources. */
  wanted(areWanted: boolean): void {
    this.#idle?.cancel();
    this.#idle = undefined;
    if (areWanted || this.#on.size === 0) return;
    this.#idle = this.#driver.after(IDLE_MS, () => {
      for (const slaveId of this.#on) this.#driver.shutdownExecutor(slaveId, this.#executorId);
      this.#on.clear();
    });
  }
}
