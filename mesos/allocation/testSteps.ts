/** For tests of allocation modules: random histories, step by step. */
import fc from 'fast-check';
import type { SlaveFilter } from '../protocol/filters.ts';
import { add, contains, NOTHING, type Resources, reserve, subtract } from '../protocol/resources.ts';
import type { Model } from './testModel.ts';
import { slaveOf } from './testModule.ts';

const which = fc.nat();
const role = fc.constantFrom('a', 'b', 'c');
const refuseMs = fc.constantFrom(undefined, 1, 100, Number.POSITIVE_INFINITY);
/** One thing that happens. */
export const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('allocate' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('launch' as const), which, refuseMs }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('return' as const), which, refuseMs }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('end' as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('addSlave' as const),
      cpus: fc.integer({ min: 1, max: 8 }),
      isOld: fc.boolean(),
      /** One CPU of it, and its memory, are reserved for this role. */
      reservedFor: fc.option(role),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('reserveFree' as const, 'reserveOffered' as const),
      which,
      cpus: fc.constantFrom(0.5, 1, 2),
      from: fc.option(role),
      to: fc.option(role),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('addFramework' as const),
      role,
      guaranteed: fc.constantFrom(0, 0, 2),
    }),
  },
  fc.record({ do: fc.constant('needs' as const), which, needed: fc.boolean() }),
  fc.record({
    do: fc.constant('filter' as const),
    which,
    kind: fc.constantFrom('none', 'hosts', 'rack', 'free'),
  }),
  fc.record({ do: fc.constant('activate' as const), which, active: fc.boolean() }),
  fc.record({ do: fc.constant('setWeight' as const), role, weight: fc.constantFrom(0.5, 1, 3) }),
  fc.record({ do: fc.constant('setGuarantee' as const), role, cpus: fc.constantFrom(0, 1, 2) }),
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('setQuota' as const),
      role,
      limit: fc.constantFrom(
        undefined,
        { cpus: 0, mem: 0 },
        { cpus: 1 },
        { cpus: 2.5, mem: 300 },
        { mem: 450 },
        { cpus: 9, mem: 900, gpus: 1 },
      ),
    }),
  },
  fc.record({ do: fc.constant('removeFramework' as const), which }),
  fc.record({ do: fc.constant('removeSlave' as const), which }),
);
/** The step as it is drawn; `which` chooses among what there is. */
export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const FILTERS: Readonly<Record<string, readonly SlaveFilter[]>> = {
  none: [],
  hosts: [{ kind: 'hosts', hostnames: ['s0', 's2', 's4', 's6'] }],
  rack: [{ kind: 'attribute', name: 'rack', value: 'even' }],
  free: [{ kind: 'free', resources: { cpus: 2 } }],
};

/** It happens, and the model is checked. */
export function take(model: Model, one: Step): void {
  model.nowMs += 10;
  switch (one.do) {
    case 'allocate':
      model.allocate();
      model.revoke();
      break;
    case 'launch': {
      const offer = at(model.offers, one.which);
      if (offer !== undefined) model.launch(offer, one.refuseMs);
      break;
    }
    case 'return': {
      const offer = at(model.offers, one.which);
      if (offer !== undefined) model.giveBack(offer, offer.resources, one.refuseMs);
      break;
    }
    case 'end': {
      const task = at(model.tasks, one.which);
      if (task !== undefined) model.end(task);
      break;
    }
    case 'addSlave': {
      const id = model.newId('s');
      const part = { cpus: 1, mem: 100 };
      const whole = { cpus: one.cpus, mem: one.cpus * 100 };
      const total =
        one.reservedFor === null ? whole : add(subtract(whole, part), reserve(part, one.reservedFor));
      const attributes = { rack: Number(id.slice(1)) % 2 === 0 ? 'even' : 'odd' };
      model.slaves.set(id, { hostname: id, attributes, total, active: true });
      model.module.addSlave(id, slaveOf(total, { hostname: id, attributes }));
      if (one.isOld)
        for (const frameworkId of model.frameworks.keys())
          for (const pool of ['any', 'short'] as const) {
            const used = model.held(({ slaveId }) => slaveId === id);
            const resources = { cpus: 1, mem: 50 };
            if (!contains(total, add(used, resources))) continue;
            const holding = { frameworkId, slaveId: id, pool, resources };
            model.module.recovered(holding);
            model.run(holding);
          }
      break;
    }
    case 'addFramework': {
      const id = model.newId('f');
      const guarantee = { cpus: one.guaranteed, mem: one.guaranteed * 100 };
      const description = { role: one.role, guarantee: one.guaranteed > 0 ? guarantee : undefined };
      if (model.module.objection(description) !== undefined) break;
      model.frameworks.set(id, {
        role: one.role,
        own: description.guarantee,
        guarantee: description.guarantee ?? model.guarantees.get(one.role) ?? NOTHING,
        needs: true,
        filters: [],
        refused: new Map(),
        grants: 0,
      });
      model.module.addFramework(id, description);
      break;
    }
    case 'needs': {
      const id = at([...model.frameworks.keys()], one.which);
      if (id !== undefined) model.needs(id, one.needed);
      break;
    }
    case 'filter': {
      const id = at([...model.frameworks.keys()], one.which);
      if (id !== undefined) model.filter(id, FILTERS[one.kind] ?? []);
      break;
    }
    case 'activate': {
      const id = at([...model.slaves.keys()], one.which);
      if (id !== undefined) model.activate(id, one.active);
      break;
    }
    case 'reserveFree': {
      const id = at([...model.slaves.keys()], one.which);
      const [from, to] = conversion(one);
      if (id !== undefined) model.reserveFree(id, from, to);
      break;
    }
    case 'reserveOffered': {
      const offer = at(model.offers, one.which);
      const [from, to] = conversion(one);
      if (offer !== undefined && contains(offer.resources, from)) model.reserveOffered(offer, from, to);
      break;
    }
    case 'setWeight':
      model.weights.set(one.role, one.weight);
      model.module.setWeight(one.role, one.weight);
      break;
    case 'setGuarantee':
      model.setGuarantee(one.role, { cpus: one.cpus, mem: one.cpus * 100 });
      break;
    case 'setQuota':
      model.setQuota(one.role, one.limit);
      break;
    case 'removeFramework': {
      const id = at([...model.frameworks.keys()], one.which);
      if (id === undefined) break;
      model.clear(({ frameworkId }) => frameworkId === id);
      model.frameworks.delete(id);
      model.module.removeFramework(id);
      break;
    }
    case 'removeSlave': {
      const id = at([...model.slaves.keys()], one.which);
      if (id === undefined) break;
      model.clear(({ slaveId }) => slaveId === id);
      model.slaves.delete(id);
      model.module.removeSlave(id);
      break;
    }
    default:
      one satisfies never;
  }
  model.check();
}

const at = <T>(items: readonly T[], index: number): T | undefined => items[index % Math.max(1, items.length)];

/** From what to what a step converts. */
function conversion({
  cpus,
  from,
  to,
}: Extract<Step, { cpus: number; to: string | null }>): readonly [Resources, Resources] {
  const bare = { cpus, mem: 50 };
  const as = (role: string | null): Resources => (role === null ? bare : reserve(bare, role));
  return [as(from), as(to)];
}
