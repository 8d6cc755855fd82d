/** What a line of a history file must look like. */
import * as v from 'valibot';
import type { HistoryEvent, Stamp } from '../../mesos/protocol/history.ts';
import { STATUS_REASONS, TASK_STATES } from '../../mesos/protocol/tasks.ts';

const QuantitiesSchema = v.record(v.string(), v.pipe(v.number(), v.finite(), v.minValue(0)));
const NumberSchema = v.pipe(v.number(), v.finite());

const StampSchema = v.object({
  t: NumberSchema,
  seq: NumberSchema,
  by: v.string(),
}) satisfies v.GenericSchema<unknown, Stamp>;

const slave = { slaveId: v.string() };
const framework = { frameworkId: v.string() };
const offer = { offerId: v.string() };
const task = { taskId: v.string(), ...framework, ...slave };
const executor = { executorId: v.string(), ...framework, ...slave };
const fault = { fault: v.string(), subject: v.string() };
const job = { framework: v.string(), jobId: v.string() };

/** The event without its name, by name. */
type Body<E extends HistoryEvent['event']> = Omit<Extract<HistoryEvent, { event: E }>, 'event'>;

const BODIES = {
  'master-elected': v.object({ masterId: v.string() }),
  'master-deposed': v.object({ masterId: v.string(), reason: v.string() }),
  'leader-lost': v.object({ masterId: v.string() }),
  'slave-registered': v.object({ ...slave, hostname: v.string(), resources: QuantitiesSchema }),
  'slave-disconnected': v.object({ ...slave, reason: v.string() }),
  'slave-lost': v.object({ ...slave, reason: v.string() }),
  'framework-registered': v.object({ ...framework, name: v.string(), role: v.string() }),
  'framework-removed': v.object({ ...framework, reason: v.string() }),
  'offer-sent': v.object({ ...offer, ...framework, ...slave, resources: QuantitiesSchema }),
  'offer-accepted': v.object({ ...offer, tasks: NumberSchema }),
  'offer-declined': v.object({ ...offer, refuseSeconds: NumberSchema }),
  'offer-rescinded': v.object({ ...offer, reason: v.string() }),
  'operation-dropped': v.object({
    operation: v.string(),
    ...framework,
    reason: v.string(),
    slaveId: v.exactOptional(v.string()),
  }),
  'slave-reserved': v.object({ ...slave, resources: QuantitiesSchema }),
  'task-launched': v.object({ ...task, executorId: v.string(), resources: QuantitiesSchema }),
  'task-updated': v.object({
    ...task,
    state: v.picklist(TASK_STATES),
    reason: v.exactOptional(v.picklist(STATUS_REASONS)),
    message: v.exactOptional(v.string()),
  }),
  'task-revoked': v.object({ ...task, forFrameworkId: v.string(), graceMs: NumberSchema }),
  'operator-acted': v.object({
    action: v.string(),
    subject: v.string(),
    principal: v.exactOptional(v.string()),
  }),
  'operator-refused': v.object({
    action: v.string(),
    subject: v.string(),
    reason: v.string(),
    principal: v.exactOptional(v.string()),
  }),
  'slave-drained': v.object(slave),
  'executor-started': v.object(executor),
  'executor-exited': v.object({ ...executor, status: NumberSchema }),
  'executor-recovered': v.object(executor),
  'executor-usage': v.object({ ...executor, cpuSeconds: NumberSchema, memBytes: NumberSchema }),
  'fault-injected': v.object(fault),
  'fault-visible': v.object(fault),
  'fault-healed': v.object(fault),
  'fault-recovered': v.object(fault),
  'job-submitted': v.object({
    ...job,
    kind: v.string(),
    tasks: NumberSchema,
    intendedMs: NumberSchema,
  }),
  'job-started': v.object(job),
  'job-decided': v.object({ ...job, tookMs: NumberSchema, tasks: NumberSchema }),
  'job-finished': v.object({
    ...job,
    outcome: v.picklist(['finished', 'failed']),
    message: v.exactOptional(v.string()),
  }),
  'block-read': v.object({
    ...job,
    taskId: v.string(),
    locality: v.picklist(['local', 'remote']),
    bytes: NumberSchema,
  }),
} satisfies { [E in HistoryEvent['event']]: v.GenericSchema<unknown, Body<E>> };

/**
 * Says what is wrong with a parsed line of a history; undefined if nothing is, and then it is a HistoryLine.
 */
export function complaint(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'it is not an object';
  const { event } = value as { event?: unknown };
  if (typeof event !== 'string') return 'it has no event';
  const body = Object.hasOwn(BODIES, event) ? BODIES[event as HistoryEvent['event']] : undefined;
  if (body === undefined) return `there is no event '${event.slice(0, 40)}'`;
  for (const schema of [StampSchema, body]) {
    if (v.is(schema, value)) continue;
    const issue = v.safeParse(schema, value).issues?.[0];
    return `${event}: ${issue ? `${v.getDotPath(issue) ?? ''} ${issue.message}`.trim() : 'malformed'}`;
  }
  return undefined;
}
