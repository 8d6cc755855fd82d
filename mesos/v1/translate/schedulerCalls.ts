/** Calls of schedulers between the house and the v1 API. */
import type { FrameworkId, SlaveId, TaskId, TaskInfo } from '../../protocol/entities.ts';
import type { SchedulerCall } from '../../protocol/scheduler.ts';
import type * as entities from '../entities.ts';
import { MalformedError } from '../json.ts';
import type * as v1 from '../scheduler.ts';
import { frameworkFromV1, frameworkToV1 } from './frameworks.ts';
import { Unsupported } from './refusal.ts';
import { slaveFiltersFromV1, slaveFiltersToV1 } from './slaveFilters.ts';
import { uuidFromV1, uuidToV1 } from './statuses.ts';
import { durationFromV1, durationToV1, taskFromV1, taskToV1 } from './tasks.ts';

/** A call as it was understood. */
export interface ReadCall {
  /** What it is in the house; undefined: it has no effect here. */
  readonly message: SchedulerCall | undefined;
  /** Tasks that cannot be launched, whatever is offered, and why. */
  readonly invalid: readonly InvalidTask[];
}

/** A task that cannot be launched. */
export interface InvalidTask {
  readonly taskId: TaskId;
  readonly slaveId: SlaveId;
  readonly complaint: string;
}

/** A call that says how a scheduler subscribes. */
export type Subscribe = SchedulerCall & { readonly type: 'SUBSCRIBE' };

/** Reads a SUBSCRIBE. Throws an {@link Unsupported} or a {@link MalformedError}. */
export function subscribeFromV1(call: v1.Call): Subscribe {
  return { type: 'SUBSCRIBE', ...wishesOf(call.subscribe, 'subscribe') };
}

type Wishes = Pick<Subscribe, 'frameworkInfo' | 'suppressed' | 'slaveFilters'>;

function wishesOf(given: v1.Call['subscribe'], name: string): Wishes {
  const { framework_info, suppressed_roles = [], offer_constraints } = present(given, name);
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
      present(call[ARGUMENTS[type]], ARGUMENTS[type]);
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
      const { offer_ids = [], filters } = present(call.decline, 'decline');
      return { type, frameworkId, offerIds: offer_ids.map(textOf), filters: filtersFromV1(filters) };
    }
    case 'ACCEPT_INVERSE_OFFERS': {
      const { inverse_offer_ids = [] } = present(call.accept_inverse_offers, 'accept_inverse_offers');
      return { type, frameworkId, inverseOfferIds: inverse_offer_ids.map(textOf) };
    }
    case 'DECLINE_INVERSE_OFFERS': {
      const { inverse_offer_ids = [], filters } = present(
        call.decline_inverse_offers,
        'decline_inverse_offers',
      );
      return {
        type,
        frameworkId,
        inverseOfferIds: inverse_offer_ids.map(textOf),
        filters: filtersFromV1(filters),
      };
    }
    case 'KILL': {
      const { task_id, agent_id, kill_policy } = present(call.kill, 'kill');
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
      const { executor_id, agent_id } = present(call.shutdown, 'shutdown');
      return { type, frameworkId, executorId: executor_id.value, slaveId: agent_id.value };
    }
    case 'ACKNOWLEDGE': {
      const { agent_id, task_id, uuid } = present(call.acknowledge, 'acknowledge');
      const ids = { slaveId: agent_id.value, taskId: task_id.value };
      return { type, frameworkId, ...ids, uuid: uuidFromV1(uuid) };
    }
    case 'RECONCILE': {
      const { tasks = [] } = present(call.reconcile, 'reconcile');
      const asked = tasks.map(({ task_id, agent_id }) => ({
        taskId: task_id.value,
        ...(agent_id !== undefined && { slaveId: agent_id.value }),
      }));
      return { type, frameworkId, tasks: asked };
    }
    case 'MESSAGE': {
      const { agent_id, executor_id, data } = present(call.message, 'message');
      return { type, frameworkId, slaveId: agent_id.value, executorId: executor_id.value, data };
    }
    case 'UPDATE_FRAMEWORK':
      return { type, frameworkId, ...wishesOf(call.update_framework, 'update_framework') };
    case 'SUBSCRIBE':
    case 'RECONCILE_OPERATIONS':
    case 'UNKNOWN':
      throw new Unsupported(`A call of type ${type} is not expected here`);
    default:
      return type satisfies never;
  }
}

const textOf = ({ value }: { readonly value: string }): string => value;

function present<T>(argument: T | undefined, name: string): T {
  if (argument === undefined) throw new MalformedError(`Expecting '${name}' to be present`);
  return argument;
}

function filtersFromV1(filters: entities.Filters | undefined): { readonly refuseSeconds?: number } {
  const seconds = filters?.refuse_seconds;
  if (seconds === undefined) return {};
  return { refuseSeconds: Math.max(-FOREVER_SECONDS, Math.min(seconds, FOREVER_SECONDS)) };
}

/** JSON may say Infinity. */
const FOREVER_SECONDS = 1e12;

function accept(call: v1.Call, frameworkId: FrameworkId): ReadCall {
  const { offer_ids = [], operations = [], filters } = present(call.accept, 'accept');
  const tasks: TaskInfo[] = [];
  const invalid: InvalidTask[] = [];
  for (const operation of operations) {
    for (const task of launched(operation)) {
      try {
        tasks.push(checked(task, frameworkId));
      } catch (error) {
        if (!(error instanceof Unsupported || error instanceof MalformedError)) throw error;
        const { task_id, agent_id } = task;
        invalid.push({ taskId: task_id.value, slaveId: agent_id.value, complaint: error.message });
      }
    }
  }
  const message: SchedulerCall = {
    type: 'ACCEPT',
    frameworkId,
    offerIds: offer_ids.map(textOf),
    operations: [{ type: 'LAUNCH', taskInfos: tasks }],
    filters: filtersFromV1(filters),
  };
  return { message, invalid };
}

function launched({ type = 'UNKNOWN', launch }: entities.Operation): readonly entities.TaskInfo[] {
  if (type !== 'LAUNCH')
    throw new Unsupported(`Operations of type ${type} are not supported by this system; only LAUNCH is`);
  return present(launch, 'launch').task_infos ?? [];
}

function checked(task: entities.TaskInfo, frameworkId: FrameworkId): TaskInfo {
  const claimed = task.executor?.framework_id?.value;
  if (claimed !== undefined && claimed !== frameworkId)
    throw new MalformedError(`The executor has framework id ${claimed}; that of its task is ${frameworkId}`);
  return taskFromV1(task);
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
      const tasks = call.operations.flatMap(({ taskInfos }) => taskInfos);
      const task_infos = tasks.map((task) => taskToV1(task, call.frameworkId));
      return {
        ...base,
        type: call.type,
        accept: {
          offer_ids: call.offerIds.map((value) => ({ value })),
          operations: [{ type: 'LAUNCH', launch: { task_infos } }],
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
export function wishesToV1({
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
