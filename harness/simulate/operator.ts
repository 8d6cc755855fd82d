/** An operator in a simulation: it orders what is planned, and takes back in the end what would keep the cluster from its work. */
import type { OperatorAction } from '../../mesos/master/actions.ts';
import type { Directives } from '../../mesos/master/directives.ts';
import type { Machine } from '../../mesos/master/machines.ts';
import type { Reign } from '../../mesos/master/reign.ts';
import type { Slave } from '../../mesos/master/state.ts';
import { isEmpty, NOTHING, subtract, sum } from '../../mesos/protocol/resources.ts';
import type { Millis } from '../../mesos/runtime/actor.ts';
import type { VirtualCluster } from '../../mesos/runtime/virtual.ts';
import type { Masters } from './masters.ts';
import type { Order, Plan } from './plan.ts';
import { reservedPart } from './reserving.ts';

/** How long the operator waits for a master that leads. */
const TRY_AGAIN_MS: Millis = 1000;
/** When machines are to be worked on, from when that is ordered. */
const NOTICE_MS: Millis = 60_000;
/** How long the operator waits before looking again whether something is reserved. */
const FREE_AGAIN_MS: Millis = 5000;

/** Schedules all that the operator does. */
export function startOperator(cluster: VirtualCluster, masters: Masters, plan: Plan): void {
  for (const order of [...plan.orders, ...plan.reservations.orders])
    cluster.at(order.atMs, () => {
      const { reign } = masters;
      const action = reign && actionOf(order, reign, plan, cluster.now);
      if (action !== undefined) reign?.operator.act(action, 'operator');
    });
  const end = (): void => {
    const { reign } = masters;
    if (reign === undefined) return cluster.at(cluster.now + TRY_AGAIN_MS, end);
    for (const action of amends(reign.books.directives)) reign.operator.act(action, 'operator');
  };
  if (plan.orders.length > 0) cluster.at(plan.faultsEndMs, end);
  const { probability, orders } = plan.reservations;
  if (probability > 0 || orders.length > 0) cluster.at(plan.faultsEndMs, () => freeAll(cluster, masters));
}

/** Frees of reservations whatever is free, now and again: slaves may come back, and tasks end. */
function freeAll(cluster: VirtualCluster, masters: Masters): void {
  const { reign } = masters;
  for (const slave of reign?.books.slaves.values() ?? []) {
    const action = freed(slave);
    if (action !== undefined) reign?.operator.act(action, 'operator');
  }
  cluster.at(cluster.now + FREE_AGAIN_MS, () => freeAll(cluster, masters));
}

/** Undefined if there is nothing to be freed. */
function freed({ id: slaveId, info, tasks }: Slave): OperatorAction | undefined {
  const resources = reservedPart(subtract(info.resources, sum([...tasks].map((task) => task.resources))));
  return isEmpty(resources) ? undefined : { type: 'UNRESERVE_RESOURCES', slaveId, resources };
}

/** What is to be done; undefined if there is nobody to do it to. */
function actionOf(
  { whom, what }: Order,
  { books: { directives, slaves: known, frameworks } }: Reign,
  { slaves }: Plan,
  nowMs: Millis,
): OperatorAction | undefined {
  const choose = <T>(items: Iterable<T>): T | undefined => {
    const all = [...items];
    return all[whom % Math.max(1, all.length)];
  };
  const busy = [...known.values()].filter(({ tasks }) => tasks.size > 0).map(({ id }) => id);
  const slaveId = choose(busy.length > 0 && whom % 3 > 0 ? busy : known.keys());
  switch (what.kind) {
    case 'teardown': {
      const frameworkId = choose(frameworks.keys());
      return frameworkId === undefined ? undefined : { type: 'TEARDOWN', frameworkId };
    }
    case 'mark-gone':
      return slaveId === undefined ? undefined : { type: 'MARK_SLAVE_GONE', slaveId };
    case 'deactivate':
      return slaveId === undefined ? undefined : { type: 'DEACTIVATE_SLAVE', slaveId };
    case 'reactivate': {
      const withheld = choose(directives.slaves.keys());
      return withheld === undefined ? undefined : { type: 'REACTIVATE_SLAVE', slaveId: withheld };
    }
    case 'drain': {
      if (slaveId === undefined) return undefined;
      const { maxGraceMs, markGone } = what;
      return { type: 'DRAIN_SLAVE', slaveId, markGone, ...(maxGraceMs !== undefined && { maxGraceMs }) };
    }
    case 'reserve':
      return slaveId === undefined
        ? undefined
        : { type: 'RESERVE_RESOURCES', slaveId, resources: what.resources };
    case 'unreserve': {
      const slave = known.get(slaveId ?? '');
      return slave && freed(slave);
    }
    case 'weigh':
      return { type: 'UPDATE_WEIGHTS', weights: [{ role: what.role, weight: what.weight }] };
    case 'limit': {
      const { role, limits, force } = what;
      return { type: 'UPDATE_QUOTA', quotas: [{ role, limits, guarantees: NOTHING }], force };
    }
    case 'schedule': {
      const isDown = new Set(directives.down.map(({ hostname }) => hostname));
      const up = slaves.filter(({ hostname }) => !isDown.has(hostname));
      const some = up.filter((_, n) => (n + whom) % up.length < what.machines);
      const machines: readonly Machine[] = [
        ...directives.down,
        ...some.map(({ hostname }) => ({ hostname })),
      ];
      const unavailability = { startMs: nowMs + NOTICE_MS };
      const windows = machines.length > 0 ? [{ machines, unavailability }] : [];
      return { type: 'UPDATE_MAINTENANCE_SCHEDULE', windows };
    }
    case 'down': {
      const machine = choose(directives.schedule.flatMap(({ machines }) => machines));
      return machine === undefined ? undefined : { type: 'START_MAINTENANCE', machines: [machine] };
    }
    case 'up': {
      const machine = choose(directives.down);
      return machine === undefined ? undefined : { type: 'STOP_MAINTENANCE', machines: [machine] };
    }
    default:
      return what satisfies never;
  }
}

/** All slaves are offered again, all machines are up, and no role is limited. */
function amends({ slaves, down, quotas }: Directives): readonly OperatorAction[] {
  const withheld = [...slaves].flatMap(([id, { is }]) => (is === 'gone' ? [] : [id]));
  return [
    ...withheld.map((slaveId): OperatorAction => ({ type: 'REACTIVATE_SLAVE', slaveId })),
    ...(down.length > 0 ? [{ type: 'STOP_MAINTENANCE', machines: down } as const] : []),
    { type: 'UPDATE_MAINTENANCE_SCHEDULE', windows: [] },
    {
      type: 'UPDATE_QUOTA',
      quotas: [...quotas.values()].map((quota) => ({ ...quota, limits: NOTHING })),
      force: true,
    },
  ];
}
