/** The master's tasks: launched on accepted offers, followed to their end, and told of to their frameworks. */
import type { FrameworkId, OfferId, SlaveId, TaskId, TaskInfo, TaskStatus } from '../protocol/entities.ts';
import { type LaunchSite, launchComplaint, launchCost } from '../protocol/launch.ts';
import { add, isEmpty, NOTHING, type Resources, subtract } from '../protocol/resources.ts';
import { isTerminal, type StatusReason, type TaskState } from '../protocol/tasks.ts';
import type { Books } from './books.ts';
import type { Offers } from './offers.ts';
import type { Framework, Slave, Task } from './state.ts';

/** The tasks. */
export class Tasks {
  readonly #books: Books;
  readonly #offers: Offers;

  constructor(books: Books, offers: Offers) {
    this.#books = books;
    this.#offers = offers;
  }

  accept(
    framework: Framework,
    offerIds: readonly OfferId[],
    tasks: readonly TaskInfo[],
    refuseSeconds: number | undefined,
  ): void {
    if (tasks.length === 0) return this.#offers.decline(framework, offerIds, refuseSeconds);
    const offers = [...new Set(offerIds)].flatMap((id) => framework.offers.get(id) ?? []);
    const slave = offers[0]?.slave;
    const valid = offers.length === offerIds.length && offers.every((offer) => offer.slave === slave);
    if (slave === undefined || !valid) {
      this.#offers.decline(framework, offerIds, 0);
      for (const task of tasks)
        this.answer(
          framework,
          task.taskId,
          task.slaveId,
          'TASK_LOST',
          'REASON_INVALID_OFFERS',
          'Task launched with invalid offers',
        );
      return;
    }
    let left = NOTHING;
    for (const offer of offers) {
      this.#offers.close(offer);
      left = add(left, offer.resources);
      this.#books.context.record({ event: 'offer-accepted', offerId: offer.id, tasks: tasks.length });
    }
    for (const task of tasks) {
      const complaint = launchComplaint(task, siteOf(framework, slave), left);
      if (complaint === undefined) left = subtract(left, this.#launch(task, framework, slave));
      else this.answer(framework, task.taskId, task.slaveId, 'TASK_ERROR', 'REASON_TASK_INVALID', complaint);
    }
    if (!isEmpty(left))
      this.#books.allocation.release(framework.id, slave.id, left, this.#offers.refusedUntil(refuseSeconds));
    this.#offers.allocateSoon();
  }

  /** Launches a valid task; returns what it took. */
  #launch(info: TaskInfo, framework: Framework, slave: Slave): Resources {
    const { executorId } = info.executor;
    const cost = launchCost(info, siteOf(framework, slave));
    let executors = slave.executors.get(framework.id);
    if (executors === undefined) {
      executors = new Map();
      slave.executors.set(framework.id, executors);
    }
    if (!executors.has(executorId)) executors.set(executorId, info.executor);
    const task: Task = {
      id: info.taskId,
      framework,
      slave,
      executorId,
      resources: info.resources,
      state: 'TASK_STAGING',
      lastUuid: undefined,
      unacknowledged: undefined,
    };
    framework.tasks.set(task.id, task);
    slave.tasks.add(task);
    this.#books.context.record({
      event: 'task-launched',
      taskId: task.id,
      frameworkId: framework.id,
      slaveId: slave.id,
      executorId,
      resources: info.resources,
    });
    this.#books.order(slave, {
      type: 'RUN_TASK',
      frameworkId: framework.id,
      frameworkInfo: framework.info,
      task: info,
    });
    return cost;
  }

  /** Books a task's new state. A terminal one frees its resources; the record stays until it is acknowledged. */
  setState(task: Task, state: TaskState, reason?: StatusReason, message?: string): void {
    task.state = state;
    this.#books.context.record({
      event: 'task-updated',
      taskId: task.id,
      frameworkId: task.framework.id,
      slaveId: task.slave.id,
      state,
      ...(reason && { reason }),
      ...(message && { message }),
    });
    if (!isTerminal(state)) return;
    task.slave.tasks.delete(task);
    this.#books.allocation.release(task.framework.id, task.slave.id, task.resources);
    this.#offers.allocateSoon();
  }

  forget(task: Task): void {
    task.framework.tasks.delete(task.id);
    task.slave.tasks.delete(task);
  }

  kill(framework: Framework, taskId: TaskId): void {
    const task = framework.tasks.get(taskId);
    if (task === undefined)
      return this.answer(framework, taskId, undefined, 'TASK_LOST', 'REASON_TASK_UNKNOWN', 'Task is unknown');
    this.#books.order(task.slave, { type: 'KILL_TASK', frameworkId: framework.id, taskId });
  }

  acknowledge(framework: Framework, taskId: TaskId, slaveId: SlaveId, uuid: string): void {
    const task = framework.tasks.get(taskId);
    this.#books.orderSlave(slaveId, {
      type: 'STATUS_UPDATE_ACKNOWLEDGEMENT',
      frameworkId: framework.id,
      taskId,
      uuid,
    });
    if (task === undefined) return;
    if (task.unacknowledged?.uuid === uuid) task.unacknowledged = undefined;
    if (isTerminal(task.state) && task.lastUuid === uuid) this.forget(task);
  }

  /** Tells a framework again what nobody has acknowledged: the slaves' next repetition may be minutes away. */
  repeatUpdates(framework: Framework): void {
    for (const { unacknowledged: status } of framework.tasks.values())
      if (status !== undefined) this.#books.tell(framework.address, { type: 'UPDATE', status });
  }

  reconcile(framework: Framework, asked: readonly { taskId: TaskId }[]): void {
    const ids = asked.length > 0 ? asked.map(({ taskId }) => taskId) : [...framework.tasks.keys()];
    for (const id of ids) {
      const task = framework.tasks.get(id);
      const message = 'Reconciliation: Latest task state';
      this.answer(
        framework,
        id,
        task?.slave.id,
        task?.state ?? 'TASK_LOST',
        'REASON_RECONCILIATION',
        message,
      );
    }
  }

  /** Tells a framework a task's state on the master's own account; needs no acknowledgement. */
  answer(
    framework: Framework,
    taskId: TaskId,
    slaveId: SlaveId | undefined,
    state: TaskState,
    reason: StatusReason,
    message: string,
  ): void {
    if (framework.state.is !== 'connected') return;
    const status: TaskStatus = {
      taskId,
      state,
      source: 'SOURCE_MASTER',
      reason,
      message,
      ...(slaveId !== undefined && { slaveId }),
      timestamp: this.#books.context.now() / 1000,
    };
    this.#books.tell(framework.address, { type: 'UPDATE', status });
  }

  statusUpdate(slave: Slave, frameworkId: FrameworkId, status: TaskStatus): void {
    const framework = this.#books.frameworks.get(frameworkId);
    const { taskId, uuid } = status;
    const task = framework?.tasks.get(taskId);
    if (framework === undefined || task === undefined || task.slave !== slave) {
      // Nobody waits for this update any more; without an answer the slave would repeat it for ever.
      if (uuid !== undefined)
        this.#books.order(slave, { type: 'STATUS_UPDATE_ACKNOWLEDGEMENT', frameworkId, taskId, uuid });
      return;
    }
    if (!isTerminal(task.state) && task.lastUuid !== uuid) {
      task.lastUuid = uuid;
      this.setState(task, status.state, status.reason, status.message);
    }
    task.unacknowledged = status;
    if (framework.state.is === 'connected') this.#books.tell(framework.address, { type: 'UPDATE', status });
  }
}

const NO_EXECUTORS: LaunchSite['executors'] = new Map();

function siteOf(framework: Framework, slave: Slave): LaunchSite {
  return {
    slaveId: slave.id,
    executors: slave.executors.get(framework.id) ?? NO_EXECUTORS,
    isTask: (id) => framework.tasks.has(id),
  };
}
