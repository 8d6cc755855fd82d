/** How a master is set up. */
import type { Election } from '../election/election.ts';
import type { MasterObserver } from './observer.ts';
import type { ReignOptions } from './reignOptions.ts';
import type { MasterWindow } from './window.ts';

/** Options of a master. Defaults: {@link MASTER_DEFAULTS}. */
export interface MasterOptions extends ReignOptions {
  /** Decides when it leads; absent: always, for there is no other. */
  readonly election?: Election;
  readonly observer?: MasterObserver;
  /** Is given a look into the master, when it is made. */
  readonly opened?: (window: MasterWindow) => void;
  /** Aborts when the master is to end: it gives up leadership, so that another need not wait. */
  readonly stopping?: AbortSignal;
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
