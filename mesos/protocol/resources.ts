/**
 * Resources and their arithmetic: what a slave has, what an offer holds, what a task needs.
 *
 * Scalars only, keyed by name. Quantities are fixed-point with three decimals, as in Mesos, so that sums of
 * fractions come out even and a slave that gave out ten tenths of a CPU has exactly none left.
 */
import * as v from 'valibot';

/** Quantities by resource name, e.g. `{ cpus: 4, mem: 4096 }`; `mem` and `disk` in MiB. Zero entries are left out. */
export type Resources = Readonly<Record<string, number>>;

/** No resources at all. */
export const NOTHING: Resources = Object.freeze({});

/** What a peer may send as resources: a few named quantities, finite and not negative. */
export const ResourcesSchema = v.pipe(
  // A record passes over keys such as `constructor`, which every object seems to have.
  v.custom<Record<string, number>>(
    (value) =>
      typeof value === 'object' && value !== null && Object.keys(value).every((name) => !(name in NOTHING)),
    'illegal resources',
  ),
  v.record(
    v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_]{0,31}$/)),
    v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1e12)),
  ),
  v.maxEntries(16),
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
 * A resource of which the cluster has none does not count.
 */
export function dominantShare(held: Resources, cluster: Resources): number {
  let share = 0;
  for (const name in held) {
    const whole = cluster[name] ?? 0;
    if (whole > 0) share = Math.max(share, (held[name] as number) / whole);
  }
  return share;
}

/** Text in Mesos's own form: `cpus:4;mem:4096`. */
export function format(resources: Resources): string {
  return Object.keys(resources)
    .map((name) => `${name}:${resources[name]}`)
    .join(';');
}

/** Reads Mesos's own form, `cpus:4;mem:4096`. Throws with one sentence that says which part is wrong. */
export function parse(text: string): Resources {
  const parsed: Record<string, number> = {};
  for (const part of text.split(';').map((s) => s.trim())) {
    if (part === '') continue;
    const match = /^([a-z][a-z0-9_]{0,31}):([0-9]+(?:\.[0-9]+)?)$/.exec(part);
    if (!match || (match[1] as string) in NOTHING)
      throw new SyntaxError(`'${part}' is not a scalar resource; write NAME:QUANTITY, e.g. cpus:4;mem:4096`);
    const [, name, quantity] = match as unknown as [string, string, string];
    if (Object.hasOwn(parsed, name)) throw new SyntaxError(`resource '${name}' is given twice`);
    parsed[name] = round(Number(quantity));
  }
  if (isEmpty(parsed)) throw new SyntaxError('no resources given; write e.g. cpus:4;mem:4096');
  return parsed;
}
