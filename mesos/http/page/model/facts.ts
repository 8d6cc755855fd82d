/** What the page takes of the v1 API's messages about slaves and frameworks. */
import type { Attribute, TimeInfo } from '../../../v1/entities.ts';
import type { Agent, Framework } from '../../../v1/masterAnswers.ts';
import type { Value } from '../../../v1/schema.ts';
import type { Millis } from '../clock.ts';
import type { FrameworkFacts, FrameworkState, SlaveRecord, SlaveState } from './model.ts';
import type { quantitiesReader } from './quantities.ts';

/** A framework of which only tasks have been told. */
export const UNKNOWN_FRAMEWORK: FrameworkFacts = {
  name: '',
  user: '',
  role: '',
  principal: '',
  hostname: '',
  webuiUrl: '',
  capabilities: [],
  failoverTimeoutS: 0,
  checkpoint: false,
  state: 'unknown',
  registeredMs: undefined,
  reregisteredMs: undefined,
  unregisteredMs: undefined,
};

/** Reads a slave. */
export function agentFacts(agent: Agent, quantitiesOf: ReturnType<typeof quantitiesReader>): SlaveRecord {
  const { agent_info: info, pid = '', version } = agent;
  return {
    id: info.id?.value ?? '',
    hostname: info.hostname,
    address: pid.slice(pid.indexOf('@') + 1),
    state: slaveStateOf(agent),
    total: quantitiesOf(agent.total_resources ?? info.resources),
    attributes: (info.attributes ?? []).map(attributeText).join(', '),
    version,
    registeredMs: timeMs(agent.registered_time),
    reregisteredMs: timeMs(agent.reregistered_time),
  };
}

function slaveStateOf({ active, deactivated, drain_info }: Agent): SlaveState {
  if (drain_info?.state === 'DRAINED') return 'drained';
  if (drain_info !== undefined) return 'draining';
  if (deactivated === true) return 'deactivated';
  return active ? 'active' : 'inactive';
}

function attributeText({ name, text, scalar, set, ranges }: Attribute): string {
  const value =
    text?.value ??
    scalar?.value ??
    set?.item?.join('|') ??
    ranges?.range?.map(({ begin, end }) => `${begin}-${end}`).join('|') ??
    '';
  return `${name}:${value}`;
}

/** Reads a framework. */
export function frameworkFacts(framework: Framework, isCompleted: boolean): FrameworkFacts {
  const { framework_info: info } = framework;
  const roles = info.roles ?? [];
  return {
    name: info.name,
    user: info.user,
    role: roles.length > 0 ? roles.join(', ') : (info.role ?? '*'),
    principal: info.principal ?? '',
    hostname: info.hostname ?? '',
    webuiUrl: info.webui_url ?? '',
    capabilities: (info.capabilities ?? []).flatMap(({ type }) => type ?? []),
    failoverTimeoutS: info.failover_timeout ?? 0,
    checkpoint: info.checkpoint ?? false,
    state: isCompleted ? 'completed' : frameworkStateOf(framework),
    registeredMs: timeMs(framework.registered_time),
    reregisteredMs: timeMs(framework.reregistered_time),
    unregisteredMs: timeMs(framework.unregistered_time),
  };
}

function frameworkStateOf({ connected, recovered }: Framework): FrameworkState {
  if (connected) return 'connected';
  return recovered ? 'recovered' : 'disconnected';
}

/** A time of the v1 API. */
function timeMs(time: Value<typeof TimeInfo> | undefined): Millis | undefined {
  return time === undefined || time.nanoseconds === 0 ? undefined : time.nanoseconds / 1e6;
}
