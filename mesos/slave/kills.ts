/** How a slave ends tasks: it tells their executors, and ends those that do not obey in time. */
import type { TaskId } from '../protocol/entities.ts';
import type { ExecutorEvent } from '../protocol/executor.ts';
import type { Context, Millis } from '../runtime/actor.ts';
import { unpacked } from '../runtime/packed.ts';
import type { KillOrder } from './checkpoint.ts';
import type { Executor } from './executor.ts';
import type { SlaveSettings } from './options.ts';
import { killedBy, type Task, type Verdict } from './task.ts';
import type { Tasks, TaskTimes } from './tasks.ts';

/** What ending tasks needs of its slave. */
export interface KillSurroundings {
  readonly context: Context;
  readonly settings: SlaveSettings;
  readonly tasks: Tasks;
}

/** Who ends tasks: what that needs of the executors. */
export interface Killer extends TaskTimes {
  readonly slave: KillSurroundings;
  /** Dropped if it is not subscribed. */
  tell(executor: Executor, event: ExecutorEvent): void;
  /** Reports the end of a task on the slave's own account, and takes it from its executor. */
  end(executor: Executor, task: Task, verdict: Verdict): void;
  /** Tells an executor to end. */
  close(executor: Executor): void;
  /** It has been told, or destroyed. */
  endAfterGrace(executor: Executor): void;
}

/** Ends a task of an executor; `graceMs`: after so long the executor is ended, if the task has not. */
export function kill(
  killer: Killer,
  executor: Executor,
  task: Task,
  order: Omit<KillOrder, 'deadlineMs'>,
  graceMs: Millis | undefined,
): void {
  const deadlineMs = deadlineOf(killer, executor, graceMs);
  killer.slave.tasks.order(task, { ...order, ...(deadlineMs !== undefined && { deadlineMs }) });
  switch (executor.state.is) {
    case 'fetching':
    case 'starting':
      return killUnstarted(killer, executor, task);
    case 'running':
      return tell(killer, executor, task, graceMs);
    case 'recovering':
    case 'ending':
      return;
    default:
      executor.state satisfies never;
  }
}

function deadlineOf(
  { slave: { context, settings } }: Killer,
  { info }: Executor,
  graceMs: Millis | undefined,
): number | undefined {
  if (graceMs === undefined) return undefined;
  // One that runs a command ends it for certain when the grace is over, and has to tell how.
  return context.now() + graceMs + (info.isCommand ? settings.executorShutdownGraceMs : 0);
}

/** The task ends before its executor was given it. */
function killUnstarted(killer: Killer, executor: Executor, task: Task): void {
  const { kill: order = { cause: 'order' } } = task;
  const message = 'Killed before its executor had started';
  killer.end(executor, task, {
    reason: 'REASON_TASK_KILLED_DURING_LAUNCH',
    ...killedBy(order, task, { message }),
  });
  const isForNothing = executor.info.isCommand || executor.state.is === 'fetching';
  if (isForNothing && unpacked(executor.live).length === 0) killer.close(executor);
}

function tell(killer: Killer, executor: Executor, { id: taskId }: Task, graceMs: Millis | undefined): void {
  const grace = graceMs === undefined ? {} : { gracePeriodMs: graceMs };
  killer.tell(executor, { type: 'KILL', taskId, ...grace });
}

/** A task has not ended when it was told to, so its executor does, for certain. */
export function endOverdue(killer: Killer, executor: Executor): void {
  executor.verdict ??= 'overdue';
  executor.container.destroy();
  if (executor.state.is !== 'ending') killer.endAfterGrace(executor);
}

/** Makes an executor that has subscribed do what it was not told, or may have missed. `known`: tasks that it has been given. */
export function catchUp(killer: Killer, executor: Executor, task: Task, known: ReadonlySet<TaskId>): void {
  const isKnown = task.state !== 'TASK_STAGING' || known.has(task.id);
  if (!isKnown && task.kill !== undefined) return killUnstarted(killer, executor, task);
  if (!isKnown) return killer.tell(executor, { type: 'LAUNCH', task: task.info });
  if (task.kill === undefined) return;
  const { deadlineMs } = task.kill;
  const { context } = killer.slave;
  const graceMs = deadlineMs === undefined ? undefined : Math.max(0, deadlineMs - context.now());
  tell(killer, executor, task, graceMs);
}
