/** For how long schedulers with tasks that prefer some slaves (Hadoop, Spark, Dryad) refuse others, and why. */
import type { Clock, Millis } from '../mesos/driver/actor.ts';
import type { Filters, SlaveId } from '../mesos/protocol/entities.ts';

/** Longest refusal of a slave on which tasks wait for a slot that they prefer: that of the Hadoop port and of Spark in 2011. */
const WAITING_MAX_MS = 1000;
/** Shortest such refusal. */
export const WAITING_MIN_MS = 1;
/** How long a slave is refused that has no room: until it has more, which ends any refusal. */
export const FULL: Filters = { refuseSeconds: 600 };
/** How long a slave whose executor is ending is left alone. */
const REST_MS = 1000;
export const RESTING: Filters = { refuseSeconds: REST_MS / 1000 };

/** For how long not to be offered again what is given back: with room for so many tasks, while others wait. */
export function filtersFor(free: number, waitLeftMs: Millis): Filters {
  if (free === 0) return FULL;
  if (waitLeftMs === Number.POSITIVE_INFINITY) return {};
  return { refuseSeconds: Math.max(WAITING_MIN_MS, Math.min(WAITING_MAX_MS, waitLeftMs)) / 1000 };
}

/** Slaves that are left alone for a while. */
export class RestingSlaves {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #until = new Map<SlaveId, Millis>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  has(slaveId: SlaveId): boolean {
    return (this.#until.get(slaveId) ?? 0) > this.#clock.now();
  }

  add(slaveId: SlaveId): void {
    this.#until.set(slaveId, this.#clock.now() + REST_MS);
  }

  forget(slaveId: SlaveId): void {
    this.#until.delete(slaveId);
  }
}
