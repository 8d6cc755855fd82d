/** How a master is set up. */
import type { AllocationFactory } from '../allocation/allocation.ts';
import type { Election } from '../election/election.ts';
import type { Millis } from '../runtime/actor.ts';
import type { MasterObserver } from './observer.ts';
import type { Registry } from './registry.ts';
import type { Rights } from './rights.ts';
import type { MasterWindow } from './window.ts';

/** Options of a master. Defaults: {@link MASTER_DEFAULTS}. */
export interface MasterOptions {
  readonly allocation: AllocationFactory;
  /** Decides when it leads; absent: always, for there is no other. */
  readonly election?: Election;
  readonly rights?: Rights;
  /** Keeps what operators order, for this master and those after it; absent: it ends with the reign. */
  readonly registry?: Registry;
  readonly observer?: MasterObserver;
  /** Is given a look into the master, when it is made. */
  readonly opened?: (window: MasterWindow) => void;
  /** Aborts when the master is to end: it gives up leadership, so that another need not wait. */
  readonly stopping?: AbortSignal;
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

/** Defaults, those of Apache Mesos where it has them (but offers go out at once, as in the paper's §3.3). */
export const MASTER_DEFAULTS = {
  offerTimeoutMs: 0,
  allocationIntervalMs: 0,
  slavePingIntervalMs: 15_000,
  slavePingsMissedMax: 5,
  reregisterTimeoutMs: 600_000,
  slaveRemovalIntervalMs: 0,
  heartbeatIntervalMs: 15_000,
} as const satisfies Omit<MasterOptions, 'allocation'>;
