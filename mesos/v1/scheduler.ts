/** The scheduler API: calls to the master, events from it (`mesos/v1/scheduler/scheduler.proto`). */
import {
  AgentID,
  ExecutorID,
  Filters,
  FrameworkID,
  FrameworkInfo,
  InverseOffer,
  KillPolicy,
  MasterInfo,
  Offer,
  OfferID,
  Operation,
  OperationID,
  Resource,
  ResourceProviderID,
  TaskID,
  TaskStatus,
} from './entities.ts';
import { enumOf, mapOf, message, opaque, optional, repeated, required, type Value } from './schema.ts';

const Empty = message('Predicate.Exists', {});
const TextPredicate = message('Predicate.TextEquals', { value: required(1, 'string') });
const AttributeConstraint = message('AttributeConstraint', {
  selector: required(
    1,
    message('AttributeConstraint.Selector', {
      pseudoattribute_type: optional(1, enumOf({ UNKNOWN: 0, HOSTNAME: 1, REGION: 2, ZONE: 3 })),
      attribute_name: optional(2, 'string'),
    }),
  ),
  predicate: required(
    2,
    message('AttributeConstraint.Predicate', {
      exists: optional(1, Empty),
      not_exists: optional(2, Empty),
      text_equals: optional(3, TextPredicate),
      text_not_equals: optional(4, TextPredicate),
      text_matches: optional(5, opaque),
      text_not_matches: optional(6, opaque),
    }),
  ),
});
export type AttributeConstraint = Value<typeof AttributeConstraint>;
export const OfferConstraints = message('OfferConstraints', {
  role_constraints: mapOf(
    1,
    message('OfferConstraints.RoleConstraints', {
      groups: repeated(
        1,
        message('OfferConstraints.RoleConstraints.Group', {
          attribute_constraints: repeated(1, AttributeConstraint),
        }),
      ),
    }),
  ),
});
export type OfferConstraints = Value<typeof OfferConstraints>;

const Subscribe = message('Call.Subscribe', {
  framework_info: required(1, FrameworkInfo),
  suppressed_roles: repeated(2, 'string'),
  offer_constraints: optional(3, OfferConstraints),
});
const InverseAnswer = message('Call.AcceptInverseOffers', {
  inverse_offer_ids: repeated(1, OfferID),
  filters: optional(2, Filters),
});
const Roles = message('Call.Revive', { roles: repeated(1, 'string') });
const Message = message('Message', {
  agent_id: required(1, AgentID),
  executor_id: required(2, ExecutorID),
  data: required(3, 'bytes'),
});

/** A call of a scheduler. */
export const Call = message('Call', {
  framework_id: optional(1, FrameworkID),
  type: optional(
    2,
    enumOf({
      UNKNOWN: 0,
      SUBSCRIBE: 1,
      TEARDOWN: 2,
      ACCEPT: 3,
      DECLINE: 4,
      REVIVE: 5,
      KILL: 6,
      SHUTDOWN: 7,
      ACKNOWLEDGE: 8,
      RECONCILE: 9,
      MESSAGE: 10,
      REQUEST: 11,
      SUPPRESS: 12,
      ACCEPT_INVERSE_OFFERS: 13,
      DECLINE_INVERSE_OFFERS: 14,
      ACKNOWLEDGE_OPERATION_STATUS: 15,
      RECONCILE_OPERATIONS: 16,
      UPDATE_FRAMEWORK: 17,
    }),
  ),
  subscribe: optional(3, Subscribe),
  accept: optional(
    4,
    message('Call.Accept', {
      offer_ids: repeated(1, OfferID),
      operations: repeated(2, Operation),
      filters: optional(3, Filters),
    }),
  ),
  decline: optional(
    5,
    message('Call.Decline', { offer_ids: repeated(1, OfferID), filters: optional(2, Filters) }),
  ),
  accept_inverse_offers: optional(13, InverseAnswer),
  decline_inverse_offers: optional(14, InverseAnswer),
  revive: optional(15, Roles),
  suppress: optional(16, Roles),
  kill: optional(
    6,
    message('Call.Kill', {
      task_id: required(1, TaskID),
      agent_id: optional(2, AgentID),
      kill_policy: optional(3, KillPolicy),
    }),
  ),
  shutdown: optional(
    7,
    message('Call.Shutdown', { executor_id: required(1, ExecutorID), agent_id: required(2, AgentID) }),
  ),
  acknowledge: optional(
    8,
    message('Call.Acknowledge', {
      agent_id: required(1, AgentID),
      task_id: required(2, TaskID),
      uuid: required(3, 'bytes'),
    }),
  ),
  acknowledge_operation_status: optional(
    17,
    message('Call.AcknowledgeOperationStatus', {
      agent_id: optional(1, AgentID),
      resource_provider_id: optional(2, ResourceProviderID),
      uuid: required(3, 'bytes'),
      operation_id: required(4, OperationID),
    }),
  ),
  reconcile: optional(
    9,
    message('Call.Reconcile', {
      tasks: repeated(
        1,
        message('Call.Reconcile.Task', { task_id: required(1, TaskID), agent_id: optional(2, AgentID) }),
      ),
    }),
  ),
  reconcile_operations: optional(
    18,
    message('Call.ReconcileOperations', {
      operations: repeated(
        1,
        message('Call.ReconcileOperations.Operation', {
          operation_id: required(1, OperationID),
          agent_id: optional(2, AgentID),
          resource_provider_id: optional(3, ResourceProviderID),
        }),
      ),
    }),
  ),
  message: optional(10, Message),
  request: optional(
    11,
    message('Call.Request', {
      requests: repeated(
        1,
        message('Request', { agent_id: optional(1, AgentID), resources: repeated(2, Resource) }),
      ),
    }),
  ),
  update_framework: optional(19, Subscribe),
});
/** A call of a scheduler. */
export type Call = Value<typeof Call>;

/** An event for a scheduler. */
export const Event = message('Event', {
  type: optional(
    1,
    enumOf({
      UNKNOWN: 0,
      SUBSCRIBED: 1,
      OFFERS: 2,
      RESCIND: 3,
      UPDATE: 4,
      MESSAGE: 5,
      FAILURE: 6,
      ERROR: 7,
      HEARTBEAT: 8,
      INVERSE_OFFERS: 9,
      RESCIND_INVERSE_OFFER: 10,
      UPDATE_OPERATION_STATUS: 11,
    }),
  ),
  subscribed: optional(
    2,
    message('Event.Subscribed', {
      framework_id: required(1, FrameworkID),
      heartbeat_interval_seconds: optional(2, 'double'),
      master_info: optional(3, MasterInfo),
    }),
  ),
  offers: optional(3, message('Event.Offers', { offers: repeated(1, Offer) })),
  inverse_offers: optional(9, message('Event.InverseOffers', { inverse_offers: repeated(1, InverseOffer) })),
  rescind: optional(4, message('Event.Rescind', { offer_id: required(1, OfferID) })),
  rescind_inverse_offer: optional(
    10,
    message('Event.RescindInverseOffer', { inverse_offer_id: required(1, OfferID) }),
  ),
  update: optional(5, message('Event.Update', { status: required(1, TaskStatus) })),
  message: optional(6, Message),
  failure: optional(
    7,
    message('Event.Failure', {
      agent_id: optional(1, AgentID),
      executor_id: optional(2, ExecutorID),
      status: optional(3, 'int32'),
    }),
  ),
  error: optional(8, message('Event.Error', { message: required(1, 'string') })),
});
/** An event for a scheduler. */
export type Event = Value<typeof Event>;

const OperationStatus = message('OperationStatus', {
  operation_id: optional(1, OperationID),
  state: required(2, enumOf({ OPERATION_UNKNOWN: 9 })),
  message: optional(3, 'string'),
  agent_id: optional(6, AgentID),
});
/** The answer to RECONCILE_OPERATIONS. This system keeps no operations: all that are asked for are unknown. */
export const Response = message('Response', {
  type: optional(1, enumOf({ UNKNOWN: 0, RECONCILE_OPERATIONS: 1 })),
  reconcile_operations: optional(
    2,
    message('Response.ReconcileOperations', { operation_statuses: repeated(1, OperationStatus) }),
  ),
});
/** The answer to RECONCILE_OPERATIONS. */
export type Response = Value<typeof Response>;
