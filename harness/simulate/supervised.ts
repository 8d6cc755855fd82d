/** A scheduler with a layer around it that checks what a driver promises, and changes how the scheduler behaves. */
import type { Scheduler, SchedulerDriver, SchedulerFactory } from '../../mesos/driver/scheduler.ts';
import type { FrameworkId, TaskId, TaskStatus } from '../../mesos/protocol/entities.ts';
import type { SlaveFilter } from '../../mesos/protocol/filters.ts';
import { isTerminal, type TaskState } from '../../mesos/protocol/tasks.ts';
import type { Millis } from '../../mesos/runtime/actor.ts';
import { queueOf } from './observed.ts';

/** How to treat a scheduler. */
export interface Supervision {
  /** Each callback takes it up to this long to notice. */
  readonly slowMs: Millis;
  /** How long it refuses offers, instead of what it chooses. */
  readonly refuseSeconds: number | undefined;
  /** Which slaves it wants to be offered, beside what it chooses. */
  readonly filters: readonly SlaveFilter[];
  readonly registered: (id: FrameworkId) => void;
  /** The driver broke its word. */
  readonly broken: (how: string) => void;
  /** Is kept: the tasks that it has launched and whose end it has not been told, with the time of their launch. */
  readonly open: Map<TaskId, Millis>;
}

/** The same scheduler under supervision. */
export function supervised(factory: SchedulerFactory, supervision: Supervision): SchedulerFactory {
  const { slowMs, refuseSeconds, registered, broken, open, filters: own } = supervision;
  return (driver) => {
    let depth = 0;
    let isStopped = false;
    const ended = new Map<TaskId, TaskState>();
    const check = ({ taskId, state }: TaskStatus): void => {
      const before = ended.get(taskId);
      if (before !== undefined) broken(`${taskId} was told to be ${state} after it was ${before}`);
      if (!isTerminal(state)) return;
      ended.set(taskId, state);
      open.delete(taskId);
    };
    const act = (run: () => void): void => {
      depth++;
      run();
      depth--;
    };
    const scheduler = factory({
      ...driver,
      replyToOffer: (offerIds, tasks, filters) => {
        for (const { taskId } of tasks) open.set(taskId, driver.now());
        act(() =>
          driver.replyToOffer(
            offerIds,
            tasks,
            refuseSeconds === undefined ? filters : { ...filters, refuseSeconds },
          ),
        );
      },
      setFilters: (filters) => act(() => driver.setFilters([...own, ...filters])),
      setNeedsOffers: (needed) => act(() => driver.setNeedsOffers(needed)),
      killTask: (taskId) => act(() => driver.killTask(taskId)),
      shutdownExecutor: (slaveId, executorId) => act(() => driver.shutdownExecutor(slaveId, executorId)),
      sendFrameworkMessage: (slaveId, executorId, data) =>
        act(() => driver.sendFrameworkMessage(slaveId, executorId, data)),
      reconcileTasks: (tasks) => act(() => driver.reconcileTasks(tasks)),
      stop: () => {
        isStopped = true;
        act(() => driver.stop());
      },
    } satisfies SchedulerDriver);
    if (own.length > 0) driver.setFilters(own);
    const later = slowMs > 0 ? queueOf(driver, slowMs) : (run: () => void) => run();
    const tell = (callback: keyof Scheduler, run: () => void): void => {
      if (depth > 0) broken(`${callback} was called inside an action or another callback`);
      if (isStopped) broken(`${callback} was called after the driver had been stopped`);
      later(() => {
        depth++;
        run();
        depth--;
      });
    };
    return {
      registered: (id) => {
        registered(id);
        tell('registered', () => scheduler.registered(id));
      },
      resourceOffers: (offers) => tell('resourceOffers', () => scheduler.resourceOffers(offers)),
      offerRescinded: (id) => tell('offerRescinded', () => scheduler.offerRescinded(id)),
      statusUpdate: (status) => {
        check(status);
        tell('statusUpdate', () => scheduler.statusUpdate(status));
      },
      slaveLost: (id) => tell('slaveLost', () => scheduler.slaveLost(id)),
      executorLost: (slaveId, executorId, status) =>
        tell('executorLost', () => scheduler.executorLost(slaveId, executorId, status)),
      frameworkMessage: (slaveId, executorId, data) =>
        tell('frameworkMessage', () => scheduler.frameworkMessage(slaveId, executorId, data)),
      disconnected: () => tell('disconnected', () => scheduler.disconnected()),
      error: (message) => tell('error', () => scheduler.error(message)),
    };
  };
}
