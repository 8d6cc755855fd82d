/** What operators order and ask for, between the house and the v1 API. */
import type { OperatorAction } from '../../master/actions.ts';
import type { Directives, Quota, Window } from '../../master/directives.ts';
import type { InverseOfferStatus } from '../../master/inverseOffers.ts';
import { machineKey } from '../../master/machines.ts';
import type { Slave } from '../../master/state.ts';
import type { Resources } from '../../protocol/resources.ts';
import type * as entities from '../entities.ts';
import { MalformedError, required } from '../json.ts';
import type { ClusterStatus, Schedule } from '../maintenance.ts';
import type * as v1 from '../master.ts';
import type { Agent } from '../masterAnswers.ts';
import type { QuotaConfig, QuotaRequest, QuotaStatus } from '../quota.ts';
import { unavailabilityFromV1, unavailabilityToV1 } from './offers.ts';
import { reservationFromV1 } from './operations.ts';
import { resourcesFromV1, resourcesToV1 } from './resources.ts';
import { durationToV1 } from './tasks.ts';

/** Calls that are actions, with the field that says what to do. */
export const ACTION_CALLS = {
  TEARDOWN: 'teardown',
  MARK_AGENT_GONE: 'mark_agent_gone',
  DEACTIVATE_AGENT: 'deactivate_agent',
  REACTIVATE_AGENT: 'reactivate_agent',
  DRAIN_AGENT: 'drain_agent',
  RESERVE_RESOURCES: 'reserve_resources',
  UNRESERVE_RESOURCES: 'unreserve_resources',
  UPDATE_WEIGHTS: 'update_weights',
  UPDATE_QUOTA: 'update_quota',
  SET_QUOTA: 'set_quota',
  REMOVE_QUOTA: 'remove_quota',
  UPDATE_MAINTENANCE_SCHEDULE: 'update_maintenance_schedule',
  START_MAINTENANCE: 'start_maintenance',
  STOP_MAINTENANCE: 'stop_maintenance',
} as const satisfies Partial<Record<v1.CallType, keyof v1.Call>>;

/** The type of a call that is an action. */
export type ActionCallType = keyof typeof ACTION_CALLS;

/** Reads a call of this type. Throws an Unsupported or a {@link MalformedError}. */
export function actionFromV1(type: ActionCallType, call: v1.Call): OperatorAction {
  switch (type) {
    case 'TEARDOWN':
      return { type, frameworkId: required(call, 'teardown').framework_id.value };
    case 'MARK_AGENT_GONE':
      return {
        type: 'MARK_SLAVE_GONE',
        slaveId: required(call, 'mark_agent_gone').agent_id.value,
      };
    case 'DEACTIVATE_AGENT':
      return {
        type: 'DEACTIVATE_SLAVE',
        slaveId: required(call, 'deactivate_agent').agent_id.value,
      };
    case 'REACTIVATE_AGENT':
      return {
        type: 'REACTIVATE_SLAVE',
        slaveId: required(call, 'reactivate_agent').agent_id.value,
      };
    case 'DRAIN_AGENT': {
      const { agent_id, max_grace_period, mark_gone = false } = required(call, 'drain_agent');
      return {
        type: 'DRAIN_SLAVE',
        slaveId: agent_id.value,
        markGone: mark_gone,
        ...(max_grace_period && { maxGraceMs: spanFromV1(max_grace_period) }),
      };
    }
    case 'RESERVE_RESOURCES':
    case 'UNRESERVE_RESOURCES': {
      const { agent_id, ...given } = required(call, ACTION_CALLS[type]);
      return { type, slaveId: agent_id.value, resources: reservationFromV1(given) };
    }
    case 'UPDATE_WEIGHTS':
      return weightsFromV1(required(call, 'update_weights').weight_infos);
    case 'UPDATE_QUOTA': {
      const { force = false, quota_configs = [] } = required(call, 'update_quota');
      return { type, force, quotas: quota_configs.map(quotaFromV1) };
    }
    case 'SET_QUOTA':
      return quotaRequestFromV1(required(call, 'set_quota').quota_request);
    case 'REMOVE_QUOTA':
      return withoutQuota(required(call, 'remove_quota').role);
    case 'UPDATE_MAINTENANCE_SCHEDULE':
      return scheduleFromV1(required(call, 'update_maintenance_schedule').schedule);
    case 'START_MAINTENANCE':
    case 'STOP_MAINTENANCE':
      return { type, machines: required(call, ACTION_CALLS[type]).machines ?? [] };
    default:
      return type satisfies never;
  }
}

// --- roles ---

/** Reads weights. Throws a {@link MalformedError}. */
export function weightsFromV1(infos: readonly entities.WeightInfo[] = []): OperatorAction {
  const weights = infos.map((info) => ({
    role: required(info, 'role', 'WeightInfo.role'),
    weight: info.weight,
  }));
  return { type: 'UPDATE_WEIGHTS', weights };
}

/** Weights as v1 has them. */
export function weightsToV1(weights: Directives['weights']): readonly entities.WeightInfo[] {
  return [...weights].map(([role, weight]) => ({ role, weight }));
}

function quotaFromV1({ role, guarantees = {}, limits = {} }: QuotaConfig): Quota {
  return { role, guarantees: amountsFromV1(guarantees), limits: amountsFromV1(limits) };
}

/** A role that has no quota is to have one. What is guaranteed is the limit, too. Throws an Unsupported or a {@link MalformedError}. */
export function quotaRequestFromV1(request: QuotaRequest): OperatorAction {
  const role = required(request, 'role', 'QuotaRequest.role');
  const guarantees = resourcesFromV1(request.guarantee);
  return {
    type: 'UPDATE_QUOTA',
    force: request.force ?? false,
    before: 'unset',
    quotas: [{ role, guarantees, limits: guarantees }],
  };
}

/** The role, which has a quota, is to have none any more. */
export function withoutQuota(role: string): OperatorAction {
  return {
    type: 'UPDATE_QUOTA',
    force: true,
    before: 'set',
    quotas: [{ role, guarantees: {}, limits: {} }],
  };
}

/** All quotas as v1 has them, in the old form and in the new one. */
export function quotasToV1(quotas: Directives['quotas']): QuotaStatus {
  const all = [...quotas.values()];
  return {
    infos: all.map(({ role, guarantees }) => ({ role, guarantee: resourcesToV1(guarantees) })),
    configs: all.map(({ role, guarantees, limits }) => ({
      role,
      guarantees: amountsToV1(guarantees),
      limits: amountsToV1(limits),
    })),
  };
}

type Amounts = Readonly<Record<string, { readonly value: number }>>;

const amountsFromV1 = (amounts: Amounts): Resources =>
  Object.fromEntries(Object.entries(amounts).map(([name, { value }]) => [name, value]));
const amountsToV1 = (resources: Resources): Amounts =>
  Object.fromEntries(Object.entries(resources).map(([name, value]) => [name, { value }]));

// --- machines ---

/** Reads a schedule. */
export function scheduleFromV1({ windows = [] }: Schedule): OperatorAction {
  return {
    type: 'UPDATE_MAINTENANCE_SCHEDULE',
    windows: windows.map(({ machine_ids = [], unavailability }) => ({
      machines: machine_ids,
      unavailability: unavailabilityFromV1(unavailability),
    })),
  };
}

/** A schedule as v1 has it. */
export function scheduleToV1(windows: readonly Window[]): Schedule {
  return {
    windows: windows.map(({ machines, unavailability }) => ({
      machine_ids: machines,
      unavailability: unavailabilityToV1(unavailability),
    })),
  };
}

const ANSWERS = { unknown: 'UNKNOWN', accept: 'ACCEPT', decline: 'DECLINE' } as const;

/** How far machines are, as v1 has it. */
export function maintenanceToV1(
  { schedule, down }: Directives,
  statuses: Iterable<InverseOfferStatus>,
): ClusterStatus {
  const said = new Map<string, NonNullable<ClusterStatus['draining_machines']>[number]['statuses']>();
  for (const { machine, frameworkId, answer, atMs } of statuses) {
    const status = ANSWERS[answer];
    const one = { status, framework_id: { value: frameworkId }, timestamp: durationToV1(atMs) };
    said.set(machineKey(machine), [...(said.get(machineKey(machine)) ?? []), one]);
  }
  const isDown = new Set(down.map(machineKey));
  const draining = schedule
    .flatMap(({ machines }) => machines)
    .filter((machine) => !isDown.has(machineKey(machine)));
  return {
    draining_machines: draining.map((id) => ({ id, statuses: said.get(machineKey(id)) ?? [] })),
    down_machines: down,
  };
}

/** A span in Google's own form, in milliseconds. */
function spanFromV1({
  seconds = 0,
  nanos = 0,
}: {
  readonly seconds?: number;
  readonly nanos?: number;
}): number {
  return seconds * 1000 + nanos / 1e6;
}

/** The same the other way round. */
function spanToV1(ms: number): { readonly seconds: number; readonly nanos: number } {
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: Math.round((ms - seconds * 1000) * 1e6) };
}

/** What is ordered of a slave, as v1 tells it. */
export function directiveToV1({
  directive,
  isDrained,
}: Pick<Slave, 'directive' | 'isDrained'>): Pick<
  Agent,
  'deactivated' | 'drain_info' | 'estimated_drain_start_time'
> {
  if (directive?.is !== 'draining') return { deactivated: directive !== undefined };
  const { maxGraceMs, markGone, startMs } = directive;
  return {
    deactivated: true,
    drain_info: {
      state: isDrained ? 'DRAINED' : 'DRAINING',
      config: {
        ...(maxGraceMs !== undefined && { max_grace_period: spanToV1(maxGraceMs) }),
        mark_gone: markGone,
      },
    },
    estimated_drain_start_time: durationToV1(startMs),
  };
}
