import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse, type Resources } from '../protocol/resources.ts';
import type { AllocationModule, RunningTask } from './allocation.ts';
import { fair } from './fair.ts';
import type { AllocationOptions } from './options.ts';
import { moduleOf, of, pairs, slaveOf } from './testModule.ts';

/** Frameworks that have their roles as names, and slaves `s1`, `s2`, … */
function moduleWith(
  roles: readonly string[],
  slaves: readonly string[],
  options: AllocationOptions = {},
): AllocationModule {
  const module = moduleOf(fair(options));
  for (const role of roles) module.addFramework(role, { role });
  for (const [n, total] of slaves.entries()) module.addSlave(`s${n + 1}`, slaveOf(parse(total)));
  return module;
}

const granted = (module: AllocationModule, nowMs: number): readonly (readonly [string, Resources])[] =>
  module.allocate(nowMs).map(({ frameworkId, resources }) => [frameworkId, resources]);

test('a framework is offered what is reserved for its role and for nobody, and the rest goes to others', () => {
  const module = moduleWith(['gold', 'silver'], ['cpus(silver):4;mem(silver):64;cpus:2;cpus(gold):1']);
  assert.equal(granted(module, 0), [
    ['gold', { cpus: 2, 'cpus(gold)': 1 }],
    ['silver', { 'cpus(silver)': 4, 'mem(silver)': 64 }],
  ]);
});

test('it is told for whom the rest is reserved', () => {
  const module = moduleWith(['gold', '*'], ['cpus(gold):4;mem(gold):64']);
  module.setNeedsOffers('gold', false);
  assert.equal(module.allocate(0), []);
  assert.equal(module.whyNot('*', 's1', 0), { why: 'reserved', role: 'gold' });
  module.setNeedsOffers('gold', true);
  assert.equal(pairs(module.allocate(1)), ['gold:s1']);
  assert.equal(module.whyNot('*', 's1', 1), {
    why: 'another-framework',
    frameworkId: 'gold',
    how: 'offered',
  });
});

test('shares, quotas, minimum offers and filters count what is reserved as any other', () => {
  const module = moduleWith(['gold', '*'], ['cpus(gold):4', 'cpus:4', 'cpus(gold):2;cpus:2'], {
    minimumOffers: [{ cpus: 4 }],
  });
  module.setFilters('gold', [{ kind: 'free', resources: { cpus: 4 } }]);
  assert.equal(pairs(module.allocate(0)), ['gold:s1', '*:s2', 'gold:s3']);
  assert.equal(module.held('gold'), { cpus: 8 });
  assert.equal(module.whyNot('*', 's3', 0)?.why, 'another-framework');
  module.addSlave('s4', slaveOf(parse('cpus(gold):4;cpus:4')));
  module.setQuota('gold', { cpus: 12 });
  assert.equal(granted(module, 1), [
    ['*', { cpus: 4 }],
    ['gold', { 'cpus(gold)': 4 }],
  ]);
});

test('what a quota has room for is taken of what is reserved first', () => {
  const module = moduleWith(['gold'], ['cpus:4;cpus(gold):4']);
  module.setQuota('gold', { cpus: 5 });
  assert.equal(granted(module, 0), [['gold', { 'cpus(gold)': 4, cpus: 1 }]]);
});

test('guarantees count what is reserved as any other', () => {
  const module = moduleWith([], ['cpus(gold):4;cpus:4']);
  assert.is(module.objection({ role: 'gold', guarantee: { cpus: 8 } }), undefined);
  assert.match(module.objection({ role: 'gold', guarantee: { cpus: 9 } }) ?? '', /the cluster has cpus:8$/);
});

test('what is free can be reserved, and freed of the reservation, which is news', () => {
  const module = moduleWith(['gold', '*'], ['cpus:4;mem:4096']);
  for (let now = 0; now < 2; now++)
    for (const grant of module.allocate(now)) module.returned(grant, Number.POSITIVE_INFINITY);
  assert.equal(module.allocate(2), []);
  const [bare, reserved] = [parse('cpus:3'), parse('cpus(gold):3')];
  assert.is(module.convertFree('s1', bare, reserved), undefined);
  assert.equal(granted(module, 3), [['gold', { cpus: 1, mem: 4096, 'cpus(gold)': 3 }]]);
  assert.is(module.convertFree('s1', reserved, bare), 'cpus(gold):3 of slave s1 is not free');
  module.setNeedsOffers('gold', false);
  module.returned(of({ frameworkId: 'gold', slaveId: 's1', pool: 'any', resources: {} }, reserved));
  assert.equal(module.allocate(4), []);
  assert.is(module.convertFree('s1', reserved, bare), undefined);
  module.setNeedsOffers('*', true);
  assert.equal(granted(module, 5), [['*', { cpus: 3 }]]);
  assert.is(module.convertFree('nowhere', bare, reserved), 'cpus:3 of slave nowhere is not free');
});

test('what is offered can be reserved, and comes back as that', () => {
  const module = moduleWith(['gold', '*'], ['cpus:4']);
  const [grant] = module.allocate(0);
  if (grant === undefined) return assert.unreachable();
  module.convert(of(grant, { cpus: 3 }), { 'cpus(gold)': 3 });
  assert.equal(module.held('gold'), { cpus: 4 });
  module.used(of(grant, { 'cpus(gold)': 1 }));
  module.returned(of(grant, { cpus: 1, 'cpus(gold)': 2 }), Number.POSITIVE_INFINITY);
  assert.equal(granted(module, 1), [['*', { cpus: 1 }]]);
  assert.equal(module.whyNot('gold', 's1', 1), { why: 'refused', untilMs: Number.POSITIVE_INFINITY });
  module.freed(of(grant, { 'cpus(gold)': 1 }));
  assert.equal(granted(module, 2), [['gold', { 'cpus(gold)': 3 }]]);
});

test('nothing can be reserved that would be more or less than before', () => {
  const module = moduleWith(['gold'], ['cpus:4']);
  assert.throws(() => module.convertFree('s1', { cpus: 2 }, { 'cpus(gold)': 3 }), /more or less/);
  const [grant] = module.allocate(0);
  if (grant) assert.throws(() => module.convert(grant, { 'cpus(gold)': 3 }), /more or less/);
});

test('a refusal in two pieces covers both, whatever is reserved for others beside them', () => {
  const module = moduleWith(['*', 'gold'], ['cpus:4;cpus(gold):2']);
  module.setNeedsOffers('gold', false);
  const [grant] = module.allocate(0);
  if (grant === undefined) return assert.unreachable();
  module.used(of(grant, { cpus: 1 }));
  module.returned(of(grant, { cpus: 2 }), Number.POSITIVE_INFINITY);
  module.returned(of(grant, { cpus: 1 }), Number.POSITIVE_INFINITY);
  assert.equal(module.allocate(1), []);
});

test('only what is not reserved is set aside for short tasks', () => {
  const module = moduleWith(['gold', '*'], ['cpus(gold):8;cpus:2'], {
    shortTasks: { reserve: { cpus: 4 }, maxTaskDurationMs: 1 },
  });
  const pools = module.allocate(0).map(({ frameworkId, pool, resources }) => [frameworkId, pool, resources]);
  assert.equal(pools, [
    ['gold', 'any', { 'cpus(gold)': 8, cpus: 1 }],
    ['*', 'short', { cpus: 1 }],
  ]);
});

test('of what is free and what tasks leave, only what the claimant may have counts for its guarantee', () => {
  const module = moduleWith(['silver'], ['cpus(silver):8;cpus:4'], {
    revocation: { afterMs: 10, graceMs: 1 },
  });
  module.setNeedsOffers('silver', false);
  const tasks: RunningTask[] = [];
  for (const [n, resources] of [parse('cpus(silver):4;cpus:1'), parse('cpus:2')].entries()) {
    module.recovered({ frameworkId: 'silver', slaveId: 's1', pool: 'any', resources });
    tasks.push({ taskId: `t${n}`, slaveId: 's1', pool: 'any', resources, launchedMs: -n, isEnding: false });
  }
  module.addFramework('claimant', { role: '*', guarantee: { cpus: 3 } });
  for (const grant of module.allocate(0)) module.returned(grant, Number.POSITIVE_INFINITY);
  for (const now of [1, 11]) module.allocate(now);
  // One CPU is free, two are lacking.
  const revoked = module.revoke(11, (id) => (id === 'silver' ? tasks : []));
  assert.equal(
    revoked.map(({ taskId }) => taskId),
    ['t1'],
  );
});

test.run();
