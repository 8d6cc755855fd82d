/** Slave filters between the house and the v1 API, where they are offer constraints and filters of offers by role. */
import type { Constraint, SlaveFilter } from '../../protocol/filters.ts';
import type { Resources } from '../../protocol/resources.ts';
import type { FrameworkInfo } from '../entities.ts';
import { MalformedError } from '../json.ts';
import type { AttributeConstraint, OfferConstraints } from '../scheduler.ts';
import { Unsupported } from './refusal.ts';

/** What v1 says of the offers that a framework wants. */
export interface OfferWishes {
  readonly offer_constraints?: OfferConstraints;
  readonly offer_filters?: FrameworkInfo['offer_filters'];
}

/** Reads what a framework of this role wants. Throws an {@link Unsupported} or a {@link MalformedError}. */
export function slaveFiltersFromV1(
  { offer_constraints, offer_filters = {} }: OfferWishes,
  role: string,
): readonly SlaveFilter[] {
  const constraints = offer_constraints?.role_constraints ?? {};
  const filters: SlaveFilter[] = [];
  for (const of of [...Object.keys(constraints), ...Object.keys(offer_filters)])
    if (of !== role) throw new MalformedError(`The framework is not of the role '${of}'`);
  const groups = ofRole(constraints, role)?.groups ?? [];
  if (groups.length > 0)
    filters.push({
      kind: 'constraints',
      groups: groups.map(({ attribute_constraints = [] }) => attribute_constraints.map(constraintFromV1)),
    });
  const minima = ofRole(offer_filters, role)?.min_allocatable_resources?.quantities ?? [];
  if (minima.length > 1)
    throw new Unsupported(
      "'OfferFilters.min_allocatable_resources' has several quantities; this system takes one",
    );
  for (const { quantities = {} } of minima)
    filters.push({
      kind: 'free',
      resources: Object.fromEntries(Object.entries(quantities).map(([name, { value }]) => [name, value])),
    });
  return filters;
}

function ofRole<T>(given: Readonly<Record<string, T>>, role: string): T | undefined {
  return Object.hasOwn(given, role) ? given[role] : undefined;
}

function constraintFromV1({ selector, predicate }: AttributeConstraint): Constraint {
  const { pseudoattribute_type: pseudo, attribute_name: attribute } = selector;
  if (attribute === undefined && pseudo !== 'HOSTNAME')
    throw new Unsupported(`Offer constraints on ${pseudo ?? 'nothing'} are not supported by this system`);
  const on = attribute === undefined ? {} : { attribute };
  const { exists, not_exists, text_equals, text_not_equals } = predicate;
  if (exists !== undefined) return { ...on, must: 'exist' };
  if (not_exists !== undefined) return { ...on, must: 'not-exist' };
  if (text_equals !== undefined) return { ...on, must: 'equal', value: text_equals.value };
  if (text_not_equals !== undefined) return { ...on, must: 'not-equal', value: text_not_equals.value };
  throw new Unsupported('Offer constraints with regular expressions are not supported by this system');
}

/** Slave filters as v1 has them. A slave must pass all of them, so that their groups are multiplied out. */
export function slaveFiltersToV1(filters: readonly SlaveFilter[], role: string): OfferWishes {
  let groups: readonly (readonly Constraint[])[] = [[]];
  let free: Resources | undefined;
  for (const filter of filters) {
    const own = groupsOf(filter);
    if (own !== undefined) groups = groups.flatMap((group) => own.map((more) => [...group, ...more]));
    if (filter.kind === 'free') free = larger(free, filter.resources);
  }
  // No group at all would be no constraint at all.
  if (groups.length === 0) groups = [NEVER];
  const isConstrained = filters.some(({ kind }) => kind !== 'free');
  return {
    ...(isConstrained && {
      offer_constraints: {
        role_constraints: {
          [role]: { groups: groups.map((group) => ({ attribute_constraints: group.map(constraintToV1) })) },
        },
      },
    }),
    ...(free !== undefined && { offer_filters: { [role]: minimumToV1(free) } }),
  };
}

/** What no slave meets. */
const NEVER: readonly Constraint[] = [{ must: 'not-exist' }];

/** Undefined: it is no constraint. */
function groupsOf(filter: SlaveFilter): readonly (readonly Constraint[])[] | undefined {
  switch (filter.kind) {
    case 'hosts':
      return filter.hostnames.map((value) => [{ must: 'equal', value }]);
    case 'attribute':
      return [[{ attribute: filter.name, must: 'equal', value: filter.value }]];
    case 'constraints':
      return filter.groups;
    case 'free':
      return undefined;
    default:
      return filter satisfies never;
  }
}

/** At least as much of each resource as in either. */
function larger(a: Resources = {}, b: Resources): Resources {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...names].map((name) => [name, Math.max(a[name] ?? 0, b[name] ?? 0)]));
}

function minimumToV1(free: Resources) {
  const quantities = Object.fromEntries(Object.entries(free).map(([name, value]) => [name, { value }]));
  return { min_allocatable_resources: { quantities: [{ quantities }] } };
}

function constraintToV1({ attribute, must, value = '' }: Constraint): AttributeConstraint {
  const selector =
    attribute === undefined ? { pseudoattribute_type: 'HOSTNAME' as const } : { attribute_name: attribute };
  switch (must) {
    case 'exist':
      return { selector, predicate: { exists: {} } };
    case 'not-exist':
      return { selector, predicate: { not_exists: {} } };
    case 'equal':
      return { selector, predicate: { text_equals: { value } } };
    case 'not-equal':
      return { selector, predicate: { text_not_equals: { value } } };
    default:
      return must satisfies never;
  }
}
