/** What master and slave say to each other. Not part of the v1 API; names follow Apache Mesos's internal messages. */
import * as v from 'valibot';
import {
  DataSchema,
  ExecutorInfoSchema,
  FrameworkInfoSchema,
  IdSchema,
  type Immutable,
  listOf,
  SlaveInfoSchema,
  SpanMsSchema,
  TaskInfoSchema,
  TaskRecordSchema,
  TaskStatusSchema,
  TextSchema,
} from './entities.ts';
import { ResourcesSchema } from './resources.ts';
import { STATUS_REASONS } from './tasks.ts';

const frameworkId = IdSchema;
const executor = { frameworkId, executorId: IdSchema };

/** From slave to master, by type. */
export const SLAVE_REPORTS = {
  REGISTER_SLAVE: v.object({ type: v.literal('REGISTER_SLAVE'), slaveInfo: SlaveInfoSchema }),
  /**
   * The slave was registered before, with this master or with an earlier one, and tells all that is on it: the master
   * builds its books from this (NSDI'11 §3.6).
   */
  REREGISTER_SLAVE: v.object({
    type: v.literal('REREGISTER_SLAVE'),
    /** With its id. */
    slaveInfo: SlaveInfoSchema,
    /** Of all executors and tasks, with their ids. */
    frameworks: listOf(FrameworkInfoSchema),
    executors: listOf(v.object({ frameworkId, executorInfo: ExecutorInfoSchema })),
    tasks: listOf(TaskRecordSchema),
  }),
  STATUS_UPDATE: v.object({ type: v.literal('STATUS_UPDATE'), frameworkId, status: TaskStatusSchema }),
  EXECUTOR_TO_FRAMEWORK: v.object({
    type: v.literal('EXECUTOR_TO_FRAMEWORK'),
    ...executor,
    data: DataSchema,
  }),
  EXITED_EXECUTOR: v.object({
    type: v.literal('EXITED_EXECUTOR'),
    ...executor,
    /** Exit code, or 128 + signal. */
    status: v.pipe(v.number(), v.integer()),
  }),
  PONG: v.object({ type: v.literal('PONG') }),
  UNREGISTER_SLAVE: v.object({ type: v.literal('UNREGISTER_SLAVE') }),
} as const;

/** A message from a slave to the master. */
export type SlaveReport = Immutable<v.InferOutput<(typeof SLAVE_REPORTS)[keyof typeof SLAVE_REPORTS]>>;

/** The answer of a master that does not lead; `leader` is the address of the one that does, if it is known. */
export const REDIRECT = v.object({ type: v.literal('REDIRECT'), leader: v.exactOptional(TextSchema) });

/** From master to slave, by type. */
export const SLAVE_ORDERS = {
  SLAVE_REGISTERED: v.object({
    type: v.literal('SLAVE_REGISTERED'),
    slaveId: IdSchema,
    /** Of the master, as the election knows it. */
    masterId: v.exactOptional(IdSchema),
    /** No other master comes in the place of this one: what runs on the slave ends with it; default false. */
    isLast: v.exactOptional(v.boolean()),
    /** So long this master may be silent: a slave that it has not pinged for longer registers again. */
    silenceMaxMs: v.exactOptional(SpanMsSchema),
  }),
  /** What the slave has bears other names: something is reserved, or not any more. It keeps that. */
  CHECKPOINT_RESOURCES: v.object({
    type: v.literal('CHECKPOINT_RESOURCES'),
    slaveId: IdSchema,
    /** All that it has, with the reservations in the names. */
    resources: ResourcesSchema,
  }),
  RUN_TASK: v.object({
    type: v.literal('RUN_TASK'),
    frameworkId,
    frameworkInfo: FrameworkInfoSchema,
    task: TaskInfoSchema,
    /** It runs on resources that are reserved for short tasks. */
    isShort: v.exactOptional(v.boolean()),
  }),
  KILL_TASK: v.object({
    type: v.literal('KILL_TASK'),
    frameworkId,
    taskId: IdSchema,
    /** How long the executor may take to end the task before it is ended itself; default: as long as it likes. */
    gracePeriodMs: v.exactOptional(v.pipe(v.number(), v.finite(), v.minValue(0))),
    /** The same, but no longer than the task itself asks for. */
    gracePeriodMaxMs: v.exactOptional(v.pipe(v.number(), v.finite(), v.minValue(0))),
    /** Why, if not because the framework wanted it. */
    reason: v.exactOptional(v.picklist(STATUS_REASONS)),
    /** As what it ends; default TASK_KILLED. */
    state: v.exactOptional(v.picklist(['TASK_GONE_BY_OPERATOR', 'TASK_LOST'])),
  }),
  STATUS_UPDATE_ACKNOWLEDGEMENT: v.object({
    type: v.literal('STATUS_UPDATE_ACKNOWLEDGEMENT'),
    frameworkId,
    taskId: IdSchema,
    uuid: IdSchema,
  }),
  FRAMEWORK_TO_EXECUTOR: v.object({
    type: v.literal('FRAMEWORK_TO_EXECUTOR'),
    ...executor,
    data: DataSchema,
  }),
  SHUTDOWN_EXECUTOR: v.object({ type: v.literal('SHUTDOWN_EXECUTOR'), ...executor }),
  SHUTDOWN_FRAMEWORK: v.object({ type: v.literal('SHUTDOWN_FRAMEWORK'), frameworkId }),
  /** The master does not know this slave, or has given it up: end all executors and register as a new slave. */
  SHUTDOWN_SLAVE: v.object({
    type: v.literal('SHUTDOWN_SLAVE'),
    message: TextSchema,
    /** Which slave is meant; it may be another one by the time it hears of it. Absent: whichever it is. */
    slaveId: v.exactOptional(IdSchema),
  }),
  PING: v.object({ type: v.literal('PING') }),
  /** The master is a standby. */
  REDIRECT,
} as const;

/** A message from the master to a slave. */
export type SlaveOrder = Immutable<v.InferOutput<(typeof SLAVE_ORDERS)[keyof typeof SLAVE_ORDERS]>>;
/** The order to run a task. */
export type RunTask = SlaveOrder & { readonly type: 'RUN_TASK' };
