/**
 * Resources and their arithmetic: what a slave has, what an offer holds, what a task needs.
 *
 * Scalars only, keyed by name. What is reserved for a role has the role in its name, as in Mesos's own form: `cpus(gold)` are
 * CPUs that only frameworks of the role `gold` are offered. The arithmetic takes names as they are: to it they are different
 * resources; see {@link unreserved} for what both come to. Quantities are fixed-point with three decimals, as in Mesos, so that sums of
 * fractions come out even and a slave that gave out ten tenths of a CPU has exactly none left.
 */
import * as v from 'valibot';

/**
 * Quantities by resource name, e.g. `{ cpus: 4, 'cpus(gold)': 2, mem: 4096 }`; `mem` and `disk` in MiB. Zero entries are left
 * out.
 */
export type Resources = Readonly<Record<string, number>>;

/** No resources at all. */
export const NOTHING: Resources = Object.freeze({});

/** The role is an id, but shorter, and without parentheses; `*` is nobody's. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what a role must not have
const NAME = /^([a-z][a-z0-9_]{0,31})(?:\((?!\*\)|\.{1,2}\))([^\u0000-\u001f\u007f/\\()]{1,64})\))?$/;

/** The resource that counts ports (`ports.ts`). Ports are no share of a cluster: one is as good as another only to who counts. */
export const PORTS = 'ports';

/** Those that nearly all have. */
const USUAL_NAMES: ReadonlySet<string> = new Set(['cpus', 'mem', 'disk', PORTS]);

/** Is it a name that a resource may have? Every object seems to have keys such as `constructor`. Ports cannot be reserved. */
function isName(name: string): boolean {
  if (USUAL_NAMES.has(name)) return true;
  const [, base, role] = NAME.exec(name) ?? [];
  return base !== undefined && !(base in NOTHING) && (base !== PORTS || role === undefined);
}

/** Most resources by name that anybody may have. */
export const NAMES_MAX = 64;

/** What a peer may send as resources: a few named quantities, finite and not negative. */
export const ResourcesSchema = v.pipe(
  // A record passes over such keys.
  v.custom<Record<string, number>>(
    (value) => typeof value === 'object' && value !== null && Object.keys(value).every(isName),
    'illegal resources',
  ),
  v.record(v.string(), v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1e12))),
  v.maxEntries(NAMES_MAX),
);

/** A quantity in thousandths. */
export const round = (quantity: number): number => Math.round(quantity * 1000) / 1000;

/**
 * What a peer sent, in thousandths and without zero entries: as the arithmetic takes it. Usually the very same object. A sum of
 * finer quantities would not come out even.
 */
export function rounded(a: Resources): Resources {
  for (const name in a) if (a[name] === 0 || round(a[name] as number) !== a[name]) return add(NOTHING, a);
  return a;
}

/** The sum of both. */
export function add(a: Resources, b: Resources): Resources {
  const sum: Record<string, number> = { ...a };
  for (const name in b) {
    const quantity = round((sum[name] ?? 0) + (b[name] as number));
    if (quantity !== 0 || sum[name] !== undefined) sum[name] = quantity;
  }
  return sum;
}

/** What is left of `a` without `b`. Throws if `b` is not contained in `a`: that would be a leak in the books. */
export function subtract(a: Resources, b: Resources): Resources {
  const rest: Record<string, number> = {};
  for (const name in a) {
    const left = round((a[name] as number) - (b[name] ?? 0));
    if (left < 0) throw new RangeError(`${format(b)} is not contained in ${format(a)}`);
    if (left > 0) rest[name] = left;
  }
  for (const name in b)
    if ((b[name] as number) > 0 && a[name] === undefined)
      throw new RangeError(`${format(b)} is not contained in ${format(a)}`);
  return rest;
}

/** Does `a` hold at least `b`? */
export function contains(a: Resources, b: Resources): boolean {
  if (a === b) return true;
  // Less than half a thousandth is rounding.
  for (const name in b) if (((a[name] ?? 0) - (b[name] as number)) * 1000 < -0.5) return false;
  return true;
}

/** Are both the same, but for rounding? */
export function isEqual(a: Resources, b: Resources): boolean {
  return contains(a, b) && contains(b, a);
}

/** As much of each resource as both have. */
export function common(a: Resources, b: Resources): Resources {
  const both: Record<string, number> = {};
  for (const name in a) {
    const quantity = Math.min(a[name] as number, b[name] ?? 0);
    if (quantity > 0) both[name] = quantity;
  }
  return both;
}

/** Is there nothing in it? */
export function isEmpty(a: Resources): boolean {
  for (const name in a) if ((a[name] as number) > 0) return false;
  return true;
}

/** The sum of many. */
export function sum(parts: Iterable<Resources>): Resources {
  let total = NOTHING;
  for (const part of parts) total = add(total, part);
  return total;
}

/** How often `part` fits into `whole`: the number of slots. Infinity if `part` is empty. */
export function timesContained(whole: Resources, part: Resources): number {
  let times = Number.POSITIVE_INFINITY;
  for (const name in part)
    if ((part[name] as number) > 0)
      times = Math.min(times, Math.floor(round((whole[name] ?? 0) / (part[name] as number))));
  return times;
}

/**
 * The dominant share: the largest fraction of the cluster that `held` is of any one resource (DRF, NSDI'11 §3.3).
 * A resource of which the cluster has none does not count, and neither do ports.
 */
export function dominantShare(held: Resources, cluster: Resources): number {
  let share = 0;
  for (const name in held) {
    const whole = cluster[name] ?? 0;
    if (whole > 0 && name !== PORTS) share = Math.max(share, (held[name] as number) / whole);
  }
  return share;
}

/** Text in Mesos's own form: `cpus:4;mem:4096`. */
export function format(resources: Resources): string {
  return Object.keys(resources)
    .map((name) => `${name}:${resources[name]}`)
    .join(';');
}

/**
 * Reads Mesos's own form, `cpus:4;mem:4096`, or with reservations `cpus(gold):4;cpus:2`; `cpus(*)` is reserved for nobody. Throws
 * with one sentence that says which part is wrong.
 */
export function parse(text: string): Resources {
  const parsed: Record<string, number> = {};
  // A role may have a semicolon in it.
  for (const part of text.split(/;(?![^(]*\))/).map((s) => s.trim())) {
    if (part === '') continue;
    const match = /^(.*):([0-9]+(?:\.[0-9]+)?)$/.exec(part);
    const name = match?.[1]?.replace(/\(\*\)$/, '') ?? '';
    if (match === null || !isName(name))
      throw new SyntaxError(
        `'${part}' is not a scalar resource; write NAME:QUANTITY or NAME(ROLE):QUANTITY, e.g. cpus:4;mem:4096`,
      );
    if (Object.hasOwn(parsed, name)) throw new SyntaxError(`resource '${name}' is given twice`);
    parsed[name] = round(Number(match[2]));
  }
  if (isEmpty(parsed)) throw new SyntaxError('no resources given; write e.g. cpus:4;mem:4096');
  return parsed;
}

/** Has the resource a role in its name? */
const isReserved = (name: string): boolean => name.endsWith(')');

/** The name without a reservation: `cpus` of `cpus(gold)`. */
export const baseOf = (name: string): string => (isReserved(name) ? name.slice(0, name.indexOf('(')) : name);

/** The role for which it is reserved: `gold` of `cpus(gold)`; undefined if for none. */
export const roleOf = (name: string): string | undefined =>
  isReserved(name) ? name.slice(name.indexOf('(') + 1, -1) : undefined;

/** Is any of it reserved? */
export function hasReservation(a: Resources): boolean {
  for (const name in a) if (isReserved(name)) return true;
  return false;
}

/** As much without any reservation: `cpus:6` of `cpus(gold):4;cpus:2`. The very same object if nothing is reserved. */
export function unreserved(a: Resources): Resources {
  if (!hasReservation(a)) return a;
  const bare: Record<string, number> = {};
  for (const name in a) {
    const base = baseOf(name);
    bare[base] = round((bare[base] ?? 0) + (a[name] as number));
  }
  return bare;
}

/** All of it reserved for the role, whatever it was before. */
export function reserve(a: Resources, role: string): Resources {
  const bare = unreserved(a);
  return Object.fromEntries(Object.entries(bare).map(([name, amount]) => [`${name}(${role})`, amount]));
}

/** What frameworks of the role may have of it: what is reserved for them or for nobody. The very same object if that is all. */
export function visibleTo(a: Resources, role: string): Resources {
  const isIts = (name: string): boolean => !isReserved(name) || roleOf(name) === role;
  for (const other in a) {
    if (isIts(other)) continue;
    const seen: Record<string, number> = {};
    for (const name in a) if (isIts(name)) seen[name] = a[name] as number;
    return seen;
  }
  return a;
}

/**
 * As much of `a` as `most` allows, which counts without reservations, and allows `otherwise` of what it does not name. Reserved
 * resources are taken first. The very same object if all is allowed.
 */
export function cut(a: Resources, most: Resources, otherwise = 0): Resources {
  const names = Object.keys(a);
  if (hasReservation(a)) names.sort((one, other) => Number(isReserved(other)) - Number(isReserved(one)));
  const part: Record<string, number> = {};
  const taken: Record<string, number> = {};
  let isAll = true;
  for (const name of names) {
    const base = baseOf(name);
    const amount = Math.min(a[name] as number, round((most[base] ?? otherwise) - (taken[base] ?? 0)));
    if (amount < (a[name] as number)) isAll = false;
    if (amount <= 0) continue;
    part[name] = amount;
    taken[base] = (taken[base] ?? 0) + amount;
  }
  return isAll ? a : part;
}
