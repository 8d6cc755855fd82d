/** Who watches a master from within its process: counters, lists of what has ended, streams of events. */
import type { TaskStatus } from '../protocol/entities.ts';
import type { MasterMessage } from '../protocol/message.ts';
import type { Books, Gone } from './books.ts';
import type { Framework, Offer, Slave, Task } from './state.ts';

/** How an offer ended. */
export type OfferEnd = 'accepted' | 'declined' | 'rescinded';

/**
 * Is told what happens in a master, at once, and may look at its books, but changes nothing. What it is given stays true until it
 * is told otherwise.
 */
export interface MasterObserver {
  reignBegun(books: Books): void;
  reignEnded(): void;
  /** A message was received, whatever comes of it. */
  received(type: MasterMessage['type']): void;
  frameworkAdded(framework: Framework): void;
  /** Its info or its connection is not what it was. */
  frameworkUpdated(framework: Framework): void;
  frameworkRemoved(framework: Framework): void;
  /** A subscribed framework has called. */
  called(framework: Framework, type: MasterMessage['type']): void;
  slaveAdded(slave: Slave): void;
  /** It is in reach again, or not any more, or what it has is not what it was. */
  slaveUpdated(slave: Slave): void;
  slaveRemoved(slave: Slave, gone: Gone): void;
  offerMade(offer: Offer): void;
  offerEnded(offer: Offer, end: OfferEnd): void;
  taskAdded(task: Task): void;
  /** The task has changed its state. */
  taskUpdated(task: Task, status: TaskStatus): void;
  /** The task is not in the books any more: it has ended and that is acknowledged, or it is lost. */
  taskRemoved(task: Task): void;
}
