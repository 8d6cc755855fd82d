/** Offers between the house and the v1 API. */
import type { FrameworkInfo, InverseOffer, Offer, Unavailability } from '../../protocol/entities.ts';
import { PORTS } from '../../protocol/ports.ts';
import type * as v1 from '../entities.ts';
import { isCapable } from './frameworks.ts';
import {
  attributesFromV1,
  attributesToV1,
  portsFromV1,
  resourcesFromV1,
  resourcesToV1,
} from './resources.ts';
import { durationFromV1, durationToV1 } from './tasks.ts';

/** An offer as v1 has it, for this framework; `endpoint` is `host:port` of the slave. */
export function offerToV1(
  offer: Offer,
  framework: FrameworkInfo,
  endpoint: string | undefined,
  scheme: Scheme = 'http',
): v1.Offer {
  const { id, frameworkId, slaveId, hostname, resources, ports, attributes, executorIds } = offer;
  const { unavailability } = offer;
  const { role = '*' } = framework;
  const allocatedTo = isCapable(framework, 'MULTI_ROLE') ? role : undefined;
  const isRefined = isCapable(framework, 'RESERVATION_REFINEMENT');
  return {
    id: { value: id },
    framework_id: { value: frameworkId },
    agent_id: { value: slaveId },
    hostname,
    ...(endpoint !== undefined && { url: slaveUrl(scheme, hostname, endpoint) }),
    ...(allocatedTo !== undefined && { allocation_info: { role: allocatedTo } }),
    resources: resourcesToV1(resources, { allocatedTo, isRefined, ports }),
    attributes: attributesToV1(attributes),
    executor_ids: executorIds.map((value) => ({ value })),
    ...(unavailability && { unavailability: unavailabilityToV1(unavailability) }),
  };
}

/** How a slave is reached. */
type Scheme = 'http' | 'https';

function slaveUrl(scheme: Scheme, hostname: string, endpoint: string): NonNullable<v1.Offer['url']> {
  const colon = endpoint.lastIndexOf(':');
  return {
    scheme,
    address: { hostname, ip: endpoint.slice(0, colon), port: Number(endpoint.slice(colon + 1)) },
    path: '/slave(1)',
  };
}

/** Reads an offer. Throws if it has resources that this system does not know of. */
export function offerFromV1(offer: v1.Offer): Offer {
  const { id, framework_id, agent_id, hostname, attributes, executor_ids = [] } = offer;
  const { unavailability } = offer;
  // Sets and the like are of no use here, and nobody else can have them while they are offered.
  const resources = (offer.resources ?? []).filter(
    ({ type, name }) => type === 'SCALAR' || (type === 'RANGES' && name === PORTS),
  );
  const ports = portsFromV1(resources);
  return {
    id: id.value,
    frameworkId: framework_id.value,
    slaveId: agent_id.value,
    hostname,
    resources: resourcesFromV1(resources),
    ...(ports.length > 0 && { ports }),
    attributes: attributesFromV1(attributes),
    executorIds: executor_ids.map(({ value }) => value),
    ...(unavailability && { unavailability: unavailabilityFromV1(unavailability) }),
  };
}

/** An inverse offer as v1 has it; `endpoint` is `host:port` of the slave. */
export function inverseOfferToV1(
  { id, frameworkId, slaveId, unavailability }: InverseOffer,
  endpoint: string | undefined,
  scheme: Scheme = 'http',
): v1.InverseOffer {
  const hostname = endpoint?.slice(0, endpoint.lastIndexOf(':')) ?? '';
  return {
    id: { value: id },
    ...(endpoint !== undefined && { url: slaveUrl(scheme, hostname, endpoint) }),
    framework_id: { value: frameworkId },
    agent_id: { value: slaveId },
    unavailability: unavailabilityToV1(unavailability),
  };
}

/** Reads an inverse offer; undefined: it is of no slave in particular. */
export function inverseOfferFromV1(offer: v1.InverseOffer): InverseOffer | undefined {
  const { id, framework_id, agent_id, unavailability } = offer;
  if (agent_id === undefined) return undefined;
  return {
    id: id.value,
    frameworkId: framework_id.value,
    slaveId: agent_id.value,
    unavailability: unavailabilityFromV1(unavailability),
  };
}

/** A time in which a machine is not to be counted on, as v1 has it. */
export function unavailabilityToV1({ startMs, durationMs }: Unavailability): v1.Unavailability {
  return {
    start: durationToV1(startMs),
    ...(durationMs !== undefined && { duration: durationToV1(durationMs) }),
  };
}

/** Reads a time in which a machine is not to be counted on. */
export function unavailabilityFromV1({ start, duration }: v1.Unavailability): Unavailability {
  return {
    startMs: durationFromV1(start),
    ...(duration !== undefined && { durationMs: durationFromV1(duration) }),
  };
}
