/** Which offers a service may take, and which of them first. Pure. */
import type { Attributes, Offer, SlaveId } from '../../mesos/protocol/entities.ts';
import { contains, type Resources, subtract } from '../../mesos/protocol/resources.ts';
import type { Placement } from './config.ts';
import type { ServiceRun } from './serviceRun.ts';

/** An offer, and what is left of it. */
export interface OpenOffer {
  readonly offer: Offer;
  left: Resources;
}

/** What is known of the slaves that have been offered. */
export type KnownSlaves = ReadonlyMap<SlaveId, Attributes>;

/** May instances be on this slave at all? What is reserved for short tasks is not for services. */
function isAllowed(placement: Placement, offer: Offer): boolean {
  const { only, never, attributes = {} } = placement;
  if (offer.maxTaskDurationMs !== undefined) return false;
  if (only !== undefined && !only.includes(offer.hostname)) return false;
  if (never?.includes(offer.hostname)) return false;
  return Object.entries(attributes).every(([name, value]) => offer.attributes[name] === value);
}

/** Chooses an offer for one more instance of the service, and takes what it needs of it; undefined if none will do. */
export function takeOffer(
  run: ServiceRun,
  open: readonly OpenOffer[],
  slaves: KnownSlaves,
): Offer | undefined {
  const { resources, placement } = run.service;
  const { perSlaveMax = Number.POSITIVE_INFINITY } = placement;
  const { bySlave } = run;
  const crowd = crowding(placement, bySlave, slaves);
  let best: OpenOffer | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of open) {
    const { offer, left } = candidate;
    if ((bySlave.get(offer.slaveId) ?? 0) >= perSlaveMax || !contains(left, resources)) continue;
    const crowded = crowd(offer);
    if (crowded >= least || !isAllowed(placement, offer)) continue;
    best = candidate;
    least = crowded;
  }
  if (best === undefined) return undefined;
  best.left = subtract(best.left, resources);
  return best.offer;
}

/** How many instances there are already where an offer is, as far as the service is to be spread. */
function crowding(
  { spread }: Placement,
  bySlave: ReadonlyMap<SlaveId, number>,
  slaves: KnownSlaves,
): (offer: Offer) => number {
  if (spread === undefined) return () => 0;
  const onSlave = ({ slaveId }: Offer): number => bySlave.get(slaveId) ?? 0;
  if (spread === 'slave') return onSlave;
  const { attribute } = spread;
  const byValue = new Map<string | undefined, number>();
  for (const [slaveId, count] of bySlave) {
    const value = slaves.get(slaveId)?.[attribute];
    byValue.set(value, (byValue.get(value) ?? 0) + count);
  }
  // Among slaves with the same value, that with the fewest.
  return (offer) => (byValue.get(offer.attributes[attribute]) ?? 0) + onSlave(offer) / 1e6;
}
