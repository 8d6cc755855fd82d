/**
 * Slave filters: which slaves a framework wants to be offered at all (NSDI'11 §3.5). A filter is a Boolean predicate on one
 * slave and what is free on it; an offer must pass all filters of its framework.
 *
 * A further kind is one entry in `KINDS`, and its schema in {@link SlaveFilterSchema}.
 */
import * as v from 'valibot';
import { type Attributes, IdSchema, type Immutable, listOf, TextSchema } from './entities.ts';
import { contains, type Resources, ResourcesSchema } from './resources.ts';

/** What a filter may look at. */
export interface Candidate {
  readonly hostname: string;
  readonly attributes: Attributes;
  /** What would be offered. */
  readonly free: Resources;
}

/** Does the candidate pass? */
export type Predicate = (candidate: Candidate) => boolean;

/** One kind of filter. */
interface Kind<S extends v.GenericSchema> {
  /** Its shape in a message. */
  readonly schema: S;
  /** Made once for each filter that is set, asked for each slave. */
  readonly predicate: (filter: v.InferOutput<S>) => Predicate;
}

type AnyKind = Kind<v.GenericSchema>;

const ConstraintSchema = v.object({
  /** The attribute that it is about; absent: the hostname. */
  attribute: v.exactOptional(TextSchema),
  must: v.picklist(['exist', 'not-exist', 'equal', 'not-equal']),
  /** For `equal` and `not-equal`. */
  value: v.exactOptional(TextSchema),
});
/** One condition on a slave. As in Mesos, a slave without the attribute passes `not-equal`. */
export type Constraint = Immutable<v.InferOutput<typeof ConstraintSchema>>;

function passes({ hostname, attributes }: Candidate, { attribute, must, value }: Constraint): boolean {
  const actual =
    attribute === undefined
      ? hostname
      : Object.hasOwn(attributes, attribute)
        ? attributes[attribute]
        : undefined;
  switch (must) {
    case 'exist':
      return actual !== undefined;
    case 'not-exist':
      return actual === undefined;
    case 'equal':
      return actual === value;
    case 'not-equal':
      return actual !== value;
    default:
      return must satisfies never;
  }
}

const kind = <S extends v.GenericSchema>(schema: S, predicate: Kind<S>['predicate']): Kind<S> => ({
  schema,
  predicate,
});

const KINDS = {
  /** Only slaves from a list. */
  hosts: kind(v.object({ kind: v.literal('hosts'), hostnames: listOf(TextSchema) }), ({ hostnames }) => {
    const wanted = new Set(hostnames);
    return ({ hostname }) => wanted.has(hostname);
  }),
  /** Only slaves with at least so much free. */
  free: kind(
    v.object({ kind: v.literal('free'), resources: ResourcesSchema }),
    ({ resources }) =>
      ({ free }) =>
        contains(free, resources),
  ),
  /** Only slaves with this attribute. */
  attribute: kind(
    v.object({ kind: v.literal('attribute'), name: IdSchema, value: TextSchema }),
    ({ name, value }) =>
      ({ attributes }) =>
        attributes[name] === value,
  ),
  /** Only slaves that meet all constraints of at least one group (Mesos's offer constraints). */
  constraints: kind(
    v.object({ kind: v.literal('constraints'), groups: listOf(listOf(ConstraintSchema)) }),
    ({ groups }) =>
      (candidate) =>
        groups.some((group) => group.every((constraint) => passes(candidate, constraint))),
  ),
} as const;

/** A filter in a message. */
const SlaveFilterSchema = v.variant('kind', [
  KINDS.hosts.schema,
  KINDS.free.schema,
  KINDS.attribute.schema,
  KINDS.constraints.schema,
]);
/** Most filters of a framework. */
const FILTERS_MAX = 16;
/** All filters of a framework. */
export const SlaveFiltersSchema = v.pipe(v.array(SlaveFilterSchema), v.maxLength(FILTERS_MAX));

/** Which slaves a framework wants to be offered. */
export type SlaveFilter = Immutable<v.InferOutput<typeof SlaveFilterSchema>>;

/** What the filter asks of a candidate. */
export function predicateOf(filter: SlaveFilter): Predicate {
  const { predicate } = KINDS[filter.kind] as unknown as AnyKind;
  return predicate(filter);
}
