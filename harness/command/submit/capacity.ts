/** What a framework can ever have of a cluster as it is, and whether that is enough for a job. */
import * as v from 'valibot';
import type { JobStatus } from '../../../frameworks/jobBoard.ts';
import { slotsIn } from '../../../frameworks/slots.ts';
import { countPorts, PORTS, parsePorts } from '../../../mesos/protocol/ports.ts';
import {
  add,
  contains,
  format,
  NOTHING,
  type Resources,
  timesContained,
} from '../../../mesos/protocol/resources.ts';
import { type ClusterFlags, restartAdvice, restartAdviceForStore } from '../clusterFile.ts';
import type { MasterReader } from '../masterReads.ts';

const AmountsSchema = v.record(v.string(), v.unknown());
const SlavesSchema = v.object({
  slaves: v.array(
    v.object({
      active: v.boolean(),
      hostname: v.string(),
      resources: AmountsSchema,
      unreserved_resources: AmountsSchema,
    }),
  ),
});
const LimitsSchema = v.record(v.string(), v.object({ value: v.number() }));
const QuotaSchema = v.object({
  configs: v.optional(v.array(v.object({ role: v.string(), limits: v.optional(LimitsSchema, {}) })), []),
});
const FrameworksSchema = v.object({
  frameworks: v.array(
    v.object({
      id: v.string(),
      role: v.exactOptional(v.string()),
      roles: v.exactOptional(v.array(v.string())),
    }),
  ),
});

/** What a framework can have. */
export interface Capacity {
  /** How many slaves there are, and how many of them are active. */
  readonly known: number;
  readonly active: number;
  /** Of each active slave that it can use: what is reserved for nobody, for our frameworks use nothing else. */
  readonly slaves: readonly Resources[];
  /** Are these only slaves with a file server? */
  readonly onNodesOnly: boolean;
  /** Is something reserved there? */
  readonly hasReserved: boolean;
  /** What the frameworks of its role may hold together, if that is limited. What it does not name is not. */
  readonly quota?: { readonly role: string; readonly limits: Resources };
}

/** What there is to do about a cluster that has no room. */
export interface Remedies {
  /** About tasks that are too large. */
  readonly smaller: string;
  /** About slaves that are missing, and about file servers. */
  readonly slaves: string;
  readonly servers: string;
}

/** What whoever has started the cluster that these flags mean can do about it, if tasks can be made `smaller` so. */
export function remediesFor({ cluster, namenode = '' }: ClusterFlags, smaller: string): Remedies {
  return {
    smaller,
    slaves: cluster === undefined ? "start one with 'lab slave --master HOST:PORT'" : restartAdvice(cluster),
    servers:
      (cluster && restartAdviceForStore(cluster, namenode)) ?? "start one beside each with 'lab fileserver'",
  };
}

/** Asks the master. `hosts`: those with file servers, if the framework uses no others; none: it uses all. */
export async function readCapacity(
  reader: MasterReader,
  frameworkId: string,
  hosts: readonly string[] = [],
): Promise<Capacity> {
  const { slaves: known } = await reader.get(SlavesSchema, '/slaves');
  const active = known.filter((slave) => slave.active);
  const onNodesOnly = hosts.length > 0;
  const usable = onNodesOnly ? active.filter(({ hostname }) => hosts.includes(hostname)) : active;
  const slaves = usable.map((slave) => amounts(slave.unreserved_resources));
  const hasReserved = usable.some(({ resources }, n) => !contains(slaves[n] ?? NOTHING, amounts(resources)));
  const quota = await readQuota(reader, frameworkId);
  return {
    known: known.length,
    active: active.length,
    slaves,
    onNodesOnly,
    hasReserved,
    ...(quota !== undefined && { quota }),
  };
}

async function readQuota(reader: MasterReader, frameworkId: string): Promise<Capacity['quota']> {
  const { configs } = await reader.get(QuotaSchema, '/quota');
  if (configs.length === 0) return undefined;
  const path = `/frameworks?framework_id=${encodeURIComponent(frameworkId)}`;
  const { frameworks } = await reader.get(FrameworksSchema, path);
  const own = frameworks.find(({ id }) => id === frameworkId);
  const config = configs.find(({ role }) => own?.role === role || own?.roles?.includes(role));
  if (config === undefined) return undefined;
  const limits = Object.entries(config.limits).map(([name, { value }]) => [name, value] as const);
  return { role: config.role, limits: Object.fromEntries(limits) };
}

/**
 * Why the job can never run, or never all of it that is to run at the same time, as long as the cluster is as it is. A sentence, without a
 * full stop; undefined if there is room.
 */
export function misfit(
  { known, active, slaves, onNodesOnly, hasReserved, quota }: Capacity,
  { needs, tasks: { total } }: Pick<JobStatus, 'needs' | 'tasks'>,
  remedies: Remedies,
): string | undefined {
  const { smaller } = remedies;
  if (active === 0)
    return known > 0
      ? `the master has no slaves that are active: they are deactivated or drained (REACTIVATE_AGENT ends that), or out of reach: ${remedies.slaves}`
      : `the master has no slaves: ${remedies.slaves}`;
  if (slaves.length === 0) return `none of the slaves that are active has a file server: ${remedies.servers}`;
  if (needs === undefined) return undefined;
  const { slot, executor = NOTHING, atOnce } = needs;
  const least = add(slot, executor);
  const beside = needs.executor === undefined ? '' : ` beside ${format(executor)} for its executor`;
  const task = `a task needs ${format(slot)}${beside}`;
  if (!slaves.some((slave) => contains(slave, least))) {
    const unreserved = hasReserved ? ' that is not reserved' : '';
    return `${task} and no slave${onNodesOnly ? ' with a file server' : ''} is so large, the largest has ${format(largest(slaves, least))}${unreserved}: ${smaller}`;
  }
  const limits = Object.fromEntries(
    Object.entries(quota?.limits ?? NOTHING).filter(([name]) => (least[name] ?? 0) > 0),
  );
  const limited = (part: Resources): Resources => of(part, Object.keys(limits));
  if (!contains(limits, limited(least)))
    return `${task} and the quota of role '${quota?.role}' is ${format(limits)}: raise the quota, or ${smaller}`;
  if (atOnce === undefined) return undefined;
  const { what, perSlave = total, most = total } = atOnce;
  const all = `its ${total} ${what} run at the same time, each with ${format(slot)}, and`;
  const own = { executorId: '', resources: executor };
  const room = slaves
    .map((resources) => Math.min(perSlave, slotsIn({ resources, executorIds: [] }, own, slot)))
    .reduce((a, b) => a + b, 0);
  if (room < total) {
    const spread = perSlave < total ? `, at most ${perSlave} on each` : '';
    const unreserved = hasReserved ? ' beside what is reserved' : '';
    return `${all} the slaves have room for ${room}${spread}${unreserved}: ask for fewer with -n, ${smaller}, or add slaves`;
  }
  const allowed = timesContained(limits, limited(slot));
  if (allowed < total)
    return `${all} the quota of role '${quota?.role}' has room for ${allowed}: ask for fewer with -n, raise the quota, or ${smaller}`;
  if (most < total)
    return `${all} the framework holds no more than it is guaranteed, which is room for ${most}: ask for fewer with -n, or guarantee it more`;
  return undefined;
}

/** The slave that comes closest to this, as far as it is about that. */
function largest(slaves: readonly Resources[], least: Resources): Resources {
  const names = Object.keys(least);
  const closeness = (slave: Resources): number =>
    Math.min(...names.map((name) => (slave[name] ?? 0) / (least[name] ?? 0)));
  return of(
    slaves.reduce((a, b) => (closeness(b) > closeness(a) ? b : a)),
    names,
  );
}

/** So much of these there is. */
function of(resources: Resources, names: readonly string[]): Resources {
  return Object.fromEntries(names.map((name) => [name, resources[name] ?? 0]));
}

/** As a master writes them. */
function amounts(written: Readonly<Record<string, unknown>>): Resources {
  return Object.fromEntries(
    Object.entries(written).flatMap(([name, value]) => {
      if (name === PORTS && typeof value === 'string') return [[name, countPorts(parsePorts(value))]];
      return typeof value === 'number' ? [[name, value]] : [];
    }),
  );
}
