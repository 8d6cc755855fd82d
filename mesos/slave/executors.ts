/** A slave's executors: started in containers, given their tasks, and ended. */
import type { Container, ContainerSpec, Exit } from '../isolation/isolation.ts';
import type {
  ExecutorId,
  ExecutorInfo,
  FrameworkId,
  SlaveId,
  SlaveInfo,
  TaskId,
  TaskStatus,
} from '../protocol/entities.ts';
import type { ExecutorCall, ExecutorEvent } from '../protocol/executor.ts';
import { sum } from '../protocol/resources.ts';
import type { SlaveReport } from '../protocol/slave.ts';
import { isTerminal } from '../protocol/tasks.ts';
import type { Address, Context, Millis } from '../runtime/actor.ts';
import { uuidSource } from '../runtime/uuid.ts';
import { ByFramework } from './byFramework.ts';
import { type KillOrder, NO_CHECKPOINT, type Recovered, type SlaveCheckpoint } from './checkpoint.ts';
import { containerSpec, type Executor, fate, maySubscribe, recordUsage, stopTimer } from './executor.ts';
import type { SlaveSettings } from './options.ts';
import { isOver, killedBy, type Task, type Tasks, type Verdict } from './tasks.ts';

/** 128 + SIGKILL: how an executor ended that did not live through a restart of its machine. */
const KILLED = 137;
/** The container of such a one. */
const GONE: Container = { update() {}, destroy() {} };

/** What executors need of their slave. */
export interface Surroundings {
  readonly context: Context;
  readonly settings: SlaveSettings;
  readonly tasks: Tasks;
  /** Of the slave as it is registered; with its id. */
  readonly slaveInfo: () => SlaveInfo & { readonly id: string };
  /** Tells the master, if there is one. */
  readonly report: (report: SlaveReport) => void;
}

/** The executors. */
export class Executors {
  readonly #context: Context;
  readonly #settings: SlaveSettings;
  readonly #checkpoint: SlaveCheckpoint;
  readonly #tasks: Tasks;
  readonly #surroundings: Surroundings;
  readonly #executors = new ByFramework<Executor>();
  readonly #executorAt = new Map<Address, Executor>();
  /** Ids that no other life of the slave gives: what it left may still be there. */
  readonly #nextContainerId: () => string;
  #recovered: (() => void) | undefined;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#context = surroundings.context;
    this.#nextContainerId = uuidSource(this.#context.random);
    this.#settings = surroundings.settings;
    this.#checkpoint = this.#settings.checkpoint ?? NO_CHECKPOINT;
    this.#tasks = surroundings.tasks;
    const { usageIntervalMs } = this.#settings;
    if (usageIntervalMs !== undefined)
      recordUsage(
        this.#context,
        usageIntervalMs,
        () => this.#executors,
        () => this.#slaveId,
      );
  }

  /** All that have not ended, for a new master. */
  infos(): { readonly frameworkId: FrameworkId; readonly executorInfo: ExecutorInfo }[] {
    return [...this.#executors].map(({ frameworkId, info }) => ({
      frameworkId,
      executorInfo: info,
    }));
  }

  get frameworkIds(): ReadonlySet<FrameworkId> {
    return this.#executors.frameworkIds;
  }

  // --- recovery ---

  /**
   * Takes over the executors of an earlier process. Calls `done` when each has subscribed again, or ended, or has taken too
   * long; later than this returns.
   */
  recover({ executors, tasks }: Recovered, done: () => void): void {
    this.#recovered = done;
    const { executorReregistrationTimeoutMs: timeoutMs, isolation } = this.#settings;
    for (const { containerId, frameworkId, executorInfo: info, state, isEnding } of executors) {
      const spec = this.#spec(containerId, frameworkId, info);
      const exited = (exit: Exit): void => this.#exited(executor, exit);
      const container = state === undefined ? undefined : isolation.recover?.(spec, state, exited);
      const executor: Executor = {
        frameworkId,
        info,
        containerId,
        container: container ?? GONE,
        state: { is: 'recovering', timeout: this.#context.after(timeoutMs, () => this.#isMissing(executor)) },
        address: undefined,
        live: new Map(),
        verdict: undefined,
      };
      for (const { frameworkId: of, info: task } of tasks) {
        const known = this.#tasks.get(of, task.taskId);
        const isHere = of === frameworkId && task.executor.executorId === info.executorId;
        if (isHere && known !== undefined && !isTerminal(known.state)) executor.live.set(task.taskId, known);
      }
      this.#executors.set(frameworkId, info.executorId, executor);
      if (container === undefined) {
        const message = 'The executor did not live through the restart of its slave';
        executor.verdict = { state: 'TASK_FAILED', reason: 'REASON_SLAVE_RESTARTED', message };
        this.#context.after(0, () => exited({ status: KILLED }));
      } else if (isEnding) {
        if ([...executor.live.values()].some(({ kill }) => isOver(kill, this.#context.now())))
          executor.verdict = 'overdue';
        container.destroy();
        this.#endAfterGrace(executor);
      } else {
        this.#updateContainer(executor);
        for (const task of executor.live.values()) this.#startTimers(executor, task);
      }
    }
    this.#context.after(0, () => this.#checkRecovered());
  }

  #isMissing(executor: Executor): void {
    const message = 'The executor did not subscribe again in time';
    const reason = 'REASON_EXECUTOR_REREGISTRATION_TIMEOUT';
    executor.verdict = { state: 'TASK_FAILED', reason, message };
    executor.container.destroy();
    this.#endAfterGrace(executor);
    this.#checkRecovered();
  }

  #checkRecovered(): void {
    for (const { state } of this.#executors) if (state.is === 'recovering') return;
    const done = this.#recovered;
    this.#recovered = undefined;
    done?.();
  }

  // --- tasks ---

  /** Gives a task to its executor, which is started if need be. */
  run(task: Task): void {
    const { frameworkId, info } = task;
    const known = this.#executors.get(frameworkId, info.executor.executorId);
    if (known?.state.is === 'ending')
      return this.#tasks.report(task, {
        state: 'TASK_LOST',
        reason: 'REASON_EXECUTOR_TERMINATED',
        message: 'The executor is ending',
      });
    const executor = known ?? this.#launch(frameworkId, info.executor);
    executor.live.set(info.taskId, task);
    this.#updateContainer(executor);
    this.#startTimers(executor, task);
    if (executor.state.is === 'running')
      this.#toExecutor(executor.state.address, { type: 'LAUNCH', task: info });
  }

  /** Ends a task; `graceMs`: after so long its executor is ended, if the task has not. */
  kill(task: Task, order: Omit<KillOrder, 'deadlineMs'>, graceMs: Millis | undefined): void {
    const executor = this.#executors.get(task.frameworkId, task.info.executor.executorId);
    if (executor === undefined || !executor.live.has(task.info.taskId)) return;
    const deadlineMs = graceMs === undefined ? undefined : this.#context.now() + graceMs;
    this.#tasks.order(task, { ...order, ...(deadlineMs !== undefined && { deadlineMs }) });
    switch (executor.state.is) {
      case 'starting':
        return this.#killUnstarted(executor, task);
      case 'running':
        return this.#tellToKill(executor.state.address, task, graceMs);
      case 'recovering':
      case 'ending':
        return;
      default:
        executor.state satisfies never;
    }
  }

  /** The task ends before its executor was given it. */
  #killUnstarted(executor: Executor, task: Task): void {
    const { kill = { cause: 'order' } } = task;
    const message = 'Killed before its executor had started';
    this.#report(executor, task, {
      reason: 'REASON_TASK_KILLED_DURING_LAUNCH',
      ...killedBy(kill, task, { message }),
    });
  }

  #tellToKill(address: Address, { info: { taskId } }: Task, graceMs: Millis | undefined): void {
    const grace = graceMs === undefined ? {} : { gracePeriodMs: graceMs };
    this.#toExecutor(address, { type: 'KILL', taskId, ...grace });
  }

  #startTimers(executor: Executor, task: Task): void {
    this.#tasks.startTimers(task, {
      timeIsUp: () => this.kill(task, { cause: 'completion-time' }, this.#settings.completionGraceMs),
      overdue: () => this.#overdue(executor),
    });
  }

  /** A task has not ended when it was told to, so its executor does, for certain. */
  #overdue(executor: Executor): void {
    executor.verdict ??= 'overdue';
    executor.container.destroy();
    if (executor.state.is !== 'ending') this.#endAfterGrace(executor);
  }

  // --- life ---

  #spec(containerId: string, frameworkId: FrameworkId, executorInfo: ExecutorInfo): ContainerSpec {
    return containerSpec(this.#settings, {
      containerId,
      frameworkId,
      slaveId: this.#slaveId,
      slave: this.#context.self,
      executorInfo,
    });
  }

  get #slaveId(): SlaveId {
    return this.#surroundings.slaveInfo().id;
  }

  #launch(frameworkId: FrameworkId, info: ExecutorInfo): Executor {
    const { isolation, executorRegistrationTimeoutMs: timeoutMs } = this.#settings;
    const slaveId = this.#slaveId;
    const containerId = this.#nextContainerId();
    const container = isolation.launch(this.#spec(containerId, frameworkId, info), (exit) =>
      this.#exited(executor, exit),
    );
    const timeout = this.#context.after(timeoutMs, () => container.destroy());
    const executor: Executor = {
      frameworkId,
      info,
      containerId,
      container,
      state: { is: 'starting', timeout },
      address: undefined,
      live: new Map(),
      verdict: undefined,
    };
    const { executorId } = info;
    const { state } = container;
    this.#executors.set(frameworkId, executorId, executor);
    this.#checkpoint.append({ kind: 'executor', containerId, frameworkId, executorInfo: info, state });
    this.#context.record({ event: 'executor-started', frameworkId, executorId, slaveId });
    return executor;
  }

  #updateContainer(executor: Executor): void {
    const tasks = [...executor.live.values()].map(({ info }) => info.resources);
    executor.container.update(sum([executor.info.resources, ...tasks]));
  }

  /** Tells an executor to end. */
  shutdown(frameworkId: FrameworkId, executorId: ExecutorId): void {
    const executor = this.#executors.get(frameworkId, executorId);
    if (executor !== undefined) this.#shutdown(executor);
  }

  /** Ends all that a framework has here; its tasks are forgotten. */
  shutdownFramework(frameworkId: FrameworkId): void {
    this.#tasks.endFramework(frameworkId);
    for (const executor of this.#executors)
      if (executor.frameworkId === frameworkId) {
        executor.live.clear();
        this.#shutdown(executor);
      }
  }

  #shutdown(executor: Executor): void {
    switch (executor.state.is) {
      case 'starting':
      case 'recovering':
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
    const { executorShutdownGraceMs } = this.#settings;
    this.#checkpoint.append({ kind: 'executor-ending', containerId: executor.containerId });
    stopTimer(executor.state);
    const grace = this.#context.after(executorShutdownGraceMs, () => executor.container.destroy());
    executor.state = { is: 'ending', grace };
  }

  /** Ends all at once, and says nothing of it. */
  endAll(): void {
    for (const executor of this.#executors) {
      stopTimer(executor.state);
      executor.container.destroy();
    }
    this.#executors.clear();
    this.#executorAt.clear();
  }

  #exited(executor: Executor, exit: Exit): void {
    const { frameworkId, info, containerId, address } = executor;
    const { executorId } = info;
    // An executor of an earlier life of this slave, which the master has given up.
    if (this.#executors.get(frameworkId, executorId) !== executor) return;
    stopTimer(executor.state);
    if (address !== undefined) this.#executorAt.delete(address);
    this.#executors.delete(frameworkId, executorId);
    const { status } = exit;
    const slaveId = this.#slaveId;
    this.#context.record({ event: 'executor-exited', frameworkId, executorId, slaveId, status });
    for (const task of executor.live.values()) this.#tasks.report(task, fate(executor, task, exit));
    this.#checkpoint.append({ kind: 'executor-ended', containerId });
    this.#tasks.forgetFrameworks(this.frameworkIds);
    this.#surroundings.report({ type: 'EXITED_EXECUTOR', frameworkId, executorId, status });
    this.#checkRecovered();
  }

  // --- messages ---

  /** A message of its scheduler; not reliable. */
  message(frameworkId: FrameworkId, executorId: ExecutorId, data: string): void {
    const state = this.#executors.get(frameworkId, executorId)?.state;
    if (state?.is === 'running') this.#toExecutor(state.address, { type: 'MESSAGE', data });
  }

  receive(call: ExecutorCall, from: Address): void {
    const executor = this.#executors.get(call.frameworkId, call.executorId);
    if (call.type === 'SUBSCRIBE') return this.#subscribe(executor, call, from);
    if (executor === undefined || this.#executorAt.get(from) !== executor) {
      // It has not noticed yet that it must subscribe again, and will say this once more when it has.
      if (executor?.state.is === 'recovering') return;
      return this.#toExecutor(from, { type: 'ERROR', message: 'Executor is not subscribed' });
    }
    switch (call.type) {
      case 'UPDATE':
        return this.#update(executor, call.status, from);
      case 'MESSAGE': {
        const { frameworkId, executorId, data } = call;
        return this.#surroundings.report({ type: 'EXECUTOR_TO_FRAMEWORK', frameworkId, executorId, data });
      }
      default:
        call satisfies never;
    }
  }

  /** The process of an executor has closed the connection, or is out of reach. */
  lost(peer: Address): void {
    const executor = this.#executorAt.get(peer);
    if (executor === undefined) return;
    this.#executorAt.delete(peer);
    executor.address = undefined;
    if (executor.state.is !== 'running') return;
    // Without a checkpoint either it is ending by itself, or it will never speak again.
    if (this.#settings.checkpoint === undefined) return this.#endAfterGrace(executor);
    const { executorReregistrationTimeoutMs: timeoutMs } = this.#settings;
    const timeout = this.#context.after(timeoutMs, () => this.#isMissing(executor));
    executor.state = { is: 'recovering', timeout };
  }

  /** Is it this executor, not an earlier one of its id, and has it authenticated as such, where executors have to? */
  #isItself({ containerId }: Executor, call: ExecutorCall & { type: 'SUBSCRIBE' }, from: Address): boolean {
    if (call.containerId !== undefined && call.containerId !== containerId) return false;
    const { executorPrincipal } = this.#settings;
    return (
      executorPrincipal === undefined || this.#context.principalOf(from) === executorPrincipal(containerId)
    );
  }

  #subscribe(
    executor: Executor | undefined,
    call: ExecutorCall & { type: 'SUBSCRIBE' },
    from: Address,
  ): void {
    if (
      executor === undefined ||
      !this.#isItself(executor, call, from) ||
      !maySubscribe(executor.state, from)
    )
      return this.#toExecutor(from, { type: 'ERROR', message: 'Executor is not expected' });
    const { frameworkId, info: executorInfo } = executor;
    const slaveInfo = this.#surroundings.slaveInfo();
    const was = executor.state.is;
    stopTimer(executor.state);
    executor.state = { is: 'running', address: from };
    executor.address = from;
    this.#executorAt.set(from, executor);
    this.#context.watch(from);
    const { executorId } = executorInfo;
    if (was === 'recovering')
      this.#context.record({
        event: 'executor-recovered',
        frameworkId,
        executorId,
        slaveId: slaveInfo.id,
      });
    const frameworkInfo = this.#tasks.frameworkInfo(frameworkId);
    this.#toExecutor(from, { type: 'SUBSCRIBED', executorInfo, frameworkInfo, slaveInfo });
    for (const status of call.unacknowledgedUpdates) this.#update(executor, status, from);
    const known = new Set(call.unacknowledgedTasks.map(({ taskId }) => taskId));
    for (const task of [...executor.live.values()]) this.#catchUp(executor, task, known, from);
    this.#checkRecovered();
  }

  /** Makes an executor that has subscribed do what it was not told, or may have missed. */
  #catchUp(executor: Executor, task: Task, known: ReadonlySet<TaskId>, address: Address): void {
    const isKnown = task.state !== 'TASK_STAGING' || known.has(task.info.taskId);
    if (!isKnown && task.kill !== undefined) return this.#killUnstarted(executor, task);
    if (!isKnown) return this.#toExecutor(address, { type: 'LAUNCH', task: task.info });
    if (task.kill === undefined) return;
    const { deadlineMs } = task.kill;
    const graceMs = deadlineMs === undefined ? undefined : Math.max(0, deadlineMs - this.#context.now());
    this.#tellToKill(address, task, graceMs);
  }

  #update(executor: Executor, status: TaskStatus, from: Address): void {
    const { taskId, uuid } = status;
    const task = executor.live.get(taskId);
    if (task !== undefined) this.#tasks.update(task, status);
    if (task !== undefined && isTerminal(task.state)) this.#release(executor, task);
    if (uuid !== undefined) this.#toExecutor(from, { type: 'ACKNOWLEDGED', taskId, uuid });
  }

  #report(executor: Executor, task: Task, verdict: Verdict): void {
    this.#tasks.report(task, verdict);
    this.#release(executor, task);
  }

  #release(executor: Executor, task: Task): void {
    if (executor.live.delete(task.info.taskId)) this.#updateContainer(executor);
  }

  #toExecutor(address: Address, event: ExecutorEvent): void {
    this.#context.send(address, event);
  }
}
