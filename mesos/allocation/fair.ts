/**
 * Fair sharing: dominant resource fairness (DRF), max-min fairness over several resources, with weights (NSDI'11 §3.3).
 *
 * A slave with something free is offered, whole, to the framework with the lowest weighted dominant share that wants offers and
 * has not refused it. What is offered counts as held (§3.5). Only slaves on which something changed are looked at.
 */
import type { FrameworkId, SlaveId } from '../protocol/entities.ts';
import { type Candidate, type Predicate, predicateOf, type SlaveFilter } from '../protocol/filters.ts';
import {
  add,
  contains,
  dominantShare,
  isEmpty,
  NOTHING,
  type Resources,
  subtract,
} from '../protocol/resources.ts';
import type { Millis } from '../runtime/actor.ts';
import { EventQueue } from '../runtime/eventQueue.ts';
import type { AllocationFactory, AllocationModule, Grant, Holding, NotOffered } from './allocation.ts';
import { type Refusals, refusalOf } from './refusals.ts';

/** Options of the fair module. */
export interface FairOptions {
  /** Weight by role; a role that is not named weighs 1. A framework of weight 2 is entitled to twice a share of 1. */
  readonly weights?: Readonly<Record<string, number>>;
  /** A slave with less than this free is not offered (NSDI'11 §4.6). Default: 0.01 CPU or 32 MiB. */
  readonly minimumOffers?: readonly Resources[];
}

/** Offered is what holds at least one of these, as in Apache Mesos. */
const MINIMUM_OFFERS: readonly Resources[] = [{ cpus: 0.01 }, { mem: 32 }];

interface Framework {
  readonly id: FrameworkId;
  readonly weight: number;
  readonly refusals: Refusals;
  readonly guarantee: Resources;
  filters: readonly Filter[];
  held: Resources;
  /** Weighted dominant share; the order of offers. */
  share: number;
  /** Grants so far: of equal shares, who got fewer comes first. */
  grants: number;
  needsOffers: boolean;
}

interface Filter {
  readonly filter: SlaveFilter;
  readonly admits: Predicate;
}

interface Slave extends Candidate {
  readonly id: SlaveId;
  readonly total: Resources;
  free: Resources;
  isActive: boolean;
}

interface Expiry {
  readonly at: Millis;
  readonly order: number;
  readonly framework: Framework;
  readonly slaveId: SlaveId;
}

/** The fair allocation module. */
export function fair(options: FairOptions = {}): AllocationFactory {
  return () => fairModule(options);
}

function fairModule(options: FairOptions): AllocationModule {
  const minimumOffers = options.minimumOffers ?? MINIMUM_OFFERS;
  const frameworks = new Map<FrameworkId, Framework>();
  const slaves = new Map<SlaveId, Slave>();
  const withFree = new Set<Slave>();
  /** Slaves with something free on which something changed since the last allocation, in the order of the changes. */
  const changed = new Set<Slave>();
  const expiries = new EventQueue<Expiry>();
  let expiriesMade = 0;
  /** Frameworks by share, lowest first; in no order while `unsorted`. */
  const queue: Framework[] = [];
  let unsorted = false;
  let cluster: Resources = NOTHING;

  const shareOf = (framework: Framework): number => dominantShare(framework.held, cluster) / framework.weight;

  const isOfferable = (free: Resources): boolean => minimumOffers.some((minimum) => contains(free, minimum));

  /** Where the framework stands in the sorted queue, or would stand. */
  function position(framework: Framework): number {
    let low = 0;
    let high = queue.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (precedes(queue[middle] as Framework, framework)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function hold(framework: Framework, held: Resources, grants: number): void {
    if (!unsorted) queue.splice(position(framework), 1);
    framework.held = held;
    framework.grants = grants;
    framework.share = shareOf(framework);
    if (!unsorted) queue.splice(position(framework), 0, framework);
  }

  function sort(): void {
    if (!unsorted) return;
    for (const framework of frameworks.values()) framework.share = shareOf(framework);
    queue.sort((a, b) => (precedes(a, b) ? -1 : 1));
    unsorted = false;
  }

  function setFree(slave: Slave, free: Resources): void {
    slave.free = free;
    consider(slave);
  }

  /** What is free on the slave, or whether it may be offered, has changed. */
  function consider(slave: Slave): void {
    if (isEmpty(slave.free) || !slave.isActive) {
      withFree.delete(slave);
      changed.delete(slave);
    } else {
      withFree.add(slave);
      changed.add(slave);
    }
  }

  function reconsiderAll(): void {
    for (const slave of withFree) changed.add(slave);
  }

  function expire(nowMs: Millis): void {
    for (let due = expiries.peek(); due !== undefined && due.at <= nowMs; due = expiries.peek()) {
      expiries.pop();
      const { refusals } = due.framework;
      if ((refusals.get(due.slaveId)?.untilMs ?? Number.POSITIVE_INFINITY) <= nowMs)
        refusals.delete(due.slaveId);
      const slave = slaves.get(due.slaveId);
      if (slave !== undefined && withFree.has(slave)) changed.add(slave);
    }
  }

  function grant(slave: Slave, nowMs: Millis): Grant | undefined {
    if (!isOfferable(slave.free)) return undefined;
    for (const framework of queue) {
      if (!framework.needsOffers) continue;
      if (refusalOf(framework.refusals, slave.id, slave.free, nowMs) !== undefined) continue;
      if (!framework.filters.every(({ admits }) => admits(slave))) continue;
      const resources = slave.free;
      setFree(slave, NOTHING);
      hold(framework, add(framework.held, resources), framework.grants + 1);
      return { frameworkId: framework.id, slaveId: slave.id, pool: 'any', resources };
    }
    return undefined;
  }

  function giveBack({ frameworkId, slaveId, resources }: Holding, refusedUntilMs?: Millis): void {
    const framework = frameworks.get(frameworkId);
    if (framework !== undefined) hold(framework, subtract(framework.held, resources), framework.grants);
    const slave = slaves.get(slaveId);
    if (slave === undefined) return;
    const wasFree = slave.free;
    setFree(slave, add(wasFree, resources));
    if (framework === undefined || refusedUntilMs === undefined) return;
    const before = framework.refusals.get(slaveId);
    const isOldNews = before !== undefined && contains(before.refused, wasFree);
    const refused = isOldNews ? slave.free : resources;
    framework.refusals.set(slaveId, { refused, untilMs: refusedUntilMs });
    if (Number.isFinite(refusedUntilMs))
      expiries.push({ at: refusedUntilMs, order: expiriesMade++, framework, slaveId });
  }

  return {
    objection: () => undefined,

    addFramework(id, { role, guarantee }) {
      const framework: Framework = {
        id,
        weight: options.weights?.[role] ?? 1,
        refusals: new Map(),
        guarantee: guarantee ?? NOTHING,
        filters: [],
        held: NOTHING,
        share: 0,
        grants: 0,
        needsOffers: true,
      };
      frameworks.set(id, framework);
      queue.splice(unsorted ? queue.length : position(framework), 0, framework);
      reconsiderAll();
    },

    removeFramework(id) {
      const framework = frameworks.get(id);
      if (framework === undefined) return;
      frameworks.delete(id);
      queue.splice(queue.indexOf(framework), 1);
    },

    setNeedsOffers(id, needed) {
      const framework = frameworks.get(id);
      if (framework === undefined) return;
      framework.needsOffers = needed;
      if (!needed) return;
      framework.refusals.clear();
      reconsiderAll();
    },

    guaranteeOf: (id) => frameworks.get(id)?.guarantee ?? NOTHING,

    setFilters(id, filters) {
      const framework = frameworks.get(id);
      if (framework === undefined) return;
      framework.filters = filters.map((filter) => ({ filter, admits: predicateOf(filter) }));
      reconsiderAll();
    },

    addSlave(id, { hostname, attributes, total }) {
      const slave: Slave = { id, hostname, attributes, total, free: NOTHING, isActive: true };
      slaves.set(id, slave);
      setFree(slave, total);
      cluster = add(cluster, total);
      unsorted = true;
    },

    setSlaveActive(id, active) {
      const slave = slaves.get(id);
      if (slave === undefined) return;
      slave.isActive = active;
      consider(slave);
    },

    removeSlave(id) {
      const slave = slaves.get(id);
      if (slave === undefined) return;
      slaves.delete(id);
      setFree(slave, NOTHING);
      for (const framework of queue) framework.refusals.delete(id);
      cluster = subtract(cluster, slave.total);
      unsorted = true;
    },

    recovered({ frameworkId, slaveId, resources }) {
      const slave = slaves.get(slaveId);
      if (slave !== undefined) setFree(slave, subtract(slave.free, resources));
      const framework = frameworks.get(frameworkId);
      if (framework !== undefined) hold(framework, add(framework.held, resources), framework.grants);
    },

    used() {},

    returned: giveBack,

    freed: (holding) => giveBack(holding),

    allocate(nowMs) {
      expire(nowMs);
      if (changed.size === 0) return [];
      sort();
      const grants: Grant[] = [];
      for (const slave of changed) {
        const granted = grant(slave, nowMs);
        if (granted !== undefined) grants.push(granted);
      }
      changed.clear();
      return grants;
    },

    revoke: () => [],

    nextWakeMs: () => expiries.peek()?.at,

    whyNot(frameworkId, slaveId, nowMs): NotOffered | undefined {
      const framework = frameworks.get(frameworkId);
      const slave = slaves.get(slaveId);
      if (framework === undefined || slave === undefined) return undefined;
      if (!framework.needsOffers) return { why: 'suppressed' };
      if (!slave.isActive) return { why: 'slave-inactive' };
      if (isEmpty(slave.free)) return { why: 'nothing-free' };
      if (!isOfferable(slave.free)) return { why: 'below-minimum', free: slave.free };
      const refusal = refusalOf(framework.refusals, slaveId, slave.free, nowMs);
      if (refusal !== undefined) return { why: 'refused', untilMs: refusal.untilMs };
      const filtered = framework.filters.find(({ admits }) => !admits(slave));
      if (filtered !== undefined) return { why: 'filtered', filter: filtered.filter };
      return { why: 'being-allocated' };
    },

    held: (frameworkId) => frameworks.get(frameworkId)?.held ?? NOTHING,
  };
}

/** Lower share first; then fewer grants; then by id, so that the order is total. */
function precedes(a: Framework, b: Framework): boolean {
  if (a.share !== b.share) return a.share < b.share;
  if (a.grants !== b.grants) return a.grants < b.grants;
  return a.id < b.id;
}
