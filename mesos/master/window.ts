/** What others in the process of a master can see of it and ask of it: an HTTP server, for instance. */
import type { MasterInfo } from '../protocol/entities.ts';
import type { Address, Millis } from '../runtime/actor.ts';
import type { Reign } from './reign.ts';

/** A look into a master. */
export interface MasterWindow {
  readonly self: Address;
  /** When its process took it up, on its clock. */
  readonly startedMs: Millis;
  /** Its clock. */
  now(): Millis;
  /** How it introduces itself, in this reign or the next. */
  readonly info: MasterInfo;
  /** The reign, if this master may act as the leader at this moment. */
  readonly reign: Reign | undefined;
  /** Is it certain that nobody led before that reign? Then no framework of an earlier one is to be waited for. */
  readonly isFirst: boolean;
  /** The master that leads, as far as this one knows. */
  readonly leader: Address | undefined;
}
