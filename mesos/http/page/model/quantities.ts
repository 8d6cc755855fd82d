/** Quantities of resources by name, summed over all reservations. Scalars only; a port is not a quantity. */
import type { Resource } from '../../../v1/entities.ts';

/** Quantities by name; `mem` and `disk` in MiB. */
export type Quantities = Readonly<Record<string, number>>;

/** A sum that changes. */
export type Sum = Record<string, number>;

/** Nothing of anything. */
const NONE: Quantities = Object.freeze({});

/** In thousandths, as the master counts: sums come out even. */
const round = (quantity: number): number => Math.round(quantity * 1000) / 1000;

/** Adds to a sum, or takes away from it with `times` -1. */
export function addTo(sum: Sum, quantities: Quantities, times = 1): void {
  for (const name in quantities) sum[name] = round((sum[name] ?? 0) + times * (quantities[name] as number));
}

/** Makes quantities of a message's resources. Most tasks need the same: equal quantities are one object. */
export function quantitiesReader(): (resources: readonly Resource[] | undefined) => Quantities {
  const known = new Map<string, Quantities>();
  return (resources) => {
    if (resources === undefined || resources.length === 0) return NONE;
    const sum: Sum = {};
    for (const { name, scalar } of resources)
      if (scalar !== undefined) sum[name] = round((sum[name] ?? 0) + scalar.value);
    let key = '';
    for (const name in sum) key += `${name}:${sum[name]};`;
    const same = known.get(key);
    if (same !== undefined) return same;
    // Slaves of many sizes must not fill it.
    if (known.size > 1000) known.clear();
    known.set(key, sum);
    return sum;
  };
}

/** The largest part of any resource of the cluster that is held, from 0 to 1, and of which (DRF's dominant share). */
export function dominantShare(
  held: Quantities,
  total: Quantities,
): { readonly share: number; readonly of: string } {
  let share = 0;
  let of = '';
  for (const name in held) {
    const whole = total[name] ?? 0;
    const part = whole > 0 ? (held[name] as number) / whole : 0;
    if (part > share) {
      share = part;
      of = name;
    }
  }
  return { share, of };
}
