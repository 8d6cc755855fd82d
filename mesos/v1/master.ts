/** The operator API of the master: its calls (`mesos/v1/master/master.proto`). Answers and events: `masterAnswers.ts`. */
import {
  AgentID,
  Duration,
  DurationInfo,
  FrameworkID,
  MachineID,
  Resource,
  Scalar,
  WeightInfo,
} from './entities.ts';
import { Schedule } from './maintenance.ts';
import { QuotaConfig, QuotaRequest } from './quota.ts';
import { enumOf, message, optional, repeated, required, type Value } from './schema.ts';

const onAgent = (name: string) => message(name, { agent_id: required(1, AgentID) });

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
      GET_AGENTS: 10,
      GET_FRAMEWORKS: 11,
      GET_EXECUTORS: 12,
      GET_OPERATIONS: 33,
      GET_TASKS: 13,
      GET_ROLES: 14,
      GET_WEIGHTS: 15,
      UPDATE_WEIGHTS: 16,
      GET_MASTER: 17,
      SUBSCRIBE: 18,
      RESERVE_RESOURCES: 19,
      UNRESERVE_RESOURCES: 20,
      CREATE_VOLUMES: 21,
      DESTROY_VOLUMES: 22,
      GROW_VOLUME: 34,
      SHRINK_VOLUME: 35,
      GET_MAINTENANCE_STATUS: 23,
      GET_MAINTENANCE_SCHEDULE: 24,
      UPDATE_MAINTENANCE_SCHEDULE: 25,
      START_MAINTENANCE: 26,
      STOP_MAINTENANCE: 27,
      DRAIN_AGENT: 37,
      DEACTIVATE_AGENT: 38,
      REACTIVATE_AGENT: 39,
      GET_QUOTA: 28,
      UPDATE_QUOTA: 36,
      SET_QUOTA: 29,
      REMOVE_QUOTA: 30,
      TEARDOWN: 31,
      MARK_AGENT_GONE: 32,
    }),
  ),
  get_metrics: optional(2, message('Call.GetMetrics', { timeout: optional(1, DurationInfo) })),
  set_logging_level: optional(
    3,
    message('Call.SetLoggingLevel', { level: required(1, 'uint32'), duration: required(2, DurationInfo) }),
  ),
  list_files: optional(4, message('Call.ListFiles', { path: required(1, 'string') })),
  read_file: optional(
    5,
    message('Call.ReadFile', {
      path: required(1, 'string'),
      offset: required(2, 'uint64'),
      length: optional(3, 'uint64'),
    }),
  ),
  update_weights: optional(6, message('Call.UpdateWeights', { weight_infos: repeated(1, WeightInfo) })),
  reserve_resources: optional(
    7,
    message('Call.ReserveResources', {
      agent_id: required(1, AgentID),
      source: repeated(3, Resource),
      resources: repeated(2, Resource),
    }),
  ),
  unreserve_resources: optional(
    8,
    message('Call.UnreserveResources', { agent_id: required(1, AgentID), resources: repeated(2, Resource) }),
  ),
  create_volumes: optional(
    9,
    message('Call.CreateVolumes', { agent_id: required(1, AgentID), volumes: repeated(2, Resource) }),
  ),
  destroy_volumes: optional(
    10,
    message('Call.DestroyVolumes', { agent_id: required(1, AgentID), volumes: repeated(2, Resource) }),
  ),
  grow_volume: optional(
    18,
    message('Call.GrowVolume', {
      agent_id: optional(1, AgentID),
      volume: required(2, Resource),
      addition: required(3, Resource),
    }),
  ),
  shrink_volume: optional(
    19,
    message('Call.ShrinkVolume', {
      agent_id: optional(1, AgentID),
      volume: required(2, Resource),
      subtract: required(3, Scalar),
    }),
  ),
  update_maintenance_schedule: optional(
    11,
    message('Call.UpdateMaintenanceSchedule', { schedule: required(1, Schedule) }),
  ),
  start_maintenance: optional(12, message('Call.StartMaintenance', { machines: repeated(1, MachineID) })),
  stop_maintenance: optional(13, message('Call.StopMaintenance', { machines: repeated(1, MachineID) })),
  drain_agent: optional(
    21,
    message('Call.DrainAgent', {
      agent_id: required(1, AgentID),
      max_grace_period: optional(2, Duration),
      mark_gone: optional(3, 'bool'),
    }),
  ),
  deactivate_agent: optional(22, onAgent('Call.DeactivateAgent')),
  reactivate_agent: optional(23, onAgent('Call.ReactivateAgent')),
  update_quota: optional(
    20,
    message('Call.UpdateQuota', { force: optional(1, 'bool'), quota_configs: repeated(2, QuotaConfig) }),
  ),
  teardown: optional(16, message('Call.Teardown', { framework_id: required(1, FrameworkID) })),
  mark_agent_gone: optional(17, onAgent('Call.MarkAgentGone')),
  set_quota: optional(14, message('Call.SetQuota', { quota_request: required(1, QuotaRequest) })),
  remove_quota: optional(15, message('Call.RemoveQuota', { role: required(1, 'string') })),
});
/** A call of an operator. */
export type Call = Value<typeof Call>;
/** What an operator can ask for. */
export type CallType = NonNullable<Call['type']>;
