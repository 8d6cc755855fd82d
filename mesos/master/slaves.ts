/** The master's slaves: registered, pinged, given up. */
import type { SlaveInfo } from '../protocol/entities.ts';
import { executorResources } from '../protocol/launch.ts';
import type { SlaveReport } from '../protocol/slave.ts';
import type { Address } from '../runtime/actor.ts';
import type { Books } from './books.ts';
import type { Offers } from './offers.ts';
import type { Slave } from './state.ts';
import type { Tasks } from './tasks.ts';

/** The slaves. */
export class Slaves {
  readonly #books: Books;
  readonly #offers: Offers;
  readonly #tasks: Tasks;
  #slavesMade = 0;

  constructor(books: Books, offers: Offers, tasks: Tasks) {
    this.#books = books;
    this.#offers = offers;
    this.#tasks = tasks;
  }

  register(info: SlaveInfo, from: Address): void {
    const known = this.#books.slaveAt.get(from);
    // It asks again because the answer took long. A new process would have been lost before.
    if (known !== undefined && (info.id === undefined || info.id === known.id))
      return this.#books.order(known, { type: 'SLAVE_REGISTERED', slaveId: known.id });
    if (info.id !== undefined)
      return this.#books.context.send(from, {
        type: 'SHUTDOWN_SLAVE',
        message: `Slave ${info.id} is not known to this master`,
      });
    const id = `${this.#books.info.id}-S${this.#slavesMade++}`;
    const slave: Slave = {
      id,
      info: { ...info, id },
      address: from,
      offers: new Map(),
      tasks: new Set(),
      executors: new Map(),
      missedPings: 0,
      ping: this.#books.context.after(this.#books.options.slavePingIntervalMs, () => this.#ping(slave)),
    };
    this.#books.slaves.set(id, slave);
    this.#books.slaveAt.set(from, slave);
    this.#books.context.watch(from);
    this.#books.context.record({
      event: 'slave-registered',
      slaveId: id,
      hostname: info.hostname,
      resources: info.resources,
    });
    this.#books.order(slave, { type: 'SLAVE_REGISTERED', slaveId: id });
    this.#books.allocation.addSlave(id, info.resources);
    this.#offers.allocateSoon();
  }

  #ping(slave: Slave): void {
    if (slave.missedPings >= this.#books.options.slavePingsMissedMax) {
      this.remove(slave, `it did not answer ${slave.missedPings} pings`);
      return this.#books.context.send(slave.address, {
        type: 'SHUTDOWN_SLAVE',
        message: 'Pings were not answered',
      });
    }
    slave.missedPings++;
    this.#books.order(slave, { type: 'PING' });
    slave.ping = this.#books.context.after(this.#books.options.slavePingIntervalMs, () => this.#ping(slave));
  }

  /** The slave is gone, and all that ran there with it. */
  remove(slave: Slave, reason: string): void {
    slave.ping.cancel();
    this.#books.slaves.delete(slave.id);
    this.#books.slaveAt.delete(slave.address);
    this.#books.context.record({ event: 'slave-lost', slaveId: slave.id, reason });
    this.#offers.rescindAll(slave.offers, `the slave is lost: ${reason}`);
    const message = `The slave is lost: ${reason}`;
    for (const task of [...slave.tasks]) {
      this.#tasks.setState(task, 'TASK_LOST', 'REASON_SLAVE_REMOVED', message);
      this.#tasks.answer(task.framework, task.id, slave.id, 'TASK_LOST', 'REASON_SLAVE_REMOVED', message);
      this.#tasks.forget(task);
    }
    for (const frameworkId of slave.executors.keys()) {
      const framework = this.#books.frameworks.get(frameworkId);
      if (framework !== undefined)
        this.#books.allocation.release(
          framework.id,
          slave.id,
          executorResources(slave.executors.get(framework.id)),
        );
    }
    this.#books.allocation.removeSlave(slave.id);
    for (const framework of this.#books.frameworks.values())
      if (framework.state.is === 'connected')
        this.#books.tell(framework.address, { type: 'FAILURE', slaveId: slave.id });
  }

  executorExited(slave: Slave, report: SlaveReport & { type: 'EXITED_EXECUTOR' }): void {
    const { frameworkId, executorId, status } = report;
    const executors = slave.executors.get(frameworkId);
    const executor = executors?.get(executorId);
    const framework = this.#books.frameworks.get(frameworkId);
    if (executors === undefined || executor === undefined || framework === undefined) return;
    // What was lost with it was reported before: a task that was never heard of is a launch that crossed this report,
    // and starts the executor anew.
    const startsAnew = [...slave.tasks].some(
      (task) => task.framework === framework && task.executorId === executorId && task.lastUuid === undefined,
    );
    if (!startsAnew) {
      executors.delete(executorId);
      if (executors.size === 0) slave.executors.delete(frameworkId);
      this.#books.allocation.release(frameworkId, slave.id, executor.resources);
    }
    if (framework.state.is === 'connected')
      this.#books.tell(framework.address, { type: 'FAILURE', slaveId: slave.id, executorId, status });
    this.#offers.allocateSoon();
  }
}
