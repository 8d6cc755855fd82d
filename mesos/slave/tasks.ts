/** A slave's tasks: those that live, and those whose end has not been acknowledged. */
import { type EndedTasks, hasEnded, NONE_ENDED, withEnded } from '../protocol/endedTasks.ts';
import type {
  FrameworkId,
  FrameworkInfo,
  TaskId,
  TaskInfo,
  TaskRecord,
  TaskStatus,
} from '../protocol/entities.ts';
import { isTerminal } from '../protocol/tasks.ts';
import type { Context, Millis } from '../runtime/actor.ts';
import { UuidSource } from '../runtime/uuid.ts';
import { ByFramework } from './byFramework.ts';
import type { KillOrder, Recovered, SlaveCheckpoint } from './checkpoint.ts';
import type { Past } from './past.ts';
import type { Registered } from './registration.ts';
import { killedBy, NO_TIMERS, stopTimers, Task, type Verdict } from './task.ts';
import { UpdateSender } from './updates.ts';

/** What is done to a task in time. */
export interface TaskTimes {
  /** It has run as long as it may. */
  timeIsUp(task: Task): void;
  /** It was to end, and has not in the time that it was given. */
  overdue(task: Task): void;
}

/** What tasks need of their slave. */
export interface TaskSurroundings {
  readonly context: Context;
  readonly checkpoint: SlaveCheckpoint;
  readonly registration: Registered;
  readonly past: Past | undefined;
  /** Who ends tasks whose time is over. */
  readonly executors: TaskTimes;
}

/** As it is before there is a framework. */
const NONE: readonly FrameworkInfo[] = [];

/** The tasks: those that live, and those whose end has not been acknowledged. */
export class Tasks extends ByFramework<Task> {
  readonly #slave: TaskSurroundings;
  readonly #sender: UpdateSender;
  /** Those that ended last. */
  #ended: EndedTasks = NONE_ENDED;
  /** Each with its id. */
  #frameworks: readonly FrameworkInfo[] = NONE;
  readonly #uuids: UuidSource;

  constructor(slave: TaskSurroundings) {
    super();
    this.#slave = slave;
    this.#sender = new UpdateSender(slave, this);
    this.#uuids = new UuidSource(slave.context.random);
  }

  /** Takes over what an earlier process knew; the updates wait until they are repeated. */
  recover({ tasks, frameworks }: Recovered): void {
    this.#frameworks = frameworks;
    for (const task of tasks) this.add(new Task(task));
  }

  /** Has the task ended, not long ago, and everybody knows? */
  hasEnded(frameworkId: FrameworkId, taskId: TaskId): boolean {
    return hasEnded(this.#ended, frameworkId, taskId);
  }

  /** Introduces a framework; what is told of it later counts. */
  learn(frameworkId: FrameworkId, info: FrameworkInfo): void {
    if (this.#frameworks.includes(info)) return;
    const known = this.#frameworkInfo(frameworkId);
    const frameworkInfo = info.id === frameworkId ? info : { ...info, id: frameworkId };
    if (known !== undefined && JSON.stringify(known) === JSON.stringify(frameworkInfo)) return;
    this.#frameworks =
      known === undefined
        ? this.#frameworks.concat([frameworkInfo])
        : this.#frameworks.map((each) => (each === known ? frameworkInfo : each));
    this.#slave.checkpoint.append({ kind: 'framework', frameworkInfo });
  }

  /** Of a framework that was introduced. */
  frameworkInfo(frameworkId: FrameworkId): FrameworkInfo {
    const info = this.#frameworkInfo(frameworkId);
    if (info === undefined) throw new Error(`framework ${frameworkId} was not introduced`);
    return info;
  }

  #frameworkInfo(frameworkId: FrameworkId): FrameworkInfo | undefined {
    return this.#frameworks.find(({ id }) => id === frameworkId);
  }

  /** Books a new task. */
  launch(frameworkId: FrameworkId, info: TaskInfo, isShort: boolean): Task {
    const launchedMs = this.#slave.context.now();
    this.#slave.checkpoint.append({ kind: 'task', frameworkId, info, isShort, launchedMs });
    const task = new Task({ frameworkId, info, isShort, launchedMs, state: 'TASK_STAGING' });
    this.add(task);
    return task;
  }

  /** The task is to end; what was said first counts, but the earlier deadline. */
  order(task: Task, order: KillOrder): void {
    const { kill = order, info, frameworkId } = task;
    const reason = kill.reason ?? order.reason;
    const state = kill.state ?? order.state;
    const deadlineMs = Math.min(kill.deadlineMs ?? Infinity, order.deadlineMs ?? Infinity);
    task.kill = {
      cause: kill.cause,
      ...(reason !== undefined && { reason }),
      ...(state !== undefined && { state }),
      ...(deadlineMs < Infinity && { deadlineMs }),
    };
    this.#slave.checkpoint.append({ kind: 'kill', frameworkId, taskId: info.taskId, order: task.kill });
    this.#startDeadline(task);
  }

  /** Lets the time of a task that has an executor run. */
  startTimers(task: Task): void {
    const { maxCompletionTimeMs } = task.info;
    task.timers = NO_TIMERS;
    if (maxCompletionTimeMs !== undefined) {
      const leftMs = this.#msUntil(task.launchedMs + maxCompletionTimeMs);
      const completion = this.#slave.context.after(leftMs, () => this.#slave.executors.timeIsUp(task));
      task.timers = { completion };
    }
    this.#startDeadline(task);
  }

  #startDeadline(task: Task): void {
    const { kill, timers } = task;
    if (timers === undefined || kill?.deadlineMs === undefined) return;
    timers.deadline?.cancel();
    const leftMs = this.#msUntil(kill.deadlineMs);
    const deadline = this.#slave.context.after(leftMs, () => this.#slave.executors.overdue(task));
    task.timers = { ...timers, deadline };
  }

  #msUntil(timeMs: number): Millis {
    return Math.max(0, timeMs - this.#slave.context.now());
  }

  /** Reports a state on the slave's own account. */
  report(task: Task, { state, reason, message }: Verdict): void {
    this.#update(task, {
      taskId: task.info.taskId,
      state,
      source: 'SOURCE_SLAVE',
      ...(reason !== undefined && { reason }),
      ...(message !== undefined && { message }),
      slaveId: this.#slave.registration.slaveId,
      executorId: task.info.executor.executorId,
      timestamp: this.#slave.context.now() / 1000,
      uuid: this.#uuids.nextUuid(),
    });
  }

  /** Takes on what the executor reports. When this returns, the update is kept. */
  update(task: Task, status: TaskStatus): void {
    const { kill } = task;
    const isKilled = status.state === 'TASK_KILLED' && kill !== undefined;
    const said = isKilled ? { ...status, ...killedBy(kill, task, status) } : status;
    this.#update(task, {
      ...said,
      source: 'SOURCE_EXECUTOR',
      slaveId: this.#slave.registration.slaveId,
      executorId: task.info.executor.executorId,
      uuid: status.uuid ?? this.#uuids.nextUuid(),
    });
  }

  #update(task: Task, status: TaskStatus): void {
    const { frameworkId } = task;
    if (!task.takes(status)) return;
    this.#slave.checkpoint.append({ kind: 'update', frameworkId, status });
    if (task.state === 'TASK_STAGING') task.info = withoutData(task.info);
    task.state = status.state;
    this.#slave.past?.updated(task, status);
    if (isTerminal(status.state)) stopTimers(task);
    if (task.addUpdate(status)) this.#sender.send(task);
  }

  acknowledge(frameworkId: FrameworkId, taskId: TaskId, uuid: string): void {
    const task = this.get(frameworkId, taskId);
    if (!task?.acknowledge(uuid)) return;
    this.#slave.checkpoint.append({ kind: 'acknowledged', frameworkId, taskId, uuid });
    if (!task.isComplete) return this.#sender.send(task);
    this.delete(task);
    this.#ended = withEnded(this.#ended, frameworkId, taskId);
  }

  /** Sends of every task the oldest update that is not acknowledged: its master may not have it. */
  repeatUpdates(): void {
    for (const task of this) this.#sender.send(task);
  }

  /** Nobody wants to know of this framework's tasks any more. */
  endFramework(frameworkId: FrameworkId): void {
    this.#slave.checkpoint.append({ kind: 'framework-ended', frameworkId });
    for (const task of this.of(frameworkId)) {
      stopTimers(task);
      this.delete(task);
    }
  }

  /** Forgets all. */
  override clear(): void {
    for (const task of this) stopTimers(task);
    super.clear();
    this.#ended = NONE_ENDED;
    this.#frameworks = NONE;
  }

  /** Forgets frameworks that have nothing here, neither tasks nor what `isUsed` knows. */
  forgetFrameworks(isUsed: (id: FrameworkId) => boolean): void {
    const used = this.#frameworks.filter(({ id = '' }) => isUsed(id) || this.hasAny(id));
    // One that was filtered has room for many more.
    this.#frameworks = used.slice();
  }

  /** How many frameworks are known. */
  get frameworksKnown(): number {
    return this.#frameworks.length;
  }

  /** All frameworks that are known. */
  get frameworks(): readonly FrameworkInfo[] {
    return this.#frameworks;
  }

  /** All tasks, for a new master. */
  records(): TaskRecord[] {
    const nowMs = this.#slave.context.now();
    return [...this].map(({ frameworkId, info, isShort, launchedMs, state }) => ({
      frameworkId,
      taskId: info.taskId,
      name: info.name,
      executorId: info.executor.executorId,
      resources: info.resources,
      ...(info.ports && { ports: info.ports }),
      ...(info.labels && { labels: info.labels }),
      state,
      isShort,
      ageMs: Math.max(0, nowMs - launchedMs),
    }));
  }
}

function withoutData(info: TaskInfo): TaskInfo {
  const { name, taskId, slaveId, resources, executor, data, ...rest } = info;
  // Written out: of one that is left over all but the first four properties would stand apart, which takes as much room again.
  return data === undefined ? info : { name, taskId, slaveId, resources, executor, ...rest };
}
