/**
 * The slave: offers its machine's resources to the master, runs executors in containers, hands them their tasks, and carries
 * their status updates to the master, reliably (NSDI'11 §3.1).
 */
import type { Container, Exit, Isolation } from '../isolation/isolation.ts';
import type {
  Attributes,
  ExecutorId,
  ExecutorInfo,
  FrameworkId,
  FrameworkInfo,
  SlaveId,
  SlaveInfo,
  TaskId,
  TaskInfo,
  TaskStatus,
} from '../protocol/entities.ts';
import type { ExecutorCall, ExecutorEvent } from '../protocol/executor.ts';
import { SLAVE_INBOX, type SlaveMessage } from '../protocol/message.ts';
import { type Resources, sum } from '../protocol/resources.ts';
import type { SlaveOrder, SlaveReport } from '../protocol/slave.ts';
import { isTerminal, type StatusReason, type TaskState } from '../protocol/tasks.ts';

import type { Actor, ActorKind, Address, Context, Millis, Timer } from '../runtime/actor.ts';
import { uuidSource } from '../runtime/uuid.ts';
import { UpdateStream } from './updates.ts';

/** Options of a slave. */
export interface SlaveOptions {
  readonly master: Address;
  readonly hostname: string;
  readonly resources: Resources;
  readonly attributes: Attributes;
  readonly isolation: Isolation;
  /** How long an executor may take from its start until it has subscribed. Default 60 s, as in Mesos. */
  readonly executorRegistrationTimeoutMs?: Millis;
  /** How long an executor may take to end when it is told to. Default 5 s, as in Mesos. */
  readonly executorShutdownGraceMs?: Millis;
  /** Is told whenever a master has registered the slave. */
  readonly registered?: (id: SlaveId) => void;
  /** Aborts when the slave is to end: it takes leave of its master. */
  readonly stopping?: AbortSignal;
}

/** First wait before asking the master again; doubles, with jitter, up to {@link REGISTRATION_BACKOFF_MAX_MS}. */
const REGISTRATION_BACKOFF_MIN_MS = 100;
const REGISTRATION_BACKOFF_MAX_MS = 5_000;
/** How long to wait for an answer to a registration that was sent. */
const REGISTRATION_ANSWER_MS = 1_000;

/** A slave, as an actor. */
export function slave(options: SlaveOptions): ActorKind<SlaveMessage> {
  return { inbox: SLAVE_INBOX, create: (context) => new Slave(context, options) };
}

interface Executor {
  readonly frameworkId: FrameworkId;
  readonly frameworkInfo: FrameworkInfo;
  readonly info: ExecutorInfo;
  readonly container: Container;
  state: /** Started; tasks wait until it subscribes. */
    | { readonly is: 'starting'; readonly timeout: Timer; readonly queued: TaskInfo[] }
    | { readonly is: 'running'; readonly address: Address }
    /** Told to end; destroyed when the grace period is over. */
    | { readonly is: 'ending'; readonly grace: Timer };
  /** Tasks that have not reached a terminal state. */
  readonly live: Map<TaskId, TaskInfo>;
}

const key = (frameworkId: FrameworkId, id: ExecutorId | TaskId): string => `${frameworkId}/${id}`;

class Slave implements Actor<SlaveMessage> {
  readonly #context: Context;
  readonly #options: SlaveOptions;
  readonly #executors = new Map<string, Executor>();
  readonly #executorAt = new Map<Address, Executor>();
  readonly #updates = new Map<string, UpdateStream>();
  readonly #nextUuid: () => string;
  #containersMade = 0;
  #registration:
    | { readonly is: 'asking'; readonly retry: Timer }
    | { readonly is: 'registered'; readonly id: SlaveId };

  constructor(context: Context, options: SlaveOptions) {
    this.#context = context;
    this.#options = options;
    this.#nextUuid = uuidSource(context.random);
    options.stopping?.addEventListener('abort', () => this.#toMaster({ type: 'UNREGISTER_SLAVE' }));
    this.#registration = {
      is: 'asking',
      retry: context.after(0, () => this.#register(REGISTRATION_BACKOFF_MIN_MS)),
    };
  }

  receive(message: SlaveMessage, from: Address): void {
    switch (message.type) {
      case 'SUBSCRIBE':
      case 'UPDATE':
      case 'MESSAGE':
        return this.#fromExecutor(message, from);
      default:
        if (from === this.#options.master) this.#fromMaster(message);
    }
  }

  lost(peer: Address): void {
    if (peer === this.#options.master) return this.#masterLost();
    const executor = this.#executorAt.get(peer);
    if (executor === undefined) return;
    // Its process has closed the connection: either it is ending by itself, or it will never speak again.
    this.#executorAt.delete(peer);
    if (executor.state.is === 'running') this.#endAfterGrace(executor);
  }

  // --- registration ---

  #register(backoffMs: Millis): void {
    const { hostname, resources, attributes, master } = this.#options;
    this.#context.watch(master);
    this.#toMaster({ type: 'REGISTER_SLAVE', slaveInfo: { hostname, resources, attributes } });
    const next = Math.min(2 * backoffMs, REGISTRATION_BACKOFF_MAX_MS);
    const waitMs = Math.max(REGISTRATION_ANSWER_MS, backoffMs * (0.5 + this.#context.random.uniform()));
    this.#registration = { is: 'asking', retry: this.#context.after(waitMs, () => this.#register(next)) };
  }

  /**
   * The master is out of reach. It will have given this slave up, tasks and all; so they end here, and the slave registers
   * as a new one, after taking leave in case the master has not noticed. (Re-registration with living tasks comes with
   * master failover.)
   */
  #masterLost(): void {
    if (this.#registration.is === 'asking') {
      this.#registration.retry.cancel();
      this.#registerLater();
      return;
    }
    this.#toMaster({ type: 'UNREGISTER_SLAVE' });
    this.#startAnew();
  }

  #startAnew(): void {
    this.#endAll();
    if (this.#registration.is === 'asking') this.#registration.retry.cancel();
    this.#registerLater();
  }

  /** Ends all executors at once, and forgets what there is to tell of them. */
  #endAll(): void {
    for (const executor of this.#executors.values()) executor.container.destroy();
    for (const stream of this.#updates.values()) stream.close();
    this.#executors.clear();
    this.#executorAt.clear();
    this.#updates.clear();
  }

  #registerLater(): void {
    const waitMs = REGISTRATION_BACKOFF_MIN_MS * (0.5 + this.#context.random.uniform());
    const retry = this.#context.after(waitMs, () => this.#register(REGISTRATION_BACKOFF_MIN_MS));
    this.#registration = { is: 'asking', retry };
  }

  // --- from the master ---

  #fromMaster(order: SlaveOrder): void {
    switch (order.type) {
      case 'SLAVE_REGISTERED':
        if (this.#registration.is === 'asking') this.#registration.retry.cancel();
        else if (this.#registration.id !== order.slaveId) this.#endAll();
        this.#registration = { is: 'registered', id: order.slaveId };
        // Again: the answer may have come after a loss, which ends the watching.
        this.#context.watch(this.#options.master);
        this.#options.registered?.(order.slaveId);
        return;
      case 'RUN_TASK':
        return this.#runTask(order.frameworkId, order.frameworkInfo, order.task);
      case 'KILL_TASK':
        return this.#killTask(order.frameworkId, order.taskId);
      case 'STATUS_UPDATE_ACKNOWLEDGEMENT':
        return this.#acknowledged(order.frameworkId, order.taskId, order.uuid);
      case 'FRAMEWORK_TO_EXECUTOR': {
        const executor = this.#executors.get(key(order.frameworkId, order.executorId));
        if (executor?.state.is === 'running')
          this.#toExecutor(executor.state.address, { type: 'MESSAGE', data: order.data });
        return;
      }
      case 'SHUTDOWN_EXECUTOR': {
        const executor = this.#executors.get(key(order.frameworkId, order.executorId));
        if (executor !== undefined) this.#shutdown(executor);
        return;
      }
      case 'SHUTDOWN_FRAMEWORK':
        return this.#shutdownFramework(order.frameworkId);
      case 'SHUTDOWN_SLAVE':
        return this.#startAnew();
      case 'PING':
        return this.#toMaster({ type: 'PONG' });
      case 'REDIRECT':
        return;
      default:
        order satisfies never;
    }
  }

  #runTask(frameworkId: FrameworkId, frameworkInfo: FrameworkInfo, task: TaskInfo): void {
    if (this.#registration.is !== 'registered' || task.slaveId !== this.#registration.id) return;
    const running = this.#executors.get(key(frameworkId, task.executor.executorId));
    if (running?.state.is === 'ending')
      return this.#report(
        frameworkId,
        task,
        'TASK_LOST',
        'REASON_EXECUTOR_TERMINATED',
        'The executor is ending',
      );
    const executor = running ?? this.#launch(frameworkId, frameworkInfo, task.executor);
    executor.live.set(task.taskId, task);
    this.#updateContainer(executor);
    if (executor.state.is === 'starting') executor.state.queued.push(task);
    else if (executor.state.is === 'running')
      this.#toExecutor(executor.state.address, { type: 'LAUNCH', task });
  }

  #killTask(frameworkId: FrameworkId, taskId: TaskId): void {
    for (const executor of this.#executors.values()) {
      const task = executor.frameworkId === frameworkId ? executor.live.get(taskId) : undefined;
      if (task === undefined) continue;
      if (executor.state.is === 'running')
        return this.#toExecutor(executor.state.address, { type: 'KILL', taskId });
      if (executor.state.is === 'starting') {
        executor.state.queued.splice(executor.state.queued.indexOf(task), 1);
        return this.#report(
          frameworkId,
          task,
          'TASK_KILLED',
          'REASON_TASK_KILLED_DURING_LAUNCH',
          'Killed before its executor had started',
        );
      }
      return;
    }
  }

  #acknowledged(frameworkId: FrameworkId, taskId: TaskId, uuid: string): void {
    const stream = this.#updates.get(key(frameworkId, taskId));
    stream?.acknowledge(uuid);
    if (stream?.isComplete) this.#updates.delete(key(frameworkId, taskId));
  }

  /** The framework is gone: nobody wants its updates, and its executors end. */
  #shutdownFramework(frameworkId: FrameworkId): void {
    for (const executor of this.#executors.values())
      if (executor.frameworkId === frameworkId) {
        executor.live.clear();
        this.#shutdown(executor);
      }
    for (const [id, stream] of this.#updates)
      if (id.startsWith(`${frameworkId}/`)) {
        stream.close();
        this.#updates.delete(id);
      }
  }

  // --- executors ---

  #launch(frameworkId: FrameworkId, frameworkInfo: FrameworkInfo, info: ExecutorInfo): Executor {
    const { isolation, executorRegistrationTimeoutMs = 60_000 } = this.#options;
    const container = isolation.launch(
      {
        containerId: `${this.#slaveId}-${this.#containersMade++}`,
        frameworkId,
        slaveId: this.#slaveId,
        slave: this.#context.self,
        executorInfo: info,
        shutdownGraceMs: this.#shutdownGraceMs,
      },
      (exit) => this.#exited(executor, exit),
    );
    const timeout = this.#context.after(executorRegistrationTimeoutMs, () => container.destroy());
    const executor: Executor = {
      frameworkId,
      frameworkInfo,
      info,
      container,
      state: { is: 'starting', timeout, queued: [] },
      live: new Map(),
    };
    this.#executors.set(key(frameworkId, info.executorId), executor);
    this.#context.record({
      event: 'executor-started',
      frameworkId,
      executorId: info.executorId,
      slaveId: this.#slaveId,
    });
    return executor;
  }

  #updateContainer(executor: Executor): void {
    const tasks = [...executor.live.values()].map(({ resources }) => resources);
    executor.container.update(sum([executor.info.resources, ...tasks]));
  }

  #shutdown(executor: Executor): void {
    switch (executor.state.is) {
      case 'starting':
        executor.state.timeout.cancel();
        executor.container.destroy();
        return this.#endAfterGrace(executor);
      case 'running':
        this.#toExecutor(executor.state.address, { type: 'SHUTDOWN' });
        return this.#endAfterGrace(executor);
      case 'ending':
        return;
      default:
        executor.state satisfies never;
    }
  }

  #endAfterGrace(executor: Executor): void {
    const grace = this.#context.after(this.#shutdownGraceMs, () => executor.container.destroy());
    executor.state = { is: 'ending', grace };
  }

  #exited(executor: Executor, exit: Exit): void {
    const { frameworkId, info } = executor;
    const id = key(frameworkId, info.executorId);
    // An executor of an earlier life of this slave, which the master has given up.
    if (this.#executors.get(id) !== executor) return;
    if (executor.state.is === 'starting') executor.state.timeout.cancel();
    if (executor.state.is === 'ending') executor.state.grace.cancel();
    if (executor.state.is === 'running') this.#executorAt.delete(executor.state.address);
    this.#executors.delete(id);
    this.#context.record({
      event: 'executor-exited',
      frameworkId,
      executorId: info.executorId,
      slaveId: this.#slaveId,
      status: exit.status,
    });
    const reason =
      executor.state.is === 'starting' ? 'REASON_CONTAINER_LAUNCH_FAILED' : 'REASON_EXECUTOR_TERMINATED';
    const message = exit.message ?? `The executor ended with status ${exit.status}`;
    for (const task of executor.live.values())
      this.#report(frameworkId, task, 'TASK_FAILED', reason, message);
    this.#toMaster({
      type: 'EXITED_EXECUTOR',
      frameworkId,
      executorId: info.executorId,
      status: exit.status,
    });
  }

  #fromExecutor(call: ExecutorCall, from: Address): void {
    const executor = this.#executors.get(key(call.frameworkId, call.executorId));
    if (call.type === 'SUBSCRIBE') return this.#subscribed(executor, from);
    if (executor === undefined || this.#executorAt.get(from) !== executor)
      return this.#toExecutor(from, { type: 'ERROR', message: 'Executor is not subscribed' });
    switch (call.type) {
      case 'UPDATE':
        return this.#statusUpdate(executor, call.status, from);
      case 'MESSAGE': {
        const { frameworkId, executorId, data } = call;
        return this.#toMaster({ type: 'EXECUTOR_TO_FRAMEWORK', frameworkId, executorId, data });
      }
      default:
        call satisfies never;
    }
  }

  #subscribed(executor: Executor | undefined, from: Address): void {
    if (executor?.state.is !== 'starting')
      return this.#toExecutor(from, { type: 'ERROR', message: 'Executor is not expected' });
    const { queued, timeout } = executor.state;
    timeout.cancel();
    executor.state = { is: 'running', address: from };
    this.#executorAt.set(from, executor);
    this.#context.watch(from);
    const { hostname, resources, attributes } = this.#options;
    const slaveInfo: SlaveInfo = { id: this.#slaveId, hostname, resources, attributes };
    const { info: executorInfo, frameworkInfo } = executor;
    this.#toExecutor(from, { type: 'SUBSCRIBED', executorInfo, frameworkInfo, slaveInfo });
    for (const task of queued) this.#toExecutor(from, { type: 'LAUNCH', task });
  }

  #statusUpdate(executor: Executor, status: TaskStatus, from: Address): void {
    const { taskId, uuid } = status;
    if (uuid !== undefined) this.#toExecutor(from, { type: 'ACKNOWLEDGED', taskId, uuid });
    if (!executor.live.has(taskId)) return;
    if (isTerminal(status.state)) {
      executor.live.delete(taskId);
      this.#updateContainer(executor);
    }
    this.#forward(executor.frameworkId, {
      ...status,
      source: 'SOURCE_EXECUTOR',
      slaveId: this.#slaveId,
      executorId: executor.info.executorId,
    });
  }

  // --- status updates ---

  /** Reports a state of a task on the slave's own account. */
  #report(
    frameworkId: FrameworkId,
    task: TaskInfo,
    state: TaskState,
    reason: StatusReason,
    message: string,
  ): void {
    const { executorId } = task.executor;
    const executor = this.#executors.get(key(frameworkId, executorId));
    if (executor?.live.delete(task.taskId)) this.#updateContainer(executor);
    this.#forward(frameworkId, {
      taskId: task.taskId,
      state,
      source: 'SOURCE_SLAVE',
      reason,
      message,
      slaveId: this.#slaveId,
      executorId,
      timestamp: this.#context.now() / 1000,
      uuid: this.#nextUuid(),
    });
  }

  #forward(frameworkId: FrameworkId, status: TaskStatus): void {
    const id = key(frameworkId, status.taskId);
    let stream = this.#updates.get(id);
    if (stream === undefined) {
      stream = new UpdateStream(this.#context, (update) =>
        this.#toMaster({ type: 'STATUS_UPDATE', frameworkId, status: update }),
      );
      this.#updates.set(id, stream);
    }
    stream.add(status);
  }

  // --- messages ---

  get #slaveId(): SlaveId {
    if (this.#registration.is === 'registered') return this.#registration.id;
    throw new Error('the slave has no id before it is registered');
  }

  get #shutdownGraceMs(): Millis {
    return this.#options.executorShutdownGraceMs ?? 5_000;
  }

  #toMaster(report: SlaveReport): void {
    this.#context.send(this.#options.master, report);
  }

  #toExecutor(address: Address, event: ExecutorEvent): void {
    this.#context.send(address, event);
  }
}
