/** How a master is set up. */
import type { AllocationModule } from '../allocation/allocation.ts';
import type { Millis } from '../runtime/actor.ts';

/** Options of a master. Defaults: {@link MASTER_DEFAULTS}. */
export interface MasterOptions {
  readonly allocation: AllocationModule;
  /** How long an offer may stay unanswered; 0 for ever (Mesos's --offer_timeout). */
  readonly offerTimeoutMs: Millis;
  /** Free resources are gathered this long and then offered together; 0: as soon as something is free. */
  readonly allocationIntervalMs: Millis;
  readonly slavePingIntervalMs: Millis;
  /** Pings in a row that a slave may miss before it counts as lost. */
  readonly slavePingsMissedMax: number;
  readonly heartbeatIntervalMs: Millis;
}

/** Defaults, those of Apache Mesos where it has them (but offers go out at once, as in the paper's §3.3). */
export const MASTER_DEFAULTS = {
  offerTimeoutMs: 0,
  allocationIntervalMs: 0,
  slavePingIntervalMs: 15_000,
  slavePingsMissedMax: 5,
  heartbeatIntervalMs: 15_000,
} as const satisfies Omit<MasterOptions, 'allocation'>;
