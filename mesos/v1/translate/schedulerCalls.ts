/** Calls of schedulers between the house and the v1 API. */
import type { FrameworkId } from '../../protocol/entities.ts';
import type { SchedulerCall } from '../../protocol/scheduler.ts';
import type * as entities from '../entities.ts';
import { MalformedError, required } from '../json.ts';
import type * as v1 from '../scheduler.ts';
import { frameworkFromV1, frameworkToV1 } from './frameworks.ts';
import { type InvalidTask, operationFromV1, operationToV1 } from './operations.ts';
import { Unsupported } from './refusal.ts';
import { slaveFiltersFromV1, slaveFiltersToV1 } from './slaveFilters.ts';
import { uuidFromV1, uuidToV1 } from './statuses.ts';
import { durationFromV1, durationToV1 } from './tasks.ts';

/** A call as it was understood. */
export interface ReadCall {
  /** What it is in the house; undefined: it has no effect here. */
  readonly message: SchedulerCall | undefined;
  /** Tasks that cannot be launched, whatever is offered, and why. */
  readonly invalid: readonly InvalidTask[];
}

/** A call that says how a scheduler subscribes. */
export type Subscribe = SchedulerCall & { readonly type: 'SUBSCRIBE' };

/** Reads a SUBSCRIBE. Throws an {@link Unsupported} or a {@link MalformedError}. */
export function subscribeFromV1(call: v1.Call): Subscribe {
  return { type: 'SUBSCRIBE', ...wishesOf(required(call, 'subscribe')) };
}

type Wishes = Pick<Subscribe, 'frameworkInfo' | 'suppressed' | 'slaveFilters'>;

function wishesOf({
  framework_info,
  suppressed_roles = [],
  offer_constraints,
}: NonNullable<v1.Call['subscribe']>): Wishes {
  const frameworkInfo = frameworkFromV1(framework_info);
  const { role = '*' } = frameworkInfo;
  const { offer_filters = {} } = framework_info;
  const wishes = { ...(offer_constraints && { offer_constraints }), offer_filters };
  return {
    frameworkInfo,
    suppressed: suppressed_roles.includes(role),
    slaveFilters: slaveFiltersFromV1(wishes, role),
  };
}

/**
 * Reads any other call of a framework of this role. Throws an {@link Unsupported} or a {@link MalformedError}.
 */
export function callFromV1(call: v1.Call, frameworkId: FrameworkId, role: string): ReadCall {
  const { type = 'UNKNOWN' } = call;
  switch (type) {
    case 'ACCEPT':
      return accept(call, frameworkId);
    case 'ACKNOWLEDGE_OPERATION_STATUS':
    case 'REQUEST':
      required(call, ARGUMENTS[type]);
      return { message: undefined, invalid: [] };
    case 'REVIVE':
    case 'SUPPRESS': {
      const { roles = [] } = call[type === 'REVIVE' ? 'revive' : 'suppress'] ?? {};
      const isMeant = roles.length === 0 || roles.includes(role);
      return { message: isMeant ? { type, frameworkId } : undefined, invalid: [] };
    }
    default:
      return { message: plain(call, type, frameworkId), invalid: [] };
  }
}

const ARGUMENTS = {
  ACKNOWLEDGE_OPERATION_STATUS: 'acknowledge_operation_status',
  REQUEST: 'request',
} as const;

type Plain = Exclude<NonNullable<v1.Call['type']>, keyof typeof ARGUMENTS | 'ACCEPT' | 'REVIVE' | 'SUPPRESS'>;

function plain(call: v1.Call, type: Plain, frameworkId: FrameworkId): SchedulerCall {
  switch (type) {
    case 'TEARDOWN':
      return { type, frameworkId };
    case 'DECLINE': {
      const { offer_ids = [], filters } = required(call, 'decline');
      return { type, frameworkId, offerIds: offer_ids.map(textOf), filters: filtersFromV1(filters) };
    }
    case 'ACCEPT_INVERSE_OFFERS': {
      const { inverse_offer_ids = [] } = required(call, 'accept_inverse_offers');
      return { type, frameworkId, inverseOfferIds: inverse_offer_ids.map(textOf) };
    }
    case 'DECLINE_INVERSE_OFFERS': {
      const { inverse_offer_ids = [], filters } = required(call, 'decline_inverse_offers');
      return {
        type,
        frameworkId,
        inverseOfferIds: inverse_offer_ids.map(textOf),
        filters: filtersFromV1(filters),
      };
    }
    case 'KILL': {
      const { task_id, agent_id, kill_policy } = required(call, 'kill');
      const grace = kill_policy?.grace_period;
      return {
        type,
        frameworkId,
        taskId: task_id.value,
        ...(agent_id !== undefined && { slaveId: agent_id.value }),
        ...(grace !== undefined && { gracePeriodMs: durationFromV1(grace) }),
      };
    }
    case 'SHUTDOWN': {
      const { executor_id, agent_id } = required(call, 'shutdown');
      return { type, frameworkId, executorId: executor_id.value, slaveId: agent_id.value };
    }
    case 'ACKNOWLEDGE': {
      const { agent_id, task_id, uuid } = required(call, 'acknowledge');
      const ids = { slaveId: agent_id.value, taskId: task_id.value };
      return { type, frameworkId, ...ids, uuid: uuidFromV1(uuid) };
    }
    case 'RECONCILE': {
      const { tasks = [] } = required(call, 'reconcile');
      const asked = tasks.map(({ task_id, agent_id }) => ({
        taskId: task_id.value,
        ...(agent_id !== undefined && { slaveId: agent_id.value }),
      }));
      return { type, frameworkId, tasks: asked };
    }
    case 'MESSAGE': {
      const { agent_id, executor_id, data } = required(call, 'message');
      return { type, frameworkId, slaveId: agent_id.value, executorId: executor_id.value, data };
    }
    case 'UPDATE_FRAMEWORK':
      return { type, frameworkId, ...wishesOf(required(call, 'update_framework')) };
    case 'SUBSCRIBE':
    case 'RECONCILE_OPERATIONS':
    case 'UNKNOWN':
      throw new Unsupported(`A call of type ${type} is not expected here`);
    default:
      return type satisfies never;
  }
}

const textOf = ({ value }: { readonly value: string }): string => value;

function filtersFromV1(filters: entities.Filters | undefined): { readonly refuseSeconds?: number } {
  const seconds = filters?.refuse_seconds;
  if (seconds === undefined) return {};
  return { refuseSeconds: Math.max(-FOREVER_SECONDS, Math.min(seconds, FOREVER_SECONDS)) };
}

/** JSON may say Infinity. */
const FOREVER_SECONDS = 1e12;

function accept(call: v1.Call, frameworkId: FrameworkId): ReadCall {
  const { offer_ids = [], operations = [], filters } = required(call, 'accept');
  const invalid: InvalidTask[] = [];
  const message: SchedulerCall = {
    type: 'ACCEPT',
    frameworkId,
    offerIds: offer_ids.map(textOf),
    operations: operations.map((operation) => operationFromV1(operation, frameworkId, invalid)),
    filters: filtersFromV1(filters),
  };
  return { message, invalid };
}

/** A call as v1 has it. Throws an {@link Unsupported} for what only this system has. */
export function callToV1(call: SchedulerCall, role: string): v1.Call {
  if (call.type === 'SUBSCRIBE') return subscribeToV1(call);
  const { type } = call;
  const base = { type, framework_id: { value: call.frameworkId } } as const;
  switch (call.type) {
    case 'TEARDOWN':
    case 'REVIVE':
    case 'SUPPRESS':
      return { ...base, type: call.type };
    case 'ACCEPT': {
      const operations = call.operations.map((operation) => operationToV1(operation, call.frameworkId));
      return {
        ...base,
        type: call.type,
        accept: {
          offer_ids: call.offerIds.map((value) => ({ value })),
          operations,
          filters: filtersToV1(call.filters),
        },
      };
    }
    case 'DECLINE': {
      const offer_ids = call.offerIds.map((value) => ({ value }));
      return { ...base, type: call.type, decline: { offer_ids, filters: filtersToV1(call.filters) } };
    }
    case 'ACCEPT_INVERSE_OFFERS': {
      const inverse_offer_ids = call.inverseOfferIds.map((value) => ({ value }));
      return { ...base, type: call.type, accept_inverse_offers: { inverse_offer_ids } };
    }
    case 'DECLINE_INVERSE_OFFERS': {
      const inverse_offer_ids = call.inverseOfferIds.map((value) => ({ value }));
      const filters = filtersToV1(call.filters);
      return { ...base, type: call.type, decline_inverse_offers: { inverse_offer_ids, filters } };
    }
    case 'KILL': {
      const { taskId, slaveId, gracePeriodMs } = call;
      return {
        ...base,
        type: call.type,
        kill: {
          task_id: { value: taskId },
          ...(slaveId !== undefined && { agent_id: { value: slaveId } }),
          ...(gracePeriodMs !== undefined && { kill_policy: { grace_period: durationToV1(gracePeriodMs) } }),
        },
      };
    }
    case 'SHUTDOWN': {
      const ids = { executor_id: { value: call.executorId }, agent_id: { value: call.slaveId } };
      return { ...base, type: call.type, shutdown: ids };
    }
    case 'ACKNOWLEDGE': {
      const ids = { agent_id: { value: call.slaveId }, task_id: { value: call.taskId } };
      return { ...base, type: call.type, acknowledge: { ...ids, uuid: uuidToV1(call.uuid) } };
    }
    case 'RECONCILE': {
      const tasks = call.tasks.map(({ taskId, slaveId }) => ({
        task_id: { value: taskId },
        ...(slaveId !== undefined && { agent_id: { value: slaveId } }),
      }));
      return { ...base, type: call.type, reconcile: { tasks } };
    }
    case 'MESSAGE': {
      const ids = { agent_id: { value: call.slaveId }, executor_id: { value: call.executorId } };
      return { ...base, type: call.type, message: { ...ids, data: call.data } };
    }
    case 'UPDATE_FRAMEWORK':
      return { ...base, type: call.type, update_framework: wishesToV1(call) };
    case 'SET_FILTERS':
      throw new Unsupported(`Filters of the role '${role}' travel with UPDATE_FRAMEWORK in the v1 API`);
    default:
      return call satisfies never;
  }
}

/** How a scheduler subscribes, as v1 has it. */
export function subscribeToV1(call: Subscribe): v1.Call {
  const { id } = call.frameworkInfo;
  return {
    type: 'SUBSCRIBE',
    ...(id !== undefined && { framework_id: { value: id } }),
    subscribe: wishesToV1(call),
  };
}

/** What a framework is and wants, as v1 has it. Throws an {@link Unsupported}. */
function wishesToV1({
  frameworkInfo,
  suppressed,
  slaveFilters = [],
}: Wishes): NonNullable<v1.Call['subscribe']> {
  if (frameworkInfo.guarantee !== undefined)
    throw new Unsupported('The v1 API has no guarantees; give the role a quota instead');
  const { role = '*' } = frameworkInfo;
  const { offer_constraints, offer_filters } = slaveFiltersToV1(slaveFilters, role);
  return {
    framework_info: { ...frameworkToV1(frameworkInfo), ...(offer_filters && { offer_filters }) },
    ...(suppressed && { suppressed_roles: [role] }),
    ...(offer_constraints && { offer_constraints }),
  };
}

function filtersToV1({ refuseSeconds }: { readonly refuseSeconds?: number }): entities.Filters {
  return refuseSeconds === undefined ? {} : { refuse_seconds: refuseSeconds };
}
