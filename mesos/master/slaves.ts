/** The master's slaves: registered, pinged, given up. */
import type { ExecutorId, SlaveInfo } from '../protocol/entities.ts';
import { executorResources } from '../protocol/launch.ts';
import { NO_PORTS } from '../protocol/ports.ts';
import { isEmpty, isEqual, rounded, unreserved } from '../protocol/resources.ts';
import type { SlaveReport } from '../protocol/slave.ts';
import type { StatusReason, TaskState } from '../protocol/tasks.ts';
import type { Address, Millis } from '../runtime/actor.ts';
import { Few, FewBy } from '../runtime/few.ts';
import type { Books } from './books.ts';
import type { SlaveDirective } from './directives.ts';
import type { Offers } from './offers.ts';
import { NEVER, Pings } from './pings.ts';
import { keepNames } from './reservations.ts';
import { slaveObjection } from './rights.ts';
import {
  executorHolding,
  type Framework,
  forgetExecutors,
  type Gone,
  isActive,
  type Slave,
} from './state.ts';
import type { Tasks } from './tasks.ts';

/** The slaves. */
export class Slaves {
  readonly #books: Books;
  readonly #offers: Offers;
  readonly #tasks: Tasks;
  readonly #pings: Pings;
  /** So long slave and master hear nothing of each other before each does something about it. */
  readonly #silenceMaxMs: Millis;
  #slavesMade = 0;
  #nextRemovalMs: Millis = Number.NEGATIVE_INFINITY;

  constructor(books: Books, offers: Offers, tasks: Tasks) {
    this.#books = books;
    this.#offers = offers;
    this.#tasks = tasks;
    const { context, options } = books;
    this.#pings = new Pings(context, options.slavePingIntervalMs, (slave) => this.#ping(slave));
    this.#silenceMaxMs = options.slavePingIntervalMs * options.slavePingsMissedMax;
  }

  register(info: SlaveInfo, from: Address): void {
    if (!this.isWelcome(info, from)) return;
    const known = this.#books.slaveAt.get(from);
    if (known !== undefined) {
      const hasRunTasks = [...known.tasks].some(({ launch }) => launch === undefined);
      const isSame = isEqual(unreserved(known.info.resources), unreserved(info.resources));
      if (known.state.is !== 'disconnected' && !hasRunTasks && isSame) {
        // It asks again because the answer took long, and has not taken any order until now.
        this.#greet(known);
        if (!isEqual(known.info.resources, info.resources)) keepNames(this.#books, known);
        for (const task of known.tasks) this.#tasks.order(task);
        return;
      }
      // A new process, which knows nothing of what ran before.
      this.remove(known, 'left', 'a new slave has come in its place');
    }
    const id = `${this.#books.info.id}-S${this.#slavesMade++}`;
    this.admit({ ...info, id }, id, from);
  }

  /** Refuses a peer that has no right to be a slave, or to be the one with this id or at this address, and machines that are down. */
  isWelcome({ id, hostname }: SlaveInfo, from: Address): boolean {
    const { context, options, slaves, slaveAt, machines } = this.#books;
    const principal = context.principalOf(from);
    const known = [slaveAt.get(from), id === undefined ? undefined : slaves.get(id)];
    const stolen = known.find((slave) => slave !== undefined && slave.principal !== principal);
    const message =
      slaveObjection(options.rights ?? {}, principal) ??
      (stolen && `Slave ${stolen.id} belongs to another principal`) ??
      (machines.at({ hostname, address: from })?.isDown ? `${hostname} is down for maintenance` : undefined);
    if (message === undefined) return true;
    context.send(from, { type: 'SHUTDOWN_SLAVE', message });
    return false;
  }

  /** Takes a slave into the books, with all of its resources free, and tells it. */
  admit(told: SlaveInfo, id: string, from: Address): Slave {
    const info = { ...told, resources: rounded(told.resources) };
    const { hostname, resources, attributes } = info;
    const slave: Slave = {
      id,
      info,
      principal: this.#books.context.principalOf(from),
      address: from,
      registeredMs: this.#books.context.now(),
      freePorts: info.ports ?? NO_PORTS,
      state: { is: 'connected', pingMs: NEVER, missedPings: 0 },
      directive: this.#books.directives.slaves.get(id),
      isDrained: false,
      offers: new FewBy(),
      tasks: new Few(),
      bookedTasks: 0,
      ended: new Few(),
      executors: new FewBy(),
    };
    this.#connect(slave);
    this.#books.slaves.set(id, slave);
    this.#books.slaveAt.set(from, slave);
    this.#books.noteGone(id, undefined);
    this.#books.context.watch(from);
    this.#books.context.record({ event: 'slave-registered', slaveId: id, hostname, resources });
    this.#books.allocation.addSlave(id, { hostname, attributes, total: resources });
    if (!isActive(slave)) this.#books.allocation.setSlaveActive(id, false);
    this.#books.observer?.slaveAdded(slave);
    this.#greet(slave);
    this.#offers.allocateSoon();
    return slave;
  }

  /** The link to a slave is there again. */
  reconnected(slave: Slave, from: Address): void {
    endWaiting(slave);
    this.#books.slaveAt.delete(slave.address);
    slave.address = from;
    this.#books.slaveAt.set(from, slave);
    this.#connect(slave);
    this.#books.context.watch(from);
    this.#books.allocation.setSlaveActive(slave.id, isActive(slave));
    this.#books.observer?.slaveUpdated(slave);
    this.#greet(slave);
    this.#offers.allocateSoon();
  }

  #greet(slave: Slave): void {
    this.#books.order(slave, {
      type: 'SLAVE_REGISTERED',
      slaveId: slave.id,
      masterId: this.#books.info.id,
      silenceMaxMs: this.#silenceMaxMs,
    });
  }

  // --- are they there? ---

  #connect(slave: Slave): void {
    slave.state = { is: 'connected', pingMs: this.#pings.join(slave), missedPings: 0 };
  }

  #ping(slave: Slave): void {
    if (slave.state.is !== 'connected') return;
    const { state } = slave;
    if (state.missedPings >= this.#books.options.slavePingsMissedMax)
      return this.#silent(slave, `it did not answer ${state.missedPings} pings`);
    this.#books.order(slave, { type: 'PING' });
    state.pingMs = this.#pings.join(slave);
    state.missedPings++;
  }

  /** It is not offered any more, and given up in its turn. */
  #silent(slave: Slave, reason: string): void {
    this.#deactivate(slave, reason);
    const removal = this.#books.context.after(this.#removalDelayMs(), () =>
      this.remove(slave, 'unreachable', reason),
    );
    slave.state = { is: 'silent', removal };
    this.#books.observer?.slaveUpdated(slave);
  }

  /** Removals are spread out: if many slaves seem to be gone at once, it is probably something else that is wrong. */
  #removalDelayMs(): Millis {
    const now = this.#books.context.now();
    const at = Math.max(now, this.#nextRemovalMs);
    this.#nextRemovalMs = at + this.#books.options.slaveRemovalIntervalMs;
    return at - now;
  }

  /** A slave has sent something. */
  heardOf(slave: Slave): void {
    const { state } = slave;
    if (state.is === 'connected') state.missedPings = 0;
    if (state.is !== 'silent') return;
    state.removal.cancel();
    this.#connect(slave);
    this.#books.allocation.setSlaveActive(slave.id, isActive(slave));
    this.#books.observer?.slaveUpdated(slave);
    this.#offers.allocateSoon();
  }

  /** An operator has ordered something else of the slave: it may be offered again, or not any more. */
  direct(slave: Slave, directive: SlaveDirective | undefined): void {
    slave.directive = directive;
    slave.isDrained = false;
    this.#books.allocation.setSlaveActive(slave.id, isActive(slave));
    if (directive !== undefined) this.#offers.rescindAll(slave.offers, 'an operator has ordered so');
    this.#books.observer?.slaveUpdated(slave);
    this.#offers.allocateSoon();
  }

  /**
   * The link to a slave broke. Either its process is gone, or it will register again. The master tries to reach it once more:
   * if that fails too, a slave whose executors end with its process is given up as soon as it is its turn.
   */
  disconnected(slave: Slave): void {
    if (slave.state.is === 'disconnected') {
      if (!slave.info.checkpoint) this.#giveUp(slave, 'its connection broke');
      return;
    }
    endWaiting(slave);
    this.#deactivate(slave, 'its connection broke');
    const { context, options } = this.#books;
    const patienceMs = slave.info.checkpoint ? options.reregisterTimeoutMs : this.#silenceMaxMs;
    const removal = context.after(patienceMs, () =>
      this.#giveUp(slave, 'its connection broke and it did not come back'),
    );
    slave.state = { is: 'disconnected', removal };
    this.#books.observer?.slaveUpdated(slave);
    context.watch(slave.address);
  }

  /** Gives up, in its turn, a slave whose link broke. */
  #giveUp(slave: Slave, reason: string): void {
    endWaiting(slave);
    const delayMs = this.#removalDelayMs();
    if (delayMs === 0) return this.remove(slave, 'unreachable', reason);
    const removal = this.#books.context.after(delayMs, () => this.remove(slave, 'unreachable', reason));
    slave.state = { is: 'disconnected', removal };
  }

  #deactivate(slave: Slave, reason: string): void {
    this.#books.context.record({ event: 'slave-disconnected', slaveId: slave.id, reason });
    this.#books.allocation.setSlaveActive(slave.id, false);
    this.#offers.rescindAll(slave.offers, `the slave is out of reach: ${reason}`);
  }

  /** The slave is to end all that it runs, and is none any more. */
  dismiss(slave: Slave, gone: Gone, reason: string): void {
    this.#books.order(slave, {
      type: 'SHUTDOWN_SLAVE',
      slaveId: slave.id,
      message: `Slave ${slave.id} is removed: ${reason}`,
    });
    this.remove(slave, gone, reason);
  }

  /** The slave is gone, and all that ran there with it, as far as this master can tell. */
  remove(slave: Slave, gone: Gone, reason: string): void {
    endWaiting(slave);
    const { context, allocation, slaves, slaveAt, frameworks } = this.#books;
    slaves.delete(slave.id);
    if (slaveAt.get(slave.address) === slave) slaveAt.delete(slave.address);
    this.#books.noteGone(slave.id, gone);
    context.record({ event: 'slave-lost', slaveId: slave.id, reason });
    this.#offers.rescindAll(slave.offers, `the slave is lost: ${reason}`);
    const [state, why] = ENDS[gone];
    for (const task of [...slave.ended]) this.#tasks.settle(task);
    for (const task of [...slave.tasks]) this.#tasks.lose(task, state, why, `The slave is lost: ${reason}`);
    for (const [frameworkId, executors] of slave.executors) {
      const framework = frameworks.get(frameworkId);
      if (framework === undefined) continue;
      framework.slaves.delete(slave);
      allocation.freed(executorHolding(frameworkId, slave.id, executorResources(executors)));
    }
    allocation.removeSlave(slave.id);
    this.#books.observer?.slaveRemoved(slave, gone);
    this.#books.tellAll({ type: 'FAILURE', slaveId: slave.id });
    this.#books.slaveChanged(slave);
  }

  executorExited(slave: Slave, report: SlaveReport & { type: 'EXITED_EXECUTOR' }): void {
    const { frameworkId, executorId, status } = report;
    const executors = slave.executors.get(frameworkId);
    const executor = executors?.get(executorId);
    const framework = this.#books.frameworks.get(frameworkId);
    if (executors === undefined || executor === undefined || framework === undefined) return;
    // What was lost with it was reported before: a task that was never heard of is a launch that crossed this report,
    // and starts the executor anew.
    if (!isToStart(executorId, framework, slave)) {
      executors.delete(executorId);
      if (executors.size === 0) forgetExecutors(slave, framework);
      if (!isEmpty(executor.resources))
        this.#books.allocation.freed(executorHolding(framework.id, slave.id, executor.resources));
    }
    // The framework has never heard of those that run its commands.
    if (!executor.isCommand)
      this.#books.tell(framework, { type: 'FAILURE', slaveId: slave.id, executorId, status });
    this.#books.slaveChanged(slave);
    this.#offers.allocateSoon();
  }
}

/** What becomes of the tasks of a slave that is none any more. */
const ENDS = {
  unreachable: ['TASK_UNREACHABLE', 'REASON_SLAVE_REMOVED'],
  left: ['TASK_GONE', 'REASON_SLAVE_REMOVED'],
  'gone-by-operator': ['TASK_GONE_BY_OPERATOR', 'REASON_SLAVE_REMOVED_BY_OPERATOR'],
} as const satisfies Record<Gone, readonly [TaskState, StatusReason]>;

/** Is there a task for the executor of which the slave has not been heard? */
function isToStart(executorId: ExecutorId, framework: Framework, { tasks }: Slave): boolean {
  for (const task of tasks)
    if (task.framework === framework && task.executorId === executorId && task.launch !== undefined)
      return true;
  return false;
}

/** Nothing more is to happen to the slave on account of its state. */
function endWaiting(slave: Slave): void {
  const { state } = slave;
  if (state.is === 'connected') state.pingMs = NEVER;
  else state.removal.cancel();
}
