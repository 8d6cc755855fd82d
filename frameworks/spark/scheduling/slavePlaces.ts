/** The places of each slave: its executor's memory and its disk. */
import type { SlaveId } from '../../../mesos/protocol/entities.ts';
import { hostPlace, type Place, slavePlace } from './pendingTasks.ts';

/** Keeps them, for as texts made anew they would have to be hashed for each look-up. */
export class SlavePlaces {
  readonly #places = new Map<SlaveId, readonly Place[]>();

  /** The places of a slave on this host, the nearest first. */
  of(slaveId: SlaveId, host: string): readonly Place[] {
    let places = this.#places.get(slaveId);
    if (places === undefined) {
      places = [slavePlace(slaveId), hostPlace(host)];
      this.#places.set(slaveId, places);
    }
    return places;
  }

  forget(slaveId: SlaveId): void {
    this.#places.delete(slaveId);
  }
}
