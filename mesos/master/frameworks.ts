/** The master's frameworks: subscribed, failed over, given up. */
import type { FrameworkId, FrameworkInfo } from '../protocol/entities.ts';
import { executorResources } from '../protocol/launch.ts';
import { isTerminal } from '../protocol/tasks.ts';
import type { Address } from '../runtime/actor.ts';
import type { Books } from './books.ts';
import type { Offers } from './offers.ts';
import type { Framework } from './state.ts';
import type { Tasks } from './tasks.ts';

/** How many removed frameworks are remembered. */
const REMOVED_MAX = 1000;

/** The frameworks. */
export class Frameworks {
  readonly #books: Books;
  readonly #offers: Offers;
  readonly #tasks: Tasks;
  /** Ids of removed frameworks, the latest last. */
  readonly #removed = new Set<FrameworkId>();
  #frameworksMade = 0;

  constructor(books: Books, offers: Offers, tasks: Tasks) {
    this.#books = books;
    this.#offers = offers;
    this.#tasks = tasks;
    this.heartbeat();
  }

  subscribe(info: FrameworkInfo, from: Address): void {
    if (info.id !== undefined && this.#removed.has(info.id))
      return this.#books.tell(from, { type: 'ERROR', message: 'Framework has been removed' });
    const known =
      info.id === undefined ? this.#books.frameworkAt.get(from) : this.#books.frameworks.get(info.id);
    if (known !== undefined) this.#failOver(known, info, from);
    else this.#add(info, from);
  }

  #add(info: FrameworkInfo, from: Address): void {
    const id = info.id ?? `${this.#books.info.id}-${String(this.#frameworksMade++).padStart(4, '0')}`;
    const framework: Framework = {
      id,
      info: { ...info, id },
      address: from,
      state: { is: 'connected' },
      needsOffers: true,
      offers: new Map(),
      tasks: new Map(),
    };
    this.#books.frameworks.set(id, framework);
    this.#books.frameworkAt.set(from, framework);
    this.#books.allocation.addFramework(id, info.role ?? '*');
    this.#books.context.record({
      event: 'framework-registered',
      frameworkId: id,
      name: info.name,
      role: info.role ?? '*',
    });
    this.#welcome(framework);
  }

  /** The framework's scheduler is back, or another one takes over (NSDI'11 §3.6). */
  #failOver(framework: Framework, info: FrameworkInfo, from: Address): void {
    if (framework.address !== from) {
      this.#books.tell(framework.address, { type: 'ERROR', message: 'Framework failed over' });
      this.#books.frameworkAt.delete(framework.address);
    }
    if (framework.state.is === 'disconnected') framework.state.removal.cancel();
    this.#offers.rescindAll(framework.offers, 'the scheduler subscribed anew');
    framework.info = { ...info, id: framework.id };
    framework.address = from;
    framework.state = { is: 'connected' };
    framework.needsOffers = true;
    this.#books.frameworkAt.set(from, framework);
    this.#books.allocation.setNeedsOffers(framework.id, true);
    this.#welcome(framework);
    this.#tasks.repeatUpdates(framework);
  }

  #welcome(framework: Framework): void {
    this.#books.context.watch(framework.address);
    this.#books.tell(framework.address, {
      type: 'SUBSCRIBED',
      frameworkId: framework.id,
      heartbeatIntervalSeconds: this.#books.options.heartbeatIntervalMs / 1000,
      masterInfo: this.#books.info,
      guaranteedShare: {},
    });
    this.#offers.allocateSoon();
  }

  disconnect(framework: Framework): void {
    this.#books.frameworkAt.delete(framework.address);
    this.#books.allocation.setNeedsOffers(framework.id, false);
    this.#offers.rescindAll(framework.offers, 'the scheduler is gone');
    const failoverMs = (framework.info.failoverTimeout ?? 0) * 1000;
    const removal = this.#books.context.after(failoverMs, () =>
      this.remove(framework, 'its scheduler is gone'),
    );
    framework.state = { is: 'disconnected', removal };
  }

  remove(framework: Framework, reason: string): void {
    this.#offers.rescindAll(framework.offers, reason);
    for (const task of [...framework.tasks.values()]) {
      if (!isTerminal(task.state))
        this.#tasks.setState(
          task,
          'TASK_KILLED',
          'REASON_FRAMEWORK_REMOVED',
          `The framework is removed: ${reason}`,
        );
      this.#tasks.forget(task);
    }
    for (const slave of this.#books.slaves.values()) {
      if (!slave.executors.has(framework.id)) continue;
      this.#books.allocation.release(
        framework.id,
        slave.id,
        executorResources(slave.executors.get(framework.id)),
      );
      slave.executors.delete(framework.id);
      this.#books.order(slave, { type: 'SHUTDOWN_FRAMEWORK', frameworkId: framework.id });
    }
    this.#books.frameworks.delete(framework.id);
    this.#removed.add(framework.id);
    const [oldest] = this.#removed;
    if (oldest !== undefined && this.#removed.size > REMOVED_MAX) this.#removed.delete(oldest);
    if (this.#books.frameworkAt.get(framework.address) === framework)
      this.#books.frameworkAt.delete(framework.address);
    this.#books.allocation.removeFramework(framework.id);
    this.#books.context.record({ event: 'framework-removed', frameworkId: framework.id, reason });
    this.#offers.allocateSoon();
  }

  setNeedsOffers(framework: Framework, needed: boolean): void {
    framework.needsOffers = needed;
    this.#books.allocation.setNeedsOffers(framework.id, needed);
    if (needed) this.#offers.allocateSoon();
  }

  heartbeat(): void {
    for (const framework of this.#books.frameworks.values())
      if (framework.state.is === 'connected') this.#books.tell(framework.address, { type: 'HEARTBEAT' });
    this.#books.context.after(this.#books.options.heartbeatIntervalMs, () => this.heartbeat());
  }
}
