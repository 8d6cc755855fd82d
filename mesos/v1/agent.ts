/** The operator API of the slave: its calls and answers (`mesos/v1/agent/agent.proto`). */
import {
  AgentInfo,
  ContainerID,
  DurationInfo,
  ExecutorID,
  ExecutorInfo,
  FileInfo,
  Flag,
  FrameworkID,
  FrameworkInfo,
  Metric,
  Task,
  VersionInfo,
} from './entities.ts';
import { enumOf, message, opaque, optional, repeated, required, type Value } from './schema.ts';

/** A call of an operator. */
export const Call = message('Call', {
  type: optional(
    1,
    enumOf({
      UNKNOWN: 0,
      GET_HEALTH: 1,
      GET_FLAGS: 2,
      GET_VERSION: 3,
      GET_METRICS: 4,
      GET_LOGGING_LEVEL: 5,
      SET_LOGGING_LEVEL: 6,
      LIST_FILES: 7,
      READ_FILE: 8,
      GET_STATE: 9,
      GET_CONTAINERS: 10,
      GET_FRAMEWORKS: 11,
      GET_EXECUTORS: 12,
      GET_OPERATIONS: 31,
      GET_TASKS: 13,
      GET_AGENT: 20,
      GET_RESOURCE_PROVIDERS: 26,
      LAUNCH_NESTED_CONTAINER: 14,
      WAIT_NESTED_CONTAINER: 15,
      KILL_NESTED_CONTAINER: 16,
      REMOVE_NESTED_CONTAINER: 21,
      LAUNCH_NESTED_CONTAINER_SESSION: 17,
      ATTACH_CONTAINER_INPUT: 18,
      ATTACH_CONTAINER_OUTPUT: 19,
      LAUNCH_CONTAINER: 22,
      WAIT_CONTAINER: 23,
      KILL_CONTAINER: 24,
      REMOVE_CONTAINER: 25,
      ADD_RESOURCE_PROVIDER_CONFIG: 27,
      UPDATE_RESOURCE_PROVIDER_CONFIG: 28,
      REMOVE_RESOURCE_PROVIDER_CONFIG: 29,
      MARK_RESOURCE_PROVIDER_GONE: 32,
      PRUNE_IMAGES: 30,
    }),
  ),
  get_metrics: optional(2, message('Call.GetMetrics', { timeout: optional(1, DurationInfo) })),
  list_files: optional(4, message('Call.ListFiles', { path: required(1, 'string') })),
  read_file: optional(
    5,
    message('Call.ReadFile', {
      path: required(1, 'string'),
      offset: required(2, 'uint64'),
      length: optional(3, 'uint64'),
    }),
  ),
  get_containers: optional(
    20,
    message('Call.GetContainers', { show_nested: optional(1, 'bool'), show_standalone: optional(2, 'bool') }),
  ),
});
/** A call of an operator. */
export type Call = Value<typeof Call>;

/** What a container uses. */
export const ResourceStatistics = message('ResourceStatistics', {
  timestamp: required(1, 'double'),
  cpus_user_time_secs: optional(2, 'double'),
  cpus_system_time_secs: optional(3, 'double'),
  cpus_limit: optional(4, 'double'),
  mem_rss_bytes: optional(5, 'uint64'),
  mem_limit_bytes: optional(6, 'uint64'),
});
/** What a container uses. */
export type ResourceStatistics = Value<typeof ResourceStatistics>;

const GetContainers = message('Response.GetContainers', {
  containers: repeated(
    1,
    message('Response.GetContainers.Container', {
      framework_id: optional(1, FrameworkID),
      executor_id: optional(2, ExecutorID),
      executor_name: optional(3, 'string'),
      container_id: required(4, ContainerID),
      container_status: optional(
        5,
        message('ContainerStatus', {
          container_id: optional(4, ContainerID),
          executor_pid: optional(3, 'uint32'),
        }),
      ),
      resource_statistics: optional(6, ResourceStatistics),
    }),
  ),
});
const Framework = message('Response.GetFrameworks.Framework', { framework_info: required(1, FrameworkInfo) });
const GetFrameworks = message('Response.GetFrameworks', {
  frameworks: repeated(1, Framework),
  completed_frameworks: repeated(2, Framework),
});
const Executor = message('Response.GetExecutors.Executor', { executor_info: required(1, ExecutorInfo) });
const GetExecutors = message('Response.GetExecutors', {
  executors: repeated(1, Executor),
  completed_executors: repeated(2, Executor),
});
const GetTasks = message('Response.GetTasks', {
  pending_tasks: repeated(1, Task),
  queued_tasks: repeated(2, Task),
  launched_tasks: repeated(3, Task),
  terminated_tasks: repeated(4, Task),
  completed_tasks: repeated(5, Task),
});

/** The answer to a call. */
export const Response = message('Response', {
  type: optional(
    1,
    enumOf({
      UNKNOWN: 0,
      GET_HEALTH: 1,
      GET_FLAGS: 2,
      GET_VERSION: 3,
      GET_METRICS: 4,
      GET_LOGGING_LEVEL: 5,
      LIST_FILES: 6,
      READ_FILE: 7,
      GET_STATE: 8,
      GET_CONTAINERS: 9,
      GET_FRAMEWORKS: 10,
      GET_EXECUTORS: 11,
      GET_OPERATIONS: 17,
      GET_TASKS: 12,
      GET_AGENT: 14,
      GET_RESOURCE_PROVIDERS: 16,
      WAIT_NESTED_CONTAINER: 13,
      WAIT_CONTAINER: 15,
    }),
  ),
  get_health: optional(2, message('Response.GetHealth', { healthy: required(1, 'bool') })),
  get_flags: optional(3, message('Response.GetFlags', { flags: repeated(1, Flag) })),
  get_version: optional(4, message('Response.GetVersion', { version_info: required(1, VersionInfo) })),
  get_metrics: optional(5, message('Response.GetMetrics', { metrics: repeated(1, Metric) })),
  list_files: optional(7, message('Response.ListFiles', { file_infos: repeated(1, FileInfo) })),
  read_file: optional(
    8,
    message('Response.ReadFile', { size: required(1, 'uint64'), data: required(2, 'bytes') }),
  ),
  get_state: optional(
    9,
    message('Response.GetState', {
      get_tasks: optional(1, GetTasks),
      get_executors: optional(2, GetExecutors),
      get_frameworks: optional(3, GetFrameworks),
    }),
  ),
  get_containers: optional(10, GetContainers),
  get_frameworks: optional(11, GetFrameworks),
  get_executors: optional(12, GetExecutors),
  get_tasks: optional(13, GetTasks),
  get_agent: optional(
    15,
    message('Response.GetAgent', { agent_info: optional(1, AgentInfo), drain_config: optional(2, opaque) }),
  ),
});
/** The answer to a call. */
export type Response = Value<typeof Response>;
