/**
 * What an allocation module is (NSDI'11 §3.3): it decides how much is offered to whom, and which tasks have to make room. It
 * knows no master, no clock and no network; the master tells it what changed and asks it what to do.
 *
 * Each call costs in proportion to what it changes, not to the size of the cluster.
 *
 * Resources may be reserved for a role (`cpus(gold)`): only frameworks of that role are offered them. Shares, guarantees, quotas
 * and minimum offers count them as any other (`cpus`).
 */
import type { Attributes, FrameworkId, SlaveId, TaskId } from '../protocol/entities.ts';
import type { SlaveFilter } from '../protocol/filters.ts';
import type { Resources } from '../protocol/resources.ts';
import type { Millis, Random } from '../runtime/actor.ts';

/** Which of a slave's resources: those for any task, or those that are reserved for short tasks (NSDI'11 §4.4). */
export type Pool = 'any' | 'short';

/** Resources of one slave and pool that one framework has, offered or in use. */
export interface Holding {
  readonly frameworkId: FrameworkId;
  readonly slaveId: SlaveId;
  readonly pool: Pool;
  readonly resources: Resources;
}

/** Resources that are to be offered. From now on they count as the framework's (NSDI'11 §3.5). */
export interface Grant extends Holding {
  /** Of the pool for short tasks: tasks on it are ended after this long. */
  readonly maxTaskDurationMs?: Millis;
}

/** A framework as the module sees it. */
export interface FrameworkDescription {
  readonly role: string;
  /** What it asks for itself; undefined: what its role is given. */
  readonly guarantee?: Resources | undefined;
}

/** A slave as the module sees it. */
export interface SlaveDescription {
  readonly hostname: string;
  readonly attributes: Attributes;
  readonly total: Resources;
}

/** A task that could be revoked. */
export interface RunningTask {
  readonly taskId: TaskId;
  readonly slaveId: SlaveId;
  readonly pool: Pool;
  readonly resources: Resources;
  /** When it was launched, on the master's clock. */
  readonly launchedMs: Millis;
  /** It is being ended already: what it holds will be free soon. */
  readonly isEnding: boolean;
}

/** A task that is to end. */
export interface Revocation {
  readonly frameworkId: FrameworkId;
  readonly taskId: TaskId;
  /** The framework that is below its guarantee. */
  readonly forFrameworkId: FrameworkId;
  /** How long its executor has to end it. */
  readonly graceMs: Millis;
}

/** Why a framework is not offered a slave at the moment. */
export type NotOffered =
  | { readonly why: 'suppressed' }
  | { readonly why: 'slave-inactive' }
  /** All of it is taken, last by the framework itself, or it is not known by whom. */
  | { readonly why: 'nothing-free' }
  /** All of it is taken, last by another framework whose turn it was: offered to it, or used by it. */
  | {
      readonly why: 'another-framework';
      readonly frameworkId: FrameworkId;
      readonly how: 'offered' | 'used';
    }
  /** What is free on it is reserved for others, for this role for one. */
  | { readonly why: 'reserved'; readonly role: string }
  /** So much is free that the framework may have. */
  | { readonly why: 'below-minimum'; readonly free: Resources }
  /** It refused the slave. */
  | { readonly why: 'refused'; readonly untilMs: Millis }
  /** It set a filter that the slave does not pass. */
  | { readonly why: 'filtered'; readonly filter: SlaveFilter }
  /** Its role may not hold so much more. */
  | { readonly why: 'quota'; readonly role: string; readonly limit: Resources; readonly held: Resources }
  /** It has too much in offers that it has not answered. */
  | { readonly why: 'unanswered-offers'; readonly offered: Resources }
  /** The next allocation decides. */
  | { readonly why: 'being-allocated' };

/** An allocation module. */
export interface AllocationModule {
  /** Why a new framework cannot be admitted: its guarantee could not be met together with those given. Undefined if it can. */
  objection(framework: FrameworkDescription): string | undefined;
  /** A framework, admitted now or by an earlier master. It wants offers until `setNeedsOffers` says otherwise. */
  addFramework(id: FrameworkId, framework: FrameworkDescription): void;
  /** The framework is gone; all its holdings have been given back before. */
  removeFramework(id: FrameworkId): void;
  /** What it can have at any time. */
  guaranteeOf(id: FrameworkId): Resources;
  /** Whether to offer the framework anything. True also forgets what it refused. */
  setNeedsOffers(id: FrameworkId, needed: boolean): void;
  /** Which slaves it wants to be offered at all; in place of what was set before. */
  setFilters(id: FrameworkId, filters: readonly SlaveFilter[]): void;

  /** Weight of a role, above 0, from the next allocation on. */
  setWeight(role: string, weight: number): void;
  /**
   * What each framework of a role can have at any time, if it did not ask for something else itself, from the next allocation
   * on; nothing: what the module's options say. Returns why it cannot be given, and then nothing changes; undefined if it is given.
   */
  setGuarantee(role: string, guarantee: Resources): string | undefined;
  /**
   * What frameworks of a role may hold together, offers included, from the next allocation on; what it does not name is
   * unlimited. Undefined: all is. What they hold already they keep.
   */
  setQuota(role: string, limit: Resources | undefined): void;

  /** A slave with all of its resources free. */
  addSlave(id: SlaveId, slave: SlaveDescription): void;
  /** A slave is gone; all holdings on it have been given back before. */
  removeSlave(id: SlaveId): void;
  /** Whether the slave may be offered; true at first. */
  setSlaveActive(id: SlaveId, active: boolean): void;

  /**
   * Reserves what is free of a slave, or makes it free for all: `from` becomes `to`, which differ in the roles in their names.
   * Returns why it cannot; then nothing changes. Throws if it would be more or less than before.
   */
  convertFree(slaveId: SlaveId, from: Resources, to: Resources): string | undefined;
  /** The same of what is offered: the holding is `to` from now on, and is used or returned as that. */
  convert(holding: Holding, to: Resources): void;

  /** What was free is in use: a slave told of tasks that an earlier master launched. It fits into what is free of both pools. */
  recovered(holding: Holding): void;
  /** What was offered is in use now. */
  used(holding: Holding): void;
  /**
   * What was offered is free again. With `refusedUntilMs` (Infinity: for ever) the framework does not want the slave before
   * then, unless the slave has more free than what is given back here plus what was free already and had been refused.
   */
  returned(holding: Holding, refusedUntilMs?: Millis): void;
  /** What was in use is free again. */
  freed(holding: Holding): void;

  /** Decides the offers to make now. */
  allocate(nowMs: Millis): readonly Grant[];
  /**
   * Decides which tasks have to end now so that frameworks below their guarantees get their shares (NSDI'11 §3.3). Asked
   * after each allocation. `tasksOf` gives the tasks of a framework.
   */
  revoke(nowMs: Millis, tasksOf: (id: FrameworkId) => Iterable<RunningTask>): readonly Revocation[];
  /** When to call `allocate` again even if nothing changes; undefined if there is no such time. */
  nextWakeMs(): Millis | undefined;

  /** Why this framework is not offered this slave; undefined if either is unknown. */
  whyNot(frameworkId: FrameworkId, slaveId: SlaveId, nowMs: Millis): NotOffered | undefined;
  /**
   * The same for all slaves, found out one by one as they are asked for: who asks may pause, while the cluster changes, and
   * go on.
   */
  whyNotAll(frameworkId: FrameworkId, nowMs: Millis): Iterable<readonly [SlaveId, NotOffered]>;
  /** What the framework has, offers included; what is reserved in it is not marked. */
  held(frameworkId: FrameworkId): Resources;
}

/** How to make a module: each reign of a master needs a fresh one. Chance comes from the master's stream. */
export type AllocationFactory = (random: Random) => AllocationModule;
