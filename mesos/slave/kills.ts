/** How a slave ends tasks: it tells their executors, and ends those that do not obey in time. */
import type { TaskId } from '../protocol/entities.ts';
import type { ExecutorEvent } from '../protocol/executor.ts';
import type { Context, Millis } from '../runtime/actor.ts';
import { unpacked } from '../runtime/packed.ts';
import type { KillOrder } from './checkpoint.ts';
import type { Executor } from './executor.ts';
import type { SlaveSettings } from './options.ts';
import { killedBy, type Task, type Tasks, type TaskTimes, type Verdict } from './tasks.ts';

/** What ending tasks needs of its slave. */
export interface KillSurroundings {
  readonly context: Context;
  readonly settings: SlaveSettings;
  readonly tasks: Tasks;
}

/** What it needs of the executors. */
export interface KillEffects {
  /** Of a task that has not ended. */
  executorOf(task: Task): Executor | undefined;
  /** Dropped if it is not subscribed. */
  tell(executor: Executor, event: ExecutorEvent): void;
  /** Reports the end of a task on the slave's own account, and takes it from its executor. */
  end(executor: Executor, task: Task, verdict: Verdict): void;
  /** Tells an executor to end. */
  close(executor: Executor): void;
  /** It has been told, or destroyed. */
  endAfterGrace(executor: Executor): void;
}

/** Ends tasks. */
export class Kills implements TaskTimes {
  readonly #slave: KillSurroundings;
  readonly #executors: KillEffects;

  constructor(slave: KillSurroundings, executors: KillEffects) {
    this.#slave = slave;
    this.#executors = executors;
  }

  /** Ends a task of an executor; `graceMs`: after so long the executor is ended, if the task has not. */
  kill(
    executor: Executor,
    task: Task,
    order: Omit<KillOrder, 'deadlineMs'>,
    graceMs: Millis | undefined,
  ): void {
    const deadlineMs = this.#deadlineMs(executor, graceMs);
    this.#slave.tasks.order(task, { ...order, ...(deadlineMs !== undefined && { deadlineMs }) });
    switch (executor.state.is) {
      case 'fetching':
      case 'starting':
        return this.#killUnstarted(executor, task);
      case 'running':
        return this.#tell(executor, task, graceMs);
      case 'recovering':
      case 'ending':
        return;
      default:
        executor.state satisfies never;
    }
  }

  #deadlineMs({ info }: Executor, graceMs: Millis | undefined): number | undefined {
    if (graceMs === undefined) return undefined;
    const { context, settings } = this.#slave;
    // One that runs a command ends it for certain when the grace is over, and has to tell how.
    return context.now() + graceMs + (info.isCommand ? settings.executorShutdownGraceMs : 0);
  }

  /** The task ends before its executor was given it. */
  #killUnstarted(executor: Executor, task: Task): void {
    const { kill = { cause: 'order' } } = task;
    const message = 'Killed before its executor had started';
    this.#executors.end(executor, task, {
      reason: 'REASON_TASK_KILLED_DURING_LAUNCH',
      ...killedBy(kill, task, { message }),
    });
    const isForNothing = executor.info.isCommand || executor.state.is === 'fetching';
    if (isForNothing && unpacked(executor.live).length === 0) this.#executors.close(executor);
  }

  #tell(executor: Executor, { info: { taskId } }: Task, graceMs: Millis | undefined): void {
    const grace = graceMs === undefined ? {} : { gracePeriodMs: graceMs };
    this.#executors.tell(executor, { type: 'KILL', taskId, ...grace });
  }

  /** Lets the time of a task run. */
  startTimers(task: Task): void {
    this.#slave.tasks.startTimers(task, this);
  }

  timeIsUp(task: Task): void {
    const executor = this.#executors.executorOf(task);
    const { completionGraceMs } = this.#slave.settings;
    if (executor !== undefined) this.kill(executor, task, { cause: 'completion-time' }, completionGraceMs);
  }

  /** A task has not ended when it was told to, so its executor does, for certain. */
  overdue(task: Task): void {
    const executor = this.#executors.executorOf(task);
    if (executor === undefined) return;
    executor.verdict ??= 'overdue';
    executor.container.destroy();
    if (executor.state.is !== 'ending') this.#executors.endAfterGrace(executor);
  }

  /** Makes an executor that has subscribed do what it was not told, or may have missed. `known`: tasks that it has been given. */
  catchUp(executor: Executor, task: Task, known: ReadonlySet<TaskId>): void {
    const isKnown = task.state !== 'TASK_STAGING' || known.has(task.info.taskId);
    if (!isKnown && task.kill !== undefined) return this.#killUnstarted(executor, task);
    if (!isKnown) return this.#executors.tell(executor, { type: 'LAUNCH', task: task.info });
    if (task.kill === undefined) return;
    const { deadlineMs } = task.kill;
    const { context } = this.#slave;
    const graceMs = deadlineMs === undefined ? undefined : Math.max(0, deadlineMs - context.now());
    this.#tell(executor, task, graceMs);
  }
}
