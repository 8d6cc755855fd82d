/** The options that all allocation modules have in common. */
import * as v from 'valibot';
import { IdSchema, type Immutable, SpanMsSchema } from '../protocol/entities.ts';
import { isEmpty, ResourcesSchema } from '../protocol/resources.ts';

const byRole = <S extends v.GenericSchema>(value: S) => v.record(IdSchema, value);
const AmountSchema = v.pipe(
  ResourcesSchema,
  v.check((resources) => !isEmpty(resources), 'Resources must not be empty'),
);
const MinimumOffersSchema = v.pipe(v.array(AmountSchema), v.minLength(1));

/** The fields of the options, for modules that have more. */
export const OPTION_FIELDS = {
  /** Weight by role; a role that is not named weighs 1. A framework of weight 2 is entitled to twice a share of 1. */
  weights: v.exactOptional(byRole(v.pipe(v.number(), v.finite(), v.gtValue(0)))),
  /**
   * Only a slave on which at least one of these is free is offered (NSDI'11 §4.6). Default: 0.01 CPU or 32 MiB, as in Apache
   * Mesos.
   */
  minimumOffers: v.exactOptional(MinimumOffersSchema),
  /** The same for frameworks of some roles, in place of `minimumOffers`: large tasks are not starved by small ones. */
  minimumOffersByRole: v.exactOptional(byRole(MinimumOffersSchema)),
  /**
   * Sets resources of each slave aside for short tasks (NSDI'11 §4.4): `reserve`, but at most half of what the slave has. They
   * are offered apart from the rest, and tasks on them are ended after `maxTaskDurationMs`.
   */
  shortTasks: v.exactOptional(v.strictObject({ reserve: AmountSchema, maxTaskDurationMs: SpanMsSchema })),
  /**
   * A framework that has this fraction of the cluster, or more, in offers that it has not answered is offered nothing until it
   * answers. Default 1: no limit.
   */
  unansweredMax: v.exactOptional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1))),
  /** What each framework of a role can have at any time, if it does not ask for something else itself (NSDI'11 §3.3). */
  guarantees: v.exactOptional(byRole(ResourcesSchema)),
  /**
   * Whether tasks are revoked so that frameworks get what they are guaranteed (NSDI'11 §3.3): when one has gone without it for
   * `afterMs`; executors have `graceMs` to end a task. Default: never.
   */
  revocation: v.exactOptional(
    v.strictObject({ afterMs: SpanMsSchema, graceMs: v.pipe(v.number(), v.finite(), v.minValue(0)) }),
  ),
} as const;

/** The options as they are given in JSON. */
export const AllocationOptionsSchema = v.strictObject(OPTION_FIELDS);

/** The options. All may be left out. */
export type AllocationOptions = Immutable<v.InferInput<typeof AllocationOptionsSchema>>;

/** Checks options that were given as JSON. Throws with one sentence that names the option that is wrong. */
export function checkedOptions<S extends v.GenericSchema>(
  schema: S,
  module: string,
  options: unknown,
): v.InferOutput<S> {
  const { success, output, issues } = v.safeParse(schema, options ?? {});
  if (success) return output;
  const [issue] = issues;
  const path = issue && v.getDotPath(issue);
  throw new TypeError(
    `${path ? `option '${path}'` : 'the options'} of the allocation module '${module}' will not do: ${issue?.message}`,
  );
}

/** What is given for a role, or `otherwise`. Roles are any text, so only what was given itself counts. */
export function ofRole<T>(given: Readonly<Record<string, T>> | undefined, role: string, otherwise: T): T {
  return given !== undefined && Object.hasOwn(given, role) ? (given[role] as T) : otherwise;
}
