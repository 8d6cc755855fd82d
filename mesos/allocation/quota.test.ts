import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SlaveFilter } from '../protocol/filters.ts';
import type { AllocationModule } from './allocation.ts';
import { fair } from './fair.ts';
import type { AllocationOptions } from './options.ts';
import { Quota } from './quota.ts';
import { Supplies } from './supplies.ts';
import { moduleOf, of, pairs, slaveOf, use } from './testModule.ts';

const SLAVE = { cpus: 4, mem: 4096 };

/** Frameworks `f` and `g` of the role `gold`, `h` of another, and slaves `s1`, `s2`, … */
function moduleWith(slaves: number, options: AllocationOptions = {}): AllocationModule {
  const module = moduleOf(fair(options));
  for (const id of ['f', 'g']) module.addFramework(id, { role: 'gold' });
  module.addFramework('h', { role: '*' });
  for (let n = 1; n <= slaves; n++) module.addSlave(`s${n}`, slaveOf(SLAVE));
  return module;
}

test('an offer that would exceed the quota is cut to what is left of it, and the rest goes to the next in line', () => {
  const module = moduleWith(1);
  module.setQuota('gold', { cpus: 3, mem: 1024 });
  const [first, second] = module.allocate(0);
  assert.equal(first, { frameworkId: 'f', slaveId: 's1', pool: 'any', resources: { cpus: 3, mem: 1024 } });
  assert.equal(second, { frameworkId: 'h', slaveId: 's1', pool: 'any', resources: { cpus: 1, mem: 3072 } });
});

test('what the quota does not name is unlimited', () => {
  const module = moduleWith(1);
  module.setNeedsOffers('h', false);
  module.setQuota('gold', { cpus: 0 });
  assert.equal(
    module.allocate(0).map(({ resources }) => resources),
    [{ mem: 4096 }],
  );
});

test('frameworks of one role share its quota, and it is told that they are at it', () => {
  const module = moduleWith(2);
  module.setNeedsOffers('h', false);
  module.setQuota('gold', SLAVE);
  assert.equal(pairs(module.allocate(0)), ['f:s1']);
  assert.equal(module.whyNot('g', 's2', 0), { why: 'quota', role: 'gold', limit: SLAVE, held: SLAVE });
});

test('a remainder that is below the minimum offer is not offered', () => {
  const module = moduleWith(2, { minimumOffersByRole: { gold: [{ cpus: 2 }] } });
  module.setNeedsOffers('h', false);
  module.setQuota('gold', { cpus: 5, mem: 8192 });
  assert.equal(pairs(module.allocate(0)), ['f:s1']);
  assert.is(module.whyNot('g', 's2', 0)?.why, 'quota');
});

test('a filter that only what the quota leaves does not pass is not to blame', () => {
  const module = moduleWith(1);
  const filter: SlaveFilter = { kind: 'free', resources: { cpus: 2 } };
  for (const id of ['f', 'g']) module.setFilters(id, [filter]);
  module.setNeedsOffers('h', false);
  module.setQuota('gold', { cpus: 1 });
  assert.equal(module.allocate(0), []);
  assert.is(module.whyNot('f', 's1', 0)?.why, 'quota');
  module.setFilters('f', [{ kind: 'hosts', hostnames: [] }]);
  assert.is(module.whyNot('f', 's1', 0)?.why, 'filtered');
});

test('room that comes back is offered without any other event, whatever becomes of it', () => {
  const module = moduleWith(2);
  module.setNeedsOffers('h', false);
  module.setQuota('gold', SLAVE);
  const [first] = module.allocate(0);
  if (first === undefined) return assert.unreachable();
  // The task takes two CPUs; for the rest there is room on the other slave.
  const task = use(module, first, { cpus: 2, mem: 1024 }, Number.POSITIVE_INFINITY);
  module.setNeedsOffers('f', false);
  const again = module.allocate(1);
  assert.equal(
    again.map(({ frameworkId, resources }) => [frameworkId, resources]),
    [['g', { cpus: 2, mem: 3072 }]],
  );
  for (const grant of again) module.returned(grant, Number.POSITIVE_INFINITY);
  assert.equal(pairs(module.allocate(2)), ['g:s2']);
  assert.equal(module.allocate(3), []);
  module.freed(task);
  assert.equal(
    module.allocate(4).map(({ frameworkId, slaveId, resources }) => [frameworkId, slaveId, resources]),
    // As much of s1 it has refused.
    [['g', 's2', { cpus: 2, mem: 1024 }]],
  );
});

test('a quota that is raised or lifted is news to the role; one that is lowered takes nothing away', () => {
  const module = moduleWith(3);
  module.setNeedsOffers('h', false);
  module.setQuota('gold', SLAVE);
  const grants = [...module.allocate(0)];
  assert.is(grants.length, 1);
  module.setQuota('gold', { cpus: 8, mem: 8192 });
  grants.push(...module.allocate(1));
  assert.equal(pairs(grants), ['f:s1', 'g:s2']);
  module.setQuota('gold', { cpus: 1, mem: 64 });
  assert.equal(module.allocate(2), []);
  assert.equal(module.held('f'), SLAVE);
  const [first] = grants;
  if (first) module.returned(first);
  assert.equal(module.allocate(3), []);
  module.setQuota('gold', undefined);
  assert.is(module.allocate(4).length, 2);
});

test('a quota counts what an earlier master launched, and frameworks that come later', () => {
  const module = moduleWith(1);
  module.setQuota('late', { cpus: 1, mem: 1024 });
  module.addFramework('late', { role: 'late' });
  for (const id of ['f', 'g', 'h']) module.setNeedsOffers(id, false);
  module.recovered({ frameworkId: 'late', slaveId: 's1', pool: 'any', resources: { cpus: 2, mem: 512 } });
  assert.equal(
    module.allocate(0).map(({ resources }) => resources),
    [{ mem: 512 }],
  );
});

test('no task is revoked for what a quota has no room for', () => {
  const module = moduleWith(2, { revocation: { afterMs: 10, graceMs: 1 } });
  module.addFramework('i', { role: 'gold', guarantee: SLAVE });
  for (const id of ['f', 'g', 'i']) module.setNeedsOffers(id, false);
  const tasks = module.allocate(0).map((grant, n) => {
    module.used(grant);
    return { ...of(grant, SLAVE), taskId: `t${n}`, launchedMs: 0, isEnding: false };
  });
  const tasksOf = (id: string) => tasks.filter(({ frameworkId }) => frameworkId === id);
  module.setQuota('gold', { cpus: 0, mem: 0 });
  module.setNeedsOffers('i', true);
  for (const now of [10, 20, 30]) {
    module.allocate(now);
    assert.equal(module.revoke(now, tasksOf), []);
  }
  module.setQuota('gold', undefined);
  module.allocate(40);
  assert.is(module.revoke(40, tasksOf).length, 1);
});

test('who is held back is asked about again only what there is more room for than before', () => {
  const quota = new Quota('gold', { cpus: 2 });
  const supplies = new Supplies({});
  for (let n = 0; n < 1_000; n++) supplies.add(`s${n}`, slaveOf(SLAVE));
  quota.add({ cpus: 1.5 });
  for (const supply of supplies.available) quota.holdBack(supply);
  quota.add({ cpus: 0.5 });
  assert.is([...quota.roomier()].length, 0);
  quota.subtract({ cpus: 0.5 });
  assert.is([...quota.roomier()].length, 0);
  quota.subtract({ cpus: 0.5 });
  let asked = 0;
  for (const supply of quota.roomier()) {
    // The first takes all the room.
    quota.add({ cpus: 1 });
    quota.holdBack(supply);
    asked++;
  }
  assert.is(asked, 1);
  quota.subtract({ cpus: 0.5 });
  assert.equal([...quota.roomier()].length, 1);
});

test('a weight that is changed counts from the next allocation on', () => {
  const module = moduleWith(0);
  module.setNeedsOffers('g', false);
  module.setWeight('gold', 3);
  for (let n = 1; n <= 8; n++) module.addSlave(`s${n}`, slaveOf(SLAVE));
  const share = (id: string): number => (module.held(id).cpus ?? 0) / SLAVE.cpus;
  module.allocate(0);
  assert.equal([share('f'), share('h')], [6, 2]);
  module.setWeight('gold', 0.5);
  module.setWeight('*', 2);
  for (let n = 9; n <= 18; n++) module.addSlave(`s${n}`, slaveOf(SLAVE));
  module.allocate(1);
  assert.equal([share('f'), share('h')], [6, 12]);
});

test('a guarantee that is changed holds for all of the role that asked for none themselves, if it can be met', () => {
  const module = moduleWith(2, { guarantees: { gold: { cpus: 1 } } });
  module.addFramework('own', { role: 'gold', guarantee: { cpus: 2 } });
  assert.is(module.setGuarantee('gold', { cpus: 3 }), undefined);
  assert.equal(
    ['f', 'g', 'own'].map((id) => module.guaranteeOf(id)),
    [{ cpus: 3 }, { cpus: 3 }, { cpus: 2 }],
  );
  assert.is(
    module.setGuarantee('gold', { cpus: 4 }),
    "a guarantee of cpus:4 for each framework of role 'gold' cannot be met: with those given before it comes to cpus:10, and the cluster has cpus:8;mem:8192",
  );
  assert.equal(module.guaranteeOf('f'), { cpus: 3 });
  assert.match(module.objection({ role: 'gold' }) ?? '', /cpus:3 cannot be met/);
  module.removeSlave('s2');
  assert.is(module.setGuarantee('gold', { cpus: 2 }), undefined);
  assert.is(module.objection({ role: '*', guarantee: { mem: 4096 } })?.includes('cpus:6'), true);
});

test.run();
