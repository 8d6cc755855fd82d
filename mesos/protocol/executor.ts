/** The executor API: calls from an executor to its slave, events back. Names: Mesos v1. */
import * as v from 'valibot';
import {
  DataSchema,
  ExecutorInfoSchema,
  FrameworkInfoSchema,
  IdSchema,
  type Immutable,
  listOf,
  SlaveInfoSchema,
  TaskInfoSchema,
  TaskStatusSchema,
  TextSchema,
} from './entities.ts';

const executor = { frameworkId: IdSchema, executorId: IdSchema };

/** Calls of an executor, by type. */
export const EXECUTOR_CALLS = {
  SUBSCRIBE: v.object({
    type: v.literal('SUBSCRIBE'),
    ...executor,
    /** Of the container that it was started in; tells it from an earlier executor of its id. */
    containerId: v.exactOptional(IdSchema),
    /** Updates that the slave has not acknowledged: sent again when the executor subscribes anew. */
    unacknowledgedUpdates: listOf(TaskStatusSchema),
    /** Tasks that it was given and of which no update has been acknowledged. */
    unacknowledgedTasks: listOf(TaskInfoSchema),
  }),
  UPDATE: v.object({ type: v.literal('UPDATE'), ...executor, status: TaskStatusSchema }),
  MESSAGE: v.object({ type: v.literal('MESSAGE'), ...executor, data: DataSchema }),
} as const;

/** A call of an executor to its slave. */
export type ExecutorCall = Immutable<v.InferOutput<(typeof EXECUTOR_CALLS)[keyof typeof EXECUTOR_CALLS]>>;

/** Events for an executor, by type. */
export const EXECUTOR_EVENTS = {
  SUBSCRIBED: v.object({
    type: v.literal('SUBSCRIBED'),
    executorInfo: ExecutorInfoSchema,
    frameworkInfo: FrameworkInfoSchema,
    slaveInfo: SlaveInfoSchema,
  }),
  LAUNCH: v.object({ type: v.literal('LAUNCH'), task: TaskInfoSchema }),
  KILL: v.object({
    type: v.literal('KILL'),
    taskId: IdSchema,
    /** After this long the slave ends the executor, if the task has not ended; absent: it waits. */
    gracePeriodMs: v.exactOptional(v.pipe(v.number(), v.finite(), v.minValue(0))),
  }),
  ACKNOWLEDGED: v.object({ type: v.literal('ACKNOWLEDGED'), taskId: IdSchema, uuid: IdSchema }),
  MESSAGE: v.object({ type: v.literal('MESSAGE'), data: DataSchema }),
  SHUTDOWN: v.object({ type: v.literal('SHUTDOWN') }),
  ERROR: v.object({ type: v.literal('ERROR'), message: TextSchema }),
} as const;

/** An event for an executor. */
export type ExecutorEvent = Immutable<v.InferOutput<(typeof EXECUTOR_EVENTS)[keyof typeof EXECUTOR_EVENTS]>>;
