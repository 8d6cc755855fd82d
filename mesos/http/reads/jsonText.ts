/** Parts of the classic endpoints' JSON, written by hand where there are many of them. All of it is ASCII. */
import type { Attributes, Label } from '../../protocol/entities.ts';
import { formatPorts, NO_PORTS, PORTS, type PortRanges } from '../../protocol/ports.ts';
import { baseOf, hasReservation, type Resources, roleOf, unreserved } from '../../protocol/resources.ts';
import { ascii } from '../../v1/json.ts';

/** What needs no escaping. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** Text, quoted. */
export function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : ascii(JSON.stringify(text));
}

/** Any value. */
export function written(value: unknown): string {
  return ascii(JSON.stringify(value));
}

/**
 * Resources: an amount for each of the usual names, and for others that there are. What is reserved counts as the rest does. Ports
 * are told only where it is known which they are.
 */
export function resourcesJson(resources: Resources, ports: PortRanges = NO_PORTS): string {
  const { cpus = 0, disk = 0, gpus = 0, mem = 0 } = resources;
  for (const name in resources) if (!USUAL.has(name)) return written(unusual(resources, ports));
  return `{"cpus":${cpus},"disk":${disk},"gpus":${gpus},"mem":${mem}}`;
}

const NONE = { cpus: 0, disk: 0, gpus: 0, mem: 0 };
const USUAL: ReadonlySet<string> = new Set(Object.keys(NONE));

function unusual(resources: Resources, ports: PortRanges): object {
  const { [PORTS]: _, ...amounts } = unreserved(resources);
  return { ...NONE, ...amounts, ...(ports.length > 0 && { [PORTS]: formatPorts(ports) }) };
}

/** The part that is reserved for nobody. */
export function withoutReserved(resources: Resources): Resources {
  if (!hasReservation(resources)) return resources;
  return Object.fromEntries(Object.entries(resources).filter(([name]) => roleOf(name) === undefined));
}

/** The part that is reserved, by role. */
export function reservedJson(resources: Resources): string {
  const roles = new Map<string, Record<string, number>>();
  for (const name in resources) {
    const role = roleOf(name);
    if (role === undefined) continue;
    const its = roles.get(role) ?? {};
    its[baseOf(name)] = resources[name] as number;
    roles.set(role, its);
  }
  return `{${[...roles].map(([role, its]) => `${quoted(role)}:${resourcesJson(its)}`).join(',')}}`;
}

/** Attributes. */
export function attributesJson(attributes: Attributes): string {
  return written(attributes);
}

/** Labels, as the last field of an object; nothing if there are none. */
export function labelsField(labels: readonly Label[] | undefined): string {
  return labels === undefined || labels.length === 0 ? '' : `,"labels":${written(labels)}`;
}

/** Seconds of a time in milliseconds. */
export const seconds = (ms: number): number => ms / 1000;
