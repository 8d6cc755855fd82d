/** What roles are given: weights and minimum offers, by the options and as an operator changes them. */
import { type Resources, unreserved } from '../protocol/resources.ts';
import { type AllocationOptions, ofRole } from './options.ts';

/** Offered is what holds at least one of these, as in Apache Mesos. */
const MINIMUM_OFFERS: readonly Resources[] = [{ cpus: 0.01 }, { mem: 32 }];

/** The roles, known or not: what is not given has a default. */
export class Roles {
  readonly #options: AllocationOptions;
  /** As an operator has set them since. */
  readonly #weights = new Map<string, number>();
  /** The minimum offers of frameworks whose role has none of its own. */
  readonly minimumOffers: readonly Resources[];
  /** Are there roles that have? */
  readonly isMinimumByRole: boolean;

  constructor(options: AllocationOptions) {
    this.#options = options;
    this.minimumOffers = options.minimumOffers?.map(unreserved) ?? MINIMUM_OFFERS;
    this.isMinimumByRole = options.minimumOffersByRole !== undefined;
  }

  weightOf(role: string): number {
    return this.#weights.get(role) ?? ofRole<number>(this.#options.weights, role, 1);
  }

  setWeight(role: string, weight: number): void {
    this.#weights.set(role, weight);
  }

  minimumOffersOf(role: string): readonly Resources[] {
    const own = ofRole<readonly Resources[] | undefined>(this.#options.minimumOffersByRole, role, undefined);
    return own?.map(unreserved) ?? this.minimumOffers;
  }
}
