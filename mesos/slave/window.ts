/** What others in the process of a slave can see of it: an HTTP server, for instance. */
import type { ExecutorId, FrameworkId, FrameworkInfo, SlaveInfo } from '../protocol/entities.ts';
import type { Address, Clock, Millis } from '../runtime/actor.ts';
import type { Executor } from './executor.ts';
import type { Past } from './past.ts';
import type { Task } from './task.ts';

/** A look into a slave. */
export interface SlaveWindow {
  readonly self: Address;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  /** When the slave's process started. */
  readonly startedMs: Millis;
  /** With its id, if it has one. */
  readonly info: SlaveInfo;
  readonly isRegistered: boolean;
  /** The master that it is registered with, or asks to register it. */
  readonly master: Address | undefined;
  /** Those that have something here. */
  readonly frameworks: readonly FrameworkInfo[];
  /** Those that have not ended. */
  readonly executors: Iterable<Executor>;
  executor(frameworkId: FrameworkId, executorId: ExecutorId): Executor | undefined;
  /** Those that live, and those whose end has not been acknowledged. */
  readonly tasks: Iterable<Task>;
  readonly past: Past;
}
