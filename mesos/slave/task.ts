/** A task on its slave: what is known of it, and what is said of it when it was to end. */
import type { FrameworkId, TaskId, TaskInfo } from '../protocol/entities.ts';
import type { StatusReason, TaskState } from '../protocol/tasks.ts';
import type { Timer } from '../runtime/actor.ts';
import type { KillOrder, RecoveredTask } from './checkpoint.ts';
import { UpdateStream } from './updates.ts';

/** A task, and the stream of its updates: one object, for an emulated cluster has a hundred thousand of them. */
export class Task extends UpdateStream {
  readonly frameworkId: FrameworkId;
  /** Its `data` is there until its executor has said something of it: it is for its start, and may be large. */
  info: TaskInfo;
  readonly isShort: boolean;
  readonly launchedMs: number;
  /** The latest that was reported. */
  state: TaskState;
  /** It is to end. */
  kill: KillOrder | undefined;
  /** Undefined: its time does not run yet. */
  timers: TaskTimers | undefined;

  constructor({ frameworkId, info, isShort, launchedMs, state, kill, updates }: NewTask) {
    super(updates);
    this.frameworkId = frameworkId;
    this.info = info;
    this.isShort = isShort;
    this.launchedMs = launchedMs;
    this.state = state;
    this.kill = kill;
    this.timers = undefined;
  }

  get id(): TaskId {
    return this.info.taskId;
  }
}

/** A task as it is launched, or as an earlier process left it. */
type NewTask = Omit<RecoveredTask, 'updates'> & Partial<Pick<RecoveredTask, 'updates'>>;

interface TaskTimers {
  readonly completion?: Timer;
  readonly deadline?: Timer;
}

/** Of a task whose time runs, and has no end. */
export const NO_TIMERS: TaskTimers = {};

/** What is said of a task, beside its state. */
export interface Verdict {
  readonly state: TaskState;
  readonly reason?: StatusReason;
  readonly message?: string;
}

/** What is said of a task that ended because it was to end. */
export function killedBy(kill: KillOrder, { info }: Task, said: { readonly message?: string }): Verdict {
  switch (kill.cause) {
    case 'order':
      return {
        state: kill.state ?? 'TASK_KILLED',
        ...(kill.reason !== undefined && { reason: kill.reason }),
        ...(said.message !== undefined && { message: said.message }),
      };
    case 'completion-time':
      return {
        state: 'TASK_FAILED',
        reason: 'REASON_MAX_COMPLETION_TIME_REACHED',
        message: said.message ?? `It had not ended after ${info.maxCompletionTimeMs} ms`,
      };
    default:
      return kill.cause satisfies never;
  }
}

/** Is the time over that the task was given to end? */
export function isOver(kill: KillOrder | undefined, nowMs: number): boolean {
  return kill?.deadlineMs !== undefined && kill.deadlineMs <= nowMs;
}

/** Nothing happens to the task in time any more. */
export function stopTimers(task: Task): void {
  task.timers?.completion?.cancel();
  task.timers?.deadline?.cancel();
}
