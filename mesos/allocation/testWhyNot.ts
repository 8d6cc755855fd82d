/** For tests of allocation modules: is what one says of why somebody is not offered something true, by the records of a model? */
import * as assert from 'uvu/assert';
import { predicateOf } from '../protocol/filters.ts';
import {
  contains,
  dominantShare,
  isEmpty,
  type Resources,
  roleOf,
  unreserved,
  visibleTo,
} from '../protocol/resources.ts';
import type { Holding, NotOffered } from './allocation.ts';
import type { Framework, Model, Slave } from './testModel.ts';

/** Right after an allocation there is a reason for each framework that wants offers and each slave, and it is true. */
export function whyNotIsTrue(model: Model): void {
  for (const [id, framework] of model.frameworks) {
    if (!framework.needs) continue;
    const reasons = [...model.module.whyNotAll(id, model.nowMs)];
    assert.equal(
      reasons.map(([slaveId]) => slaveId),
      [...model.slaves.keys()],
    );
    for (const [slaveId, reason] of reasons) {
      const slave = model.slaves.get(slaveId);
      const what = `${slaveId} is not offered to ${id}: ${JSON.stringify(reason)}`;
      assert.ok(slave !== undefined && isTrue(model, id, framework, slaveId, slave, reason), what);
      assert.equal(model.module.whyNot(id, slaveId, model.nowMs), reason);
    }
  }
}

function isTrue(
  model: Model,
  id: string,
  framework: Framework,
  slaveId: string,
  slave: Slave,
  reason: NotOffered,
): boolean {
  const free = model.freeOf(slaveId);
  const visible = visibleTo(free, framework.role);
  const part = model.partFor(framework.role, free);
  // Of a slave of two pools the records do not say how much each of them has free.
  const isWhole = model.options.shortTasks === undefined;
  if (reason.why !== 'slave-inactive' && !slave.active) return false;
  switch (reason.why) {
    case 'slave-inactive':
      return !slave.active;
    case 'nothing-free':
      return !isWhole || (isEmpty(free) && model.offers.concat(model.tasks).some(isHis(id, slaveId)));
    case 'another-framework': {
      const holdings: readonly Holding[] = reason.how === 'offered' ? model.offers : model.tasks;
      return (
        reason.frameworkId !== id &&
        holdings.some(isHis(reason.frameworkId, slaveId)) &&
        (!isWhole || isEmpty(free))
      );
    }
    case 'reserved':
      return (
        reason.role !== framework.role &&
        Object.keys(free).some((name) => roleOf(name) === reason.role && (free[name] ?? 0) > 0) &&
        (!isWhole || isEmpty(visible))
      );
    case 'below-minimum':
      return (
        contains(visible, reason.free) &&
        (!isWhole || contains(reason.free, visible)) &&
        !isEmpty(reason.free) &&
        !model.isEnough(framework.role, reason.free)
      );
    case 'refused':
      return (
        reason.untilMs > model.nowMs &&
        ['any', 'short'].some(
          (pool) => framework.refused.get(`${slaveId} ${pool}`)?.untilMs === reason.untilMs,
        )
      );
    case 'filtered':
      return (
        framework.filters.includes(reason.filter) &&
        ((reason.filter.kind === 'free' && !isWhole) ||
          !predicateOf(reason.filter)({ ...slave, free: unreserved(part) }))
      );
    case 'quota': {
      const limit = model.quotas.get(framework.role);
      const held = model.heldByRole(framework.role);
      const isAdmitted = (offered: Resources): boolean =>
        model.isEnough(framework.role, offered) &&
        framework.filters.every((filter) => predicateOf(filter)({ ...slave, free: unreserved(offered) }));
      return (
        limit !== undefined &&
        reason.role === framework.role &&
        JSON.stringify(reason.limit) === JSON.stringify(limit) &&
        contains(reason.held, held) &&
        contains(held, reason.held) &&
        (!isWhole || !isAdmitted(part))
      );
    }
    case 'unanswered-offers': {
      const offered = unreserved(model.held(({ frameworkId }) => frameworkId === id, model.offers));
      return (
        contains(reason.offered, offered) &&
        contains(offered, reason.offered) &&
        dominantShare(offered, model.cluster) >= (model.options.unansweredMax ?? 1)
      );
    }
    case 'suppressed':
    case 'being-allocated':
      return false;
    default:
      return reason satisfies never;
  }
}

/** Has the framework some of the slave? */
const isHis =
  (id: string, onId: string) =>
  ({ frameworkId, slaveId, resources }: Holding): boolean =>
    frameworkId === id && slaveId === onId && !isEmpty(resources);
