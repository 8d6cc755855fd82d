/** What a master knows: soft state only, all of it told by slaves and schedulers (NSDI'11 §3.6). */
import type { Holding, Pool } from '../allocation/allocation.ts';
import type {
  ExecutorId,
  ExecutorInfo,
  FrameworkId,
  FrameworkInfo,
  OfferId,
  SlaveId,
  SlaveInfo,
  TaskId,
  TaskInfo,
  TaskStatus,
  Unavailability,
} from '../protocol/entities.ts';
import type { PortRanges } from '../protocol/ports.ts';
import type { Resources } from '../protocol/resources.ts';
import type { SchedulerCall } from '../protocol/scheduler.ts';
import type { SlaveOrder } from '../protocol/slave.ts';
import type { TaskState } from '../protocol/tasks.ts';
import type { Address, Millis, Timer } from '../runtime/actor.ts';
import { type Few, FewBy } from '../runtime/few.ts';
import type { SlaveDirective } from './directives.ts';

/** A registered framework. */
export interface Framework {
  readonly id: FrameworkId;
  info: FrameworkInfo;
  state:
    | { readonly is: 'connected'; readonly address: Address }
    /** Its scheduler is gone; its tasks run on until the timer ends. */
    | { readonly is: 'disconnected'; readonly removal: Timer }
    /** A slave has told of it; its scheduler has not yet come to this master. */
    | { readonly is: 'recovered'; readonly removal: Timer };
  /** Of the scheduler that counts; a later one has taken its place from one with an earlier term. */
  term: number;
  /** Schedulers that wait to take its place, with how they subscribed, the first to come first. */
  readonly standbys: Map<Address, Subscription>;
  /** When it came to this master first. */
  readonly registeredMs: Millis;
  /** When its scheduler came last. */
  reregisteredMs: Millis;
  /** It wants no offers for now. */
  isSuppressed: boolean;
  readonly offers: Map<OfferId, Offer>;
  readonly tasks: Map<TaskId, Task>;
  /** Where executors of it live. */
  readonly slaves: Set<Slave>;
}

/** How a scheduler subscribes. */
export type Subscription = SchedulerCall & { readonly type: 'SUBSCRIBE' };

/** A registered slave. */
export interface Slave {
  readonly id: SlaveId;
  /** What is reserved of its resources changes. */
  info: SlaveInfo;
  /** As whom it authenticated. */
  readonly principal: string | undefined;
  address: Address;
  readonly registeredMs: Millis;
  /** Of its ports, those that are neither offered nor in use. */
  freePorts: PortRanges;
  state:
    | { readonly is: 'connected'; pingMs: Millis; missedPings: number }
    /** It misses pings; it is removed when the timer ends, unless it answers. */
    | { readonly is: 'silent'; readonly removal: Timer }
    /** The link to it broke; it is removed when the timer ends, unless it registers again. */
    | { readonly is: 'disconnected'; readonly removal: Timer };
  /** What operators have ordered of it, if anything. */
  directive: SlaveDirective | undefined;
  /** It is draining, and nothing is left on it. */
  isDrained: boolean;
  /** By their ids. */
  readonly offers: FewBy<Offer>;
  readonly tasks: Few<Task>;
  /** How many of its tasks are in the books: those that live, and those whose end has not been acknowledged. */
  bookedTasks: number;
  /** Tasks that have ended, as the slave told when it registered again, and whose last update is still to come. */
  readonly ended: Few<Task>;
  /** Live executors by framework and id, with what they hold themselves. */
  readonly executors: FewBy<FewBy<ExecutorInfo>>;
}

/** May it be offered: it is in reach, and no operator has ordered otherwise? */
export function isActive({ state, directive }: Slave): boolean {
  return state.is === 'connected' && directive === undefined;
}

/** Why a slave is none any more. */
export type Gone =
  /** It was given up, and may come back. */
  | 'unreachable'
  /** It has taken leave, or a new one has come in its place. */
  | 'left'
  /** An operator said so. */
  | 'gone-by-operator';

/** An offer that has not been answered. */
export interface Offer {
  readonly id: OfferId;
  readonly framework: Framework;
  readonly slave: Slave;
  readonly pool: Pool;
  readonly resources: Resources;
  readonly ports: PortRanges;
  readonly maxTaskDurationMs: Millis | undefined;
  /** When the slave's machine is to be worked on; the offer ends when that changes. */
  readonly unavailability: Unavailability | undefined;
  readonly madeMs: Millis;
  readonly timeout: Timer | undefined;
}

/** A task that was launched and whose end has not been acknowledged. */
export interface Task {
  readonly id: TaskId;
  readonly name: string;
  readonly labels: TaskInfo['labels'];
  readonly framework: Framework;
  readonly slave: Slave;
  readonly executorId: ExecutorId;
  readonly pool: Pool;
  readonly resources: Resources;
  readonly ports: PortRanges;
  readonly launchedMs: Millis;
  state: TaskState;
  /** The order to launch it, until the slave has been heard of it: it is repeated if the link breaks. */
  launch: TaskInfo | undefined;
  /** The order to kill it, if there was one: it is repeated if the link breaks. */
  kill:
    | Pick<SlaveOrder & { type: 'KILL_TASK' }, 'gracePeriodMs' | 'gracePeriodMaxMs' | 'reason' | 'state'>
    | undefined;
  /** When it was told to end first, if not only by revocation. */
  killedMs: Millis | undefined;
  /** Of the last update that the slave sent: a repetition is forwarded but not counted again. */
  lastUuid: string | undefined;
  /** The update that the scheduler has yet to acknowledge. */
  unacknowledged: TaskStatus | undefined;
}

/** What a task holds, for the allocation module. */
export function holdingOf({ framework, slave, pool }: Task | Offer, resources: Resources): Holding {
  return { frameworkId: framework.id, slaveId: slave.id, pool, resources };
}

/** What executors hold themselves, for the allocation module: they outlive tasks, so it is never of the pool for short ones. */
export function executorHolding(frameworkId: FrameworkId, slaveId: SlaveId, resources: Resources): Holding {
  return { frameworkId, slaveId, pool: 'any', resources };
}

/** The order to kill a task that is to be killed. */
export function killOrder({ framework, id, kill }: Task): SlaveOrder {
  return { type: 'KILL_TASK', frameworkId: framework.id, taskId: id, ...kill };
}

/** Where executors of a framework on a slave are noted. */
export function executorsOf(slave: Slave, framework: Framework): FewBy<ExecutorInfo> {
  let executors = slave.executors.get(framework.id);
  if (executors === undefined) {
    executors = new FewBy();
    slave.executors.set(framework.id, executors);
    framework.slaves.add(slave);
  }
  return executors;
}

/** The framework has no executors on the slave any more. */
export function forgetExecutors(slave: Slave, framework: Framework): void {
  slave.executors.delete(framework.id);
  framework.slaves.delete(slave);
}
