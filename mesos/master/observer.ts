/** Who watches a master from within its process, through all of its reigns. */
import type { MasterMessage } from '../protocol/message.ts';
import type { Books } from './books.ts';
import type { ReignObserver } from './reignObserver.ts';

/** Is also told of reigns. It may look at the books of the one under way, but changes nothing. */
export interface MasterObserver extends ReignObserver {
  reignBegun(books: Books): void;
  reignEnded(): void;
  /** A message was received, whatever comes of it. */
  received(type: MasterMessage['type']): void;
}
