/** Who watches a reign of a master from within its process: counters, lists of what has ended, streams of events. */
import type { TaskStatus } from '../protocol/entities.ts';
import type { MasterMessage } from '../protocol/message.ts';
import type { SchedulerEvent } from '../protocol/scheduler.ts';
import type { Millis } from '../runtime/actor.ts';
import type { Framework, Gone, Offer, Slave, Task } from './state.ts';

/** How an offer ended. */
export type OfferEnd = 'accepted' | 'declined' | 'rescinded';

/** Is told what happens in a reign, at once, but changes nothing. What it is given stays true until it is told otherwise. */
export interface ReignObserver {
  /** The message that was received last has no effect: this master does not lead, or does not know who sent it. */
  dropped(type: MasterMessage['type']): void;
  frameworkAdded(framework: Framework): void;
  /** Its info or its connection is not what it was. */
  frameworkUpdated(framework: Framework): void;
  frameworkRemoved(framework: Framework): void;
  /** A subscribed framework has called. */
  called(framework: Framework, type: MasterMessage['type']): void;
  /** Its scheduler is sent an event. */
  told(framework: Framework, type: SchedulerEvent['type']): void;
  slaveAdded(slave: Slave): void;
  /** It is in reach again, or not any more, or what it has is not what it was. */
  slaveUpdated(slave: Slave): void;
  slaveRemoved(slave: Slave, gone: Gone): void;
  offerMade(offer: Offer): void;
  offerEnded(offer: Offer, end: OfferEnd): void;
  /** The allocation module has been asked for offers, and this is how long it took. */
  allocated(spanMs: Millis): void;
  taskAdded(task: Task): void;
  /** A slave has sent an update, of a task in the books or of one that nobody waits for. */
  updateReceived(isKnown: boolean): void;
  /** The task has changed its state. */
  taskUpdated(task: Task, status: TaskStatus): void;
  /** The task is not in the books any more: it has ended and that is acknowledged, or it is lost. */
  taskRemoved(task: Task): void;
}
