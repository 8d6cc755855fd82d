/** The master's registries of frameworks and slaves, and how it speaks to them: what the parts of the master share. */
import type { AllocationModule } from '../allocation/allocation.ts';
import type { FrameworkId, MasterInfo, SlaveId, Unavailability } from '../protocol/entities.ts';
import type { SchedulerEvent } from '../protocol/scheduler.ts';
import type { SlaveOrder } from '../protocol/slave.ts';
import type { Address, Context, Millis } from '../runtime/actor.ts';
import { type Directives, NO_DIRECTIVES } from './directives.ts';
import { type MachineMap, machineMap } from './machines.ts';
import { type Upkeep, upkeepOf } from './maintenance.ts';
import type { ReignObserver } from './reignObserver.ts';
import type { ReignOptions } from './reignOptions.ts';
import type { Framework, Gone, Slave, Task } from './state.ts';

/** How many slaves that are gone are remembered. */
const GONE_MAX = 10_000;

/** The books of one reign. */
export class Books {
  readonly context: Context;
  readonly options: ReignOptions;
  readonly allocation: AllocationModule;
  readonly info: MasterInfo;
  readonly observer: ReignObserver | undefined;
  readonly frameworks = new Map<FrameworkId, Framework>();
  /** By the address of the scheduler, connected ones only. */
  readonly frameworkAt = new Map<Address, Framework>();
  /** By the address of a scheduler that waits to take the place of the framework's. */
  readonly standbyAt = new Map<Address, Framework>();
  readonly slaves = new Map<SlaveId, Slave>();
  readonly slaveAt = new Map<Address, Slave>();
  /** Slaves that are gone, the latest last. */
  readonly #gone = new Map<SlaveId, Gone>();
  /** When the reign began. */
  readonly startMs: Millis;
  #directives: Directives = NO_DIRECTIVES;
  /** What is said of machines that are to be worked on. */
  machines: MachineMap<Upkeep> = machineMap([]);
  /** Is told of each task that is new in the books. */
  taskBooked: (task: Task) => void = () => {};
  /** Is told that what runs on a slave is not what it was. */
  slaveChanged: (slave: Slave) => void = () => {};
  /** Is told that a framework has another scheduler, or none, or is no more. */
  frameworkChanged: (framework: Framework) => void = () => {};

  /** Throws if what operators have ordered cannot be read. */
  constructor(context: Context, options: ReignOptions, info: MasterInfo) {
    this.context = context;
    this.options = options;
    this.allocation = options.allocation(context.random);
    this.info = info;
    this.observer = options.observer;
    this.startMs = context.now();
    this.directives = options.registry?.load() ?? NO_DIRECTIVES;
  }

  /** What operators have ordered. */
  get directives(): Directives {
    return this.#directives;
  }

  set directives(directives: Directives) {
    this.#directives = directives;
    this.machines = upkeepOf(directives);
  }

  /** What is said of the slave's machine, if anything is. */
  upkeepOf({ info, address }: Slave): Upkeep | undefined {
    return this.machines.at({ hostname: info.hostname, address });
  }

  /** When the slave's machine is to be worked on, if it is. */
  unavailabilityOf(slave: Slave): Unavailability | undefined {
    return this.upkeepOf(slave)?.unavailability;
  }

  /** May slaves of an earlier master still come back, with tasks that this one does not know? */
  get isRecovering(): boolean {
    return this.context.now() < this.startMs + this.options.reregisterTimeoutMs;
  }

  /** Sends an event to a framework's scheduler, if there is one. */
  tell(framework: Framework, event: SchedulerEvent): void {
    if (framework.state.is !== 'connected') return;
    this.observer?.told(framework, event.type);
    this.context.send(framework.state.address, event);
  }

  /** Sends an event to all schedulers. */
  tellAll(event: SchedulerEvent): void {
    for (const framework of this.frameworks.values()) this.tell(framework, event);
  }

  /** Sends an order to a slave. */
  order(slave: Slave, order: SlaveOrder): void {
    this.context.send(slave.address, order);
  }

  /** Sends an order to a slave, if it is still there. */
  orderSlave(id: SlaveId, order: SlaveOrder): void {
    const slave = this.slaves.get(id);
    if (slave !== undefined) this.order(slave, order);
  }

  /** Why the slave is none any more; undefined if it is one, or was never heard of. */
  goneOf(id: SlaveId): Gone | undefined {
    if (this.directives.slaves.get(id)?.is === 'gone') return 'gone-by-operator';
    return this.#gone.get(id);
  }

  /** Notes what became of a slave; undefined: it is back. */
  noteGone(id: SlaveId, gone: Gone | undefined): void {
    this.#gone.delete(id);
    if (gone === undefined) return;
    this.#gone.set(id, gone);
    const [oldest] = this.#gone.keys();
    if (oldest !== undefined && this.#gone.size > GONE_MAX) this.#gone.delete(oldest);
  }
}
