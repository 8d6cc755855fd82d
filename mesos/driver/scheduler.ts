/**
 * What a framework's scheduler is written against: the API of NSDI'11 Table 1, in the words of the Mesos v1 API.
 *
 * The driver has several backs (a Mesos master, or a fixed set of slaves with no master); a scheduler cannot tell them
 * apart.
 */
import type {
  ExecutorId,
  Filters,
  FrameworkId,
  Offer,
  OfferId,
  SlaveId,
  TaskId,
  TaskInfo,
  TaskStatus,
} from '../protocol/entities.ts';
import type { SlaveFilter } from '../protocol/filters.ts';
import type { Resources } from '../protocol/resources.ts';

import type { Clock } from './actor.ts';

export type { Clock, Millis, Random, Timer } from './actor.ts';

/** What a framework implements. Callbacks never run inside one another, and never inside an action of the driver. */
export interface Scheduler {
  /** The framework is registered and may expect offers. Called again after the master was lost and found. */
  registered(frameworkId: FrameworkId): void;
  /** Free resources, one offer per slave. Each must be answered, now or later, by `replyToOffer`. */
  resourceOffers(offers: readonly Offer[]): void;
  /** The offer is no longer valid; a reply that crossed it on the way launches nothing. */
  offerRescinded(offerId: OfferId): void;
  /**
   * A task changed state. The driver acknowledges when this returns. The same state may be told more than once, but nothing
   * after a terminal one: what becomes of a task that was lost and comes back, the driver ends by itself.
   */
  statusUpdate(status: TaskStatus): void;
  /** A slave is gone. Its tasks get a `statusUpdate` each. */
  slaveLost(slaveId: SlaveId): void;
  /** An executor ended, with an exit code or 128 + signal. Its tasks get a `statusUpdate` each. */
  executorLost(slaveId: SlaveId, executorId: ExecutorId, status: number): void;
  /** A message from an executor; not reliable. */
  frameworkMessage(slaveId: SlaveId, executorId: ExecutorId, data: string): void;
  /** The master is out of reach; the driver looks for it. All offers are void. */
  disconnected(): void;
  /** The master refused the framework. The driver has stopped. */
  error(message: string): void;
}

/**
 * Callbacks for a scheduler that answers every offer at once and needs no more of a loss than the `statusUpdate` of each task:
 * nothing is left to do in them. Spread it into yours, and write the others.
 */
export const SCHEDULER_DEFAULTS = {
  offerRescinded() {},
  slaveLost() {},
  executorLost() {},
  frameworkMessage() {},
  disconnected() {},
} satisfies Partial<Scheduler>;

/** What a framework may do. Actions never throw and never block; they are void while there is no master. */
export interface SchedulerDriver extends Clock {
  /**
   * Answers offers, all of the same slave: launches tasks on them, gives back the rest. No tasks: declines.
   * What is given back is not offered again for `filters.refuseSeconds` (default 5) unless the slave has more by then.
   */
  replyToOffer(offerIds: readonly OfferId[], tasks: readonly TaskInfo[], filters?: Filters): void;
  /**
   * Which slaves the framework wants to be offered at all, in place of what was set before (NSDI'11 §3.5). None: all.
   * Unlike refusals, these stay until they are replaced.
   */
  setFilters(filters: readonly SlaveFilter[]): void;
  /** What the framework can have at any time, and below which none of its tasks are revoked (NSDI'11 §3.3). */
  getGuaranteedShare(): Resources;
  /** Whether the framework wants offers. True also removes its filters: all free resources are offered anew. */
  setNeedsOffers(needed: boolean): void;
  /** Kills a task; its `statusUpdate` tells when it is dead. */
  killTask(taskId: TaskId): void;
  /** Ends an executor and all its tasks. */
  shutdownExecutor(slaveId: SlaveId, executorId: ExecutorId): void;
  /** Sends bytes (base64) to an executor; not reliable. */
  sendFrameworkMessage(slaveId: SlaveId, executorId: ExecutorId, data: string): void;
  /** Asks for the latest states of these tasks, or of all if none are named. */
  reconcileTasks(tasks: readonly { readonly taskId: TaskId; readonly slaveId?: SlaveId }[]): void;
  /** Unregisters the framework: its tasks and executors end, the driver stops. */
  stop(): void;
}

/** A framework as a value: how to make its scheduler. */
export type SchedulerFactory = (driver: SchedulerDriver) => Scheduler;
