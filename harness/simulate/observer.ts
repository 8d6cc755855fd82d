/** A framework that subscribes, keeps every offer, and so sees what is free. */
import type { SchedulerFactory } from '../../mesos/driver/scheduler.ts';
import type { Offer, OfferId } from '../../mesos/protocol/entities.ts';

/** The offers that are open. */
export type Seen = ReadonlyMap<OfferId, Offer>;

/** Makes an observer; what it sees is put into the map. */
export function observer(seen: Map<OfferId, Offer>): SchedulerFactory {
  return () => ({
    registered() {},
    resourceOffers(offers) {
      for (const offer of offers) seen.set(offer.id, offer);
    },
    offerRescinded: (id) => void seen.delete(id),
    statusUpdate() {},
    slaveLost() {},
    executorLost() {},
    frameworkMessage() {},
    disconnected() {},
    error() {},
  });
}
