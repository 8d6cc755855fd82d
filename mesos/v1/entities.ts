/** What the v1 API's messages are made of, with Apache Mesos's names and numbers (`mesos/v1/mesos.proto`). */
import { enumOf, mapOf, message, opaque, optional, repeated, required, type Value } from './schema.ts';

const id = (name: string) => message(name, { value: required(1, 'string') });

export const FrameworkID = id('FrameworkID');
export const OfferID = id('OfferID');
export const AgentID = id('AgentID');
export const TaskID = id('TaskID');
export const ExecutorID = id('ExecutorID');
export const ContainerID = id('ContainerID');
export const OperationID = id('OperationID');
export const ResourceProviderID = id('ResourceProviderID');

export const TimeInfo = message('TimeInfo', { nanoseconds: required(1, 'int64') });
export const DurationInfo = message('DurationInfo', { nanoseconds: required(1, 'int64') });
export const Address = message('Address', {
  hostname: optional(1, 'string'),
  ip: optional(2, 'string'),
  port: required(3, 'int32'),
});
export const Parameter = message('Parameter', { key: required(1, 'string'), value: required(2, 'string') });
export const URL = message('URL', {
  scheme: required(1, 'string'),
  address: required(2, Address),
  path: optional(3, 'string'),
  query: repeated(4, Parameter),
  fragment: optional(5, 'string'),
});
export const Label = message('Label', { key: required(1, 'string'), value: optional(2, 'string') });
export const Labels = message('Labels', { labels: repeated(1, Label) });
export const MachineID = message('MachineID', { hostname: optional(1, 'string'), ip: optional(2, 'string') });
export const Unavailability = message('Unavailability', {
  start: required(1, TimeInfo),
  duration: optional(2, DurationInfo),
});
export type Unavailability = Value<typeof Unavailability>;

export const Scalar = message('Value.Scalar', { value: required(1, 'double') });
export const Range = message('Value.Range', { begin: required(1, 'uint64'), end: required(2, 'uint64') });
export const Ranges = message('Value.Ranges', { range: repeated(1, Range) });
export const SetValue = message('Value.Set', { item: repeated(1, 'string') });
export const Text = message('Value.Text', { value: required(1, 'string') });
export const ValueType = enumOf({ SCALAR: 0, RANGES: 1, SET: 2, TEXT: 3 });

export const Attribute = message('Attribute', {
  name: required(1, 'string'),
  type: required(2, ValueType),
  scalar: optional(3, Scalar),
  ranges: optional(4, Ranges),
  text: optional(5, Text),
  set: optional(6, SetValue),
});
export type Attribute = Value<typeof Attribute>;

export const AllocationInfo = message('Resource.AllocationInfo', { role: optional(1, 'string') });
export const ReservationInfo = message('Resource.ReservationInfo', {
  principal: optional(1, 'string'),
  labels: optional(2, Labels),
  role: optional(3, 'string'),
  type: optional(4, enumOf({ UNKNOWN: 0, STATIC: 1, DYNAMIC: 2 })),
});
export const Resource = message('Resource', {
  provider_id: optional(12, ResourceProviderID),
  name: required(1, 'string'),
  type: required(2, ValueType),
  scalar: optional(3, Scalar),
  ranges: optional(4, Ranges),
  set: optional(5, SetValue),
  role: optional(6, 'string'),
  allocation_info: optional(11, AllocationInfo),
  reservation: optional(8, ReservationInfo),
  reservations: repeated(13, ReservationInfo),
  disk: optional(7, opaque),
  revocable: optional(9, opaque),
  shared: optional(10, opaque),
});
export type Resource = Value<typeof Resource>;

const ResourceQuantities = message('OfferFilters.ResourceQuantities', { quantities: mapOf(1, Scalar) });
export const OfferFilters = message('OfferFilters', {
  min_allocatable_resources: optional(
    1,
    message('OfferFilters.MinAllocatableResources', { quantities: repeated(1, ResourceQuantities) }),
  ),
});
export const FrameworkCapability = message('FrameworkInfo.Capability', {
  type: optional(
    1,
    enumOf({
      UNKNOWN: 0,
      REVOCABLE_RESOURCES: 1,
      TASK_KILLING_STATE: 2,
      GPU_RESOURCES: 3,
      SHARED_RESOURCES: 4,
      PARTITION_AWARE: 5,
      MULTI_ROLE: 6,
      RESERVATION_REFINEMENT: 7,
      REGION_AWARE: 8,
    }),
  ),
});
export const FrameworkInfo = message('FrameworkInfo', {
  user: required(1, 'string'),
  name: required(2, 'string'),
  id: optional(3, FrameworkID),
  failover_timeout: optional(4, 'double'),
  checkpoint: optional(5, 'bool'),
  role: optional(6, 'string'),
  roles: repeated(12, 'string'),
  hostname: optional(7, 'string'),
  principal: optional(8, 'string'),
  webui_url: optional(9, 'string'),
  capabilities: repeated(10, FrameworkCapability),
  labels: optional(11, Labels),
  offer_filters: mapOf(13, OfferFilters),
});
export type FrameworkInfo = Value<typeof FrameworkInfo>;

const Variable = message('Environment.Variable', {
  name: required(1, 'string'),
  type: optional(3, enumOf({ UNKNOWN: 0, VALUE: 1, SECRET: 2 })),
  value: optional(2, 'string'),
  secret: optional(4, opaque),
});
export const Environment = message('Environment', { variables: repeated(1, Variable) });
export const Uri = message('CommandInfo.URI', {
  value: required(1, 'string'),
  executable: optional(2, 'bool'),
  extract: optional(3, 'bool'),
  cache: optional(4, 'bool'),
  output_file: optional(5, 'string'),
});
export const CommandInfo = message('CommandInfo', {
  uris: repeated(1, Uri),
  environment: optional(2, Environment),
  shell: optional(6, 'bool'),
  value: optional(3, 'string'),
  arguments: repeated(7, 'string'),
  user: optional(5, 'string'),
});
export type CommandInfo = Value<typeof CommandInfo>;

export const ExecutorInfo = message('ExecutorInfo', {
  type: optional(15, enumOf({ UNKNOWN: 0, DEFAULT: 1, CUSTOM: 2 })),
  executor_id: required(1, ExecutorID),
  framework_id: optional(8, FrameworkID),
  command: optional(7, CommandInfo),
  container: optional(11, opaque),
  resources: repeated(5, Resource),
  name: optional(9, 'string'),
  source: optional(10, 'string'),
  data: optional(4, 'bytes'),
  discovery: optional(12, opaque),
  shutdown_grace_period: optional(13, DurationInfo),
  labels: optional(14, Labels),
});
export type ExecutorInfo = Value<typeof ExecutorInfo>;

export const KillPolicy = message('KillPolicy', { grace_period: optional(1, DurationInfo) });
export const TaskInfo = message('TaskInfo', {
  name: required(1, 'string'),
  task_id: required(2, TaskID),
  agent_id: required(3, AgentID),
  resources: repeated(4, Resource),
  executor: optional(5, ExecutorInfo),
  command: optional(7, CommandInfo),
  container: optional(9, opaque),
  health_check: optional(8, opaque),
  check: optional(13, opaque),
  kill_policy: optional(12, KillPolicy),
  data: optional(6, 'bytes'),
  labels: optional(10, Labels),
  discovery: optional(11, opaque),
  max_completion_time: optional(14, DurationInfo),
  limits: mapOf(15, Scalar),
});
export type TaskInfo = Value<typeof TaskInfo>;
export const TaskGroupInfo = message('TaskGroupInfo', { tasks: repeated(1, TaskInfo) });

export const TaskState = enumOf({
  TASK_STARTING: 0,
  TASK_RUNNING: 1,
  TASK_FINISHED: 2,
  TASK_FAILED: 3,
  TASK_KILLED: 4,
  TASK_LOST: 5,
  TASK_STAGING: 6,
  TASK_ERROR: 7,
  TASK_KILLING: 8,
  TASK_DROPPED: 9,
  TASK_UNREACHABLE: 10,
  TASK_GONE: 11,
  TASK_GONE_BY_OPERATOR: 12,
  TASK_UNKNOWN: 13,
});
export const StatusSource = enumOf({ SOURCE_MASTER: 0, SOURCE_AGENT: 1, SOURCE_EXECUTOR: 2 });
export const StatusReason = enumOf({
  REASON_COMMAND_EXECUTOR_FAILED: 0,
  REASON_EXECUTOR_TERMINATED: 1,
  REASON_EXECUTOR_UNREGISTERED: 2,
  REASON_FRAMEWORK_REMOVED: 3,
  REASON_GC_ERROR: 4,
  REASON_INVALID_FRAMEWORKID: 5,
  REASON_INVALID_OFFERS: 6,
  REASON_MASTER_DISCONNECTED: 7,
  REASON_CONTAINER_LIMITATION_MEMORY: 8,
  REASON_RECONCILIATION: 9,
  REASON_AGENT_DISCONNECTED: 10,
  REASON_AGENT_REMOVED: 11,
  REASON_AGENT_RESTARTED: 12,
  REASON_AGENT_UNKNOWN: 13,
  REASON_TASK_INVALID: 14,
  REASON_TASK_UNAUTHORIZED: 15,
  REASON_TASK_UNKNOWN: 16,
  REASON_CONTAINER_PREEMPTED: 17,
  REASON_RESOURCES_UNKNOWN: 18,
  REASON_CONTAINER_LIMITATION: 19,
  REASON_CONTAINER_LIMITATION_DISK: 20,
  REASON_CONTAINER_LAUNCH_FAILED: 21,
  REASON_CONTAINER_UPDATE_FAILED: 22,
  REASON_EXECUTOR_REGISTRATION_TIMEOUT: 23,
  REASON_EXECUTOR_REREGISTRATION_TIMEOUT: 24,
  REASON_TASK_GROUP_INVALID: 25,
  REASON_TASK_GROUP_UNAUTHORIZED: 26,
  REASON_IO_SWITCHBOARD_EXITED: 27,
  REASON_TASK_CHECK_STATUS_UPDATED: 28,
  REASON_TASK_HEALTH_CHECK_STATUS_UPDATED: 29,
  REASON_TASK_KILLED_DURING_LAUNCH: 30,
  REASON_AGENT_REMOVED_BY_OPERATOR: 31,
  REASON_AGENT_REREGISTERED: 32,
  REASON_MAX_COMPLETION_TIME_REACHED: 33,
  REASON_AGENT_DRAINING: 34,
});
export const TaskStatus = message('TaskStatus', {
  task_id: required(1, TaskID),
  state: required(2, TaskState),
  message: optional(4, 'string'),
  source: optional(9, StatusSource),
  reason: optional(10, StatusReason),
  data: optional(3, 'bytes'),
  agent_id: optional(5, AgentID),
  executor_id: optional(7, ExecutorID),
  timestamp: optional(6, 'double'),
  uuid: optional(11, 'bytes'),
  healthy: optional(8, 'bool'),
  check_status: optional(15, opaque),
  labels: optional(12, Labels),
  container_status: optional(13, opaque),
  unreachable_time: optional(14, TimeInfo),
  limitation: optional(16, opaque),
});
export type TaskStatus = Value<typeof TaskStatus>;

export const Task = message('Task', {
  name: required(1, 'string'),
  task_id: required(2, TaskID),
  framework_id: required(3, FrameworkID),
  executor_id: optional(4, ExecutorID),
  agent_id: required(5, AgentID),
  state: required(6, TaskState),
  resources: repeated(7, Resource),
  statuses: repeated(8, TaskStatus),
  status_update_state: optional(9, TaskState),
  status_update_uuid: optional(10, 'bytes'),
  labels: optional(11, Labels),
  user: optional(14, 'string'),
});
export type Task = Value<typeof Task>;

export const Offer = message('Offer', {
  id: required(1, OfferID),
  framework_id: required(2, FrameworkID),
  agent_id: required(3, AgentID),
  hostname: required(4, 'string'),
  url: optional(8, URL),
  resources: repeated(5, Resource),
  attributes: repeated(7, Attribute),
  executor_ids: repeated(6, ExecutorID),
  unavailability: optional(9, Unavailability),
  allocation_info: optional(10, AllocationInfo),
});
export type Offer = Value<typeof Offer>;

export const InverseOffer = message('InverseOffer', {
  id: required(1, OfferID),
  url: optional(2, URL),
  framework_id: required(3, FrameworkID),
  agent_id: optional(4, AgentID),
  unavailability: required(5, Unavailability),
  resources: repeated(6, Resource),
});
export type InverseOffer = Value<typeof InverseOffer>;

export const Operation = message('Offer.Operation', {
  type: optional(
    1,
    enumOf({
      UNKNOWN: 0,
      LAUNCH: 1,
      RESERVE: 2,
      UNRESERVE: 3,
      CREATE: 4,
      DESTROY: 5,
      LAUNCH_GROUP: 6,
      GROW_VOLUME: 11,
      SHRINK_VOLUME: 12,
      CREATE_DISK: 13,
      DESTROY_DISK: 14,
    }),
  ),
  id: optional(12, OperationID),
  launch: optional(2, message('Offer.Operation.Launch', { task_infos: repeated(1, TaskInfo) })),
  launch_group: optional(
    7,
    message('Offer.Operation.LaunchGroup', {
      executor: required(1, ExecutorInfo),
      task_group: required(2, TaskGroupInfo),
    }),
  ),
  reserve: optional(
    3,
    message('Offer.Operation.Reserve', { resources: repeated(1, Resource), source: repeated(2, Resource) }),
  ),
  unreserve: optional(4, message('Offer.Operation.Unreserve', { resources: repeated(1, Resource) })),
});
export type Operation = Value<typeof Operation>;

export const Filters = message('Filters', { refuse_seconds: optional(1, 'double') });
export type Filters = Value<typeof Filters>;

export const MasterInfo = message('MasterInfo', {
  id: required(1, 'string'),
  ip: required(2, 'uint32'),
  port: required(3, 'uint32'),
  pid: optional(4, 'string'),
  hostname: optional(5, 'string'),
  version: optional(6, 'string'),
  address: optional(7, Address),
});
export type MasterInfo = Value<typeof MasterInfo>;

export const AgentInfo = message('AgentInfo', {
  hostname: required(1, 'string'),
  port: optional(8, 'int32'),
  resources: repeated(3, Resource),
  attributes: repeated(5, Attribute),
  id: optional(6, AgentID),
});
export type AgentInfo = Value<typeof AgentInfo>;

const AGENT_CAPABILITIES = enumOf({
  UNKNOWN: 0,
  MULTI_ROLE: 1,
  HIERARCHICAL_ROLE: 2,
  RESERVATION_REFINEMENT: 3,
  RESOURCE_PROVIDER: 4,
  RESIZE_VOLUME: 5,
  AGENT_OPERATION_FEEDBACK: 6,
  AGENT_DRAINING: 7,
  TASK_RESOURCE_LIMITS: 8,
});
export const AgentCapability = message('AgentInfo.Capability', { type: optional(1, AGENT_CAPABILITIES) });

/** A span in Google's own form. */
export const Duration = message('Duration', { seconds: optional(1, 'int64'), nanos: optional(2, 'int32') });
export const DrainInfo = message('DrainInfo', {
  state: required(1, enumOf({ UNKNOWN: 0, DRAINING: 1, DRAINED: 2 })),
  config: required(
    2,
    message('DrainConfig', { max_grace_period: optional(1, Duration), mark_gone: optional(2, 'bool') }),
  ),
});
export type DrainInfo = Value<typeof DrainInfo>;

export const Flag = message('Flag', { name: required(1, 'string'), value: optional(2, 'string') });
export const Metric = message('Metric', { name: required(1, 'string'), value: optional(2, 'double') });
export const VersionInfo = message('VersionInfo', {
  version: required(1, 'string'),
  build_date: optional(2, 'string'),
  build_time: optional(3, 'double'),
  build_user: optional(4, 'string'),
  git_sha: optional(5, 'string'),
  git_branch: optional(6, 'string'),
  git_tag: optional(7, 'string'),
});
export const WeightInfo = message('WeightInfo', {
  weight: required(1, 'double'),
  role: optional(2, 'string'),
});
export type WeightInfo = Value<typeof WeightInfo>;
export const Role = message('Role', {
  name: required(1, 'string'),
  weight: required(2, 'double'),
  frameworks: repeated(3, FrameworkID),
  resources: repeated(4, Resource),
});
export type Role = Value<typeof Role>;
export const FileInfo = message('FileInfo', {
  path: required(1, 'string'),
  nlink: optional(2, 'int32'),
  size: optional(3, 'uint64'),
  mtime: optional(4, TimeInfo),
  mode: optional(5, 'uint32'),
  uid: optional(6, 'string'),
  gid: optional(7, 'string'),
});
