/** The master's registries of frameworks and slaves, and how it speaks to them: what the parts of the master share. */
import type { AllocationModule } from '../allocation/allocation.ts';
import type { FrameworkId, MasterInfo, SlaveId } from '../protocol/entities.ts';
import type { SchedulerEvent } from '../protocol/scheduler.ts';
import type { SlaveOrder } from '../protocol/slave.ts';
import type { Address, Context } from '../runtime/actor.ts';
import { VERSION } from '../version.ts';
import type { MasterOptions } from './options.ts';
import type { Framework, Slave } from './state.ts';

/** The books. */
export class Books {
  readonly context: Context;
  readonly options: MasterOptions;
  readonly allocation: AllocationModule;
  readonly info: MasterInfo;
  readonly frameworks = new Map<FrameworkId, Framework>();
  /** By the address of the scheduler, connected ones only. */
  readonly frameworkAt = new Map<Address, Framework>();
  readonly slaves = new Map<SlaveId, Slave>();
  readonly slaveAt = new Map<Address, Slave>();

  constructor(context: Context, options: MasterOptions) {
    this.context = context;
    this.options = options;
    this.allocation = options.allocation;
    const id = [0, 0, 0].map(() => context.random.uint32().toString(16).padStart(8, '0')).join('');
    this.info = { id, address: context.self.slice(context.self.indexOf('@') + 1), version: VERSION };
  }

  /** Sends an event to a scheduler. */
  tell(to: Address, event: SchedulerEvent): void {
    this.context.send(to, event);
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
}
