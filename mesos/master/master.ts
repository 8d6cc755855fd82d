/**
 * The master: keeps the books of slaves, frameworks, offers and tasks, asks the allocation module what to offer to whom, and
 * carries messages between schedulers and slaves (NSDI'11 §3).
 */
import { MASTER_INBOX, type MasterMessage } from '../protocol/message.ts';
import type { SchedulerCall } from '../protocol/scheduler.ts';
import type { SlaveReport } from '../protocol/slave.ts';
import type { Actor, ActorKind, Address, Context } from '../runtime/actor.ts';
import { Books } from './books.ts';
import { Frameworks } from './frameworks.ts';
import { Offers } from './offers.ts';
import type { MasterOptions } from './options.ts';
import { Slaves } from './slaves.ts';
import { Tasks } from './tasks.ts';

/** A master, as an actor. */
export function master(options: MasterOptions): ActorKind<MasterMessage> {
  return { inbox: MASTER_INBOX, create: (context) => new Master(context, options) };
}

class Master implements Actor<MasterMessage> {
  readonly #books: Books;
  readonly #offers: Offers;
  readonly #tasks: Tasks;
  readonly #frameworks: Frameworks;
  readonly #slaves: Slaves;

  constructor(context: Context, options: MasterOptions) {
    this.#books = new Books(context, options);
    this.#offers = new Offers(this.#books);
    this.#tasks = new Tasks(this.#books, this.#offers);
    this.#frameworks = new Frameworks(this.#books, this.#offers, this.#tasks);
    this.#slaves = new Slaves(this.#books, this.#offers, this.#tasks);
  }

  receive(message: MasterMessage, from: Address): void {
    switch (message.type) {
      case 'SUBSCRIBE':
        return this.#frameworks.subscribe(message.frameworkInfo, from);
      case 'REGISTER_SLAVE':
        return this.#slaves.register(message.slaveInfo, from);
      case 'REREGISTER_SLAVE':
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
    const slave = this.#books.slaveAt.get(peer);
    if (slave !== undefined) this.#slaves.remove(slave, 'its connection broke');
    const framework = this.#books.frameworkAt.get(peer);
    if (framework !== undefined) this.#frameworks.disconnect(framework);
  }

  #fromScheduler(call: Exclude<SchedulerCall, { type: 'SUBSCRIBE' }>, from: Address): void {
    const framework = this.#books.frameworkAt.get(from);
    if (framework === undefined || framework.id !== call.frameworkId)
      return this.#books.tell(from, { type: 'ERROR', message: 'Framework is not subscribed' });
    switch (call.type) {
      case 'TEARDOWN':
        return this.#frameworks.remove(framework, 'the framework ended');
      case 'ACCEPT':
        return this.#tasks.accept(
          framework,
          call.offerIds,
          call.operations.flatMap((operation) => operation.taskInfos),
          call.filters.refuseSeconds,
        );
      case 'DECLINE':
        return this.#offers.decline(framework, call.offerIds, call.filters.refuseSeconds);
      case 'REVIVE':
      case 'SUPPRESS':
        return this.#frameworks.setNeedsOffers(framework, call.type === 'REVIVE');
      case 'SET_FILTERS':
        return;
      case 'KILL':
        return this.#tasks.kill(framework, call.taskId);
      case 'SHUTDOWN':
        return this.#books.orderSlave(call.slaveId, {
          type: 'SHUTDOWN_EXECUTOR',
          frameworkId: framework.id,
          executorId: call.executorId,
        });
      case 'ACKNOWLEDGE':
        return this.#tasks.acknowledge(framework, call.taskId, call.slaveId, call.uuid);
      case 'RECONCILE':
        return this.#tasks.reconcile(framework, call.tasks);
      case 'MESSAGE':
        return this.#books.orderSlave(call.slaveId, {
          type: 'FRAMEWORK_TO_EXECUTOR',
          frameworkId: framework.id,
          executorId: call.executorId,
          data: call.data,
        });
      default:
        call satisfies never;
    }
  }

  #fromSlave(report: Exclude<SlaveReport, { type: 'REGISTER_SLAVE' }>, from: Address): void {
    const slave = this.#books.slaveAt.get(from);
    if (slave === undefined || report.type === 'REREGISTER_SLAVE')
      return this.#books.context.send(from, {
        type: 'SHUTDOWN_SLAVE',
        message: 'Slave is not registered with this master',
      });
    slave.missedPings = 0;
    switch (report.type) {
      case 'PONG':
        return;
      case 'UNREGISTER_SLAVE':
        return this.#slaves.remove(slave, 'it shut down');
      case 'STATUS_UPDATE':
        return this.#tasks.statusUpdate(slave, report.frameworkId, report.status);
      case 'EXECUTOR_TO_FRAMEWORK': {
        const { frameworkId, executorId, data } = report;
        const framework = this.#books.frameworks.get(frameworkId);
        if (framework?.state.is === 'connected')
          this.#books.tell(framework.address, { type: 'MESSAGE', slaveId: slave.id, executorId, data });
        return;
      }
      case 'EXITED_EXECUTOR':
        return this.#slaves.executorExited(slave, report);
      default:
        report satisfies never;
    }
  }
}
