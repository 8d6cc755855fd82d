/** The master's tasks: launched on accepted offers, followed to their end, and told of to their frameworks. */
import type { FrameworkId, SlaveId, TaskId, TaskInfo, TaskStatus } from '../protocol/entities.ts';
import { type LaunchSite, launchCost } from '../protocol/launch.ts';
import { joinPorts, NO_PORTS, withoutPorts } from '../protocol/ports.ts';
import type { Resources } from '../protocol/resources.ts';
import { isTerminal, type StatusReason, type TaskState } from '../protocol/tasks.ts';
import { answer, stateFor } from './answers.ts';
import type { Books } from './books.ts';
import type { Offers } from './offers.ts';
import {
  executorsOf,
  type Framework,
  holdingOf,
  killOrder,
  type Offer,
  type Slave,
  type Task,
} from './state.ts';

/** What is told of a task's new state; the rest is what the master knows. */
type Told = Pick<TaskStatus, 'state'> & Partial<TaskStatus>;

/** The tasks. */
export class Tasks {
  readonly #books: Books;
  readonly #offers: Offers;

  constructor(books: Books, offers: Offers) {
    this.#books = books;
    this.#offers = offers;
  }

  /** Launches a valid task; returns what it took. */
  launch(info: TaskInfo, framework: Framework, offer: Offer): Resources {
    const { slave, pool, maxTaskDurationMs } = offer;
    const { executorId } = info.executor;
    const cost = launchCost(info, siteOf(framework, offer));
    this.#books.allocation.used(holdingOf(offer, cost));
    const executors = executorsOf(slave, framework);
    if (!executors.has(executorId)) executors.set(executorId, info.executor);
    const task: Task = {
      id: info.taskId,
      name: info.name,
      labels: info.labels,
      framework,
      slave,
      executorId,
      pool,
      resources: info.resources,
      ports: info.ports ?? NO_PORTS,
      launchedMs: this.#books.context.now(),
      state: 'TASK_STAGING',
      launch: limited(info, maxTaskDurationMs),
      kill: undefined,
      killedMs: undefined,
      lastUuid: undefined,
      unacknowledged: undefined,
    };
    slave.tasks.add(task);
    if (task.ports.length > 0) slave.freePorts = withoutPorts(slave.freePorts, task.ports);
    this.#books.context.record({
      event: 'task-launched',
      taskId: task.id,
      frameworkId: framework.id,
      slaveId: slave.id,
      executorId,
      resources: info.resources,
    });
    this.book(task);
    this.order(task);
    this.#books.slaveChanged(slave);
    return cost;
  }

  /** Takes a task into the books. */
  book(task: Task): void {
    task.framework.tasks.set(task.id, task);
    task.slave.bookedTasks++;
    this.#books.observer?.taskAdded(task);
    this.#books.taskBooked(task);
  }

  /**
   * Orders the slave to launch a task of which it has not been heard, and to kill it, if it was to be; it ignores an order that it
   * has had before.
   */
  order(task: Task): void {
    const { framework, slave, pool, launch } = task;
    if (launch === undefined) return;
    const order = {
      type: 'RUN_TASK',
      frameworkId: framework.id,
      frameworkInfo: framework.info,
      task: launch,
    } as const;
    this.#books.order(slave, pool === 'short' ? { ...order, isShort: true } : order);
    if (task.kill !== undefined) this.#books.order(slave, killOrder(task));
  }

  /** Books a task's new state. A terminal one frees its resources; the record stays until it is acknowledged. */
  setState(task: Task, told: Told): void {
    task.state = told.state;
    this.record(task, told.reason, told.message);
    this.#show(task, told);
    if (isTerminal(told.state)) this.free(task);
  }

  /** Tells whoever watches the master that the task has a new state; why and by whom it was told is in `told`. */
  #show(task: Task, told: Partial<TaskStatus>): void {
    const { observer, context } = this.#books;
    if (observer === undefined) return;
    const { id: taskId, slave, executorId, state } = task;
    const who = { taskId, slaveId: slave.id, executorId, state };
    const own = { source: 'SOURCE_MASTER' as const, timestamp: context.now() / 1000 };
    observer.taskUpdated(task, { ...who, ...own, ...told, state });
  }

  /** Writes a task's state into the history. */
  record(task: Task, reason?: StatusReason, message?: string): void {
    const { id: taskId, framework, slave, state } = task;
    const event = {
      event: 'task-updated',
      taskId,
      frameworkId: framework.id,
      slaveId: slave.id,
      state,
    } as const;
    this.#books.context.record(
      reason || message ? { ...event, ...(reason && { reason }), ...(message && { message }) } : event,
    );
  }

  /** What the task held is free again. */
  free(task: Task): void {
    const { slave, ports } = task;
    slave.tasks.delete(task);
    if (ports.length > 0) slave.freePorts = joinPorts(slave.freePorts, ports);
    this.#books.allocation.freed(holdingOf(task, task.resources));
    this.#offers.allocateSoon();
  }

  forget(task: Task): void {
    this.#books.observer?.taskRemoved(task);
    task.framework.tasks.delete(task.id);
    task.slave.bookedTasks--;
    task.slave.tasks.delete(task);
    task.slave.ended.delete(task);
    this.#books.slaveChanged(task.slave);
  }

  /** The task is out of the master's reach, or gone: what it held is free, its framework is told, and it is forgotten. */
  lose(task: Task, state: TaskState, reason: StatusReason, message: string): void {
    const { framework, slave, id: taskId } = task;
    task.state = stateFor(framework, state);
    this.record(task, reason, message);
    this.#show(task, { reason, message });
    this.free(task);
    answer(this.#books, framework, { taskId, slaveId: slave.id, state: task.state, reason, message });
    this.forget(task);
  }

  /** The update that tells of the task's end will not come any more: the master tells what it knows. */
  settle(task: Task): void {
    const { framework, slave, id: taskId, state } = task;
    const message = 'The slave told of the end of the task, and is gone';
    answer(this.#books, framework, {
      taskId,
      slaveId: slave.id,
      state,
      reason: 'REASON_RECONCILIATION',
      message,
    });
    this.forget(task);
  }

  kill(task: Task, kill: NonNullable<Task['kill']>): void {
    task.killedMs ??= this.#books.context.now();
    task.kill ??= kill;
    this.#books.order(task.slave, killOrder(task));
  }

  /** Kills a task in this way, however it was to be killed before. */
  killAnew(task: Task, kill: NonNullable<Task['kill']>): void {
    task.killedMs ??= this.#books.context.now();
    task.kill = kill;
    this.#books.order(task.slave, killOrder(task));
  }

  acknowledge(framework: Framework, taskId: TaskId, slaveId: SlaveId, uuid: string): void {
    const task = framework.tasks.get(taskId);
    // Mostly it is the slave of a task in the books, which need not be looked up among thousands.
    const slave = task?.slave.id === slaveId ? task.slave : this.#books.slaves.get(slaveId);
    if (slave !== undefined)
      this.#books.order(slave, {
        type: 'STATUS_UPDATE_ACKNOWLEDGEMENT',
        frameworkId: framework.id,
        taskId,
        uuid,
      });
    if (task?.unacknowledged?.uuid !== uuid) return;
    const { state } = task.unacknowledged;
    task.unacknowledged = undefined;
    if (isTerminal(state)) this.forget(task);
  }

  /** Tells a framework again what nobody has acknowledged: the slaves' next repetition may be minutes away. */
  repeatUpdates(framework: Framework): void {
    for (const { unacknowledged: status } of framework.tasks.values())
      if (status !== undefined) this.#books.tell(framework, { type: 'UPDATE', status });
  }

  statusUpdate(slave: Slave, frameworkId: FrameworkId, status: TaskStatus): void {
    const framework = this.#books.frameworks.get(frameworkId);
    const { taskId, uuid } = status;
    const task = framework?.tasks.get(taskId);
    const isKnown = task !== undefined && task.slave === slave;
    this.#books.observer?.updateReceived(isKnown);
    if (framework === undefined || !isKnown) {
      // Nobody waits for this update any more; without an answer the slave would repeat it for ever.
      if (uuid !== undefined)
        this.#books.order(slave, { type: 'STATUS_UPDATE_ACKNOWLEDGEMENT', frameworkId, taskId, uuid });
      return;
    }
    task.launch = undefined;
    if (task.lastUuid !== uuid) {
      task.lastUuid = uuid;
      // A slave that registered again may have told of the end before the updates that led to it.
      if (!isTerminal(task.state)) this.setState(task, status);
    }
    if (isTerminal(status.state)) slave.ended.delete(task);
    task.unacknowledged = status;
    this.#books.tell(framework, { type: 'UPDATE', status });
  }
}

/** A task takes no longer than the resources that it runs on allow (NSDI'11 §4.4). */
function limited(info: TaskInfo, maxTaskDurationMs: number | undefined): TaskInfo {
  if (maxTaskDurationMs === undefined) return info;
  return {
    ...info,
    maxCompletionTimeMs: Math.min(info.maxCompletionTimeMs ?? maxTaskDurationMs, maxTaskDurationMs),
  };
}

const NO_EXECUTORS: LaunchSite['executors'] = new Map();

/** Where a framework launches on an offer. */
export function siteOf(framework: Framework, { slave, pool }: Offer): LaunchSite {
  return {
    slaveId: slave.id,
    executors: slave.executors.get(framework.id) ?? NO_EXECUTORS,
    isShort: pool === 'short',
    isTask: (id) => framework.tasks.has(id),
  };
}
