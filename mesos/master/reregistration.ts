/**
 * What a slave tells that was registered before, with this master or with an earlier one: the books are made, or mended, from
 * it (NSDI'11 §3.6). What the slave says is so; what the master ordered and the slave has not heard is ordered again.
 */
import type { ExecutorInfo, FrameworkId, TaskRecord } from '../protocol/entities.ts';
import { NO_PORTS, withoutPorts } from '../protocol/ports.ts';
import {
  contains,
  isEqual,
  NOTHING,
  type Resources,
  rounded,
  sum,
  unreserved,
} from '../protocol/resources.ts';
import type { SlaveReport } from '../protocol/slave.ts';
import { isTerminal } from '../protocol/tasks.ts';
import type { Address } from '../runtime/actor.ts';
import { answer, isPartitionAware } from './answers.ts';
import type { Books } from './books.ts';
import type { Frameworks } from './frameworks.ts';
import type { Offers } from './offers.ts';
import { keepNames } from './reservations.ts';
import type { Slaves } from './slaves.ts';
import {
  executorHolding,
  executorsOf,
  type Framework,
  holdingOf,
  killOrder,
  type Slave,
  type Task,
} from './state.ts';
import type { Tasks } from './tasks.ts';

type Report = SlaveReport & { readonly type: 'REREGISTER_SLAVE' };

/** Registers slaves again. */
export class Reregistration {
  readonly #books: Books;
  readonly #offers: Offers;
  readonly #tasks: Tasks;
  readonly #frameworks: Frameworks;
  readonly #slaves: Slaves;

  constructor(books: Books, offers: Offers, tasks: Tasks, frameworks: Frameworks, slaves: Slaves) {
    this.#books = books;
    this.#offers = offers;
    this.#tasks = tasks;
    this.#frameworks = frameworks;
    this.#slaves = slaves;
  }

  reregister(report: Report, from: Address): void {
    const { id } = report.slaveInfo;
    if (id === undefined) return this.#slaves.register(report.slaveInfo, from);
    if (!this.#slaves.isWelcome(report.slaveInfo, from)) return;
    const complaint = this.#complaint(id, report);
    if (complaint !== undefined) {
      const rejected = this.#books.slaves.get(id);
      if (rejected !== undefined) this.#slaves.remove(rejected, 'left', complaint);
      return this.#books.context.send(from, { type: 'SHUTDOWN_SLAVE', message: complaint, slaveId: id });
    }
    const other = this.#books.slaveAt.get(from);
    if (other !== undefined && other.id !== id)
      this.#slaves.remove(other, 'left', 'another slave has come in its place');
    const known = this.#books.slaves.get(id);
    // Of tasks that nobody has told of in time, those who asked were told that they are lost.
    const isLate = known === undefined && !this.#books.isRecovering;
    const wasGivenUp = isLate || this.#books.goneOf(id) === 'unreachable';
    if (known !== undefined) this.#slaves.reconnected(known, from);
    const slave = known ?? this.#slaves.admit(report.slaveInfo, id, from);
    // It has not heard of the latest reservations.
    if (!isEqual(slave.info.resources, report.slaveInfo.resources)) keepNames(this.#books, slave);
    const present = this.#recoverFrameworks(slave, report);
    // First what is there no more: what is there may be in its place.
    if (known !== undefined) {
      this.#missingExecutors(slave, report, present);
      this.#missingTasks(slave, report);
    }
    this.#matchExecutors(slave, report, present);
    for (const record of report.tasks) {
      const framework = present.get(record.frameworkId);
      if (framework !== undefined) this.#matchTask(slave, framework, record, wasGivenUp);
    }
    this.#books.slaveChanged(slave);
    this.#offers.allocateSoon();
  }

  /** Why the slave has to start anew; undefined if it may go on. */
  #complaint(id: string, { slaveInfo, tasks, executors }: Report): string | undefined {
    const gone = this.#books.goneOf(id);
    if (gone === 'left') return `Slave ${id} has been removed`;
    if (gone === 'gone-by-operator') return `Slave ${id} is gone: an operator said so`;
    const known = this.#books.slaves.get(id);
    const total = known?.info.resources ?? slaveInfo.resources;
    if (!isEqual(unreserved(total), unreserved(slaveInfo.resources)))
      return `Slave ${id} has other resources than before`;
    // What ends with its framework may still be there, while others have been given what it held.
    const counts = ({ frameworkId }: { readonly frameworkId: FrameworkId }): boolean =>
      !this.#frameworks.isRemoved(frameworkId);
    const parts = [
      ...tasks.filter(counts).map((task) => heldBy(task, known, this.#books)),
      ...executors.filter(counts).map(({ frameworkId, executorInfo }) => {
        const booked = known?.executors.get(frameworkId)?.get(executorInfo.executorId);
        return (booked ?? executorInfo).resources;
      }),
      ...(known === undefined ? [] : unheard(known, tasks, executors)),
    ];
    const fits = contains(rounded(total), sum(parts.map(rounded)));
    return fits ? undefined : `Slave ${id} runs more than it has room for`;
  }

  /** The frameworks that the slave tells of and that there are; of the others it has to end everything. */
  #recoverFrameworks(slave: Slave, { frameworks }: Report): ReadonlyMap<FrameworkId, Framework> {
    const present = new Map<FrameworkId, Framework>();
    for (const info of frameworks) {
      const framework = this.#frameworks.recover(info);
      if (framework !== undefined) present.set(framework.id, framework);
      else if (info.id !== undefined)
        this.#books.order(slave, { type: 'SHUTDOWN_FRAMEWORK', frameworkId: info.id });
    }
    return present;
  }

  #matchExecutors(slave: Slave, report: Report, present: ReadonlyMap<FrameworkId, Framework>): void {
    for (const { frameworkId, executorInfo } of report.executors) {
      const framework = present.get(frameworkId);
      if (framework === undefined) continue;
      const { executorId } = executorInfo;
      const resources = rounded(executorInfo.resources);
      const executors = executorsOf(slave, framework);
      if (executors.has(executorId)) continue;
      executors.set(executorId, { ...executorInfo, resources });
      this.#recovered(frameworkId, slave, resources);
    }
  }

  #recovered(frameworkId: FrameworkId, slave: Slave, resources: ExecutorInfo['resources']): void {
    this.#makeRoom(slave, resources);
    this.#books.allocation.recovered(executorHolding(frameworkId, slave.id, resources));
  }

  /** What a slave tells of is in use, whatever has been offered. */
  #makeRoom(slave: Slave, resources: Resources): void {
    if (Object.keys(resources).length > 0)
      this.#offers.rescindAll(slave.offers, 'the slave has registered again');
  }

  #matchTask(slave: Slave, framework: Framework, record: TaskRecord, wasGivenUp: boolean): void {
    const known = framework.tasks.get(record.taskId);
    if (known !== undefined && known.slave !== slave) {
      // The framework took it for lost and has launched another of its name.
      this.#books.order(slave, { type: 'KILL_TASK', frameworkId: framework.id, taskId: record.taskId });
      return;
    }
    if (known !== undefined) {
      known.launch = undefined;
      if (known.kill !== undefined && !isTerminal(record.state)) this.#books.order(slave, killOrder(known));
      return;
    }
    const task = this.#adopt(slave, framework, record);
    if (isTerminal(task.state)) return;
    // Its framework was told that it is lost.
    if (wasGivenUp && !isPartitionAware(framework.info))
      return this.#tasks.kill(task, { reason: 'REASON_SLAVE_REREGISTERED' });
    // A scheduler that has come before the slave may be a new one, and not know of it.
    answer(this.#books, framework, {
      taskId: task.id,
      slaveId: slave.id,
      state: task.state,
      reason: 'REASON_SLAVE_REREGISTERED',
      message: 'The slave is back',
    });
  }

  #adopt(slave: Slave, framework: Framework, record: TaskRecord): Task {
    const { taskId: id, name, labels, executorId, ports = NO_PORTS, state, isShort, ageMs } = record;
    const resources = rounded(record.resources);
    const task: Task = {
      id,
      name,
      labels,
      framework,
      slave,
      executorId,
      pool: isShort ? 'short' : 'any',
      resources,
      ports,
      launchedMs: this.#books.context.now() - ageMs,
      state,
      launch: undefined,
      kill: undefined,
      killedMs: undefined,
      lastUuid: undefined,
      unacknowledged: undefined,
    };
    if (!isTerminal(state)) this.#makeRoom(slave, resources);
    this.#tasks.book(task);
    this.#tasks.record(task);
    if (isTerminal(state)) {
      slave.ended.add(task);
      return task;
    }
    slave.tasks.add(task);
    if (ports.length > 0) slave.freePorts = withoutPorts(slave.freePorts, ports);
    this.#books.allocation.recovered(holdingOf(task, resources));
    return task;
  }

  /** Executors that were on the slave and that it does not tell of. */
  #missingExecutors(slave: Slave, report: Report, present: ReadonlyMap<FrameworkId, Framework>): void {
    const told = new Set<string>();
    for (const { frameworkId, executorInfo } of report.executors)
      if (present.has(frameworkId)) told.add(`${frameworkId}/${executorInfo.executorId}`);
    for (const [frameworkId, executors] of [...slave.executors])
      for (const executorId of [...executors.keys()])
        if (!told.has(`${frameworkId}/${executorId}`))
          this.#slaves.executorExited(slave, { type: 'EXITED_EXECUTOR', frameworkId, executorId, status: 0 });
  }

  /** Tasks that this master launched and that the slave does not tell of. */
  #missingTasks(slave: Slave, { tasks }: Report): void {
    const told = new Set(tasks.map(({ frameworkId, taskId }) => `${frameworkId}/${taskId}`));
    for (const task of [...slave.ended])
      if (!told.has(`${task.framework.id}/${task.id}`)) this.#tasks.settle(task);
    for (const task of [...slave.tasks]) {
      if (told.has(`${task.framework.id}/${task.id}`)) continue;
      if (task.launch !== undefined) this.#tasks.order(task);
      else this.#tasks.lose(task, 'TASK_GONE', 'REASON_RECONCILIATION', 'The slave does not have the task');
    }
  }
}

/** What a task holds, by the books if they know it: of what has ended there, they may not have been told. */
function heldBy(
  { frameworkId, taskId, state, resources }: TaskRecord,
  slave: Slave | undefined,
  { frameworks }: Books,
): Resources {
  const task = frameworks.get(frameworkId)?.tasks.get(taskId);
  if (task !== undefined && slave?.tasks.has(task)) return task.resources;
  return isTerminal(state) ? NOTHING : resources;
}

/** What was ordered, tasks and their executors, that the slave has not heard of. */
function unheard(slave: Slave, tasks: Report['tasks'], executors: Report['executors']): readonly Resources[] {
  const toldTasks = new Set(tasks.map(({ frameworkId, taskId }) => `${frameworkId}/${taskId}`));
  const told = new Set(
    executors.map(({ frameworkId, executorInfo: { executorId } }) => `${frameworkId}/${executorId}`),
  );
  const missing: Resources[] = [];
  for (const { framework, id, executorId, launch, resources } of slave.tasks) {
    if (launch === undefined || toldTasks.has(`${framework.id}/${id}`)) continue;
    missing.push(resources);
    const executor = `${framework.id}/${executorId}`;
    if (!told.has(executor)) missing.push(launch.executor.resources);
    told.add(executor);
  }
  return missing;
}
