/** What a framework's executor is written against (NSDI'11 Table 1, right half). */
import type {
  ExecutorInfo,
  FrameworkInfo,
  SlaveInfo,
  TaskId,
  TaskInfo,
  TaskStatus,
} from '../protocol/entities.ts';
import type { TaskState } from '../protocol/tasks.ts';
import type { Clock, Millis } from '../runtime/actor.ts';

/** Who the executor is and where it runs. */
export interface ExecutorContext {
  readonly executorInfo: ExecutorInfo;
  readonly frameworkInfo: FrameworkInfo;
  readonly slaveInfo: SlaveInfo;
}

/** What a framework implements on the slave's side. */
export interface Executor {
  /** The executor is connected to its slave; tasks follow. */
  registered(context: ExecutorContext): void;
  /** Starts a task. Report TASK_RUNNING, and in the end exactly one terminal state. */
  launchTask(task: TaskInfo): void;
  /**
   * Kills a task; report its terminal state. A task that is not known (any more) needs no answer. `graceMs`: after so long the
   * slave ends the executor, if the task has not ended; absent: it waits.
   */
  killTask(taskId: TaskId, graceMs?: Millis): void;
  /** A message from the scheduler; not reliable. */
  frameworkMessage(data: string): void;
  /** End everything; the slave ends the process soon after. One that takes its time says when it is done. */
  shutdown(): void | Promise<void>;
}

/** Callbacks for an executor whose tasks are all that there is to know: they end with its process. Spread it into yours. */
export const EXECUTOR_DEFAULTS = {
  registered() {},
  frameworkMessage() {},
  shutdown() {},
} satisfies Partial<Executor>;

/** What an executor may say of a task beside its state. */
export type StatusDetail = Pick<TaskStatus, 'message' | 'data' | 'reason'>;

/** What an executor may do. */
export interface ExecutorDriver extends Clock {
  /** Reports the state of a task, reliably: it is kept until the slave has it, and by the slave until the scheduler has it. */
  sendStatus(taskId: TaskId, state: TaskState, detail?: StatusDetail): void;
  /** Sends bytes (base64) to the scheduler; not reliable. */
  sendFrameworkMessage(data: string): void;
  /** There is nothing more to do: the executor ends when every update is acknowledged, and takes no more tasks. */
  stop(): void;
}

/** An executor as a value: how to make it. */
export type ExecutorFactory = (driver: ExecutorDriver) => Executor;
