/**
 * What a master's books forget, or never had: how tasks fared, what has ended, when slaves and frameworks came and went, and how
 * many there are of each kind. It is kept up as things happen, so that to tell of it nothing has to be counted.
 */
import type { Books } from '../../master/books.ts';
import type { Framework, Slave, Task } from '../../master/state.ts';
import type { FrameworkId, SlaveId, TaskId, TaskStatus } from '../../protocol/entities.ts';
import type { Resources } from '../../protocol/resources.ts';
import { isTerminal, TASK_STATES, type TaskState } from '../../protocol/tasks.ts';
import type { Millis } from '../../runtime/actor.ts';
import { type CompletedTask, CompletedTasks } from './completedTasks.ts';
import { type FrameworkCounts, newFrameworkCounts } from './counts.ts';
import { TaskPages } from './taskPages.ts';
import { commonFields, note, startedOf, type TaskRecord, type Told, taskJson } from './taskRecord.ts';

/** Frameworks that have ended and are remembered, as in Apache Mesos. */
const COMPLETED_FRAMEWORKS_MAX = 50;
/** Tasks of a framework that are out of reach and are remembered, as in Apache Mesos. */
const UNREACHABLE_TASKS_MAX = 1000;

/** How many tasks are in each state. Those that have ended count for as long as this reign lasts. */
export type StateCounts = Record<TaskState, number>;

/** A framework, in the books or completed. */
export interface FrameworkRecord {
  readonly framework: Framework;
  /** What all of its tasks' JSON has in common. */
  readonly common: string;
  /** In the books. */
  readonly tasks: Map<TaskId, TaskRecord>;
  /** The same, as JSON. */
  readonly pages: TaskPages;
  readonly completed: CompletedTasks;
  /** Out of reach, and not in the books. */
  readonly unreachable: Map<TaskId, CompletedTask>;
  readonly states: StateCounts;
  readonly counts: FrameworkCounts;
  /** When it was completed, or lost its scheduler. */
  unregisteredMs: Millis | undefined;
}

/** A slave in the books. */
export interface SlaveRecord {
  readonly slave: Slave;
  readonly states: StateCounts;
  /** What its tasks use. Executors are not counted. */
  readonly used: Record<string, number>;
  reregisteredMs: Millis | undefined;
  /** Its state when it was told of last. */
  was: Slave['state']['is'];
}

/** How a reign has gone so far. */
export class Chronicle {
  readonly books: Books;
  readonly frameworks = new Map<FrameworkId, FrameworkRecord>();
  /** The latest last. */
  readonly completedFrameworks: FrameworkRecord[] = [];
  readonly slaves = new Map<SlaveId, SlaveRecord>();
  /** Slaves that are gone, and may come back. */
  readonly unreachableSlaves = new Set<SlaveId>();
  readonly states: StateCounts = noTasks();

  constructor(books: Books) {
    this.books = books;
  }

  frameworkAdded(framework: Framework): void {
    const common = commonFields(framework);
    this.frameworks.set(framework.id, {
      framework,
      common,
      tasks: new Map(),
      pages: new TaskPages(common),
      completed: new CompletedTasks(),
      unreachable: new Map(),
      states: noTasks(),
      counts: newFrameworkCounts(),
      unregisteredMs: undefined,
    });
  }

  frameworkUpdated({ id, state }: Framework): void {
    const record = this.frameworks.get(id);
    if (record !== undefined)
      record.unregisteredMs = state.is === 'disconnected' ? this.books.context.now() : undefined;
  }

  frameworkRemoved({ id }: Framework): void {
    const record = this.frameworks.get(id);
    if (record === undefined) return;
    this.frameworks.delete(id);
    this.states.TASK_UNREACHABLE -= record.unreachable.size;
    record.unregisteredMs = this.books.context.now();
    this.completedFrameworks.push(record);
    if (this.completedFrameworks.length > COMPLETED_FRAMEWORKS_MAX) this.completedFrameworks.shift();
  }

  slaveAdded(slave: Slave, isKnown: boolean): void {
    this.slaves.set(slave.id, {
      slave,
      states: noTasks(),
      used: {},
      reregisteredMs: isKnown ? slave.registeredMs : undefined,
      was: slave.state.is,
    });
    this.unreachableSlaves.delete(slave.id);
  }

  slaveUpdated(slave: Slave): void {
    const record = this.slaves.get(slave.id);
    if (record === undefined) return;
    if (slave.state.is === 'connected' && record.was === 'disconnected')
      record.reregisteredMs = this.books.context.now();
    record.was = slave.state.is;
  }

  slaveRemoved({ id }: Slave, isUnreachable: boolean): void {
    this.slaves.delete(id);
    if (!isUnreachable) return;
    this.unreachableSlaves.add(id);
    for (const oldest of this.unreachableSlaves)
      if (this.books.goneOf(oldest) === 'unreachable') break;
      else this.unreachableSlaves.delete(oldest);
  }

  taskAdded(task: Task): void {
    const framework = this.frameworks.get(task.framework.id);
    if (framework === undefined) return;
    if (framework.unreachable.delete(task.id)) this.#count(framework, undefined, 'TASK_UNREACHABLE', -1);
    const slave = this.slaves.get(task.slave.id);
    const holds = !isTerminal(task.state);
    const record = {
      task,
      statuses: adoptedStatuses(task, this.books.context.now()),
      counted: task.state,
      holds,
      updateState: undefined,
    };
    framework.tasks.set(task.id, record);
    framework.pages.add(record);
    this.#count(framework, slave, task.state, 1);
    if (holds && slave !== undefined) sumUp(slave.used, task.resources, 1);
  }

  taskUpdated(task: Task, status: TaskStatus): void {
    const framework = this.frameworks.get(task.framework.id);
    const record = framework?.tasks.get(task.id);
    if (framework === undefined || record === undefined) return;
    note(record, status);
    framework.pages.changed(record);
    this.#recount(framework, record);
  }

  /** The task has another state than before. */
  #recount(framework: FrameworkRecord, record: TaskRecord): void {
    const { task, counted } = record;
    const slave = this.slaves.get(task.slave.id);
    this.#count(framework, slave, counted, -1);
    this.#count(framework, slave, task.state, 1);
    record.counted = task.state;
    if (isTerminal(task.state)) this.#release(record, slave);
  }

  #release(record: TaskRecord, slave: SlaveRecord | undefined): void {
    if (record.holds && slave !== undefined) sumUp(slave.used, record.task.resources, -1);
    record.holds = false;
  }

  taskRemoved(task: Task): void {
    const framework = this.frameworks.get(task.framework.id);
    const record = framework?.tasks.get(task.id);
    if (framework === undefined || record === undefined) return;
    framework.tasks.delete(task.id);
    framework.pages.remove(record);
    this.#release(record, this.slaves.get(task.slave.id));
    const ended = { json: taskJson(record, framework.common), started: startedOf(record) };
    if (isTerminal(task.state)) framework.completed.add(ended);
    else this.#unreachable(framework, task.id, ended);
  }

  #unreachable(framework: FrameworkRecord, id: TaskId, ended: CompletedTask): void {
    const { unreachable } = framework;
    unreachable.set(id, ended);
    const [oldest] = unreachable.keys();
    if (oldest === undefined || unreachable.size <= UNREACHABLE_TASKS_MAX) return;
    unreachable.delete(oldest);
    this.#count(framework, undefined, 'TASK_UNREACHABLE', -1);
  }

  #count(framework: FrameworkRecord, slave: SlaveRecord | undefined, state: TaskState, by: number): void {
    framework.states[state] += by;
    this.states[state] += by;
    if (slave !== undefined) slave.states[state] += by;
  }
}

/** What a slave has told of a task that this master did not launch. */
function adoptedStatuses({ launch, state }: Task, nowMs: Millis): readonly Told[] {
  if (launch !== undefined || state === 'TASK_STAGING') return [];
  return [{ state, source: 'SOURCE_SLAVE', timestamp: nowMs / 1000 }];
}

function noTasks(): StateCounts {
  return Object.fromEntries(TASK_STATES.map((state) => [state, 0])) as StateCounts;
}

/** Never throws: it must not end a master that it only watches. */
function sumUp(sum: Record<string, number>, resources: Resources, sign: 1 | -1): void {
  for (const name in resources) {
    const amount = (sum[name] ?? 0) + sign * (resources[name] as number);
    sum[name] = Math.round(amount * 1000) / 1000;
  }
}
