/** What operators have ordered, and what holds until they order otherwise: all that a new master cannot learn from its cluster. */
import * as v from 'valibot';
import {
  IdSchema,
  type Immutable,
  listOf,
  type SlaveId,
  UnavailabilitySchema,
} from '../protocol/entities.ts';
import { ResourcesSchema } from '../protocol/resources.ts';
import { MachineSchema } from './machines.ts';

const WeightSchema = v.pipe(v.number(), v.finite(), v.gtValue(0));

export const QuotaSchema = v.object({
  role: IdSchema,
  /** What the frameworks of the role may hold together; what it does not name is unlimited. */
  limits: ResourcesSchema,
  /** What each framework of the role can have at any time, if it does not ask for something else itself. */
  guarantees: ResourcesSchema,
});
/** What a role may have, and must be able to have. */
export type Quota = Immutable<v.InferOutput<typeof QuotaSchema>>;

export const RoleWeightSchema = v.object({ role: IdSchema, weight: WeightSchema });

export const WindowSchema = v.object({
  machines: v.pipe(listOf(MachineSchema), v.minLength(1)),
  unavailability: UnavailabilitySchema,
});
/** A time in which some machines are to be worked on. */
export type Window = Immutable<v.InferOutput<typeof WindowSchema>>;

const SlaveDirectiveSchema = v.variant('is', [
  /** It is not offered; what runs on it runs on. */
  v.object({ is: v.literal('deactivated') }),
  /** It is not offered, and what runs on it is ended. */
  v.object({
    is: v.literal('draining'),
    /** How long a task may take to end; absent: as long as it likes. */
    maxGraceMs: v.exactOptional(v.pipe(v.number(), v.finite(), v.minValue(0))),
    /** It counts as gone when nothing is left on it. */
    markGone: v.boolean(),
    /** When that was ordered, on the clock of the master. */
    startMs: v.pipe(v.number(), v.finite()),
  }),
  /** It is never let in again under its id. */
  v.object({ is: v.literal('gone') }),
]);
/** What is ordered of a slave. */
export type SlaveDirective = Immutable<v.InferOutput<typeof SlaveDirectiveSchema>>;

const DirectivesSchema = v.object({
  weights: listOf(RoleWeightSchema),
  quotas: listOf(QuotaSchema),
  slaves: listOf(v.object({ slaveId: IdSchema, directive: SlaveDirectiveSchema })),
  schedule: listOf(WindowSchema),
  down: listOf(MachineSchema),
});

/** All of them. */
export interface Directives {
  readonly weights: ReadonlyMap<string, number>;
  readonly quotas: ReadonlyMap<string, Quota>;
  /** Those that something was ordered of, the latest last. */
  readonly slaves: ReadonlyMap<SlaveId, SlaveDirective>;
  /** Which machines are to be worked on, and when. */
  readonly schedule: readonly Window[];
  /** Those of them that are worked on now: their slaves are not let in. */
  readonly down: Window['machines'];
}

/** Nothing has been ordered. */
export const NO_DIRECTIVES: Directives = {
  weights: new Map(),
  quotas: new Map(),
  slaves: new Map(),
  schedule: [],
  down: [],
};

/** As they are kept. */
export function directivesToJson({ weights, quotas, slaves, schedule, down }: Directives) {
  return {
    weights: [...weights].map(([role, weight]) => ({ role, weight })),
    quotas: [...quotas.values()],
    slaves: [...slaves].map(([slaveId, directive]) => ({ slaveId, directive })),
    schedule,
    down,
  } satisfies Immutable<v.InferOutput<typeof DirectivesSchema>>;
}

/** Reads what was kept. Throws an Error that says in a few words what is wrong with it. */
export function directivesFromJson(json: unknown): Directives {
  const { success, output, issues } = v.safeParse(DirectivesSchema, json);
  if (!success) throw new Error(`${v.getDotPath(issues[0]) ?? 'it'}: ${issues[0].message}`);
  const { weights, quotas, slaves, schedule, down } = output as Immutable<typeof output>;
  return {
    weights: new Map(weights.map(({ role, weight }) => [role, weight])),
    quotas: new Map(quotas.map((quota) => [quota.role, quota])),
    slaves: new Map(slaves.map(({ slaveId, directive }) => [slaveId, directive])),
    schedule,
    down,
  };
}
