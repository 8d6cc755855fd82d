/** What a master knows: soft state only, all of it told by slaves and schedulers (NSDI'11 §3.6). */
import type {
  ExecutorId,
  ExecutorInfo,
  FrameworkId,
  FrameworkInfo,
  OfferId,
  SlaveId,
  SlaveInfo,
  TaskId,
  TaskStatus,
} from '../protocol/entities.ts';
import type { Resources } from '../protocol/resources.ts';
import type { TaskState } from '../protocol/tasks.ts';
import type { Address, Timer } from '../runtime/actor.ts';

/** A registered framework. */
export interface Framework {
  readonly id: FrameworkId;
  info: FrameworkInfo;
  address: Address;
  state:
    | { readonly is: 'connected' }
    /** Its scheduler is gone; its tasks run on until the timer ends. */
    | { readonly is: 'disconnected'; readonly removal: Timer };
  /** What the framework last said; it keeps this while disconnected. */
  needsOffers: boolean;
  readonly offers: Map<OfferId, Offer>;
  readonly tasks: Map<TaskId, Task>;
}

/** A registered slave. */
export interface Slave {
  readonly id: SlaveId;
  readonly info: SlaveInfo;
  readonly address: Address;
  readonly offers: Map<OfferId, Offer>;
  readonly tasks: Set<Task>;
  /** Live executors by framework and id, with what they hold themselves. */
  readonly executors: Map<FrameworkId, Map<ExecutorId, ExecutorInfo>>;
  /** Pings in a row that were not answered. */
  missedPings: number;
  ping: Timer;
}

/** An offer that has not been answered. */
export interface Offer {
  readonly id: OfferId;
  readonly framework: Framework;
  readonly slave: Slave;
  readonly resources: Resources;
  readonly timeout: Timer | undefined;
}

/** A task that was launched and whose end has not been acknowledged. */
export interface Task {
  readonly id: TaskId;
  readonly framework: Framework;
  readonly slave: Slave;
  readonly executorId: ExecutorId;
  readonly resources: Resources;
  state: TaskState;
  /** Of the last update that the slave sent: a repetition is forwarded but not counted again. */
  lastUuid: string | undefined;
  /** The update that the scheduler has yet to acknowledge. */
  unacknowledged: TaskStatus | undefined;
}
