/** How many tasks fit where. */
import type { ExecutorInfo, Offer } from '../../../mesos/protocol/entities.ts';
import {
  contains,
  isEmpty,
  type Resources,
  subtract,
  timesContained,
} from '../../../mesos/protocol/resources.ts';

/** How many tasks fit into an offer, beside their executor if that has yet to be started. */
export function slotsIn(offer: Offer, { executorId, resources: own }: ExecutorInfo, slot: Resources): number {
  let free: Resources = offer.resources;
  if (!isEmpty(own) && !offer.executorIds.includes(executorId)) {
    if (!contains(free, own)) return 0;
    free = subtract(free, own);
  }
  return timesContained(free, slot);
}

/** What so many slots are. */
export function slotsOf(slot: Resources, count: number): Resources {
  return Object.fromEntries(Object.entries(slot).map(([name, amount]) => [name, amount * count]));
}
