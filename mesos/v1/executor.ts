/** The executor API: calls to the slave, events from it (`mesos/v1/executor/executor.proto`). */
import {
  AgentInfo,
  ContainerID,
  ExecutorID,
  ExecutorInfo,
  FrameworkID,
  FrameworkInfo,
  KillPolicy,
  TaskGroupInfo,
  TaskID,
  TaskInfo,
  TaskStatus,
} from './entities.ts';
import { enumOf, message, optional, repeated, required, type Value } from './schema.ts';

const Update = message('Call.Update', { status: required(1, TaskStatus) });

/** A call of an executor. */
export const Call = message('Call', {
  executor_id: required(1, ExecutorID),
  framework_id: required(2, FrameworkID),
  type: optional(3, enumOf({ UNKNOWN: 0, SUBSCRIBE: 1, UPDATE: 2, MESSAGE: 3, HEARTBEAT: 4 })),
  subscribe: optional(
    4,
    message('Call.Subscribe', {
      unacknowledged_tasks: repeated(1, TaskInfo),
      unacknowledged_updates: repeated(2, Update),
    }),
  ),
  update: optional(5, Update),
  message: optional(6, message('Call.Message', { data: required(2, 'bytes') })),
});
/** A call of an executor. */
export type Call = Value<typeof Call>;

/** An event for an executor. */
export const Event = message('Event', {
  type: optional(
    1,
    enumOf({
      UNKNOWN: 0,
      SUBSCRIBED: 1,
      LAUNCH: 2,
      KILL: 3,
      ACKNOWLEDGED: 4,
      MESSAGE: 5,
      ERROR: 6,
      SHUTDOWN: 7,
      LAUNCH_GROUP: 8,
      HEARTBEAT: 9,
    }),
  ),
  subscribed: optional(
    2,
    message('Event.Subscribed', {
      executor_info: required(1, ExecutorInfo),
      framework_info: required(2, FrameworkInfo),
      agent_info: required(3, AgentInfo),
      container_id: optional(4, ContainerID),
    }),
  ),
  acknowledged: optional(
    3,
    message('Event.Acknowledged', { task_id: required(1, TaskID), uuid: required(2, 'bytes') }),
  ),
  launch: optional(4, message('Event.Launch', { task: required(1, TaskInfo) })),
  launch_group: optional(8, message('Event.LaunchGroup', { task_group: required(1, TaskGroupInfo) })),
  kill: optional(
    5,
    message('Event.Kill', { task_id: required(1, TaskID), kill_policy: optional(2, KillPolicy) }),
  ),
  message: optional(6, message('Event.Message', { data: required(1, 'bytes') })),
  error: optional(7, message('Event.Error', { message: required(1, 'string') })),
});
/** An event for an executor. */
export type Event = Value<typeof Event>;
