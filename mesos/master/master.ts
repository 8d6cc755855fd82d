/**
 * The master: keeps the books of slaves, frameworks, offers and tasks, asks the allocation module what to offer to whom, and
 * carries messages between schedulers and slaves (NSDI'11 §3).
 */
import type { AllocationModule } from '../allocation/allocation.ts';
import type {
  FrameworkId,
  FrameworkInfo,
  MasterInfo,
  OfferId,
  SlaveId,
  SlaveInfo,
  TaskId,
  TaskInfo,
  TaskStatus,
} from '../protocol/entities.ts';
import { MASTER_INBOX, type MasterMessage } from '../protocol/message.ts';
import { add, isEmpty, NOTHING, type Resources, subtract } from '../protocol/resources.ts';
import type { SchedulerCall, SchedulerEvent } from '../protocol/scheduler.ts';
import type { SlaveOrder, SlaveReport } from '../protocol/slave.ts';
import { isTerminal, type StatusReason, type TaskState } from '../protocol/tasks.ts';
import type { Actor, ActorKind, Address, Context, Millis, Timer } from '../runtime/actor.ts';
import type { Framework, Offer, Slave, Task } from './state.ts';
import { executorResources, invalid, launchCost } from './validation.ts';

/** Options of a master. Defaults: {@link MASTER_DEFAULTS}. */
export interface MasterOptions {
  readonly allocation: AllocationModule;
  /** How long an offer may stay unanswered; 0 for ever (Mesos's --offer_timeout). */
  readonly offerTimeoutMs: Millis;
  /** Free resources are gathered this long and then offered together; 0: as soon as something is free. */
  readonly allocationIntervalMs: Millis;
  readonly slavePingIntervalMs: Millis;
  /** Pings in a row that a slave may miss before it counts as lost. */
  readonly slavePingsMissedMax: number;
  readonly heartbeatIntervalMs: Millis;
}

/** Defaults, those of Apache Mesos where it has them (but offers go out at once, as in the paper's §3.3). */
export const MASTER_DEFAULTS = {
  offerTimeoutMs: 0,
  allocationIntervalMs: 0,
  slavePingIntervalMs: 15_000,
  slavePingsMissedMax: 5,
  heartbeatIntervalMs: 15_000,
} as const satisfies Omit<MasterOptions, 'allocation'>;

/** Version that a master tells of itself. */
const VERSION = '0.1.0';
/** How long a refusal lasts that names no time (NSDI'11 has none; Mesos since its first release: 5 s). */
const REFUSE_SECONDS = 5;
/** The shortest refusal: a framework that refuses for 0 s must not be asked again in an endless loop. */
const REFUSAL_MIN_MS = 10;
/** Mesos's limit on refusals: a year. */
const REFUSE_SECONDS_MAX = 31_536_000;

/** A master, as an actor. */
export function master(options: MasterOptions): ActorKind<MasterMessage> {
  return { inbox: MASTER_INBOX, create: (context) => new Master(context, options) };
}

class Master implements Actor<MasterMessage> {
  readonly #context: Context;
  readonly #options: MasterOptions;
  readonly #allocation: AllocationModule;
  readonly #info: MasterInfo;
  readonly #frameworks = new Map<FrameworkId, Framework>();
  readonly #frameworkAt = new Map<Address, Framework>();
  readonly #slaves = new Map<SlaveId, Slave>();
  readonly #slaveAt = new Map<Address, Slave>();
  readonly #offers = new Map<OfferId, Offer>();
  #frameworksMade = 0;
  #slavesMade = 0;
  #offersMade = 0;
  #nextAllocation: { readonly at: Millis; readonly timer: Timer } | undefined;
  #lastAllocationMs: Millis = Number.NEGATIVE_INFINITY;

  constructor(context: Context, options: MasterOptions) {
    this.#context = context;
    this.#options = options;
    this.#allocation = options.allocation;
    const id = [0, 0, 0].map(() => context.random.uint32().toString(16).padStart(8, '0')).join('');
    this.#info = { id, address: context.self.slice(context.self.indexOf('@') + 1), version: VERSION };
    this.#heartbeat();
  }

  receive(message: MasterMessage, from: Address): void {
    switch (message.type) {
      case 'SUBSCRIBE':
        return this.#subscribe(message.frameworkInfo, from);
      case 'REGISTER_SLAVE':
        return this.#registerSlave(message.slaveInfo, from);
      case 'STATUS_UPDATE':
      case 'EXECUTOR_TO_FRAMEWORK':
      case 'EXITED_EXECUTOR':
      case 'PONG':
      case 'UNREGISTER_SLAVE':
        return this.#fromSlave(message, from);
      default:
        return this.#fromScheduler(message, from);
    }
  }

  lost(peer: Address): void {
    const slave = this.#slaveAt.get(peer);
    if (slave !== undefined) this.#removeSlave(slave, 'its connection broke');
    const framework = this.#frameworkAt.get(peer);
    if (framework !== undefined) this.#disconnectFramework(framework);
  }

  // --- frameworks ---

  #subscribe(info: FrameworkInfo, from: Address): void {
    const known = info.id === undefined ? this.#frameworkAt.get(from) : this.#frameworks.get(info.id);
    if (known !== undefined) this.#failOver(known, info, from);
    else this.#addFramework(info, from);
  }

  #addFramework(info: FrameworkInfo, from: Address): void {
    const id = info.id ?? `${this.#info.id}-${String(this.#frameworksMade++).padStart(4, '0')}`;
    const framework: Framework = {
      id,
      info: { ...info, id },
      address: from,
      state: { is: 'connected' },
      needsOffers: true,
      offers: new Map(),
      tasks: new Map(),
    };
    this.#frameworks.set(id, framework);
    this.#frameworkAt.set(from, framework);
    this.#allocation.addFramework(id, info.role ?? '*');
    this.#context.record({
      event: 'framework-registered',
      frameworkId: id,
      name: info.name,
      role: info.role ?? '*',
    });
    this.#welcome(framework);
  }

  /** The framework's scheduler is back, or another one takes over (NSDI'11 §3.6). */
  #failOver(framework: Framework, info: FrameworkInfo, from: Address): void {
    if (framework.address !== from) {
      this.#tell(framework.address, { type: 'ERROR', message: 'Framework failed over' });
      this.#frameworkAt.delete(framework.address);
    }
    if (framework.state.is === 'disconnected') framework.state.removal.cancel();
    this.#rescindAll(framework.offers, 'the scheduler subscribed anew');
    framework.info = { ...info, id: framework.id };
    framework.address = from;
    framework.state = { is: 'connected' };
    framework.needsOffers = true;
    this.#frameworkAt.set(from, framework);
    this.#allocation.setNeedsOffers(framework.id, true);
    this.#welcome(framework);
  }

  #welcome(framework: Framework): void {
    this.#context.watch(framework.address);
    this.#tell(framework.address, {
      type: 'SUBSCRIBED',
      frameworkId: framework.id,
      heartbeatIntervalSeconds: this.#options.heartbeatIntervalMs / 1000,
      masterInfo: this.#info,
    });
    this.#allocateSoon();
  }

  #disconnectFramework(framework: Framework): void {
    this.#frameworkAt.delete(framework.address);
    this.#allocation.setNeedsOffers(framework.id, false);
    this.#rescindAll(framework.offers, 'the scheduler is gone');
    const failoverMs = (framework.info.failoverTimeout ?? 0) * 1000;
    const removal = this.#context.after(failoverMs, () =>
      this.#removeFramework(framework, 'its scheduler is gone'),
    );
    framework.state = { is: 'disconnected', removal };
  }

  #removeFramework(framework: Framework, reason: string): void {
    this.#rescindAll(framework.offers, reason);
    for (const task of [...framework.tasks.values()]) {
      if (!isTerminal(task.state))
        this.#setState(
          task,
          'TASK_KILLED',
          'REASON_FRAMEWORK_REMOVED',
          `The framework is removed: ${reason}`,
        );
      this.#forget(task);
    }
    for (const slave of this.#slaves.values()) {
      if (!slave.executors.has(framework.id)) continue;
      this.#allocation.release(framework.id, slave.id, executorResources(framework, slave));
      slave.executors.delete(framework.id);
      this.#order(slave, { type: 'SHUTDOWN_FRAMEWORK', frameworkId: framework.id });
    }
    this.#frameworks.delete(framework.id);
    if (this.#frameworkAt.get(framework.address) === framework) this.#frameworkAt.delete(framework.address);
    this.#allocation.removeFramework(framework.id);
    this.#context.record({ event: 'framework-removed', frameworkId: framework.id, reason });
    this.#allocateSoon();
  }

  #fromScheduler(call: Exclude<SchedulerCall, { type: 'SUBSCRIBE' }>, from: Address): void {
    const framework = this.#frameworkAt.get(from);
    if (framework === undefined || framework.id !== call.frameworkId)
      return this.#tell(from, { type: 'ERROR', message: 'Framework is not subscribed' });
    switch (call.type) {
      case 'TEARDOWN':
        return this.#removeFramework(framework, 'the framework ended');
      case 'ACCEPT':
        return this.#accept(
          framework,
          call.offerIds,
          call.operations.flatMap((operation) => operation.taskInfos),
          call.filters.refuseSeconds,
        );
      case 'DECLINE':
        return this.#decline(framework, call.offerIds, call.filters.refuseSeconds);
      case 'REVIVE':
      case 'SUPPRESS':
        return this.#setNeedsOffers(framework, call.type === 'REVIVE');
      case 'KILL':
        return this.#kill(framework, call.taskId);
      case 'SHUTDOWN':
        return this.#orderSlave(call.slaveId, {
          type: 'SHUTDOWN_EXECUTOR',
          frameworkId: framework.id,
          executorId: call.executorId,
        });
      case 'ACKNOWLEDGE':
        return this.#acknowledge(framework, call.taskId, call.slaveId, call.uuid);
      case 'RECONCILE':
        return this.#reconcile(framework, call.tasks);
      case 'MESSAGE':
        return this.#orderSlave(call.slaveId, {
          type: 'FRAMEWORK_TO_EXECUTOR',
          frameworkId: framework.id,
          executorId: call.executorId,
          data: call.data,
        });
      default:
        call satisfies never;
    }
  }

  #setNeedsOffers(framework: Framework, needed: boolean): void {
    framework.needsOffers = needed;
    this.#allocation.setNeedsOffers(framework.id, needed);
    if (needed) this.#allocateSoon();
  }

  // --- offers ---

  /** Asks the allocation module what to offer, once, after what happens now has happened. */
  #allocateSoon(): void {
    const now = this.#context.now();
    this.#allocateAt(Math.max(now, this.#lastAllocationMs + this.#options.allocationIntervalMs));
  }

  #allocateAt(at: Millis): void {
    if (this.#nextAllocation !== undefined) {
      if (this.#nextAllocation.at <= at) return;
      this.#nextAllocation.timer.cancel();
    }
    const timer = this.#context.after(at - this.#context.now(), () => this.#allocate());
    this.#nextAllocation = { at, timer };
  }

  #allocate(): void {
    this.#nextAllocation = undefined;
    const now = this.#context.now();
    this.#lastAllocationMs = now;
    const offers = new Map<Framework, Offer[]>();
    for (const grant of this.#allocation.allocate(now)) {
      const framework = this.#frameworks.get(grant.frameworkId);
      const slave = this.#slaves.get(grant.slaveId);
      if (framework === undefined || slave === undefined)
        throw new Error(
          `the allocation module granted ${grant.slaveId} to ${grant.frameworkId}; one is unknown`,
        );
      const offer = this.#offer(framework, slave, grant.resources);
      const list = offers.get(framework);
      if (list === undefined) offers.set(framework, [offer]);
      else list.push(offer);
    }
    for (const [framework, list] of offers)
      this.#tell(framework.address, {
        type: 'OFFERS',
        offers: list.map(({ id, slave, resources }) => ({
          id,
          frameworkId: framework.id,
          slaveId: slave.id,
          hostname: slave.info.hostname,
          resources,
          attributes: slave.info.attributes,
          executorIds: [...(slave.executors.get(framework.id)?.keys() ?? [])],
        })),
      });
    const expiry = this.#allocation.nextExpiryMs();
    if (expiry !== undefined) this.#allocateAt(Math.max(expiry, now + this.#options.allocationIntervalMs));
  }

  #offer(framework: Framework, slave: Slave, resources: Resources): Offer {
    const id = `${this.#info.id}-O${this.#offersMade++}`;
    const { offerTimeoutMs } = this.#options;
    const timeout =
      offerTimeoutMs > 0
        ? this.#context.after(offerTimeoutMs, () => this.#rescind(offer, 'it was not answered in time'))
        : undefined;
    const offer: Offer = { id, framework, slave, resources, timeout };
    this.#offers.set(id, offer);
    framework.offers.set(id, offer);
    slave.offers.set(id, offer);
    this.#context.record({
      event: 'offer-sent',
      offerId: id,
      frameworkId: framework.id,
      slaveId: slave.id,
      resources,
    });
    return offer;
  }

  /** Takes an offer out of the books. Its resources are then the caller's to release or to use. */
  #close(offer: Offer): void {
    offer.timeout?.cancel();
    this.#offers.delete(offer.id);
    offer.framework.offers.delete(offer.id);
    offer.slave.offers.delete(offer.id);
  }

  #rescind(offer: Offer, reason: string): void {
    this.#close(offer);
    this.#allocation.release(offer.framework.id, offer.slave.id, offer.resources);
    this.#context.record({ event: 'offer-rescinded', offerId: offer.id, reason });
    if (offer.framework.state.is === 'connected')
      this.#tell(offer.framework.address, { type: 'RESCIND', offerId: offer.id });
    this.#allocateSoon();
  }

  #rescindAll(offers: ReadonlyMap<OfferId, Offer>, reason: string): void {
    for (const offer of [...offers.values()]) this.#rescind(offer, reason);
  }

  #refusedUntil(refuseSeconds: number | undefined): Millis {
    const seconds = refuseSeconds === undefined || refuseSeconds < 0 ? REFUSE_SECONDS : refuseSeconds;
    const refusalMs = Math.min(seconds, REFUSE_SECONDS_MAX) * 1000;
    return this.#context.now() + Math.max(refusalMs, this.#options.allocationIntervalMs, REFUSAL_MIN_MS);
  }

  #decline(framework: Framework, offerIds: readonly OfferId[], refuseSeconds: number | undefined): void {
    const until = this.#refusedUntil(refuseSeconds);
    for (const id of offerIds) {
      const offer = framework.offers.get(id);
      if (offer === undefined) continue;
      this.#close(offer);
      this.#allocation.release(framework.id, offer.slave.id, offer.resources, until);
      this.#context.record({
        event: 'offer-declined',
        offerId: id,
        refuseSeconds: refuseSeconds ?? REFUSE_SECONDS,
      });
    }
    this.#allocateSoon();
  }

  #accept(
    framework: Framework,
    offerIds: readonly OfferId[],
    tasks: readonly TaskInfo[],
    refuseSeconds: number | undefined,
  ): void {
    if (tasks.length === 0) return this.#decline(framework, offerIds, refuseSeconds);
    const offers = [...new Set(offerIds)].flatMap((id) => framework.offers.get(id) ?? []);
    const slave = offers[0]?.slave;
    const valid = offers.length === offerIds.length && offers.every((offer) => offer.slave === slave);
    if (slave === undefined || !valid) {
      this.#decline(framework, offerIds, 0);
      for (const task of tasks)
        this.#answer(
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
      this.#close(offer);
      left = add(left, offer.resources);
      this.#context.record({ event: 'offer-accepted', offerId: offer.id, tasks: tasks.length });
    }
    for (const task of tasks) {
      const complaint = invalid(task, framework, slave, left);
      if (complaint === undefined) left = subtract(left, this.#launch(task, framework, slave));
      else this.#answer(framework, task.taskId, task.slaveId, 'TASK_ERROR', 'REASON_TASK_INVALID', complaint);
    }
    if (!isEmpty(left))
      this.#allocation.release(framework.id, slave.id, left, this.#refusedUntil(refuseSeconds));
    this.#allocateSoon();
  }

  // --- tasks ---

  /** Launches a valid task; returns what it took. */
  #launch(info: TaskInfo, framework: Framework, slave: Slave): Resources {
    const { executorId } = info.executor;
    const cost = launchCost(info, framework, slave);
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
    };
    framework.tasks.set(task.id, task);
    slave.tasks.add(task);
    this.#context.record({
      event: 'task-launched',
      taskId: task.id,
      frameworkId: framework.id,
      slaveId: slave.id,
      executorId,
      resources: info.resources,
    });
    this.#order(slave, {
      type: 'RUN_TASK',
      frameworkId: framework.id,
      frameworkInfo: framework.info,
      task: info,
    });
    return cost;
  }

  /** Books a task's new state. A terminal one frees its resources; the record stays until it is acknowledged. */
  #setState(task: Task, state: TaskState, reason?: StatusReason, message?: string): void {
    task.state = state;
    this.#context.record({
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
    this.#allocation.release(task.framework.id, task.slave.id, task.resources);
    this.#allocateSoon();
  }

  #forget(task: Task): void {
    task.framework.tasks.delete(task.id);
    task.slave.tasks.delete(task);
  }

  #kill(framework: Framework, taskId: TaskId): void {
    const task = framework.tasks.get(taskId);
    if (task === undefined)
      return this.#answer(
        framework,
        taskId,
        undefined,
        'TASK_LOST',
        'REASON_TASK_UNKNOWN',
        'Task is unknown',
      );
    this.#order(task.slave, { type: 'KILL_TASK', frameworkId: framework.id, taskId });
  }

  #acknowledge(framework: Framework, taskId: TaskId, slaveId: SlaveId, uuid: string): void {
    const task = framework.tasks.get(taskId);
    this.#orderSlave(slaveId, {
      type: 'STATUS_UPDATE_ACKNOWLEDGEMENT',
      frameworkId: framework.id,
      taskId,
      uuid,
    });
    if (task !== undefined && isTerminal(task.state) && task.lastUuid === uuid) this.#forget(task);
  }

  #reconcile(framework: Framework, asked: readonly { taskId: TaskId }[]): void {
    const ids = asked.length > 0 ? asked.map(({ taskId }) => taskId) : [...framework.tasks.keys()];
    for (const id of ids) {
      const task = framework.tasks.get(id);
      const message = 'Reconciliation: Latest task state';
      this.#answer(
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
  #answer(
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
      timestamp: this.#context.now() / 1000,
    };
    this.#tell(framework.address, { type: 'UPDATE', status });
  }

  // --- slaves ---

  #registerSlave(info: SlaveInfo, from: Address): void {
    const known = this.#slaveAt.get(from);
    if (known !== undefined && known.id === info.id)
      return this.#order(known, { type: 'SLAVE_REGISTERED', slaveId: known.id });
    if (info.id !== undefined)
      return this.#context.send(from, {
        type: 'SHUTDOWN_SLAVE',
        message: `Slave ${info.id} is not known to this master`,
      });
    if (known !== undefined) this.#removeSlave(known, 'it started anew');
    const id = `${this.#info.id}-S${this.#slavesMade++}`;
    const slave: Slave = {
      id,
      info: { ...info, id },
      address: from,
      offers: new Map(),
      tasks: new Set(),
      executors: new Map(),
      missedPings: 0,
      ping: this.#context.after(this.#options.slavePingIntervalMs, () => this.#ping(slave)),
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
    this.#order(slave, { type: 'SLAVE_REGISTERED', slaveId: id });
    this.#allocation.addSlave(id, info.resources);
    this.#allocateSoon();
  }

  #ping(slave: Slave): void {
    if (slave.missedPings >= this.#options.slavePingsMissedMax) {
      this.#removeSlave(slave, `it did not answer ${slave.missedPings} pings`);
      return this.#context.send(slave.address, {
        type: 'SHUTDOWN_SLAVE',
        message: 'Pings were not answered',
      });
    }
    slave.missedPings++;
    this.#order(slave, { type: 'PING' });
    slave.ping = this.#context.after(this.#options.slavePingIntervalMs, () => this.#ping(slave));
  }

  /** The slave is gone, and all that ran there with it. */
  #removeSlave(slave: Slave, reason: string): void {
    slave.ping.cancel();
    this.#slaves.delete(slave.id);
    this.#slaveAt.delete(slave.address);
    this.#context.record({ event: 'slave-lost', slaveId: slave.id, reason });
    this.#rescindAll(slave.offers, `the slave is lost: ${reason}`);
    const message = `The slave is lost: ${reason}`;
    for (const task of [...slave.tasks]) {
      this.#setState(task, 'TASK_LOST', 'REASON_SLAVE_REMOVED', message);
      this.#answer(task.framework, task.id, slave.id, 'TASK_LOST', 'REASON_SLAVE_REMOVED', message);
      this.#forget(task);
    }
    for (const frameworkId of slave.executors.keys()) {
      const framework = this.#frameworks.get(frameworkId);
      if (framework !== undefined)
        this.#allocation.release(framework.id, slave.id, executorResources(framework, slave));
    }
    this.#allocation.removeSlave(slave.id);
    for (const framework of this.#frameworks.values())
      if (framework.state.is === 'connected')
        this.#tell(framework.address, { type: 'FAILURE', slaveId: slave.id });
  }

  #fromSlave(report: Exclude<SlaveReport, { type: 'REGISTER_SLAVE' }>, from: Address): void {
    const slave = this.#slaveAt.get(from);
    if (slave === undefined)
      return this.#context.send(from, {
        type: 'SHUTDOWN_SLAVE',
        message: 'Slave is not registered with this master',
      });
    slave.missedPings = 0;
    switch (report.type) {
      case 'PONG':
        return;
      case 'UNREGISTER_SLAVE':
        return this.#removeSlave(slave, 'it shut down');
      case 'STATUS_UPDATE':
        return this.#statusUpdate(slave, report.frameworkId, report.status);
      case 'EXECUTOR_TO_FRAMEWORK': {
        const { frameworkId, executorId, data } = report;
        const framework = this.#frameworks.get(frameworkId);
        if (framework?.state.is === 'connected')
          this.#tell(framework.address, { type: 'MESSAGE', slaveId: slave.id, executorId, data });
        return;
      }
      case 'EXITED_EXECUTOR':
        return this.#executorExited(slave, report);
      default:
        report satisfies never;
    }
  }

  #statusUpdate(slave: Slave, frameworkId: FrameworkId, status: TaskStatus): void {
    const framework = this.#frameworks.get(frameworkId);
    const { taskId, uuid } = status;
    const task = framework?.tasks.get(taskId);
    if (framework === undefined || task === undefined || task.slave !== slave) {
      // Nobody waits for this update any more; without an answer the slave would repeat it for ever.
      if (uuid !== undefined)
        this.#order(slave, { type: 'STATUS_UPDATE_ACKNOWLEDGEMENT', frameworkId, taskId, uuid });
      return;
    }
    if (!isTerminal(task.state) && task.lastUuid !== uuid) {
      task.lastUuid = uuid;
      this.#setState(task, status.state, status.reason, status.message);
    }
    if (framework.state.is === 'connected') this.#tell(framework.address, { type: 'UPDATE', status });
  }

  #executorExited(slave: Slave, report: SlaveReport & { type: 'EXITED_EXECUTOR' }): void {
    const { frameworkId, executorId, status } = report;
    const executors = slave.executors.get(frameworkId);
    const executor = executors?.get(executorId);
    const framework = this.#frameworks.get(frameworkId);
    if (executors === undefined || executor === undefined || framework === undefined) return;
    executors.delete(executorId);
    if (executors.size === 0) slave.executors.delete(frameworkId);
    this.#allocation.release(frameworkId, slave.id, executor.resources);
    if (framework.state.is === 'connected')
      this.#tell(framework.address, { type: 'FAILURE', slaveId: slave.id, executorId, status });
    this.#allocateSoon();
  }

  // --- messages ---

  #tell(to: Address, event: SchedulerEvent): void {
    this.#context.send(to, event);
  }

  #order(slave: Slave, order: SlaveOrder): void {
    this.#context.send(slave.address, order);
  }

  #orderSlave(id: SlaveId, order: SlaveOrder): void {
    const slave = this.#slaves.get(id);
    if (slave !== undefined) this.#order(slave, order);
  }

  #heartbeat(): void {
    for (const framework of this.#frameworks.values())
      if (framework.state.is === 'connected') this.#tell(framework.address, { type: 'HEARTBEAT' });
    this.#context.after(this.#options.heartbeatIntervalMs, () => this.#heartbeat());
  }
}
