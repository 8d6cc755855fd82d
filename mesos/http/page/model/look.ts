/** How slaves, frameworks, tasks, offers and reasons are filtered, sorted and told to the page. */
import type { Look } from './arrange.ts';
import {
  type FrameworkRecord,
  hostnameOf,
  loadOf,
  type Model,
  type SlaveRecord,
  type TaskRecord,
} from './model.ts';
import { dominantShare } from './quantities.ts';
import type { FrameworkRow, OfferRow, SlaveRow, TaskRow, WhyNotRow } from './rows.ts';
import { phaseOf, TASK_STATES, type TaskState } from './taskStates.ts';

/** Offers that a framework holds. */
export interface HeldOffers {
  readonly count: number;
  readonly oldestMs: number | undefined;
}

/** A slave as a row. */
export function slaveRow(model: Model, slave: SlaveRecord): SlaveRow {
  const { used, live } = loadOf(model, slave.id);
  return { ...slave, used: { ...used }, tasks: live };
}

/** How slaves are looked at. */
export function slaveLook(model: Model): Look<SlaveRecord> {
  const part = (name: string) => (slave: SlaveRecord) => {
    const total = slave.total[name] ?? 0;
    return total === 0 ? -1 : (loadOf(model, slave.id).used[name] ?? 0) / total;
  };
  return {
    hay: ({ id, hostname, address, state, attributes }) =>
      `${hostname} ${address} ${state} ${attributes} ${id}`.toLowerCase(),
    kind: ({ state }) => state,
    keys: {
      hostname: ({ hostname }) => hostname,
      state: ({ state }) => state,
      cpus: part('cpus'),
      mem: part('mem'),
      disk: part('disk'),
      tasks: ({ id }) => loadOf(model, id).live,
      since: ({ registeredMs = 0 }) => registeredMs,
      attributes: ({ attributes }) => attributes,
    },
  };
}

/** A framework as a row. */
export function frameworkRow(
  model: Model,
  { id, facts, used, live }: FrameworkRecord,
  held: HeldOffers | undefined,
): FrameworkRow {
  const { share, of } = dominantShare(used, model.total);
  return {
    id,
    name: facts.name,
    role: facts.role,
    state: facts.state,
    used: { ...used },
    share,
    shareOf: of,
    tasks: live,
    offers: held?.count,
    oldestOfferMs: held?.oldestMs,
    registeredMs: facts.registeredMs,
  };
}

/** How frameworks are looked at. */
export function frameworkLook(
  model: Model,
  heldBy: (id: string) => HeldOffers | undefined,
): Look<FrameworkRecord> {
  const used = (name: string) => (framework: FrameworkRecord) => framework.used[name] ?? 0;
  return {
    hay: ({ id, facts }) =>
      `${facts.name} ${facts.role} ${facts.state} ${facts.user} ${facts.principal} ${id}`.toLowerCase(),
    kind: ({ facts }) => facts.state,
    takes: (choice, kind) => choice === 'current' && kind !== 'completed',
    keys: {
      name: ({ facts }) => facts.name,
      role: ({ facts }) => facts.role,
      state: ({ facts }) => facts.state,
      share: ({ used: held }) => dominantShare(held, model.total).share,
      cpus: used('cpus'),
      mem: used('mem'),
      tasks: ({ live }) => live,
      offers: ({ id }) => heldBy(id)?.count ?? 0,
      since: ({ facts }) => facts.registeredMs ?? 0,
    },
  };
}

/** A task as a row. */
export function taskRow(model: Model, task: TaskRecord): TaskRow {
  const { id, name, state, framework, slaveId, executorId, resources, startedMs, changedMs, why } = task;
  return {
    id,
    name,
    state,
    frameworkId: framework.id,
    framework: framework.facts.name,
    slaveId,
    hostname: hostnameOf(model, slaveId),
    isSlaveHere: model.slaves.has(slaveId),
    executorId,
    resources,
    startedMs,
    changedMs,
    why,
  };
}

const STATE_ORDER = new Map(TASK_STATES.map((state, index) => [state, index]));

/** How tasks are looked at. */
export function taskLook(model: Model): Look<TaskRecord> {
  return {
    hay: ({ id, name, framework, slaveId, state, executorId }) =>
      `${id} ${name} ${framework.facts.name} ${hostnameOf(model, slaveId)} ${state} ${executorId}`.toLowerCase(),
    kind: ({ state }) => state,
    takes: (choice, kind) => phaseOf(kind as TaskState) === choice,
    keys: {
      id: ({ id }) => id,
      name: ({ name }) => name,
      state: ({ state }) => STATE_ORDER.get(state) ?? 99,
      framework: ({ framework }) => framework.facts.name,
      slave: ({ slaveId }) => hostnameOf(model, slaveId),
      cpus: ({ resources }) => resources.cpus ?? 0,
      mem: ({ resources }) => resources.mem ?? 0,
      changed: ({ changedMs = 0 }) => changedMs,
      started: ({ startedMs = 0 }) => startedMs,
    },
  };
}

/** How offers are looked at. */
export const OFFER_LOOK: Look<OfferRow> = {
  hay: ({ id, framework, hostname }) => `${framework} ${hostname} ${id}`.toLowerCase(),
  kind: () => '',
  keys: {
    id: ({ id }) => id,
    framework: ({ framework }) => framework,
    slave: ({ hostname }) => hostname,
    cpus: ({ resources }) => resources.cpus ?? 0,
    mem: ({ resources }) => resources.mem ?? 0,
    // The longest held last: they were made first.
    held: ({ madeMs }) => -madeMs,
  },
};

/** How reasons are looked at. */
export const WHY_NOT_LOOK: Look<WhyNotRow> = {
  hay: ({ hostname, reason, why, id }) => `${hostname} ${why} ${reason} ${id}`.toLowerCase(),
  kind: ({ why }) => why,
  keys: {
    slave: ({ hostname }) => hostname,
    why: ({ why }) => why,
    until: ({ untilMs = 0 }) => untilMs,
  },
};
