import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  contains,
  dominantShare,
  isEmpty,
  NOTHING,
  type Resources,
  subtract,
} from '../protocol/resources.ts';
import { seededRandom } from '../runtime/random.ts';
import type { AllocationModule, Grant, SlaveDescription } from './allocation.ts';
import { type FairOptions, fair } from './fair.ts';

const moduleWith = (options: FairOptions = {}): AllocationModule => fair(options)(seededRandom(1));

const slaveOf = (total: Resources): SlaveDescription => ({ hostname: 'node', attributes: {}, total });

/** Frameworks take one task from each offer and give back the rest, until nobody is offered anything that fits. */
function fill(
  module: AllocationModule,
  demands: Readonly<Record<string, Resources>>,
): Record<string, number> {
  const tasks: Record<string, number> = {};
  for (let now = 0; now < 10_000; now += 10) {
    for (const grant of module.allocate(now)) {
      const { frameworkId, resources } = grant;
      const demand = demands[frameworkId] ?? NOTHING;
      const fits = contains(resources, demand);
      if (fits) tasks[frameworkId] = (tasks[frameworkId] ?? 0) + 1;
      const rest = fits ? subtract(resources, demand) : resources;
      if (fits) module.used({ ...grant, resources: demand });
      if (!isEmpty(rest))
        module.returned({ ...grant, resources: rest }, fits ? now + 1 : Number.POSITIVE_INFINITY);
    }
  }
  return tasks;
}

test('the worked example of the DRF paper: 3 tasks of <1 CPU, 4 GB> and 2 of <3 CPU, 1 GB>', () => {
  const module = moduleWith();
  module.addFramework('A', { role: '*' });
  module.addFramework('B', { role: '*' });
  module.addSlave('s', slaveOf({ cpus: 9, mem: 18 * 1024 }));
  const demands = { A: { cpus: 1, mem: 4 * 1024 }, B: { cpus: 3, mem: 1024 } };
  assert.equal(fill(module, demands), { A: 3, B: 2 });
});

test('weights scale the dominant shares', () => {
  const module = moduleWith({ weights: { gold: 3 } });
  module.addFramework('gold', { role: 'gold' });
  module.addFramework('plain', { role: '*' });
  module.addSlave('s', slaveOf({ cpus: 40, mem: 40_000 }));
  const demand = { cpus: 1, mem: 1000 };
  assert.equal(fill(module, { gold: demand, plain: demand }), { gold: 30, plain: 10 });
});

test('a slave below the minimum offer is not offered', () => {
  const module = moduleWith({ minimumOffers: [{ cpus: 2, mem: 1024 }] });
  module.addFramework('f', { role: '*' });
  module.addSlave('small', slaveOf({ cpus: 1, mem: 4096 }));
  module.addSlave('large', slaveOf({ cpus: 2, mem: 1024 }));
  assert.equal(
    module.allocate(0).map(({ slaveId }) => slaveId),
    ['large'],
  );
  assert.equal(module.whyNot('f', 'small', 0), { why: 'below-minimum', free: { cpus: 1, mem: 4096 } });
});

test('it tells why a framework is not offered a slave', () => {
  const module = moduleWith();
  module.addFramework('f', { role: '*' });
  module.addSlave('s', slaveOf({ cpus: 1, mem: 1024 }));
  assert.equal(module.whyNot('f', 's', 0), { why: 'being-allocated' });
  module.allocate(0);
  assert.equal(module.whyNot('f', 's', 0), { why: 'nothing-free' });
  module.returned({ frameworkId: 'f', slaveId: 's', pool: 'any', resources: { cpus: 1, mem: 1024 } }, 5_000);
  assert.equal(module.whyNot('f', 's', 0), { why: 'refused', untilMs: 5_000 });
  module.setNeedsOffers('f', false);
  assert.equal(module.whyNot('f', 's', 0), { why: 'suppressed' });
  assert.is(module.whyNot('nobody', 's', 0), undefined);
});

test('a refusal that runs out brings the slave back without any other event', () => {
  const module = moduleWith();
  module.addFramework('f', { role: '*' });
  module.addSlave('s', slaveOf({ cpus: 1, mem: 1024 }));
  const [grant] = module.allocate(0);
  if (grant) module.returned(grant, 5_000);
  assert.is(module.allocate(4_999).length, 0);
  assert.is(module.nextWakeMs(), 5_000);
  assert.is(module.allocate(5_000).length, 1);
});

test('a refusal covers what is given back, not what came to be free meanwhile and was never offered', () => {
  const module = moduleWith();
  module.addFramework('f', { role: '*' });
  module.addFramework('g', { role: '*' });
  module.addSlave('s', slaveOf({ cpus: 4, mem: 4096 }));
  const [grant] = module.allocate(0);
  const holder = grant?.frameworkId ?? '';
  module.setNeedsOffers(holder === 'f' ? 'g' : 'f', false);
  // A task of two CPUs ends before the next allocation, and then the rest of an offer is refused.
  const of = { frameworkId: holder, slaveId: 's', pool: 'any' } as const;
  module.used({ ...of, resources: { cpus: 4, mem: 3072 } });
  module.freed({ ...of, resources: { cpus: 2, mem: 1024 } });
  module.returned({ ...of, resources: { mem: 1024 } }, 600_000);
  assert.equal(module.allocate(1), [{ ...of, resources: { cpus: 2, mem: 2048 } }]);
});

/** One step of a random history of an allocation module. */
const step = fc.oneof(
  fc.record({ do: fc.constant('allocate' as const) }),
  fc.record({
    do: fc.constant('release' as const),
    which: fc.nat(),
    refuseMs: fc.constantFrom(undefined, 1, 100),
  }),
  fc.record({ do: fc.constant('needs' as const), which: fc.nat(), needed: fc.boolean() }),
  fc.record({ do: fc.constant('addSlave' as const), cpus: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ do: fc.constant('addFramework' as const) }),
  fc.record({ do: fc.constant('removeFramework' as const), which: fc.nat() }),
  fc.record({ do: fc.constant('removeSlave' as const), which: fc.nat() }),
);

test('whatever happens, nothing is granted twice, and the lowest share that wants and may is always served first', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const module = moduleWith();
      const slaves = new Map<string, Resources>();
      const frameworks = new Map<string, boolean>();
      const held: Grant[] = [];
      let made = 0;
      let now = 0;
      const at = <T>(items: readonly T[], which: number): T | undefined =>
        items[which % Math.max(1, items.length)];
      const release = (grant: (typeof held)[number], until?: number): void => {
        held.splice(held.indexOf(grant), 1);
        module.returned(grant, until);
      };
      for (const one of steps) {
        now += 10;
        switch (one.do) {
          case 'addSlave': {
            const total = { cpus: one.cpus, mem: one.cpus * 100 };
            slaves.set(`s${made}`, total);
            module.addSlave(`s${made++}`, slaveOf(total));
            break;
          }
          case 'addFramework':
            frameworks.set(`f${made}`, true);
            module.addFramework(`f${made++}`, { role: '*' });
            break;
          case 'removeFramework': {
            const id = at([...frameworks.keys()], one.which);
            if (id === undefined) break;
            for (const grant of held.filter(({ frameworkId }) => frameworkId === id)) release(grant);
            frameworks.delete(id);
            module.removeFramework(id);
            break;
          }
          case 'removeSlave': {
            const id = at([...slaves.keys()], one.which);
            if (id === undefined) break;
            for (const grant of held.filter(({ slaveId }) => slaveId === id)) release(grant);
            slaves.delete(id);
            module.removeSlave(id);
            break;
          }
          case 'needs': {
            const id = at([...frameworks.keys()], one.which);
            if (id === undefined) break;
            frameworks.set(id, one.needed);
            module.setNeedsOffers(id, one.needed);
            break;
          }
          case 'release': {
            const grant = at(held, one.which);
            if (grant !== undefined) release(grant, one.refuseMs && now + one.refuseMs);
            break;
          }
          case 'allocate': {
            const cluster = [...slaves.values()].reduce(add, NOTHING);
            for (const grant of module.allocate(now)) {
              const share = (id: string): number =>
                dominantShare(
                  held.filter((h) => h.frameworkId === id).reduce((sum, h) => add(sum, h.resources), NOTHING),
                  cluster,
                );
              const own = share(grant.frameworkId);
              assert.ok(frameworks.get(grant.frameworkId), 'granted to one that wants no offers');
              for (const [id, needs] of frameworks)
                if (needs && share(id) < own - 1e-12)
                  // Passed over: it must have refused the slave. (It cannot be asked now: the slave is granted.)
                  assert.ok(
                    steps.some((s) => s.do === 'release' && s.refuseMs !== undefined),
                    `${id} was passed over`,
                  );
              held.push(grant);
            }
            break;
          }
          default:
            one satisfies never;
        }
        for (const [id, total] of slaves) {
          const granted = held
            .filter(({ slaveId }) => slaveId === id)
            .reduce((sum, h) => add(sum, h.resources), NOTHING);
          assert.ok(contains(total, granted), `slave ${id} is overcommitted`);
        }
        for (const id of frameworks.keys()) {
          const granted = held
            .filter(({ frameworkId }) => frameworkId === id)
            .reduce((sum, h) => add(sum, h.resources), NOTHING);
          assert.ok(
            contains(granted, module.held(id)) && contains(module.held(id), granted),
            `books of ${id}`,
          );
        }
      }
      // Nothing is forgotten: once everybody wants everything, no free slave stays free.
      for (const id of frameworks.keys()) module.setNeedsOffers(id, true);
      held.push(...module.allocate(now + 1_000));
      if (frameworks.size > 0) assert.is(new Set(held.map(({ slaveId }) => slaveId)).size, slaves.size);
    }),
  );
});

test.run();
