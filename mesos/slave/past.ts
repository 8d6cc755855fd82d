/** What has happened on a slave, for people who look at it. The oldest is forgotten where it becomes too much. */
import type { Exit } from '../isolation/isolation.ts';
import type { FrameworkId, FrameworkInfo, TaskStatus } from '../protocol/entities.ts';
import type { TaskState } from '../protocol/tasks.ts';
import type { Executor } from './executor.ts';
import type { Task } from './task.ts';

/** Ended tasks of an executor, ended executors of a framework, and frameworks that are remembered; the first two as in Mesos. */
const TASKS_MAX = 200;
const EXECUTORS_MAX = 150;
const FRAMEWORKS_MAX = 50;
/** Updates of a task that are remembered. */
const STATUSES_MAX = 20;

/** An executor that has ended. */
export interface PastExecutor {
  readonly executor: Executor;
  readonly exit: Exit;
  /** Those that ended, the first to end first. */
  readonly tasks: readonly Task[];
}

/** A framework that had an executor here that has ended; it may have others that live. */
export interface PastFramework {
  readonly info: FrameworkInfo;
  /** The first to end first. */
  readonly executors: readonly PastExecutor[];
}

/** What has happened. */
export class Past {
  readonly #statuses = new WeakMap<Task, TaskStatus[]>();
  /** Of executors that live. */
  readonly #ended = new WeakMap<Executor, Task[]>();
  readonly #frameworks = new Map<FrameworkId, { info: FrameworkInfo; readonly executors: PastExecutor[] }>();
  readonly #taskEnds = new Map<TaskState, number>();
  #executorEnds = 0;

  /** Frameworks by id, the one whose first executor ended first first. */
  get frameworks(): ReadonlyMap<FrameworkId, PastFramework> {
    return this.#frameworks;
  }

  /** Tasks that ended, by how they did. */
  get taskEnds(): ReadonlyMap<TaskState, number> {
    return this.#taskEnds;
  }

  /** Executors that ended. */
  get executorEnds(): number {
    return this.#executorEnds;
  }

  /** The slave is another one from now on; only numbers stay. */
  forget(): void {
    this.#frameworks.clear();
  }

  /** The updates of a task, oldest first. */
  statusesOf(task: Task): readonly TaskStatus[] {
    return this.#statuses.get(task) ?? [];
  }

  /** The tasks of an executor that have ended, the first to end first. */
  endedOf(executor: Executor): readonly Task[] {
    return this.#ended.get(executor) ?? [];
  }

  /** A task has a new state. */
  updated(task: Task, status: TaskStatus): void {
    remember(this.#statuses, task, status, STATUSES_MAX);
  }

  /** A task has reached a terminal state. */
  taskEnded(executor: Executor, task: Task): void {
    remember(this.#ended, executor, task, TASKS_MAX);
    this.#taskEnds.set(task.state, (this.#taskEnds.get(task.state) ?? 0) + 1);
  }

  /** An executor is gone. */
  executorEnded(executor: Executor, exit: Exit, info: FrameworkInfo): void {
    this.#executorEnds++;
    const { frameworkId } = executor;
    const framework = this.#frameworks.get(frameworkId) ?? { info, executors: [] };
    framework.info = info;
    framework.executors.push({ executor, exit, tasks: this.endedOf(executor) });
    if (framework.executors.length > EXECUTORS_MAX) framework.executors.shift();
    this.#frameworks.set(frameworkId, framework);
    if (this.#frameworks.size <= FRAMEWORKS_MAX) return;
    for (const oldest of this.#frameworks.keys()) {
      this.#frameworks.delete(oldest);
      return;
    }
  }
}

function remember<K extends object, T>(lists: WeakMap<K, T[]>, key: K, item: T, max: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else if (list.push(item) > max) list.shift();
}
