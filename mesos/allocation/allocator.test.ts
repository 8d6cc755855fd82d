import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SlaveFilter } from '../protocol/filters.ts';
import { NOTHING, type Resources } from '../protocol/resources.ts';
import type { AllocationModule } from './allocation.ts';
import { fair } from './fair.ts';
import type { AllocationOptions } from './options.ts';
import { moduleOf, of, pairs, slaveOf, use } from './testModule.ts';

const SMALL = { cpus: 1, mem: 1024 };

/** A module with frameworks `f`, `g`, … of the role `*`, and slaves `s1`, `s2`, … */
function moduleWith(
  frameworks: readonly string[],
  slaves: readonly Resources[],
  options: AllocationOptions = {},
): AllocationModule {
  const module = moduleOf(fair(options));
  for (const id of frameworks) module.addFramework(id, { role: '*' });
  for (const [n, total] of slaves.entries()) module.addSlave(`s${n + 1}`, slaveOf(total));
  return module;
}

test('a slave below the minimum offer is not offered', () => {
  const module = moduleWith(
    ['f'],
    [
      { cpus: 1, mem: 4096 },
      { cpus: 2, mem: 1024 },
    ],
    {
      minimumOffers: [{ cpus: 2, mem: 1024 }],
    },
  );
  assert.equal(pairs(module.allocate(0)), ['f:s2']);
  assert.equal(module.whyNot('f', 's1', 0), { why: 'below-minimum', free: { cpus: 1, mem: 4096 } });
});

test('one alternative of the minimum offer is enough', () => {
  const module = moduleWith(['f'], [{ cpus: 1 }, { mem: 64 }, { cpus: 0.5, mem: 32 }], {
    minimumOffers: [{ cpus: 1 }, { mem: 64 }],
  });
  assert.equal(pairs(module.allocate(0)), ['f:s1', 'f:s2']);
});

test('a role may have a minimum offer of its own: its framework waits for a large slave, the others take small ones', () => {
  const module = moduleOf(fair({ minimumOffersByRole: { large: [{ cpus: 4 }] } }));
  module.addFramework('large', { role: 'large' });
  module.addFramework('small', { role: '*' });
  module.addSlave('s1', slaveOf({ cpus: 2, mem: 64 }));
  assert.equal(pairs(module.allocate(0)), ['small:s1']);
  assert.equal(module.whyNot('large', 's1', 0), {
    why: 'another-framework',
    frameworkId: 'small',
    how: 'offered',
  });
  module.addSlave('s2', slaveOf({ cpus: 4, mem: 64 }));
  assert.equal(pairs(module.allocate(0)), ['large:s2']);
});

test('a role may be content with less than the others', () => {
  const module = moduleOf(
    fair({ minimumOffers: [{ cpus: 4 }], minimumOffersByRole: { tiny: [{ cpus: 1 }] } }),
  );
  module.addFramework('f', { role: '*' });
  module.addFramework('tiny', { role: 'tiny' });
  module.addSlave('s', slaveOf({ cpus: 1, mem: 64 }));
  assert.equal(pairs(module.allocate(0)), ['tiny:s']);
});

test('it tells why a framework is not offered a slave', () => {
  const module = moduleWith(['f'], [SMALL], { unansweredMax: 0.5 });
  assert.equal(module.whyNot('f', 's1', 0), { why: 'being-allocated' });
  const [grant] = module.allocate(0);
  assert.equal(module.whyNot('f', 's1', 0), { why: 'nothing-free' });
  module.addSlave('s2', slaveOf(SMALL));
  assert.equal(module.whyNot('f', 's2', 0), { why: 'unanswered-offers', offered: SMALL });
  if (grant) module.returned(grant, 5_000);
  assert.equal(module.whyNot('f', 's1', 0), { why: 'refused', untilMs: 5_000 });
  const filter: SlaveFilter = { kind: 'hosts', hostnames: ['other'] };
  module.setFilters('f', [filter]);
  assert.equal(module.whyNot('f', 's2', 0), { why: 'filtered', filter });
  module.setSlaveActive('s1', false);
  assert.equal(module.whyNot('f', 's1', 0), { why: 'slave-inactive' });
  module.setNeedsOffers('f', false);
  assert.equal(module.whyNot('f', 's1', 0), { why: 'suppressed' });
  assert.is(module.whyNot('nobody', 's1', 0), undefined);
  assert.is(module.whyNot('f', 'nowhere', 0), undefined);
});

test('it tells who has what it is not offered, and whether that is offered or used', () => {
  const module = moduleWith(['f', 'g'], [SMALL]);
  module.setNeedsOffers('g', false);
  const [grant] = module.allocate(0);
  if (grant === undefined) return assert.unreachable();
  module.setNeedsOffers('g', true);
  assert.equal(module.whyNot('g', 's1', 0), { why: 'another-framework', frameworkId: 'f', how: 'offered' });
  assert.equal(module.whyNot('f', 's1', 0), { why: 'nothing-free' });
  module.used(of(grant, NOTHING));
  assert.equal(module.whyNot('g', 's1', 0), { why: 'another-framework', frameworkId: 'f', how: 'offered' });
  module.used(grant);
  assert.equal(module.whyNot('g', 's1', 0), { why: 'another-framework', frameworkId: 'f', how: 'used' });
  module.freed(of(grant, { cpus: 0.5 }));
  assert.equal(pairs(module.allocate(1)), ['g:s1']);
  assert.equal(module.whyNot('f', 's1', 1), { why: 'another-framework', frameworkId: 'g', how: 'offered' });
});

test('it tells it of all slaves one by one, and of those that are there when it comes to them', () => {
  const module = moduleWith(['f', 'g'], [SMALL, SMALL, SMALL]);
  module.setNeedsOffers('g', false);
  module.allocate(0);
  const reasons = module.whyNotAll('g', 0)[Symbol.iterator]();
  assert.equal(reasons.next().value, ['s1', { why: 'suppressed' }]);
  module.setNeedsOffers('g', true);
  const had = { why: 'another-framework', frameworkId: 'f', how: 'offered' };
  assert.equal(reasons.next().value, ['s2', had]);
  module.returned({ frameworkId: 'f', slaveId: 's3', pool: 'any', resources: SMALL });
  module.removeSlave('s3');
  module.addSlave('s4', slaveOf(SMALL));
  assert.equal(reasons.next().value, ['s4', { why: 'being-allocated' }]);
  assert.ok(reasons.next().done);
  assert.equal([...module.whyNotAll('nobody', 0)], []);
});

test('a refusal that runs out brings the slave back without any other event', () => {
  const module = moduleWith(['f'], [SMALL]);
  const [grant] = module.allocate(0);
  if (grant) module.returned(grant, 5_000);
  assert.is(module.allocate(4_999).length, 0);
  assert.is(module.nextWakeMs(), 5_000);
  assert.is(module.allocate(5_000).length, 1);
  assert.is(module.nextWakeMs(), undefined);
});

test('of several refusals the first that runs out counts, whichever was made first', () => {
  const module = moduleWith(['f', 'g'], [SMALL]);
  module.setNeedsOffers('g', false);
  const [first] = module.allocate(0);
  if (first) module.returned(first, 9_000);
  assert.equal(module.allocate(1), []);
  assert.is(module.nextWakeMs(), 9_000);
  module.setNeedsOffers('g', true);
  const [second] = module.allocate(2);
  if (second) module.returned(second, 5_000);
  assert.equal(module.allocate(3), []);
  assert.is(module.nextWakeMs(), 5_000);
  assert.equal(pairs(module.allocate(5_000)), ['g:s1']);
});

test('a refusal for ever has no end, and nobody is woken for it', () => {
  const module = moduleWith(['f'], [SMALL]);
  const [grant] = module.allocate(0);
  if (grant) module.returned(grant, Number.POSITIVE_INFINITY);
  assert.equal(module.allocate(1e12), []);
  assert.is(module.nextWakeMs(), undefined);
  assert.equal(module.whyNot('f', 's1', 1e12), { why: 'refused', untilMs: Number.POSITIVE_INFINITY });
});

test('a framework that needs offers again is offered what it refused for ever', () => {
  const module = moduleWith(['f', 'g'], [SMALL]);
  for (let now = 0; now < 2; now++)
    for (const grant of module.allocate(now)) module.returned(grant, Number.POSITIVE_INFINITY);
  assert.equal(module.allocate(2), []);
  module.setNeedsOffers('g', true);
  assert.equal(pairs(module.allocate(3)), ['g:s1']);
});

test('a refusal covers what is given back, not what came to be free meanwhile and was never offered', () => {
  const module = moduleWith(['f'], [{ cpus: 4, mem: 4096 }]);
  const [grant] = module.allocate(0);
  if (grant === undefined) return assert.unreachable();
  // A task of two CPUs ends before the next allocation, and then the rest of an offer is refused.
  module.used(of(grant, { cpus: 4, mem: 3072 }));
  module.freed(of(grant, { cpus: 2, mem: 1024 }));
  module.returned(of(grant, { mem: 1024 }), 600_000);
  assert.equal(module.allocate(1), [of(grant, { cpus: 2, mem: 2048 })]);
});

test('a refusal ends early when more is free than was refused, and not when it is as much in two pieces', () => {
  const module = moduleWith(['f'], [{ cpus: 4, mem: 4096 }]);
  const [grant] = module.allocate(0);
  if (grant === undefined) return assert.unreachable();
  module.used(of(grant, { cpus: 1, mem: 1024 }));
  module.returned(of(grant, { cpus: 2, mem: 2048 }), Number.POSITIVE_INFINITY);
  module.returned(of(grant, { cpus: 1, mem: 1024 }), Number.POSITIVE_INFINITY);
  assert.equal(module.allocate(1), []);
  module.freed(of(grant, { cpus: 1, mem: 1024 }));
  assert.equal(module.allocate(2), [grant]);
});

test('filters: only slaves of a list, with an attribute, and with so much free', () => {
  const module = moduleWith(['f'], []);
  const total = { cpus: 4, mem: 4096 };
  const filters: SlaveFilter[] = [
    { kind: 'hosts', hostnames: ['a', 'b', 'c'] },
    { kind: 'attribute', name: 'rack', value: 'one' },
    { kind: 'free', resources: { cpus: 2 } },
  ];
  module.setFilters('f', filters);
  module.addSlave('a', slaveOf(total, { hostname: 'a', attributes: { rack: 'one' } }));
  module.addSlave('b', slaveOf({ cpus: 1, mem: 4096 }, { hostname: 'b', attributes: { rack: 'one' } }));
  module.addSlave('c', slaveOf(total, { hostname: 'c', attributes: { rack: 'two' } }));
  module.addSlave('d', slaveOf(total, { hostname: 'd', attributes: { rack: 'one' } }));
  assert.equal(pairs(module.allocate(0)), ['f:a']);
  for (const [slaveId, index] of [
    ['b', 2],
    ['c', 1],
    ['d', 0],
  ] as const)
    assert.equal(module.whyNot('f', slaveId, 0), { why: 'filtered', filter: filters[index] });
  module.setFilters('f', []);
  assert.equal(pairs(module.allocate(1)), ['f:b', 'f:c', 'f:d']);
});

test('a filter on what is free is asked again when more is free', () => {
  const module = moduleWith(['f', 'g'], [{ cpus: 4, mem: 4096 }]);
  module.setFilters('f', [{ kind: 'free', resources: { cpus: 4 } }]);
  module.setNeedsOffers('f', false);
  const [grant] = module.allocate(0);
  if (grant === undefined) return assert.unreachable();
  module.setNeedsOffers('f', true);
  module.setNeedsOffers('g', false);
  const task = use(module, grant, { cpus: 1, mem: 64 });
  assert.equal(module.allocate(1), []);
  module.freed(task);
  assert.equal(pairs(module.allocate(2)), ['f:s1']);
});

test('a slave that is not active is not offered until it is again', () => {
  const module = moduleWith(['f'], [SMALL, SMALL]);
  module.setSlaveActive('s1', false);
  assert.equal(pairs(module.allocate(0)), ['f:s2']);
  module.setSlaveActive('s1', true);
  assert.equal(pairs(module.allocate(1)), ['f:s1']);
});

test('what an earlier master launched is in use', () => {
  const module = moduleWith(['f', 'g'], [{ cpus: 4, mem: 4096 }]);
  module.recovered({ frameworkId: 'f', slaveId: 's1', pool: 'any', resources: { cpus: 3, mem: 1024 } });
  assert.equal(module.held('f'), { cpus: 3, mem: 1024 });
  const [grant] = module.allocate(0);
  assert.is(grant?.frameworkId, 'g');
  assert.equal(grant?.resources, { cpus: 1, mem: 3072 });
});

test('who has too much in unanswered offers is passed over, until it answers', () => {
  const module = moduleWith(['f', 'g'], Array(10).fill(SMALL), { unansweredMax: 0.2 });
  const first = module.allocate(0);
  assert.is(first.length, 4);
  for (const grant of first) if (grant.frameworkId === 'f') module.returned(grant);
  const second = module.allocate(1);
  assert.equal(new Set(second.map(({ frameworkId }) => frameworkId)), new Set(['f']));
  assert.is(second.length, 2);
  for (const grant of [...first, ...second]) if (grant.frameworkId === 'g') module.used(grant);
  assert.is(module.allocate(2).length, 2);
});

test('who answers one offer at a time is shown one slave after the other, and each only once', () => {
  const module = moduleWith(['f'], Array(50).fill(SMALL), { unansweredMax: 0.01 });
  const seen: string[] = [];
  for (let now = 0; now < 100; now++)
    for (const grant of module.allocate(now)) {
      seen.push(grant.slaveId);
      module.returned(grant, Number.POSITIVE_INFINITY);
    }
  assert.is(seen.length, 50);
  assert.is(new Set(seen).size, 50);
});

test('resources that are reserved for short tasks are offered apart, with the limit', () => {
  const module = moduleWith(['f'], [{ cpus: 8, mem: 8192, disk: 100 }], {
    shortTasks: { reserve: { cpus: 1, mem: 1024 }, maxTaskDurationMs: 60_000 },
  });
  const [any, short] = module.allocate(0);
  assert.equal(any, {
    frameworkId: 'f',
    slaveId: 's1',
    pool: 'any',
    resources: { cpus: 7, mem: 7168, disk: 100 },
  });
  assert.equal(short, {
    frameworkId: 'f',
    slaveId: 's1',
    pool: 'short',
    resources: SMALL,
    maxTaskDurationMs: 60_000,
  });
});

test('of a slave of which others have a part, and a part is refused, it tells of what is refused', () => {
  const module = moduleWith(['f'], [{ cpus: 8, mem: 8192 }], {
    shortTasks: { reserve: SMALL, maxTaskDurationMs: 60_000 },
  });
  const [any, short] = module.allocate(0);
  if (any === undefined || short === undefined) return assert.unreachable();
  module.addFramework('g', { role: '*' });
  module.returned(any, 1_000);
  module.returned(short, 5_000);
  assert.equal(pairs(module.allocate(1)), ['g:s1', 'g:s1']);
  module.returned({ ...short, frameworkId: 'g' }, 5_000);
  assert.equal(module.whyNot('f', 's1', 2), { why: 'refused', untilMs: 5_000 });
});

test('what is refused of one pool is not refused of the other, and each keeps its own', () => {
  const module = moduleWith(['f'], [{ cpus: 8, mem: 8192 }], {
    shortTasks: { reserve: SMALL, maxTaskDurationMs: 60_000 },
  });
  const [any, short] = module.allocate(0);
  if (any === undefined || short === undefined) return assert.unreachable();
  module.returned(short, Number.POSITIVE_INFINITY);
  module.used(any);
  assert.equal(module.allocate(1), []);
  module.freed(of(any, { cpus: 1, mem: 512 }));
  assert.equal(module.allocate(2), [of(any, { cpus: 1, mem: 512 })]);
  assert.is(module.whyNot('f', 's1', 2)?.why, 'refused');
});

test('at most half of a slave is reserved, and nothing of what it has not', () => {
  const module = moduleWith(['f'], [{ cpus: 2, mem: 64 }], {
    shortTasks: { reserve: { cpus: 4, mem: 16, gpus: 1 }, maxTaskDurationMs: 1 },
  });
  assert.equal(
    module.allocate(0).map(({ pool, resources }) => ({ pool, resources })),
    [
      { pool: 'any', resources: { cpus: 1, mem: 48 } },
      { pool: 'short', resources: { cpus: 1, mem: 16 } },
    ],
  );
});

test('tasks of another split of the slave find room in both pools, and then the pools are as they should be', () => {
  const module = moduleWith(['f'], [{ cpus: 4, mem: 4096 }], {
    shortTasks: { reserve: SMALL, maxTaskDurationMs: 1 },
  });
  const on = { frameworkId: 'f', slaveId: 's1' } as const;
  const tasks = [
    { ...on, pool: 'short', resources: { cpus: 2, mem: 512 } },
    { ...on, pool: 'any', resources: { cpus: 2, mem: 3072 } },
  ] as const;
  for (const task of tasks) module.recovered(task);
  assert.equal(module.held('f'), { cpus: 4, mem: 3584 });
  for (const task of tasks) module.freed(task);
  assert.equal(
    module.allocate(0).map(({ pool, resources }) => ({ pool, resources })),
    [
      { pool: 'short', resources: SMALL },
      { pool: 'any', resources: { cpus: 3, mem: 3072 } },
    ],
  );
  assert.equal(module.held('f'), { cpus: 4, mem: 4096 });
});

test('a slave and a framework that are gone are granted nothing, and leave nothing behind', () => {
  const module = moduleWith(['f', 'g'], [SMALL, SMALL]);
  const grants = module.allocate(0);
  for (const grant of grants) module.returned(grant, 5_000);
  module.removeSlave('s1');
  module.removeFramework('f');
  assert.is(module.held('f'), NOTHING);
  assert.equal(module.guaranteeOf('f'), NOTHING);
  assert.ok(pairs(module.allocate(10_000)).every((pair) => pair === 'g:s2'));
});

test.run();
