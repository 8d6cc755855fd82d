/** The scheduler API: calls from a framework's scheduler to the master, events back. Names: Mesos v1. */
import * as v from 'valibot';
import {
  DataSchema,
  FiltersSchema,
  FrameworkInfoSchema,
  IdSchema,
  type Immutable,
  InverseOfferSchema,
  listOf,
  MasterInfoSchema,
  OfferSchema,
  OperationSchema,
  SecondsSchema,
  TaskStatusSchema,
  TextSchema,
} from './entities.ts';
import { SlaveFiltersSchema } from './filters.ts';
import { ResourcesSchema } from './resources.ts';
import { REDIRECT } from './slave.ts';

const frameworkId = IdSchema;
const TermSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** Calls of a scheduler, by type. */
export const SCHEDULER_CALLS = {
  SUBSCRIBE: v.object({
    type: v.literal('SUBSCRIBE'),
    frameworkInfo: FrameworkInfoSchema,
    /** The term of the scheduler, as its last SUBSCRIBED had it; absent: it has not been the framework's scheduler yet. */
    term: v.exactOptional(TermSchema),
    /** It waits until the framework's scheduler is gone, and then takes its place (NSDI'11 §3.6); default: at once. */
    standby: v.exactOptional(v.boolean()),
    /** It wants no offers for now; default false. */
    suppressed: v.exactOptional(v.boolean()),
    /** See SET_FILTERS; default none. */
    slaveFilters: v.exactOptional(SlaveFiltersSchema),
  }),
  TEARDOWN: v.object({ type: v.literal('TEARDOWN'), frameworkId }),
  ACCEPT: v.object({
    type: v.literal('ACCEPT'),
    frameworkId,
    offerIds: listOf(IdSchema),
    operations: listOf(OperationSchema),
    filters: FiltersSchema,
  }),
  DECLINE: v.object({
    type: v.literal('DECLINE'),
    frameworkId,
    offerIds: listOf(IdSchema),
    filters: FiltersSchema,
  }),
  /** It will have left the slaves in time. */
  ACCEPT_INVERSE_OFFERS: v.object({
    type: v.literal('ACCEPT_INVERSE_OFFERS'),
    frameworkId,
    inverseOfferIds: listOf(IdSchema),
  }),
  /** It will not. It is asked again. */
  DECLINE_INVERSE_OFFERS: v.object({
    type: v.literal('DECLINE_INVERSE_OFFERS'),
    frameworkId,
    inverseOfferIds: listOf(IdSchema),
    filters: FiltersSchema,
  }),
  REVIVE: v.object({ type: v.literal('REVIVE'), frameworkId }),
  SUPPRESS: v.object({ type: v.literal('SUPPRESS'), frameworkId }),
  /** Which slaves to offer at all; replaces those set before (NSDI'11 §3.5, Table 1). */
  SET_FILTERS: v.object({
    type: v.literal('SET_FILTERS'),
    frameworkId,
    slaveFilters: SlaveFiltersSchema,
  }),
  /** The framework is not what it was: name, labels, time-out and the like; its role and guarantee stay. */
  UPDATE_FRAMEWORK: v.object({
    type: v.literal('UPDATE_FRAMEWORK'),
    frameworkId,
    frameworkInfo: FrameworkInfoSchema,
    suppressed: v.exactOptional(v.boolean()),
    slaveFilters: v.exactOptional(SlaveFiltersSchema),
  }),
  KILL: v.object({
    type: v.literal('KILL'),
    frameworkId,
    taskId: IdSchema,
    slaveId: v.exactOptional(IdSchema),
    /** How long a command may take to end; default: what its task says. */
    gracePeriodMs: v.exactOptional(v.pipe(v.number(), v.finite(), v.minValue(0))),
  }),
  SHUTDOWN: v.object({
    type: v.literal('SHUTDOWN'),
    frameworkId,
    executorId: IdSchema,
    slaveId: IdSchema,
  }),
  ACKNOWLEDGE: v.object({
    type: v.literal('ACKNOWLEDGE'),
    frameworkId,
    slaveId: IdSchema,
    taskId: IdSchema,
    uuid: IdSchema,
  }),
  RECONCILE: v.object({
    type: v.literal('RECONCILE'),
    frameworkId,
    /** Empty: all of the framework's tasks. */
    tasks: listOf(v.object({ taskId: IdSchema, slaveId: v.exactOptional(IdSchema) })),
  }),
  MESSAGE: v.object({
    type: v.literal('MESSAGE'),
    frameworkId,
    slaveId: IdSchema,
    executorId: IdSchema,
    data: DataSchema,
  }),
} as const;

/** A call of a scheduler to the master. */
export type SchedulerCall = Immutable<v.InferOutput<(typeof SCHEDULER_CALLS)[keyof typeof SCHEDULER_CALLS]>>;

/** Events for a scheduler, by type. */
export const SCHEDULER_EVENTS = {
  SUBSCRIBED: v.object({
    type: v.literal('SUBSCRIBED'),
    frameworkId,
    heartbeatIntervalSeconds: SecondsSchema,
    masterInfo: MasterInfoSchema,
    /** Of several schedulers of a framework, the one with the latest term is the one that counts. */
    term: TermSchema,
    /** What the framework can have at any time. */
    guaranteedShare: ResourcesSchema,
  }),
  OFFERS: v.object({ type: v.literal('OFFERS'), offers: listOf(OfferSchema) }),
  RESCIND: v.object({ type: v.literal('RESCIND'), offerId: IdSchema }),
  INVERSE_OFFERS: v.object({
    type: v.literal('INVERSE_OFFERS'),
    inverseOffers: listOf(InverseOfferSchema),
  }),
  RESCIND_INVERSE_OFFER: v.object({ type: v.literal('RESCIND_INVERSE_OFFER'), inverseOfferId: IdSchema }),
  UPDATE: v.object({ type: v.literal('UPDATE'), status: TaskStatusSchema }),
  MESSAGE: v.object({
    type: v.literal('MESSAGE'),
    slaveId: IdSchema,
    executorId: IdSchema,
    data: DataSchema,
  }),
  FAILURE: v.object({
    type: v.literal('FAILURE'),
    slaveId: IdSchema,
    /** Present: this executor ended, with `status`. Absent: the whole slave is gone. */
    executorId: v.exactOptional(IdSchema),
    /** Exit code of the executor, or 128 + signal. */
    status: v.exactOptional(v.pipe(v.number(), v.integer())),
  }),
  ERROR: v.object({ type: v.literal('ERROR'), message: TextSchema }),
  HEARTBEAT: v.object({ type: v.literal('HEARTBEAT') }),
  /** The master is a standby. */
  REDIRECT,
} as const;

/** An event for a scheduler. */
export type SchedulerEvent = Immutable<
  v.InferOutput<(typeof SCHEDULER_EVENTS)[keyof typeof SCHEDULER_EVENTS]>
>;
