import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lottery } from './lottery.ts';
import { moduleOf, slaveOf } from './testModule.ts';

const WEIGHTS = { one: 1, two: 2, three: 3 };

/** How often each framework is offered one slave that is returned at once. */
function offers(frameworks: readonly { id: string; role: string }[], draws: number, refusing?: string) {
  const module = moduleOf(lottery({ weights: WEIGHTS }), 7);
  for (const { id, role } of frameworks) module.addFramework(id, { role });
  if (refusing !== undefined) module.setFilters(refusing, [{ kind: 'hosts', hostnames: [] }]);
  module.addSlave('s', slaveOf({ cpus: 1, mem: 64 }));
  const count: Record<string, number> = {};
  for (let now = 0; now < draws; now++)
    for (const grant of module.allocate(now)) {
      count[grant.frameworkId] = (count[grant.frameworkId] ?? 0) + 1;
      module.returned(grant);
    }
  return count;
}

/** Five standard deviations of a binomial count: a run outside it does not happen by chance. */
function assertShare(count: number | undefined, draws: number, share: number): void {
  const deviation = Math.abs((count ?? 0) - draws * share);
  assert.ok(deviation <= 5 * Math.sqrt(draws * share * (1 - share)), `${count} of ${draws}, for ${share}`);
}

test('a free slave is offered to each framework with the probability of its share', () => {
  const count = offers(
    ['one', 'two', 'three'].map((role) => ({ id: role, role })),
    12_000,
  );
  for (const [role, weight] of Object.entries(WEIGHTS)) assertShare(count[role], 12_000, weight / 6);
});

test('it is drawn again among the others if the drawn one does not take it', () => {
  const count = offers(
    ['one', 'two', 'three'].map((role) => ({ id: role, role })),
    6_000,
    'two',
  );
  assert.is(count.two, undefined);
  assertShare(count.one, 6_000, 1 / 4);
});

test('so it is with many frameworks', () => {
  const frameworks = Array.from({ length: 30 }, (_, n) => ({
    id: `f${n}`,
    role: ['one', 'two', 'three'][n % 3] as string,
  }));
  const count = offers(frameworks, 30_000, 'f2');
  assert.is(count.f2, undefined);
  for (const { id, role } of frameworks.filter((framework) => framework.id !== 'f2'))
    assertShare(count[id], 30_000, WEIGHTS[role as 'one'] / 57);
});

test('slaves that two frameworks prefer are shared as their weights are, though the module knows no preferences', () => {
  // NSDI'11 §4.3: p preferred slaves, all wanted by both; each is taken in turn for a while.
  const module = moduleOf(lottery({ weights: WEIGHTS }), 3);
  module.addFramework('a', { role: 'one' });
  module.addFramework('b', { role: 'three' });
  const preferred = Array.from({ length: 20 }, (_, n) => `p${n}`);
  for (const id of preferred)
    module.addSlave(id, slaveOf({ cpus: 1, mem: 64 }, { attributes: { kind: 'good' } }));
  for (let n = 0; n < 80; n++) module.addSlave(`o${n}`, slaveOf({ cpus: 1, mem: 64 }));
  for (const id of ['a', 'b']) module.setFilters(id, [{ kind: 'attribute', name: 'kind', value: 'good' }]);
  const held = { a: 0, b: 0 };
  for (let now = 0; now < 1_000; now++)
    for (const grant of module.allocate(now)) {
      held[grant.frameworkId as 'a' | 'b']++;
      module.used(grant);
      module.freed(grant);
    }
  assert.is(held.a + held.b, 20_000);
  assertShare(held.b, 20_000, 3 / 4);
});

test('the same seed draws the same', () => {
  const all = ['one', 'two', 'three'].map((role) => ({ id: role, role }));
  assert.equal(offers(all, 100), offers(all, 100));
});

test.run();
