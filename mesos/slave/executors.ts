/** A slave's executors: started in containers, given their tasks, and ended. */
import type { Exit } from '../isolation/isolation.ts';
import type { ExecutorId, ExecutorInfo, FrameworkId, TaskStatus } from '../protocol/entities.ts';
import type { ExecutorCall, ExecutorEvent } from '../protocol/executor.ts';
import { isTerminal } from '../protocol/tasks.ts';
import type { Address, Context, Millis } from '../runtime/actor.ts';
import { packed, unpacked, withOne, without } from '../runtime/packed.ts';
import { ByFramework } from './byFramework.ts';
import type { KillOrder, Recovered, SlaveCheckpoint } from './checkpoint.ts';
import {
  type Executor,
  type ExecutorState,
  fate,
  held,
  maySubscribe,
  recordUsage,
  stopTimer,
} from './executor.ts';
import { catchUp, endOverdue, type Killer, kill } from './kills.ts';
import { Launcher, type Launching } from './launcher.ts';
import type { SlaveSettings } from './options.ts';
import type { Past } from './past.ts';
import type { Registered } from './registration.ts';
import { isOver, type Task, type Verdict } from './task.ts';
import type { Tasks } from './tasks.ts';

/** What executors need of their slave. */
export interface Surroundings {
  readonly context: Context;
  readonly settings: SlaveSettings;
  readonly checkpoint: SlaveCheckpoint;
  readonly registration: Registered;
  readonly tasks: Tasks;
  readonly past: Past | undefined;
}

/** So many frameworks are remembered that may have nothing here: they mostly come again. */
const FRAMEWORKS_KEPT = 4;
const RUNNING: ExecutorState = { is: 'running' };

/** The executors. */
export class Executors extends ByFramework<Executor> implements Launching, Killer {
  readonly slave: Surroundings;
  readonly #launcher: Launcher;
  #recovered: (() => void) | undefined;

  constructor(slave: Surroundings) {
    super();
    this.slave = slave;
    this.#launcher = new Launcher(this);
    const { usageIntervalMs } = slave.settings;
    if (usageIntervalMs !== undefined)
      recordUsage(
        slave.context,
        usageIntervalMs,
        () => this,
        () => slave.registration.slaveId,
      );
  }

  /** All that have not ended, for a new master. */
  infos(): { readonly frameworkId: FrameworkId; readonly executorInfo: ExecutorInfo }[] {
    return [...this].map(({ frameworkId, info }) => ({
      frameworkId,
      executorInfo: info,
    }));
  }

  /** Forgets what was remembered of frameworks that have nothing here. */
  forgetFrameworks(): void {
    this.slave.tasks.forgetFrameworks((id) => this.hasAny(id));
  }

  // --- recovery ---

  /**
   * Takes over the executors of an earlier process. Calls `done` when each has subscribed again, or ended, or has taken too
   * long; later than this returns.
   */
  recover({ executors, tasks }: Recovered, done: () => void): void {
    this.#recovered = done;
    for (const recovered of executors) {
      const { frameworkId, executorInfo, isEnding } = recovered;
      const executor = this.#launcher.recover(recovered);
      for (const { frameworkId: of, info: task } of tasks) {
        const known = this.slave.tasks.get(of, task.taskId);
        const isHere = of === frameworkId && task.executor.executorId === executorInfo.executorId;
        if (isHere && known !== undefined && !isTerminal(known.state))
          executor.live = withOne(executor.live, known);
      }
      this.add(executor);
      if (executor.verdict !== undefined) continue;
      if (isEnding) {
        if (unpacked(executor.live).some(({ kill }) => isOver(kill, this.slave.context.now())))
          executor.verdict = 'overdue';
        executor.container.destroy();
        this.endAfterGrace(executor);
      } else {
        this.#updateContainer(executor);
        for (const task of unpacked(executor.live)) this.slave.tasks.startTimers(task);
      }
    }
    this.#failStrays();
    this.slave.context.after(0, () => this.#checkRecovered());
  }

  /** A slave that was killed while it started an executor has written down the task, and not yet who runs it. */
  #failStrays(): void {
    const message = 'The slave was restarted while it started the executor';
    for (const task of this.slave.tasks)
      if (!isTerminal(task.state) && this.executorOf(task) === undefined)
        this.slave.tasks.report(task, { state: 'TASK_FAILED', reason: 'REASON_SLAVE_RESTARTED', message });
  }

  missing(executor: Executor): void {
    const isAgain = executor.state.is === 'recovering';
    executor.verdict = {
      state: 'TASK_FAILED',
      reason: isAgain ? 'REASON_EXECUTOR_REREGISTRATION_TIMEOUT' : 'REASON_EXECUTOR_REGISTRATION_TIMEOUT',
      message: `The executor did not subscribe ${isAgain ? 'again ' : ''}in time`,
    };
    executor.container.destroy();
    this.endAfterGrace(executor);
    this.#checkRecovered();
  }

  #checkRecovered(): void {
    if (this.#recovered === undefined) return;
    for (const { state } of this) if (state.is === 'recovering') return;
    const done = this.#recovered;
    this.#recovered = undefined;
    done();
  }

  // --- tasks ---

  /** Gives a task to its executor, which is started if need be. */
  run(task: Task): void {
    const { frameworkId, info } = task;
    const known = this.get(frameworkId, info.executor.executorId);
    if (known?.state.is === 'ending')
      return this.slave.tasks.report(task, {
        state: 'TASK_LOST',
        reason: 'REASON_EXECUTOR_TERMINATED',
        message: 'The executor is ending',
      });
    const executor = known ?? this.#launcher.launch(frameworkId, info.executor);
    if (known === undefined) this.add(executor);
    executor.live = withOne(executor.live, task);
    this.#updateContainer(executor);
    this.slave.tasks.startTimers(task);
    if (executor.state.is === 'running') this.tell(executor, { type: 'LAUNCH', task: info });
  }

  /** Ends a task; `graceMs`: after so long its executor is ended, if the task has not. */
  kill(task: Task, order: Omit<KillOrder, 'deadlineMs'>, graceMs: Millis | undefined): void {
    const executor = this.executorOf(task);
    if (executor !== undefined) kill(this, executor, task, order, graceMs);
  }

  timeIsUp(task: Task): void {
    this.kill(task, { cause: 'completion-time' }, this.slave.settings.completionGraceMs);
  }

  overdue(task: Task): void {
    const executor = this.executorOf(task);
    if (executor !== undefined) endOverdue(this, executor);
  }

  executorOf(task: Task): Executor | undefined {
    const executor = this.get(task.frameworkId, task.info.executor.executorId);
    return executor !== undefined && unpacked(executor.live).includes(task) ? executor : undefined;
  }

  // --- life ---

  #updateContainer(executor: Executor): void {
    executor.container.update?.(held(executor));
  }

  /** Tells an executor to end. */
  shutdown(frameworkId: FrameworkId, executorId: ExecutorId): void {
    const executor = this.get(frameworkId, executorId);
    if (executor !== undefined) this.close(executor);
  }

  /** Ends all that a framework has here; its tasks are forgotten. */
  shutdownFramework(frameworkId: FrameworkId): void {
    this.slave.tasks.endFramework(frameworkId);
    for (const executor of this)
      if (executor.frameworkId === frameworkId) {
        executor.live = packed();
        this.close(executor);
      }
  }

  close(executor: Executor): void {
    switch (executor.state.is) {
      case 'fetching':
      case 'starting':
      case 'recovering':
        executor.container.destroy();
        return this.endAfterGrace(executor);
      case 'running':
        this.tell(executor, { type: 'SHUTDOWN' });
        return this.endAfterGrace(executor);
      case 'ending':
        return;
      default:
        executor.state satisfies never;
    }
  }

  endAfterGrace(executor: Executor): void {
    const graceMs = executor.info.shutdownGraceMs ?? this.slave.settings.executorShutdownGraceMs;
    this.slave.checkpoint.append({ kind: 'executor-ending', containerId: executor.containerId });
    stopTimer(executor.state);
    const grace = this.slave.context.after(graceMs, () => executor.container.destroy());
    executor.state = { is: 'ending', grace };
  }

  /** Ends all at once, and says nothing of it. */
  endAll(): void {
    for (const executor of this) {
      stopTimer(executor.state);
      executor.container.destroy();
    }
    this.clear();
  }

  exited(executor: Executor, exit: Exit): void {
    const { frameworkId, info, containerId } = executor;
    const { executorId } = info;
    // An executor of an earlier life of this slave, which the master has given up.
    if (this.get(frameworkId, executorId) !== executor) return;
    stopTimer(executor.state);
    this.delete(executor);
    const { status } = exit;
    const { slaveId } = this.slave.registration;
    this.slave.context.record({ event: 'executor-exited', frameworkId, executorId, slaveId, status });
    for (const task of unpacked(executor.live)) {
      this.slave.tasks.report(task, fate(executor, task, exit));
      this.slave.past?.taskEnded(executor, task);
    }
    this.slave.past?.executorEnded(executor, exit, this.slave.tasks.frameworkInfo(frameworkId));
    this.slave.checkpoint.append({ kind: 'executor-ended', containerId });
    if (this.slave.tasks.frameworksKnown > FRAMEWORKS_KEPT) this.forgetFrameworks();
    this.slave.registration.report({ type: 'EXITED_EXECUTOR', frameworkId, executorId, status });
    this.#checkRecovered();
  }

  // --- messages ---

  /** A message of its scheduler; not reliable. */
  message(frameworkId: FrameworkId, executorId: ExecutorId, data: string): void {
    const executor = this.get(frameworkId, executorId);
    if (executor?.state.is === 'running') this.tell(executor, { type: 'MESSAGE', data });
  }

  receive(call: ExecutorCall, from: Address): void {
    const executor = this.get(call.frameworkId, call.executorId);
    if (call.type === 'SUBSCRIBE') return this.#subscribe(executor, call, from);
    if (executor?.address !== from) {
      // It has not noticed yet that it must subscribe again, and will say this once more when it has.
      if (executor?.state.is === 'recovering') return;
      return this.#refuse(from, 'Executor is not subscribed');
    }
    switch (call.type) {
      case 'UPDATE':
        return this.#update(executor, call.status);
      case 'MESSAGE': {
        const { frameworkId, executorId, data } = call;
        return this.slave.registration.report({
          type: 'EXECUTOR_TO_FRAMEWORK',
          frameworkId,
          executorId,
          data,
        });
      }
      default:
        call satisfies never;
    }
  }

  /** The process of an executor has closed the connection, or is out of reach. */
  lost(peer: Address): void {
    for (const executor of this) if (executor.address === peer) return this.#lost(executor);
  }

  #lost(executor: Executor): void {
    executor.address = undefined;
    if (executor.state.is !== 'running') return;
    // Without a checkpoint either it is ending by itself, or it will never speak again.
    if (this.slave.settings.checkpoint === undefined) return this.endAfterGrace(executor);
    const { executorReregistrationTimeoutMs: timeoutMs } = this.slave.settings;
    const timeout = this.slave.context.after(timeoutMs, () => this.missing(executor));
    executor.state = { is: 'recovering', timeout };
  }

  /** Is it this executor, not an earlier one of its id, and has it authenticated as such, where executors have to? */
  #isItself({ containerId }: Executor, call: ExecutorCall & { type: 'SUBSCRIBE' }, from: Address): boolean {
    if (call.containerId !== undefined && call.containerId !== containerId) return false;
    const { executorPrincipal } = this.slave.settings;
    return (
      executorPrincipal === undefined ||
      this.slave.context.principalOf(from) === executorPrincipal(containerId)
    );
  }

  #subscribe(
    executor: Executor | undefined,
    call: ExecutorCall & { type: 'SUBSCRIBE' },
    from: Address,
  ): void {
    if (executor === undefined || !this.#isItself(executor, call, from) || !maySubscribe(executor, from))
      return this.#refuse(from, 'Executor is not expected');
    const { frameworkId, info: executorInfo } = executor;
    const slaveInfo = this.slave.registration.slaveInfo;
    const was = executor.state.is;
    stopTimer(executor.state);
    executor.state = RUNNING;
    executor.address = from;
    if (executorInfo.isCommand) this.#updateContainer(executor);
    this.slave.context.watch(from);
    const { executorId } = executorInfo;
    if (was === 'recovering')
      this.slave.context.record({
        event: 'executor-recovered',
        frameworkId,
        executorId,
        slaveId: slaveInfo.id,
      });
    const frameworkInfo = this.slave.tasks.frameworkInfo(frameworkId);
    this.tell(executor, { type: 'SUBSCRIBED', executorInfo, frameworkInfo, slaveInfo });
    for (const status of call.unacknowledgedUpdates) this.#update(executor, status);
    const known = new Set(call.unacknowledgedTasks.map(({ taskId }) => taskId));
    for (const task of unpacked(executor.live)) catchUp(this, executor, task, known);
    this.#checkRecovered();
  }

  #update(executor: Executor, status: TaskStatus): void {
    const { taskId, uuid } = status;
    const task = this.slave.tasks.get(executor.frameworkId, taskId);
    if (task !== undefined && this.executorOf(task) === executor) {
      this.slave.tasks.update(task, withLimitation(executor, status));
      if (isTerminal(task.state)) this.#release(executor, task);
    }
    if (uuid !== undefined) this.tell(executor, { type: 'ACKNOWLEDGED', taskId, uuid });
  }

  end(executor: Executor, task: Task, verdict: Verdict): void {
    this.slave.tasks.report(task, verdict);
    this.#release(executor, task);
  }

  #release(executor: Executor, task: Task): void {
    const live = without(executor.live, task);
    if (unpacked(live).length === unpacked(executor.live).length) return;
    executor.live = live;
    this.slave.past?.taskEnded(executor, task);
    this.#updateContainer(executor);
  }

  tell({ address }: Executor, event: ExecutorEvent): void {
    if (address !== undefined) this.slave.context.send(address, event);
  }

  /** Of one that is not expected to speak, by its address. */
  #refuse(address: Address, message: string): void {
    this.slave.context.send(address, { type: 'ERROR', message });
  }
}

/** The executor of a command lives on when the kernel has ended the command for want of memory, and cannot know why. */
function withLimitation({ info, container }: Executor, status: TaskStatus): TaskStatus {
  if (!info.isCommand || status.state !== 'TASK_FAILED') return status;
  return { ...status, ...container.limitation?.() };
}
