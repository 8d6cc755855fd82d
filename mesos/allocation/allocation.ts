/**
 * What an allocation module is (NSDI'11 §3.3): it decides how much is offered to whom. It knows no master, no clock and no
 * network; the master tells it what changed and asks it for the offers to make.
 */
import type { FrameworkId, SlaveId } from '../protocol/entities.ts';
import type { Resources } from '../protocol/resources.ts';
import type { Millis } from '../runtime/actor.ts';

/** Resources of one slave that are to be offered to one framework. From now on they count as the framework's. */
export interface Grant {
  readonly frameworkId: FrameworkId;
  readonly slaveId: SlaveId;
  readonly resources: Resources;
}

/** Why a framework is not offered a slave at the moment. */
export type NotOffered =
  | { readonly why: 'suppressed' }
  | { readonly why: 'filtered'; readonly untilMs: Millis }
  | { readonly why: 'nothing-free' }
  | { readonly why: 'below-minimum'; readonly free: Resources }
  | { readonly why: 'being-allocated' };

/** Decides who is offered what. Each call costs in proportion to what it changes, not to the size of the cluster. */
export interface AllocationModule {
  /** A framework wants resources; it is offered what is free. */
  addFramework(id: FrameworkId, role: string): void;
  /** The framework is gone; everything it held has been released before. */
  removeFramework(id: FrameworkId): void;
  /** Whether to offer the framework anything. True also forgets what it refused. */
  setNeedsOffers(id: FrameworkId, needed: boolean): void;
  /** A slave with all of its resources free. */
  addSlave(id: SlaveId, total: Resources): void;
  /** A slave is gone; everything held on it has been released before. */
  removeSlave(id: SlaveId): void;
  /**
   * What a framework held on a slave (offered, or used by tasks) is free again. With `refusedUntilMs`, the framework does
   * not want the slave before then, unless the slave has more free than what is released here plus what was free already
   * and had been refused by it.
   */
  release(frameworkId: FrameworkId, slaveId: SlaveId, resources: Resources, refusedUntilMs?: Millis): void;
  /** Decides the offers to make now. */
  allocate(nowMs: Millis): readonly Grant[];
  /** When to call `allocate` again even if nothing changes: the next refusal that runs out. */
  nextExpiryMs(): Millis | undefined;
  /** Why this framework is not offered this slave; undefined if either is unknown. */
  whyNot(frameworkId: FrameworkId, slaveId: SlaveId, nowMs: Millis): NotOffered | undefined;
  /** What the framework holds, offers included. */
  held(frameworkId: FrameworkId): Resources;
}
