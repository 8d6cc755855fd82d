/** An allocation module under audit: what the master owes it, and what it owes the master, by the book of its interface. */
import type { AllocationModule } from '../../mesos/allocation/allocation.ts';
import type { FrameworkId, SlaveId } from '../../mesos/protocol/entities.ts';
import {
  add,
  contains,
  format,
  isEmpty,
  NOTHING,
  type Resources,
  subtract,
} from '../../mesos/protocol/resources.ts';

/** The same module; every breach of its interface is told. */
export function audited(module: AllocationModule, breach: (how: string) => void): AllocationModule {
  const free = new Map<SlaveId, Resources>();
  const held = new Map<FrameworkId, Map<SlaveId, Resources>>();
  const heldOn = (frameworkId: FrameworkId, slaveId: SlaveId): Resources =>
    held.get(frameworkId)?.get(slaveId) ?? NOTHING;

  return {
    addFramework(id, role) {
      held.set(id, new Map());
      module.addFramework(id, role);
    },
    removeFramework(id) {
      for (const [slaveId, resources] of held.get(id) ?? [])
        if (!isEmpty(resources)) breach(`${id} is removed and holds ${format(resources)} on ${slaveId}`);
      held.delete(id);
      module.removeFramework(id);
    },
    setNeedsOffers: (id, needed) => module.setNeedsOffers(id, needed),
    addSlave(id, total) {
      free.set(id, total);
      module.addSlave(id, total);
    },
    removeSlave(id) {
      for (const [frameworkId, slaves] of held) {
        const resources = slaves.get(id) ?? NOTHING;
        if (!isEmpty(resources))
          breach(`${id} is removed while ${frameworkId} holds ${format(resources)} on it`);
        slaves.delete(id);
      }
      free.delete(id);
      module.removeSlave(id);
    },
    release(frameworkId, slaveId, resources, refusedUntilMs) {
      const before = heldOn(frameworkId, slaveId);
      if (!contains(before, resources))
        breach(`${frameworkId} releases ${format(resources)} on ${slaveId} and holds ${format(before)}`);
      else {
        held.get(frameworkId)?.set(slaveId, subtract(before, resources));
        free.set(slaveId, add(free.get(slaveId) ?? NOTHING, resources));
      }
      module.release(frameworkId, slaveId, resources, refusedUntilMs);
    },
    allocate(nowMs) {
      const grants = module.allocate(nowMs);
      for (const { frameworkId, slaveId, resources } of grants) {
        const before = free.get(slaveId) ?? NOTHING;
        if (!contains(before, resources)) {
          breach(
            `${format(resources)} of ${slaveId} is granted to ${frameworkId}; free is ${format(before)}`,
          );
          continue;
        }
        free.set(slaveId, subtract(before, resources));
        held.get(frameworkId)?.set(slaveId, add(heldOn(frameworkId, slaveId), resources));
      }
      return grants;
    },
    nextExpiryMs: () => module.nextExpiryMs(),
    whyNot: (frameworkId, slaveId, nowMs) => module.whyNot(frameworkId, slaveId, nowMs),
    held: (frameworkId) => module.held(frameworkId),
  };
}
