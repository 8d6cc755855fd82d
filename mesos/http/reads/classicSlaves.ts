/** Slaves as the classic endpoints tell of them. */
import { isActive, type Offer, type Slave } from '../../master/state.ts';
import { NO_PORTS, PORTS, type PortRanges, portsOf } from '../../protocol/ports.ts';
import { add, isEmpty, NOTHING, type Resources } from '../../protocol/resources.ts';
import { directiveToV1 } from '../../v1/translate/operators.ts';
import { VERSION } from '../../version.ts';
import type { SlaveRecord } from './chronicle.ts';
import {
  attributesJson,
  quoted,
  reservedJson,
  resourcesJson,
  seconds,
  withoutReserved,
  written,
} from './jsonText.ts';

/** `host:port` of the process that an actor lives in. */
export function endpointOf(address: string): string {
  const slash = address.indexOf('/');
  return address.slice(address.indexOf('@') + 1, slash < 0 ? undefined : slash);
}

/** A slave's process as Apache Mesos names it. */
export const pidOf = (endpoint: string): string => `slave(1)@${endpoint}`;

/** The port of an endpoint. */
export const portOf = (endpoint: string): number => Number(endpoint.slice(endpoint.lastIndexOf(':') + 1));

/** What is in use on a slave, by tasks and executors. */
export function usedOf({ slave, used }: SlaveRecord): Resources {
  let sum: Resources = used;
  for (const executors of slave.executors.values())
    for (const { resources } of executors.values()) if (!isEmpty(resources)) sum = add(sum, resources);
  return sum;
}

/** What is in offers that have not been answered. */
export function offeredOf(offers: { values(): Iterable<Offer> }): Resources {
  let sum = NOTHING;
  for (const { resources } of offers.values()) sum = sum === NOTHING ? resources : add(sum, resources);
  return sum;
}

/** The same, as JSON. */
export function offeredJson(offers: { values(): Iterable<Offer> }): string {
  const offered = offeredOf(offers);
  return resourcesJson(offered, portsAmong(offered, offers.values()));
}

/** The ports that these hold, if there are any among the resources that they have. */
export function portsAmong(
  resources: Resources,
  holders: Iterable<{ readonly ports: PortRanges }>,
): PortRanges {
  return (resources[PORTS] ?? 0) > 0 ? portsOf(holders) : NO_PORTS;
}

/** A slave. `more`: fields beside those that each list of slaves has, each after a comma. */
export function slaveJson(record: SlaveRecord, more = ''): string {
  const { slave, reregisteredMs } = record;
  const { id, info, registeredMs } = slave;
  const { hostname, resources, ports, attributes } = info;
  const endpoint = endpointOf(slave.address);
  const times =
    `"registered_time":${seconds(registeredMs)}` +
    (reregisteredMs === undefined ? '' : `,"reregistered_time":${seconds(reregisteredMs)}`);
  const free = resourcesJson(withoutReserved(resources), ports);
  const used = usedOf(record);
  return `{"id":${quoted(id)},"hostname":${quoted(hostname)},"port":${portOf(endpoint)},"attributes":${attributesJson(attributes)},"pid":${quoted(pidOf(endpoint))},${times},"resources":${resourcesJson(resources, ports)},"used_resources":${resourcesJson(used, portsAmong(used, slave.tasks))},"offered_resources":${offeredJson(slave.offers)},"reserved_resources":${reservedJson(resources)},"unreserved_resources":${free},"active":${isActive(slave)},${directiveJson(slave)},"version":"${VERSION}","capabilities":[]${more}}`;
}

/** What operators have ordered of a slave. */
function directiveJson(slave: Slave): string {
  if (slave.directive === undefined) return '"deactivated":false';
  const { deactivated, drain_info, estimated_drain_start_time } = directiveToV1(slave);
  const start = estimated_drain_start_time;
  return written({
    deactivated,
    drain_info,
    ...(start && { estimated_drain_start_time_seconds: start.nanoseconds / 1e9 }),
  }).slice(1, -1);
}
