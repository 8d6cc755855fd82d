/** Running sums of resources, changed in place: what many holdings come to, without a new object for each of them. */
import { format, PORTS, type Resources, round } from '../protocol/resources.ts';

/** A running sum. It is exact to a thousandth, as resources are. */
export class Tally {
  readonly #amounts: Record<string, number> = {};

  add(resources: Resources): void {
    const amounts = this.#amounts;
    for (const name in resources) amounts[name] = round((amounts[name] ?? 0) + (resources[name] as number));
  }

  /** Throws if it is not in the sum: that would be a leak in the books. */
  subtract(resources: Resources): void {
    const amounts = this.#amounts;
    for (const name in resources) {
      const left = round((amounts[name] ?? 0) - (resources[name] as number));
      if (left < 0)
        throw new RangeError(`${format(resources)} is not contained in ${format(this.resources())}`);
      amounts[name] = left;
    }
  }

  copy(): Tally {
    const copy = new Tally();
    copy.add(this.#amounts);
    return copy;
  }

  of(name: string): number {
    return this.#amounts[name] ?? 0;
  }

  /** Is all of it within `limit`, which has none of what it does not name? */
  isWithin(limit: Resources): boolean {
    const amounts = this.#amounts;
    for (const name in amounts) if ((amounts[name] as number) > (limit[name] ?? 0)) return false;
    return true;
  }

  /** The sum as a value. */
  resources(): Resources {
    return Object.fromEntries(Object.entries(this.#amounts).filter(([, amount]) => amount > 0));
  }

  /** Is it so many times the other, of each resource as many? Then shares of it are in the same order as shares of the other. */
  isMultipleOf(other: Tally): boolean {
    const first = Object.keys(other.#amounts).find((name) => other.of(name) > 0) ?? '';
    const [ours, theirs] = [this.of(first), other.of(first)];
    if (ours === 0 || theirs === 0) return false;
    const isAsMany = (name: string): boolean => this.of(name) * theirs === other.of(name) * ours;
    return Object.keys(this.#amounts).every(isAsMany) && Object.keys(other.#amounts).every(isAsMany);
  }

  /** The dominant share of `a` and `b` together: the largest fraction that they are of any one resource in this sum. */
  shareOf(a: Tally, b: Tally): number {
    const whole = this.#amounts;
    let share = 0;
    for (const name in whole) {
      const amount = whole[name] as number;
      if (amount > 0 && name !== PORTS) share = Math.max(share, (a.of(name) + b.of(name)) / amount);
    }
    return share;
  }
}
