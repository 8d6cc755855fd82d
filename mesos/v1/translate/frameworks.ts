/** Frameworks between the house and the v1 API. */
import { CAPABILITIES, type Capability, type FrameworkInfo } from '../../protocol/entities.ts';
import type * as v1 from '../entities.ts';
import { MalformedError } from '../json.ts';
import { Unsupported } from './refusal.ts';

/** Reads a framework. Throws an {@link Unsupported} or a {@link MalformedError}. */
export function frameworkFromV1(info: v1.FrameworkInfo): FrameworkInfo {
  const { user, name, id, failover_timeout, checkpoint, hostname, webui_url, labels } = info;
  const capabilities = (info.capabilities ?? []).flatMap(({ type }) =>
    CAPABILITIES.filter((known) => known === type),
  );
  const role = roleOf(info, capabilities);
  if (failover_timeout !== undefined && !(failover_timeout >= 0 && Number.isFinite(failover_timeout)))
    throw new MalformedError(`The framework failover_timeout (${failover_timeout}) is invalid`);
  return {
    user,
    name,
    ...(id !== undefined && { id: id.value }),
    ...(failover_timeout !== undefined && { failoverTimeout: failover_timeout }),
    ...(role !== '*' && { role }),
    ...(checkpoint !== undefined && { checkpoint }),
    ...(hostname !== undefined && { hostname }),
    ...(webui_url !== undefined && { webuiUrl: webui_url }),
    ...(labels?.labels && { labels: labels.labels }),
    ...(capabilities.length > 0 && { capabilities }),
  };
}

function roleOf({ role, roles = [] }: v1.FrameworkInfo, capabilities: readonly Capability[]): string {
  if (!capabilities.includes('MULTI_ROLE')) {
    if (roles.length > 0)
      throw new MalformedError("'FrameworkInfo.roles' needs the capability MULTI_ROLE; give 'role'");
    return role ?? '*';
  }
  if (role !== undefined)
    throw new MalformedError("With the capability MULTI_ROLE, give 'FrameworkInfo.roles', not 'role'");
  const [only, ...more] = new Set(roles);
  if (only === undefined || more.length > 0)
    throw new Unsupported(
      `'FrameworkInfo.roles' has ${roles.length} roles; in this system each framework has exactly one`,
    );
  return only;
}

/** Has the framework told that it knows of this? */
export function isCapable({ capabilities = [] }: FrameworkInfo, capability: Capability): boolean {
  return capabilities.includes(capability);
}

/** A framework as v1 has it. */
export function frameworkToV1(info: FrameworkInfo): v1.FrameworkInfo {
  const { user, name, id, failoverTimeout = 0, checkpoint = false, role = '*', principal } = info;
  const { hostname, webuiUrl, labels, capabilities = [] } = info;
  return {
    user,
    name,
    ...(id !== undefined && { id: { value: id } }),
    failover_timeout: failoverTimeout,
    checkpoint,
    ...(isCapable(info, 'MULTI_ROLE') ? { roles: [role] } : { role }),
    ...(hostname !== undefined && { hostname }),
    ...(principal !== undefined && { principal }),
    ...(webuiUrl !== undefined && { webui_url: webuiUrl }),
    ...(labels !== undefined && { labels: { labels } }),
    ...(capabilities.length > 0 && { capabilities: capabilities.map((type) => ({ type })) }),
  };
}
