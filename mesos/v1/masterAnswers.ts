/** The operator API of the master: its answers and its events (`mesos/v1/master/master.proto`). */
import {
  AgentCapability,
  AgentID,
  AgentInfo,
  DrainInfo,
  ExecutorInfo,
  FileInfo,
  Flag,
  FrameworkID,
  FrameworkInfo,
  InverseOffer,
  MasterInfo,
  Metric,
  Offer,
  Resource,
  Role,
  Task,
  TaskState,
  TaskStatus,
  TimeInfo,
  VersionInfo,
  WeightInfo,
} from './entities.ts';
import { ClusterStatus, Schedule } from './maintenance.ts';
import { QuotaStatus } from './quota.ts';
import { OfferConstraints } from './scheduler.ts';
import { enumOf, message, opaque, optional, repeated, required, type Value } from './schema.ts';

/** A slave as it is told of. */
export const Agent = message('Response.GetAgents.Agent', {
  agent_info: required(1, AgentInfo),
  active: required(2, 'bool'),
  deactivated: optional(12, 'bool'),
  version: required(3, 'string'),
  pid: optional(4, 'string'),
  registered_time: optional(5, TimeInfo),
  reregistered_time: optional(6, TimeInfo),
  total_resources: repeated(7, Resource),
  allocated_resources: repeated(8, Resource),
  offered_resources: repeated(9, Resource),
  capabilities: repeated(10, AgentCapability),
  drain_info: optional(13, DrainInfo),
  estimated_drain_start_time: optional(14, TimeInfo),
});
export type Agent = Value<typeof Agent>;

/** A framework as it is told of. */
export const Framework = message('Response.GetFrameworks.Framework', {
  framework_info: required(1, FrameworkInfo),
  active: required(2, 'bool'),
  connected: required(3, 'bool'),
  recovered: required(11, 'bool'),
  registered_time: optional(4, TimeInfo),
  reregistered_time: optional(5, TimeInfo),
  unregistered_time: optional(6, TimeInfo),
  offers: repeated(7, Offer),
  inverse_offers: repeated(8, InverseOffer),
  allocated_resources: repeated(9, Resource),
  offered_resources: repeated(10, Resource),
  offer_constraints: optional(12, OfferConstraints),
});
export type Framework = Value<typeof Framework>;

export const GetTasks = message('Response.GetTasks', {
  tasks: repeated(2, Task),
  unreachable_tasks: repeated(5, Task),
  completed_tasks: repeated(3, Task),
});
export type GetTasks = Value<typeof GetTasks>;
export const GetExecutors = message('Response.GetExecutors', {
  executors: repeated(
    1,
    message('Response.GetExecutors.Executor', {
      executor_info: required(1, ExecutorInfo),
      agent_id: required(2, AgentID),
    }),
  ),
});
export type GetExecutors = Value<typeof GetExecutors>;
export const GetFrameworks = message('Response.GetFrameworks', {
  frameworks: repeated(1, Framework),
  completed_frameworks: repeated(2, Framework),
});
export type GetFrameworks = Value<typeof GetFrameworks>;
export const GetAgents = message('Response.GetAgents', {
  agents: repeated(1, Agent),
  recovered_agents: repeated(2, AgentInfo),
});
export type GetAgents = Value<typeof GetAgents>;
/** All that a master knows. */
export const GetState = message('Response.GetState', {
  get_tasks: optional(1, GetTasks),
  get_executors: optional(2, GetExecutors),
  get_frameworks: optional(3, GetFrameworks),
  get_agents: optional(4, GetAgents),
});
/** All that a master knows. */
export type GetState = Value<typeof GetState>;

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
      GET_AGENTS: 9,
      GET_FRAMEWORKS: 10,
      GET_EXECUTORS: 11,
      GET_OPERATIONS: 19,
      GET_TASKS: 12,
      GET_ROLES: 13,
      GET_WEIGHTS: 14,
      GET_MASTER: 15,
      GET_MAINTENANCE_STATUS: 16,
      GET_MAINTENANCE_SCHEDULE: 17,
      GET_QUOTA: 18,
    }),
  ),
  get_health: optional(2, message('Response.GetHealth', { healthy: required(1, 'bool') })),
  get_flags: optional(3, message('Response.GetFlags', { flags: repeated(1, Flag) })),
  get_version: optional(4, message('Response.GetVersion', { version_info: required(1, VersionInfo) })),
  get_metrics: optional(5, message('Response.GetMetrics', { metrics: repeated(1, Metric) })),
  get_logging_level: optional(6, message('Response.GetLoggingLevel', { level: required(1, 'uint32') })),
  list_files: optional(7, message('Response.ListFiles', { file_infos: repeated(1, FileInfo) })),
  read_file: optional(
    8,
    message('Response.ReadFile', { size: required(1, 'uint64'), data: required(2, 'bytes') }),
  ),
  get_state: optional(9, GetState),
  get_agents: optional(10, GetAgents),
  get_frameworks: optional(11, GetFrameworks),
  get_executors: optional(12, GetExecutors),
  get_operations: optional(20, message('Response.GetOperations', { operations: repeated(1, opaque) })),
  get_tasks: optional(13, GetTasks),
  get_roles: optional(14, message('Response.GetRoles', { roles: repeated(1, Role) })),
  get_weights: optional(15, message('Response.GetWeights', { weight_infos: repeated(1, WeightInfo) })),
  get_master: optional(
    16,
    message('Response.GetMaster', {
      master_info: optional(1, MasterInfo),
      start_time: optional(2, 'double'),
      elected_time: optional(3, 'double'),
    }),
  ),
  get_maintenance_status: optional(
    17,
    message('Response.GetMaintenanceStatus', { status: required(1, ClusterStatus) }),
  ),
  get_maintenance_schedule: optional(
    18,
    message('Response.GetMaintenanceSchedule', { schedule: required(1, Schedule) }),
  ),
  get_quota: optional(19, message('Response.GetQuota', { status: required(1, QuotaStatus) })),
});
/** The answer to a call. */
export type Response = Value<typeof Response>;

/** What happens in a cluster, for those who subscribed to it. */
export const Event = message('Event', {
  type: optional(
    1,
    enumOf({
      UNKNOWN: 0,
      SUBSCRIBED: 1,
      TASK_ADDED: 2,
      TASK_UPDATED: 3,
      AGENT_ADDED: 4,
      AGENT_REMOVED: 5,
      FRAMEWORK_ADDED: 6,
      FRAMEWORK_UPDATED: 7,
      FRAMEWORK_REMOVED: 8,
      HEARTBEAT: 9,
    }),
  ),
  subscribed: optional(
    2,
    message('Event.Subscribed', {
      get_state: optional(1, GetState),
      heartbeat_interval_seconds: optional(2, 'double'),
    }),
  ),
  task_added: optional(3, message('Event.TaskAdded', { task: required(1, Task) })),
  task_updated: optional(
    4,
    message('Event.TaskUpdated', {
      framework_id: required(1, FrameworkID),
      status: required(2, TaskStatus),
      state: required(3, TaskState),
    }),
  ),
  agent_added: optional(5, message('Event.AgentAdded', { agent: required(1, Agent) })),
  agent_removed: optional(6, message('Event.AgentRemoved', { agent_id: required(1, AgentID) })),
  framework_added: optional(7, message('Event.FrameworkAdded', { framework: required(1, Framework) })),
  framework_updated: optional(8, message('Event.FrameworkUpdated', { framework: required(1, Framework) })),
  framework_removed: optional(
    9,
    message('Event.FrameworkRemoved', { framework_info: required(1, FrameworkInfo) }),
  ),
});
/** What happens in a cluster, for those who subscribed to it. */
export type Event = Value<typeof Event>;
