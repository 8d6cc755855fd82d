/** Parts of the classic endpoints' JSON, written by hand where there are many of them. All of it is ASCII. */
import type { Attributes, Label } from '../../protocol/entities.ts';
import type { Resources } from '../../protocol/resources.ts';
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

/** A resource that is reserved for a role: `cpus(gold)`. */
const RESERVED = /^([^(]+)\((.+)\)$/;

/** Resources: an amount for each of the usual names, and for others that there are. What is reserved counts as the rest does. */
export function resourcesJson(resources: Resources): string {
  const { cpus = 0, disk = 0, gpus = 0, mem = 0 } = resources;
  for (const name in resources) if (!USUAL.has(name)) return written({ ...NONE, ...withoutRoles(resources) });
  return `{"cpus":${cpus},"disk":${disk},"gpus":${gpus},"mem":${mem}}`;
}

const NONE = { cpus: 0, disk: 0, gpus: 0, mem: 0 };
const USUAL: ReadonlySet<string> = new Set(Object.keys(NONE));

function withoutRoles(resources: Resources): Resources {
  const sum: Record<string, number> = {};
  for (const [key, amount] of Object.entries(resources)) {
    const [, name = key] = RESERVED.exec(key) ?? [];
    sum[name] = (sum[name] ?? 0) + amount;
  }
  return sum;
}

/** What is reserved for nobody. */
export function unreserved(resources: Resources): Resources {
  for (const key in resources)
    if (key.includes('('))
      return Object.fromEntries(Object.entries(resources).filter(([name]) => !name.includes('(')));
  return resources;
}

/** What is reserved, by role. */
export function reservedJson(resources: Resources): string {
  const roles = new Map<string, Record<string, number>>();
  for (const key in resources) {
    const [, name, role] = RESERVED.exec(key) ?? [];
    if (name === undefined || role === undefined) continue;
    const its = roles.get(role) ?? {};
    its[name] = resources[key] as number;
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
