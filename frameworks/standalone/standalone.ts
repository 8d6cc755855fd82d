/**
 * The driver's back without a master: one framework on a fixed set of slaves that are all its own. What is free is its to use at
 * once; nobody allocates, nothing is offered to anyone else. Static partitioning is this (NSDI'11 §6.1), and so is "without
 * Mesos" where the paper measures overhead (§6.2). The slaves and executors are the same as under a master.
 */
import type { Actor, ActorKind, Address, Context } from '../../mesos/driver/actor.ts';
import { KnownTasks } from '../../mesos/driver/knownTasks.ts';
import type { Scheduler, SchedulerDriver, SchedulerFactory } from '../../mesos/driver/scheduler.ts';
import type {
  ExecutorId,
  Filters,
  FrameworkId,
  FrameworkInfo,
  OfferId,
  SlaveId,
  SlaveInfo,
  TaskId,
  TaskInfo,
  TaskRecord,
  TaskStatus,
} from '../../mesos/protocol/entities.ts';
import { inThousandths, launchComplaint, launchCost } from '../../mesos/protocol/launch.ts';
import { STANDALONE_INBOX } from '../../mesos/protocol/message.ts';
import { NOTHING, rounded, subtract, sum } from '../../mesos/protocol/resources.ts';
import type { SlaveOrder, SlaveReport } from '../../mesos/protocol/slave.ts';
import { isTerminal, type StatusReason, type TaskState } from '../../mesos/protocol/tasks.ts';
import { Shelf, type Slave, type Task } from './shelf.ts';

/** What a standalone framework needs. */
export interface StandaloneOptions {
  readonly frameworkInfo: FrameworkInfo;
  readonly factory: SchedulerFactory;
  /** The framework starts when this many slaves have registered. */
  readonly slavesMin: number;
  /** The framework has ended. */
  readonly stopped: () => void;
}

/** A framework with its own slaves, as an actor: what its slaves take for a master. */
export function standalone(options: StandaloneOptions): ActorKind<SlaveReport> {
  return { inbox: STANDALONE_INBOX, create: (context) => new Standalone(context, options) };
}

class Standalone implements Actor<SlaveReport> {
  readonly #context: Context;
  readonly #options: StandaloneOptions;
  readonly #frameworkId: FrameworkId;
  /** As slaves are told of it. */
  readonly #frameworkInfo: FrameworkInfo;
  readonly #scheduler: Scheduler;
  readonly #slaves = new Map<SlaveId, Slave>();
  readonly #slaveAt = new Map<Address, Slave>();
  readonly #shelf: Shelf;
  readonly #tasks = new Map<TaskId, Task>();
  readonly #known = new KnownTasks();
  #state: 'waiting' | 'running' | 'stopped' = 'waiting';
  #slavesMade = 0;

  constructor(context: Context, options: StandaloneOptions) {
    this.#context = context;
    this.#options = options;
    this.#frameworkId = `${options.frameworkInfo.name}-standalone`;
    this.#frameworkInfo = { ...options.frameworkInfo, id: this.#frameworkId };
    this.#shelf = new Shelf({
      clock: context,
      frameworkId: this.#frameworkId,
      slaves: this.#slaves,
      show: (offers) => this.#scheduler.resourceOffers(offers),
    });
    this.#scheduler = options.factory(this.#driver());
  }

  receive(report: SlaveReport, from: Address): void {
    if (report.type === 'REGISTER_SLAVE') return this.#register(report.slaveInfo, from);
    const slave = this.#slaveAt.get(from);
    if (report.type === 'REREGISTER_SLAVE' && slave !== undefined && slave.id === report.slaveInfo.id)
      return this.#reregister(slave, report.tasks);
    if (slave === undefined || report.type === 'REREGISTER_SLAVE') {
      const { id: slaveId } = report.type === 'REREGISTER_SLAVE' ? report.slaveInfo : {};
      const message = 'Slave is not registered';
      return this.#context.send(from, { type: 'SHUTDOWN_SLAVE', message, ...(slaveId && { slaveId }) });
    }
    if (this.#state === 'stopped') {
      // Nobody wants to know any more; without an answer the slave would repeat it for ever.
      if (report.type === 'STATUS_UPDATE') this.#acknowledge(slave, report.status);
      return;
    }
    switch (report.type) {
      case 'STATUS_UPDATE':
        return this.#statusUpdate(slave, report.status);
      case 'EXECUTOR_TO_FRAMEWORK':
        return this.#scheduler.frameworkMessage(slave.id, report.executorId, report.data);
      case 'EXITED_EXECUTOR':
        return this.#executorExited(slave, report.executorId, report.status);
      case 'UNREGISTER_SLAVE':
        return this.#remove(slave, 'it shut down');
      case 'PONG':
        return;
      default:
        report satisfies never;
    }
  }

  lost(peer: Address): void {
    const slave = this.#slaveAt.get(peer);
    if (slave !== undefined && this.#state !== 'stopped') this.#remove(slave, 'its connection broke');
  }

  // --- slaves ---

  #register(info: SlaveInfo, from: Address): void {
    if (this.#state === 'stopped') return;
    const known = this.#slaveAt.get(from);
    // It asks again because the answer took long. A new process would have been lost before.
    // It has not taken any order until now.
    if (known !== undefined) return this.#reregister(known, []);
    const number = this.#slavesMade++;
    const id = `${this.#frameworkId}-S${number}`;
    const slave: Slave = {
      id,
      number,
      info: { ...info, id },
      address: from,
      free: NOTHING,
      executors: new Map(),
      tasks: new Map(),
      shown: undefined,
      refused: undefined,
    };
    this.#slaves.set(id, slave);
    this.#slaveAt.set(from, slave);
    this.#context.watch(from);
    this.#context.record({
      event: 'slave-registered',
      slaveId: id,
      hostname: info.hostname,
      resources: info.resources,
    });
    this.#order(slave, { type: 'SLAVE_REGISTERED', slaveId: id, isLast: true });
    if (this.#state === 'waiting' && this.#slaves.size >= this.#options.slavesMin) this.#start();
    this.#shelf.free(slave, rounded(info.resources));
  }

  /** What was ordered and the slave has not heard is ordered again. */
  #reregister(slave: Slave, records: readonly TaskRecord[]): void {
    this.#order(slave, { type: 'SLAVE_REGISTERED', slaveId: slave.id, isLast: true });
    const told = new Set(records.map(({ taskId }) => taskId));
    for (const task of [...slave.tasks.values()])
      if (!told.has(task.info.taskId)) {
        if (task.lastUuid === undefined) this.#orderTask(task);
        else
          this.#fail(
            task.info,
            slave,
            'TASK_LOST',
            'REASON_RECONCILIATION',
            'The slave does not have the task',
          );
      }
  }

  #start(): void {
    this.#state = 'running';
    this.#shelf.open();
    const { name, role = '*' } = this.#options.frameworkInfo;
    this.#context.record({ event: 'framework-registered', frameworkId: this.#frameworkId, name, role });
    this.#scheduler.registered(this.#frameworkId);
  }

  #remove(slave: Slave, reason: string): void {
    this.#slaves.delete(slave.id);
    this.#slaveAt.delete(slave.address);
    this.#context.record({ event: 'slave-lost', slaveId: slave.id, reason });
    const offerId = this.#shelf.remove(slave);
    if (offerId !== undefined) this.#scheduler.offerRescinded(offerId);
    for (const task of [...slave.tasks.values()])
      this.#fail(task.info, slave, 'TASK_LOST', 'REASON_SLAVE_REMOVED', `The slave is lost: ${reason}`);
    this.#scheduler.slaveLost(slave.id);
  }

  #executorExited(slave: Slave, executorId: ExecutorId, status: number): void {
    const executor = slave.executors.get(executorId);
    if (executor === undefined) return;
    // What was lost with it was reported before: a task that was never heard of is a launch that crossed this report,
    // and starts the executor anew.
    const startsAnew = [...slave.tasks.values()].some(
      ({ info, lastUuid }) => info.executor.executorId === executorId && lastUuid === undefined,
    );
    if (!startsAnew) {
      slave.executors.delete(executorId);
      this.#shelf.free(slave, executor.resources);
    }
    this.#scheduler.executorLost(slave.id, executorId, status);
  }

  // --- offers ---

  #reply(offerIds: readonly OfferId[], tasks: readonly TaskInfo[], filters: Filters): void {
    for (const task of tasks) this.#known.launched(task);
    const taken = this.#shelf.take(offerIds);
    if (taken === undefined) {
      // Later, because callbacks never run inside an action.
      this.#context.after(0, () => {
        for (const task of tasks)
          this.#tell(task.taskId, undefined, 'TASK_LOST', 'REASON_INVALID_OFFERS', 'Offer is void');
      });
      return;
    }
    const { slave } = taken;
    let left = taken.resources;
    const site = {
      slaveId: slave.id,
      executors: slave.executors,
      isTask: (id: TaskId) => this.#tasks.has(id),
    };
    for (const task of tasks.map(inThousandths)) {
      const complaint = launchComplaint(task, site, left);
      if (complaint === undefined) {
        left = subtract(left, launchCost(task, site));
        this.#launch(task, slave);
      } else
        this.#context.after(0, () =>
          this.#tell(task.taskId, slave, 'TASK_ERROR', 'REASON_TASK_INVALID', complaint),
        );
    }
    this.#shelf.putBack(slave, left, filters.refuseSeconds);
  }

  // --- tasks ---

  #launch(info: TaskInfo, slave: Slave): void {
    const task: Task = { info, slave, state: 'TASK_STAGING', lastUuid: undefined };
    const { taskId, slaveId, resources, executor } = info;
    this.#tasks.set(taskId, task);
    slave.tasks.set(taskId, task);
    slave.executors.set(executor.executorId, executor);
    const frameworkId = this.#frameworkId;
    const { executorId } = executor;
    this.#context.record({ event: 'task-launched', taskId, frameworkId, slaveId, executorId, resources });
    this.#orderTask(task);
  }

  #orderTask({ slave, info: task }: Task): void {
    const frameworkId = this.#frameworkId;
    const frameworkInfo = this.#frameworkInfo;
    this.#order(slave, { type: 'RUN_TASK', frameworkId, frameworkInfo, task });
  }

  #statusUpdate(slave: Slave, status: TaskStatus): void {
    const { taskId, uuid, state, reason, message } = status;
    const task = this.#tasks.get(taskId);
    if (task?.slave === slave) {
      if (task.lastUuid !== uuid) {
        task.lastUuid = uuid;
        this.#setState(task, state, reason, message);
      }
      this.#deliver(status);
    }
    this.#acknowledge(slave, status);
    // Terminal and acknowledged: nothing about this task is still to come.
    if (task !== undefined && isTerminal(task.state)) this.#tasks.delete(taskId);
  }

  #acknowledge(slave: Slave, { taskId, uuid }: TaskStatus): void {
    const frameworkId = this.#frameworkId;
    if (uuid !== undefined)
      this.#order(slave, { type: 'STATUS_UPDATE_ACKNOWLEDGEMENT', frameworkId, taskId, uuid });
  }

  #setState(task: Task, state: TaskState, reason?: StatusReason, message?: string): void {
    const { info, slave } = task;
    task.state = state;
    this.#context.record({
      event: 'task-updated',
      taskId: info.taskId,
      frameworkId: this.#frameworkId,
      slaveId: slave.id,
      state,
      ...(reason && { reason }),
      ...(message && { message }),
    });
    if (!isTerminal(state)) return;
    slave.tasks.delete(info.taskId);
    this.#shelf.free(slave, info.resources);
  }

  #fail(info: TaskInfo, slave: Slave, state: TaskState, reason: StatusReason, message: string): void {
    const task = this.#tasks.get(info.taskId);
    if (task !== undefined) this.#setState(task, state, reason, message);
    this.#tasks.delete(info.taskId);
    this.#tell(info.taskId, slave, state, reason, message);
  }

  #tell(
    taskId: TaskId,
    slave: Slave | undefined,
    state: TaskState,
    reason: StatusReason,
    message: string,
  ): void {
    if (this.#state === 'stopped') return;
    this.#deliver({
      taskId,
      state,
      source: 'SOURCE_MASTER',
      reason,
      message,
      ...(slave && { slaveId: slave.id }),
      timestamp: this.#context.now() / 1000,
    });
  }

  /** Tells the scheduler, unless it knows that the task has ended. */
  #deliver(status: TaskStatus): void {
    const verdict = this.#known.heard(status);
    if (verdict === 'kill') return this.#kill(status.taskId);
    if (verdict !== 'drop') this.#scheduler.statusUpdate(status);
  }

  // --- the driver ---

  #order(slave: Slave, order: SlaveOrder): void {
    this.#context.send(slave.address, order);
  }

  #kill(taskId: TaskId): void {
    const slave = this.#tasks.get(taskId)?.slave;
    if (slave !== undefined)
      this.#order(slave, { type: 'KILL_TASK', frameworkId: this.#frameworkId, taskId });
  }

  #stop(): void {
    if (this.#state === 'stopped') return;
    this.#state = 'stopped';
    this.#shelf.close();
    const frameworkId = this.#frameworkId;
    for (const task of [...this.#tasks.values()])
      if (!isTerminal(task.state))
        this.#setState(task, 'TASK_KILLED', 'REASON_FRAMEWORK_REMOVED', 'The framework ended');
    for (const slave of this.#slaves.values())
      this.#order(slave, { type: 'SHUTDOWN_FRAMEWORK', frameworkId });
    this.#context.record({ event: 'framework-removed', frameworkId, reason: 'the framework ended' });
    this.#options.stopped();
  }

  #driver(): SchedulerDriver {
    const { random, now, after, record } = this.#context;
    const frameworkId = this.#frameworkId;
    const orderSlave = (slaveId: SlaveId, order: SlaveOrder): void => {
      const slave = this.#slaves.get(slaveId);
      if (slave !== undefined) this.#order(slave, order);
    };
    return {
      random,
      now,
      after,
      record,
      replyToOffer: (offerIds, tasks, filters = {}) => this.#reply(offerIds, tasks, filters),
      setFilters: (filters) => this.#shelf.setFilters(filters),
      // All of its slaves are its own.
      getGuaranteedShare: () => sum([...this.#slaves.values()].map(({ info }) => info.resources)),
      setNeedsOffers: (needed) => this.#shelf.setNeedsOffers(needed),
      killTask: (taskId) => {
        if (this.#tasks.has(taskId)) this.#kill(taskId);
        else this.#reconcile([taskId], 'REASON_TASK_UNKNOWN', 'Task is unknown');
      },
      shutdownExecutor: (slaveId, executorId) =>
        orderSlave(slaveId, { type: 'SHUTDOWN_EXECUTOR', frameworkId, executorId }),
      sendFrameworkMessage: (slaveId, executorId, data) =>
        orderSlave(slaveId, { type: 'FRAMEWORK_TO_EXECUTOR', frameworkId, executorId, data }),
      reconcileTasks: (tasks) => {
        const ids = tasks.length > 0 ? tasks.map(({ taskId }) => taskId) : [...this.#tasks.keys()];
        this.#reconcile(ids, 'REASON_RECONCILIATION', 'Reconciliation: Latest task state');
      },
      stop: () => this.#stop(),
    };
  }

  /** Tells the scheduler the latest states of tasks; later, because callbacks never run inside an action. */
  #reconcile(ids: readonly TaskId[], reason: StatusReason, message: string): void {
    this.#context.after(0, () => {
      for (const taskId of ids) {
        const task = this.#tasks.get(taskId);
        this.#tell(taskId, task?.slave, task?.state ?? 'TASK_LOST', reason, message);
      }
    });
  }
}
