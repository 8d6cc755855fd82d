/** A framework in the books of an allocation module: what it is given by its role, what it has, and what it wants. */
import type { FrameworkId } from '../protocol/entities.ts';
import { type Predicate, predicateOf, type SlaveFilter } from '../protocol/filters.ts';
import { contains, NOTHING, type Resources, round } from '../protocol/resources.ts';
import type { FrameworkDescription } from './allocation.ts';
import type { Claimant } from './line.ts';
import type { Member } from './quota.ts';
import type { Refuser } from './refusals.ts';
import type { Roles } from './roles.ts';
import type { Supply } from './supplies.ts';
import { Tally } from './tally.ts';

/**
 * `wants`: offers. `must-answer`: it would, and has too much in unanswered ones. `suppressed`: none.
 */
export type Demand = 'wants' | 'must-answer' | 'suppressed';

/** The framework. */
export interface Framework extends Claimant, Refuser, Member {
  weight: number;
  /** What it asked for itself; undefined: it has what its role is given. */
  readonly ownGuarantee: Resources | undefined;
  guarantee: Resources;
  /** A supply must have one of these free. */
  readonly minimumOffers: readonly Resources[];
  filters: readonly { readonly filter: SlaveFilter; readonly admits: Predicate }[];
  needsOffers: boolean;
  share: number;
  grants: number;
  revivals: number;
  /** As of the latest allocation. */
  demand: Demand;
  isBelowGuarantee: boolean;
  /** Supplies that nobody took, and that it would be offered if it had answered. */
  readonly missed: Set<Supply>;
}

/** A framework that has nothing yet, not even a quota; the `number`th. */
export function createFramework(
  id: FrameworkId,
  number: number,
  { role, guarantee: ownGuarantee }: FrameworkDescription,
  guarantee: Resources,
  roles: Roles,
): Framework {
  return {
    id,
    role,
    number,
    weight: roles.weightOf(role),
    ownGuarantee,
    guarantee,
    quota: undefined,
    minimumOffers: roles.minimumOffersOf(role),
    offered: new Tally(),
    used: new Tally(),
    filters: [],
    needsOffers: true,
    share: 0,
    grants: 0,
    revivals: 0,
    demand: 'suppressed',
    isBelowGuarantee: false,
    missed: new Set(),
  };
}

/** Compiles filters. */
export function compiled(filters: readonly SlaveFilter[]): Framework['filters'] {
  return filters.map((filter) => ({ filter, admits: predicateOf(filter) }));
}

/** Is at least one of the minimum offers in it? */
export function isOfferable(free: Resources, minimumOffers: readonly Resources[]): boolean {
  for (const minimum of minimumOffers) if (contains(free, minimum)) return true;
  return false;
}

/** How much it has less than it is guaranteed, offers counted; nothing if it uses more of anything than is guaranteed. */
export function deficitOf({ guarantee, used, offered }: Framework): Resources {
  if (guarantee === NOTHING || !used.isWithin(guarantee)) return NOTHING;
  const deficit: Record<string, number> = {};
  for (const name in guarantee) {
    const less = round((guarantee[name] as number) - used.of(name) - offered.of(name));
    if (less > 0) deficit[name] = less;
  }
  return deficit;
}
