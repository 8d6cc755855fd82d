/** One reign of a master: all that it knows and does from its election until it is deposed. A new reign starts with empty books. */
import type { MasterInfo } from '../protocol/entities.ts';
import type { MasterMessage } from '../protocol/message.ts';
import type { SchedulerCall } from '../protocol/scheduler.ts';
import type { SlaveReport } from '../protocol/slave.ts';
import { type Address, type Context, happen, type Timer } from '../runtime/actor.ts';
import { Books } from './books.ts';
import { entitle } from './entitlements.ts';
import { Frameworks } from './frameworks.ts';
import { Offers } from './offers.ts';
import { Operations } from './operations.ts';
import { Operator } from './operator.ts';
import { Reconciliation } from './reconciliation.ts';
import type { ReignOptions } from './reignOptions.ts';
import { Reregistration } from './reregistration.ts';
import { Slaves } from './slaves.ts';
import type { Task } from './state.ts';
import { Tasks } from './tasks.ts';

/** A reign. */
export class Reign {
  readonly books: Books;
  /** What operators can do. */
  readonly operator: Operator;
  readonly #offers: Offers;
  readonly #tasks: Tasks;
  readonly #operations: Operations;
  readonly #reconciliation: Reconciliation;
  readonly #frameworks: Frameworks;
  readonly #slaves: Slaves;
  readonly #reregistration: Reregistration;
  readonly #timers = new Set<Timer>();

  /** `leads` is asked before each of the timers acts. Throws, in one sentence, if what operators have ordered cannot be read. */
  constructor(context: Context, options: ReignOptions, info: MasterInfo, leads: () => boolean) {
    const mortal: Context = {
      self: context.self,
      random: context.random,
      now: context.now,
      send: context.send,
      watch: context.watch,
      record: context.record,
      principalOf: context.principalOf,
      after: (delay, due) => {
        const timer = context.after(delay, () => {
          this.#timers.delete(timer);
          if (leads()) happen(due);
        });
        this.#timers.add(timer);
        return {
          cancel: () => {
            this.#timers.delete(timer);
            timer.cancel();
          },
        };
      },
    };
    this.books = new Books(mortal, options, info);
    entitle(this.books.allocation, this.books.directives);
    this.#offers = new Offers(this.books);
    this.#tasks = new Tasks(this.books, this.#offers);
    this.#operations = new Operations(this.books, this.#offers, this.#tasks);
    this.#reconciliation = new Reconciliation(this.books);
    this.#frameworks = new Frameworks(this.books, this.#offers, this.#tasks);
    this.#slaves = new Slaves(this.books, this.#offers, this.#tasks);
    this.#reregistration = new Reregistration(
      this.books,
      this.#offers,
      this.#tasks,
      this.#frameworks,
      this.#slaves,
    );
    this.operator = new Operator({
      books: this.books,
      offers: this.#offers,
      tasks: this.#tasks,
      frameworks: this.#frameworks,
      slaves: this.#slaves,
    });
  }

  /** Ends it: nothing that it waits for happens any more. */
  end(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  receive(message: MasterMessage, from: Address): void {
    switch (message.type) {
      case 'SUBSCRIBE':
        return this.#frameworks.subscribe(message, from);
      case 'REGISTER_SLAVE':
        return this.#slaves.register(message.slaveInfo, from);
      case 'REREGISTER_SLAVE':
        return this.#reregistration.reregister(message, from);
      case 'STATUS_UPDATE':
      case 'EXECUTOR_TO_FRAMEWORK':
      case 'EXITED_EXECUTOR':
      case 'PONG':
      case 'UNREGISTER_SLAVE':
        return this.#fromSlave(message, from);
      default:
        return this.#fromScheduler(message, from);
    }
  }

  lost(peer: Address): void {
    const slave = this.books.slaveAt.get(peer);
    if (slave !== undefined) this.#slaves.disconnected(slave);
    const framework = this.books.frameworkAt.get(peer);
    if (framework !== undefined) this.#frameworks.disconnect(framework);
    const awaited = this.books.standbyAt.get(peer);
    if (awaited !== undefined) this.#frameworks.standbyLost(awaited, peer);
  }

  #fromScheduler(call: Exclude<SchedulerCall, { type: 'SUBSCRIBE' }>, from: Address): void {
    const framework = this.books.frameworkAt.get(from);
    // It is subscribed with an earlier master, or was before its link broke.
    if (framework === undefined || framework.id !== call.frameworkId) return this.#drop(call, from);
    this.books.observer?.called(framework, call.type);
    switch (call.type) {
      case 'TEARDOWN':
        return this.#frameworks.remove(framework, 'the framework ended');
      case 'ACCEPT':
        return this.#operations.accept(framework, call.offerIds, call.operations, call.filters.refuseSeconds);
      case 'DECLINE':
        return this.#offers.decline(framework, call.offerIds, call.filters.refuseSeconds);
      case 'ACCEPT_INVERSE_OFFERS':
        return this.operator.inverseOffers.answer(framework, call.inverseOfferIds, 'accept', undefined);
      case 'DECLINE_INVERSE_OFFERS': {
        const { inverseOfferIds, filters } = call;
        return this.operator.inverseOffers.answer(
          framework,
          inverseOfferIds,
          'decline',
          filters.refuseSeconds,
        );
      }
      case 'REVIVE':
      case 'SUPPRESS':
        return this.#frameworks.setNeedsOffers(framework, call.type === 'REVIVE');
      case 'UPDATE_FRAMEWORK':
        return this.#frameworks.update(framework, call);
      case 'SET_FILTERS':
        return this.#frameworks.setFilters(framework, call.slaveFilters);
      case 'KILL': {
        const task = framework.tasks.get(call.taskId);
        if (task === undefined) return this.#reconciliation.answer(framework, call);
        return this.#tasks.kill(task, this.#graceOf(task, call));
      }
      case 'SHUTDOWN':
        return this.books.orderSlave(call.slaveId, {
          type: 'SHUTDOWN_EXECUTOR',
          frameworkId: framework.id,
          executorId: call.executorId,
        });
      case 'ACKNOWLEDGE':
        return this.#tasks.acknowledge(framework, call.taskId, call.slaveId, call.uuid);
      case 'RECONCILE':
        return this.#reconciliation.reconcile(framework, call.tasks);
      case 'MESSAGE':
        return this.books.orderSlave(call.slaveId, {
          type: 'FRAMEWORK_TO_EXECUTOR',
          frameworkId: framework.id,
          executorId: call.executorId,
          data: call.data,
        });
      default:
        call satisfies never;
    }
  }

  /** Whoever sent it has to come anew. */
  #drop({ type }: MasterMessage, from: Address): void {
    this.books.observer?.dropped(type);
    this.books.context.send(from, { type: 'REDIRECT', leader: this.books.context.self });
  }

  /** Executors of frameworks end their tasks as they like; ending one of them for certain would end its other tasks too. */
  #graceOf({ slave, framework, executorId }: Task, { gracePeriodMs }: SchedulerCall & { type: 'KILL' }) {
    const isCommand = slave.executors.get(framework.id)?.get(executorId)?.isCommand === true;
    return isCommand && gracePeriodMs !== undefined ? { gracePeriodMs } : {};
  }

  #fromSlave(
    report: Exclude<SlaveReport, { type: 'REGISTER_SLAVE' | 'REREGISTER_SLAVE' }>,
    from: Address,
  ): void {
    const slave = this.books.slaveAt.get(from);
    // It was registered with an earlier master, or its link broke: it is to tell all that is on it first.
    if (slave === undefined || slave.state.is === 'disconnected') return this.#drop(report, from);
    this.#slaves.heardOf(slave);
    switch (report.type) {
      case 'PONG':
        return;
      case 'UNREGISTER_SLAVE':
        return this.#slaves.remove(slave, 'left', 'it shut down');
      case 'STATUS_UPDATE':
        return this.#tasks.statusUpdate(slave, report.frameworkId, report.status);
      case 'EXECUTOR_TO_FRAMEWORK': {
        const { frameworkId, executorId, data } = report;
        const framework = this.books.frameworks.get(frameworkId);
        if (framework !== undefined)
          this.books.tell(framework, { type: 'MESSAGE', slaveId: slave.id, executorId, data });
        return;
      }
      case 'EXITED_EXECUTOR':
        return this.#slaves.executorExited(slave, report);
      default:
        report satisfies never;
    }
  }
}
