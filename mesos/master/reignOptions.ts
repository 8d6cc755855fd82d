/** How a reign of a master is set up. */
import type { AllocationFactory } from '../allocation/allocation.ts';
import type { Millis } from '../runtime/actor.ts';
import type { Registry } from './registry.ts';
import type { ReignObserver } from './reignObserver.ts';
import type { Rights } from './rights.ts';

/** What a master tells each of its reigns of how it was set up. */
export interface ReignOptions {
  readonly allocation: AllocationFactory;
  readonly rights?: Rights;
  /** Keeps what operators order, for this master and those after it; absent: it ends with the reign. */
  readonly registry?: Registry;
  readonly observer?: ReignObserver;
  /** How long an offer may stay unanswered; 0 for ever (Mesos's --offer_timeout). */
  readonly offerTimeoutMs: Millis;
  /** Free resources are gathered this long and then offered together; 0: as soon as something is free. */
  readonly allocationIntervalMs: Millis;
  readonly slavePingIntervalMs: Millis;
  /** Pings in a row that a slave may miss before it counts as unreachable. */
  readonly slavePingsMissedMax: number;
  /** How long slaves and schedulers have to come back to a new master, and slaves whose executors outlive them after a crash. */
  readonly reregisterTimeoutMs: Millis;
  /** Least time between two removals of unreachable slaves; 0: no limit (Mesos's --agent_removal_rate_limit). */
  readonly slaveRemovalIntervalMs: Millis;
  readonly heartbeatIntervalMs: Millis;
}
