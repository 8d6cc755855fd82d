/**
 * What all allocation modules share: everything but the line in which frameworks wait.
 *
 * A supply, what is free in a pool of a slave, is offered whole to the first in line that wants it, and counts as that
 * framework's from then on (NSDI'11 §3.5). Only supplies that changed are offered to all; a framework that wants more than
 * before is shown all that is free.
 */
import type { FrameworkId, SlaveId } from '../protocol/entities.ts';
import type { Candidate } from '../protocol/filters.ts';
import { add, isEmpty, NOTHING, type Resources, unreserved, visibleTo } from '../protocol/resources.ts';
import type { Millis } from '../runtime/actor.ts';
import type { AllocationFactory, AllocationModule, Grant, Holding, NotOffered } from './allocation.ts';
import { compiled, createFramework, deficitOf, type Framework, isOfferable } from './framework.ts';
import { Guarantees } from './guarantees.ts';
import { belowGuaranteeFirst, type Claimant, type GuaranteedLine, type LineFactory } from './line.ts';
import type { AllocationOptions } from './options.ts';
import { Quotas } from './quota.ts';
import { Claims, latestLaunchedFirst, type VictimOrder } from './revocation.ts';
import { Roles } from './roles.ts';
import { candidateOf, Supplies, type Supply, visibleOf } from './supplies.ts';
import { Tally } from './tally.ts';
import { foremost, whyNotSupply } from './whyNot.ts';

/** Makes allocation modules that differ from others in the line, and perhaps in the order in which tasks are revoked. */
export function allocator(
  options: AllocationOptions,
  makeLine: LineFactory,
  victimOrder: VictimOrder = latestLaunchedFirst,
): AllocationFactory {
  return (random) => moduleOf(options, () => belowGuaranteeFirst(() => makeLine(random)), victimOrder);
}

function moduleOf(
  options: AllocationOptions,
  emptyLine: () => GuaranteedLine,
  victimOrder: VictimOrder,
): AllocationModule {
  const roles = new Roles(options);
  const { minimumOffers, isMinimumByRole } = roles;
  const unansweredMax = options.unansweredMax ?? 1;

  const frameworks = new Map<FrameworkId, Framework>();
  let frameworksMade = 0;
  const supplies = new Supplies(options);
  const claims = new Claims(options, victimOrder, supplies);
  const guarantees = new Guarantees(options, supplies.totalForAny);
  const quotas = new Quotas();

  /** All that want offers and may have more of them. */
  const line = emptyLine();
  /** They have too much in offers that they have not answered. */
  const mustAnswer = new Set<Framework>();
  /** They were among those, and there are supplies that they have missed. */
  const answered = new Set<Framework>();
  /** What they have or want has changed. */
  const changed = new Set<Framework>();
  /** They want more than before: all that is free is news to them. */
  const renewed = new Set<Framework>();
  /** Slaves have come or gone since the latest allocation. */
  let isResized = false;
  /** What shares are of: the cluster, or one that was in proportion. Then they are in the same order, and need not all be computed anew. */
  let whole = new Tally();
  let nowMs: Millis = Number.NEGATIVE_INFINITY;
  const none = new Tally();

  function demandOf({ needsOffers, offered }: Framework): Framework['demand'] {
    if (!needsOffers) return 'suppressed';
    return unansweredMax < 1 && supplies.total.shareOf(offered, none) >= unansweredMax
      ? 'must-answer'
      : 'wants';
  }

  /** Puts the framework where it belongs, after what it has or wants has changed. */
  function settle(framework: Framework): void {
    framework.share = whole.shareOf(framework.used, framework.offered) / framework.weight;
    framework.isBelowGuarantee = !isEmpty(deficitOf(framework));
    const before = framework.demand;
    framework.demand = demandOf(framework);
    if (framework.demand === 'wants') line.put(framework);
    else if (before === 'wants') line.remove(framework);
    if (framework.demand === 'must-answer') mustAnswer.add(framework);
    else mustAnswer.delete(framework);
    if (framework.demand === 'suppressed') framework.missed.clear();
    else if (framework.demand === 'wants' && framework.missed.size > 0) answered.add(framework);
    claims.update(framework, nowMs);
  }

  function settleAll(): void {
    const isDifferent = isResized && (unansweredMax < 1 || !supplies.total.isMultipleOf(whole));
    if (isDifferent) whole = supplies.total.copy();
    for (const framework of isDifferent ? frameworks.values() : changed) settle(framework);
    changed.clear();
    isResized = false;
  }

  /** What is on offer, while a line is asked. */
  let supply: Supply;
  let isAboveMinimum = false;
  /** What of it frameworks of a role may have, once that has been found out. */
  const visibleByRole = new Map<string, Resources>();
  /** When the first of the refusals in its way runs out. */
  let refusedUntilMs = Number.POSITIVE_INFINITY;

  function takes(claimant: Claimant): boolean {
    const framework = claimant as Framework;
    if (framework.quota !== undefined || supply.hasReservation) return takesPart(framework);
    if (
      framework.minimumOffers === minimumOffers
        ? !isAboveMinimum
        : !isOfferable(supply.free, framework.minimumOffers)
    )
      return false;
    return wants(framework, supply.free, supply);
  }

  /** Does it want the part of what is on offer that is not reserved for others, and for which its quota has room? */
  function takesPart(framework: Framework): boolean {
    const { role, quota } = framework;
    const visible = visibleOn(role);
    const part = quota?.cut(visible) ?? visible;
    const bare = unreserved(part);
    const isTaken =
      isOfferable(bare, framework.minimumOffers) && wants(framework, part, candidateOf(supply, bare));
    if (!isTaken && part !== visible) quota?.holdBack(supply);
    return isTaken;
  }

  function visibleOn(role: string): Resources {
    let visible = visibleByRole.get(role);
    if (visible === undefined) {
      visible = visibleOf(supply, role);
      visibleByRole.set(role, visible);
    }
    return visible;
  }

  function wants(framework: Framework, part: Resources, candidate: Candidate): boolean {
    const refusal = supply.refusals.covering(framework, part, nowMs);
    if (refusal !== undefined) {
      if (refusal.untilMs < refusedUntilMs) refusedUntilMs = refusal.untilMs;
      return false;
    }
    for (const { admits } of framework.filters) if (!admits(candidate)) return false;
    return true;
  }

  /** Offers a supply to those in a line; what the first does not get of it, to the next, until there is no more or nobody takes it. */
  function offer(what: Supply, to: GuaranteedLine, grants: Grant[]): void {
    supply = what;
    do {
      if (visibleByRole.size > 0) visibleByRole.clear();
      isAboveMinimum = isOfferable(supplies.bare(supply.free), minimumOffers);
      if (!isAboveMinimum && !isMinimumByRole) return;
      refusedUntilMs = Number.POSITIVE_INFINITY;
      const framework = to.first(takes) as Framework | undefined;
      if (framework === undefined) {
        for (const one of mustAnswer) if (takes(one)) one.missed.add(supply);
        if (refusedUntilMs < Number.POSITIVE_INFINITY) supplies.wakeAt(supply, refusedUntilMs);
        return;
      }
      grants.push(grant(framework, to));
    } while (supply.free !== NOTHING);
  }

  /** Grants the framework its part of the supply on offer. */
  function grant(framework: Framework, from: GuaranteedLine): Grant {
    const { role, quota } = framework;
    const visible = visibleOf(supply, role);
    const resources = quota === undefined ? visible : quota.cut(visible);
    supplies.grant(supply, resources, framework.id);
    const bare = supplies.bare(resources);
    framework.offered.add(bare);
    quota?.add(bare);
    framework.grants++;
    settle(framework);
    if (from !== line) {
      if (framework.demand === 'wants') from.put(framework);
      else from.remove(framework);
    }
    const made = { frameworkId: framework.id, slaveId: supply.slaveId, pool: supply.pool, resources };
    return supply.pool === 'short' && options.shortTasks !== undefined
      ? { ...made, maxTaskDurationMs: options.shortTasks.maxTaskDurationMs }
      : made;
  }

  function* ofRole(role: string): Iterable<Framework> {
    for (const framework of frameworks.values()) if (framework.role === role) yield framework;
  }

  function giveBack({
    slaveId,
    pool,
    resources,
  }: Holding): { supply: Supply; wasFree: Resources } | undefined {
    const its = supplies.of(slaveId, pool);
    if (its === undefined) return undefined;
    const wasFree = its.free;
    supplies.giveBack(its, resources);
    return { supply: its, wasFree };
  }

  /** Something that a framework has or wants has changed; where it belongs then is decided by the next allocation. */
  function change(id: FrameworkId, how: (framework: Framework) => void): void {
    const framework = frameworks.get(id);
    if (framework === undefined) return;
    how(framework);
    changed.add(framework);
  }

  function whyNot(frameworkId: FrameworkId, slaveId: SlaveId, atMs: Millis): NotOffered | undefined {
    const framework = frameworks.get(frameworkId);
    const all = supplies.all(slaveId);
    if (framework === undefined || all.length === 0) return undefined;
    if (!framework.needsOffers) return { why: 'suppressed' };
    if (supplies.active(slaveId) === undefined) return { why: 'slave-inactive' };
    const mustAnswer = demandOf(framework) === 'must-answer';
    return foremost(all.map((its) => whyNotSupply(framework, its, mustAnswer, atMs)));
  }

  return {
    objection: (description) => guarantees.objection(description),

    addFramework(id, description) {
      const framework = createFramework(id, frameworksMade++, description, guarantees.of(description), roles);
      frameworks.set(id, framework);
      guarantees.join(framework);
      quotas.join(framework);
      changed.add(framework);
      renewed.add(framework);
    },

    removeFramework(id) {
      const framework = frameworks.get(id);
      if (framework === undefined) return;
      frameworks.delete(id);
      guarantees.leave(framework);
      framework.revivals++;
      framework.quota?.leave(framework);
      line.remove(framework);
      claims.remove(framework);
      for (const set of [mustAnswer, answered, changed, renewed]) set.delete(framework);
    },

    guaranteeOf: (id) => frameworks.get(id)?.guarantee ?? NOTHING,

    setNeedsOffers: (id, needed) =>
      change(id, (framework) => {
        framework.needsOffers = needed;
        if (!needed) return;
        framework.revivals++;
        renewed.add(framework);
      }),

    setFilters: (id, filters) =>
      change(id, (framework) => {
        framework.filters = compiled(filters);
        renewed.add(framework);
      }),

    setWeight(role, weight) {
      roles.setWeight(role, weight);
      for (const framework of ofRole(role)) {
        framework.weight = weight;
        changed.add(framework);
      }
    },

    setGuarantee(role, guarantee) {
      const concerned = [...ofRole(role)].filter(({ ownGuarantee }) => ownGuarantee === undefined);
      for (const framework of concerned) changed.add(framework);
      return guarantees.set(role, guarantee, concerned);
    },

    setQuota(role, limit) {
      quotas.set(role, limit, ofRole(role));
      for (const framework of ofRole(role)) {
        changed.add(framework);
        renewed.add(framework);
      }
    },

    addSlave(id, slave) {
      supplies.add(id, slave);
      isResized = true;
    },

    removeSlave(id) {
      for (const framework of mustAnswer) for (const its of supplies.all(id)) framework.missed.delete(its);
      for (const its of supplies.all(id)) quotas.forget(its);
      supplies.remove(id);
      isResized = true;
    },

    setSlaveActive: (id, active) => supplies.setActive(id, active),

    convertFree: (slaveId, from, to) => supplies.convertFree(slaveId, from, to),

    convert: (holding, to) => supplies.convertHeld(holding, to),

    recovered(holding) {
      supplies.take(holding);
      change(holding.frameworkId, ({ quota, used }) => {
        const bare = supplies.bare(holding.resources);
        used.add(bare);
        quota?.add(bare);
      });
    },

    used(holding) {
      supplies.use(holding);
      change(holding.frameworkId, ({ offered, used }) => {
        const bare = supplies.bare(holding.resources);
        offered.subtract(bare);
        used.add(bare);
      });
    },

    returned(holding, refusedUntilMs) {
      const given = giveBack(holding);
      change(holding.frameworkId, (framework) => {
        const { role, quota, offered } = framework;
        const bare = supplies.bare(holding.resources);
        offered.subtract(bare);
        if (quota !== undefined) quotas.giveRoom(quota, bare);
        if (given === undefined || refusedUntilMs === undefined) return;
        const { supply: its, wasFree } = given;
        const wasVisible = its.hasReservation ? visibleTo(wasFree, role) : wasFree;
        its.refusals.refuse(framework, holding.resources, wasVisible, refusedUntilMs, nowMs);
      });
    },

    freed(holding) {
      giveBack(holding);
      change(holding.frameworkId, ({ quota, used }) => {
        const bare = supplies.bare(holding.resources);
        used.subtract(bare);
        if (quota !== undefined) quotas.giveRoom(quota, bare);
      });
    },

    allocate(now) {
      nowMs = now;
      settleAll();
      const grants: Grant[] = [];
      const changedSupplies = supplies.takeChanged(nowMs);
      for (const its of changedSupplies) offer(its, line, grants);
      for (const its of quotas.takeRoomier()) if (supplies.available.has(its)) offer(its, line, grants);
      if (renewed.size > 0) {
        const some = emptyLine();
        const asked = [...renewed, ...answered];
        for (const framework of asked) if (framework.demand === 'wants') some.put(framework);
        for (const its of supplies.available) if (!changedSupplies.has(its)) offer(its, some, grants);
        for (const framework of asked) if (framework.demand === 'wants') framework.missed.clear();
      } else {
        for (const framework of answered)
          for (const its of framework.missed) {
            if (framework.demand !== 'wants') break;
            framework.missed.delete(its);
            if (supplies.available.has(its)) offer(its, line, grants);
          }
      }
      renewed.clear();
      answered.clear();
      return grants;
    },

    revoke: (now, tasksOf) => claims.revoke(now, frameworks.values(), tasksOf),

    nextWakeMs() {
      const wakeMs = supplies.nextWakeMs();
      const lookMs = claims.nextLookMs();
      if (wakeMs === undefined || lookMs === undefined) return wakeMs ?? lookMs;
      return Math.min(wakeMs, lookMs);
    },

    whyNot,

    *whyNotAll(frameworkId, atMs) {
      for (const slaveId of supplies.ids()) {
        const reason = whyNot(frameworkId, slaveId, atMs);
        if (reason !== undefined) yield [slaveId, reason];
      }
    },

    held(id) {
      const framework = frameworks.get(id);
      if (framework === undefined) return NOTHING;
      return add(framework.used.resources(), framework.offered.resources());
    },
  };
}
