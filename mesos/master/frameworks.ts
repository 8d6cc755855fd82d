/** The master's frameworks: subscribed, failed over, given up. */
import type { FrameworkId, FrameworkInfo } from '../protocol/entities.ts';
import type { SlaveFilter } from '../protocol/filters.ts';
import { executorResources } from '../protocol/launch.ts';
import type { SchedulerCall } from '../protocol/scheduler.ts';
import { isTerminal } from '../protocol/tasks.ts';
import type { Address, Millis, Timer } from '../runtime/actor.ts';
import type { Books } from './books.ts';
import type { Offers } from './offers.ts';
import { roleObjection } from './rights.ts';
import { executorHolding, type Framework, forgetExecutors, type Subscription } from './state.ts';
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

  subscribe(call: Subscription, from: Address): void {
    const info = this.#identified(call.frameworkInfo, from);
    const known =
      info.id === undefined ? this.#books.frameworkAt.get(from) : this.#books.frameworks.get(info.id);
    const isOutdated = known !== undefined && call.term !== undefined && call.term < known.term;
    const objection = isOutdated ? 'Framework failed over' : this.#objection(info, known);
    if (objection !== undefined) return this.#books.context.send(from, { type: 'ERROR', message: objection });
    const present = call.standby ? (known ?? this.recover(info)) : undefined;
    if (present !== undefined && this.#books.frameworkAt.get(from) !== present)
      return this.#wait(present, call, from);
    const framework = known ?? this.#add(info);
    framework.term = this.#termOf(framework, call, from);
    if (known !== undefined) this.#update(known, info, from);
    const former = this.#books.frameworkAt.get(from);
    // It had not heard of its id yet when it subscribed for the first time at this master.
    if (former !== undefined && former !== framework) this.disconnect(former);
    this.#connect(framework, call, from);
  }

  /** A scheduler that has not been the framework's before has a later term than all before it, also under earlier masters. */
  #termOf({ term, state }: Framework, call: Subscription, from: Address): number {
    if (call.term !== undefined) return call.term;
    if (state.is === 'connected' && state.address === from) return term;
    return Math.max(term + 1, Math.floor(this.#books.context.now()));
  }

  #connect(framework: Framework, call: Subscription, from: Address): void {
    const { id, info, state } = framework;
    if (state.is === 'recovered')
      this.#books.context.record({
        event: 'framework-registered',
        frameworkId: id,
        name: info.name,
        role: info.role ?? '*',
      });
    framework.standbys.delete(from);
    framework.state = { is: 'connected', address: from };
    framework.reregisteredMs = this.#books.context.now();
    framework.isSuppressed = call.suppressed ?? false;
    this.#books.frameworkAt.set(from, framework);
    this.#books.allocation.setFilters(framework.id, call.slaveFilters ?? []);
    this.#books.allocation.setNeedsOffers(framework.id, !call.suppressed);
    this.#books.observer?.frameworkUpdated(framework);
    this.#welcome(framework);
    this.#tasks.repeatUpdates(framework);
    this.#books.frameworkChanged(framework);
  }

  /** Another scheduler is there, or may be on its way to a new master; this one takes its place when it is gone. */
  #wait(framework: Framework, call: Subscription, from: Address): void {
    if (framework.standbys.has(from)) return;
    framework.standbys.set(from, { ...call, standby: false });
    const { context, options, standbyAt } = this.#books;
    standbyAt.set(from, framework);
    context.watch(from);
    if (framework.state.is !== 'connected')
      context.after(options.heartbeatIntervalMs, () => this.#succeed(framework));
  }

  /** A scheduler that waits is gone. */
  standbyLost(framework: Framework, address: Address): void {
    framework.standbys.delete(address);
    this.#books.standbyAt.delete(address);
  }

  /** Gives the framework to the scheduler that has waited longest. */
  #succeed(framework: Framework): void {
    const [next] = framework.standbys;
    if (next === undefined || framework.state.is === 'connected') return;
    const [address, call] = next;
    this.standbyLost(framework, address);
    this.subscribe(call, address);
  }

  /** The framework's info with the principal that its scheduler authenticated as. */
  #identified({ principal: _, ...info }: FrameworkInfo, from: Address): FrameworkInfo {
    const principal = this.#books.context.principalOf(from);
    return principal === undefined ? info : { ...info, principal };
  }

  /** Why it may not subscribe; undefined if it may. */
  #objection(info: FrameworkInfo, known: Framework | undefined): string | undefined {
    if (info.id !== undefined && this.#removed.has(info.id)) return 'Framework has been removed';
    if (known !== undefined && known.info.principal !== info.principal)
      return 'Framework belongs to another principal';
    const role = info.role ?? '*';
    const objection = roleObjection(this.#books.options.rights ?? {}, role, info.principal);
    if (objection !== undefined) return objection;
    // One that has an id was admitted by an earlier master, whose slaves may not have come yet.
    if (known !== undefined || (info.id !== undefined && this.#books.isRecovering)) return undefined;
    return this.#books.allocation.objection({ role, guarantee: info.guarantee });
  }

  #add(info: FrameworkInfo): Framework {
    const id = info.id ?? `${this.#books.info.id}-${String(this.#frameworksMade++).padStart(4, '0')}`;
    const framework: Framework = {
      id,
      info: { ...info, id },
      state: { is: 'recovered', removal: { cancel() {} } },
      registeredMs: this.#books.context.now(),
      reregisteredMs: this.#books.context.now(),
      isSuppressed: false,
      term: 0,
      standbys: new Map(),
      offers: new Map(),
      tasks: new Map(),
      slaves: new Set(),
    };
    this.#books.frameworks.set(id, framework);
    this.#books.allocation.addFramework(id, { role: info.role ?? '*', guarantee: info.guarantee });
    this.#books.observer?.frameworkAdded(framework);
    return framework;
  }

  /** The framework's scheduler is back, or another one takes over (NSDI'11 §3.6). */
  #update(framework: Framework, info: FrameworkInfo, from: Address): void {
    const { state } = framework;
    if (state.is !== 'connected') state.removal.cancel();
    else if (state.address !== from) {
      this.#books.tell(framework, { type: 'ERROR', message: 'Framework failed over' });
      this.#books.frameworkAt.delete(state.address);
    }
    this.#offers.rescindAll(framework.offers, 'the scheduler subscribed anew');
    this.#become(framework, info);
  }

  /** What the allocation goes by stays as it was admitted. */
  #become(framework: Framework, info: FrameworkInfo): void {
    const { role, guarantee } = framework.info;
    const { role: _role, guarantee: _guarantee, ...rest } = info;
    framework.info = {
      ...rest,
      id: framework.id,
      ...(role !== undefined && { role }),
      ...(guarantee !== undefined && { guarantee }),
    };
  }

  #welcome(framework: Framework): void {
    const { state, id } = framework;
    if (state.is === 'connected') this.#books.context.watch(state.address);
    this.#books.tell(framework, {
      type: 'SUBSCRIBED',
      frameworkId: id,
      heartbeatIntervalSeconds: this.#books.options.heartbeatIntervalMs / 1000,
      masterInfo: this.#books.info,
      term: framework.term,
      guaranteedShare: this.#books.allocation.guaranteeOf(id),
    });
    this.#offers.allocateSoon();
  }

  /**
   * A slave tells of a framework: its tasks run, and its scheduler is still to come. Undefined if the framework has been
   * removed.
   */
  recover(info: FrameworkInfo): Framework | undefined {
    if (info.id === undefined || this.#removed.has(info.id)) return undefined;
    const known = this.#books.frameworks.get(info.id);
    if (known !== undefined) return known;
    const framework = this.#add(info);
    this.#books.allocation.setNeedsOffers(framework.id, false);
    const patienceMs = Math.max(failoverTimeoutMs(info), this.#books.options.reregisterTimeoutMs);
    framework.state = { is: 'recovered', removal: this.#removeAfter(framework, patienceMs) };
    return framework;
  }

  /** Was it removed, so that nothing of it counts any more, whoever tells of it? */
  isRemoved(id: FrameworkId): boolean {
    return this.#removed.has(id);
  }

  disconnect(framework: Framework): void {
    if (framework.state.is === 'connected') this.#books.frameworkAt.delete(framework.state.address);
    const removal = this.#removeAfter(framework, failoverTimeoutMs(framework.info));
    framework.state = { is: 'disconnected', removal };
    this.#books.allocation.setNeedsOffers(framework.id, false);
    this.#offers.rescindAll(framework.offers, 'the scheduler is gone');
    this.#books.observer?.frameworkUpdated(framework);
    this.#books.frameworkChanged(framework);
    this.#succeed(framework);
  }

  /** Removes the framework unless its scheduler comes in time. */
  #removeAfter(framework: Framework, timeoutMs: Millis): Timer {
    return this.#books.context.after(timeoutMs, () => this.remove(framework, 'its scheduler is gone'));
  }

  remove(framework: Framework, reason: string): void {
    const { id, state } = framework;
    if (state.is === 'connected') this.#books.frameworkAt.delete(state.address);
    else state.removal.cancel();
    framework.state = { is: 'disconnected', removal: { cancel() {} } };
    this.#offers.rescindAll(framework.offers, reason);
    for (const task of [...framework.tasks.values()]) {
      if (!isTerminal(task.state))
        this.#tasks.setState(task, {
          state: 'TASK_KILLED',
          reason: 'REASON_FRAMEWORK_REMOVED',
          message: `The framework is removed: ${reason}`,
        });
      this.#tasks.forget(task);
    }
    for (const slave of [...framework.slaves]) {
      this.#books.allocation.freed(executorHolding(id, slave.id, executorResources(slave.executors.get(id))));
      forgetExecutors(slave, framework);
      this.#books.order(slave, { type: 'SHUTDOWN_FRAMEWORK', frameworkId: id });
    }
    for (const standby of framework.standbys.keys()) {
      this.standbyLost(framework, standby);
      this.#books.context.send(standby, { type: 'ERROR', message: 'Framework has been removed' });
    }
    this.#books.frameworks.delete(id);
    this.#removed.add(id);
    const [oldest] = this.#removed;
    if (oldest !== undefined && this.#removed.size > REMOVED_MAX) this.#removed.delete(oldest);
    this.#books.allocation.removeFramework(id);
    this.#books.observer?.frameworkRemoved(framework);
    this.#books.frameworkChanged(framework);
    this.#books.context.record({ event: 'framework-removed', frameworkId: id, reason });
    this.#offers.allocateSoon();
  }

  setNeedsOffers(framework: Framework, needed: boolean): void {
    framework.isSuppressed = !needed;
    this.#books.allocation.setNeedsOffers(framework.id, needed);
    if (needed) this.#offers.allocateSoon();
  }

  /** A framework describes itself anew. */
  update(framework: Framework, call: SchedulerCall & { readonly type: 'UPDATE_FRAMEWORK' }): void {
    const { principal } = framework.info;
    this.#become(framework, { ...call.frameworkInfo, ...(principal !== undefined && { principal }) });
    this.#books.observer?.frameworkUpdated(framework);
    this.setFilters(framework, call.slaveFilters ?? []);
    if (call.suppressed !== undefined && call.suppressed !== framework.isSuppressed)
      this.setNeedsOffers(framework, !call.suppressed);
  }

  setFilters(framework: Framework, filters: readonly SlaveFilter[]): void {
    this.#books.allocation.setFilters(framework.id, filters);
    this.#offers.allocateSoon();
  }

  heartbeat(): void {
    this.#books.tellAll({ type: 'HEARTBEAT' });
    this.#books.context.after(this.#books.options.heartbeatIntervalMs, () => this.heartbeat());
  }
}

function failoverTimeoutMs({ failoverTimeout = 0 }: FrameworkInfo): Millis {
  return failoverTimeout * 1000;
}
