import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { firstOffer, sleepTask, testCluster } from '../testCluster.ts';
import type { Outcome } from './actions.ts';
import { memoryRegistry } from './registry.ts';

const DONE = { is: 'done' };
const why = (outcome: Outcome): unknown =>
  outcome.is === 'refused' ? [outcome.why, outcome.message] : outcome.is;
const quota = (role: string, limits: Record<string, number>, guarantees: Record<string, number> = {}) => ({
  role,
  limits,
  guarantees,
});

/** Of 40 slaves, how many are offered to each of two frameworks that keep what they are offered. */
function split(cluster: ReturnType<typeof testCluster>): readonly number[] {
  const [a, b] = [cluster.addFramework('a', { role: 'a' }), cluster.addFramework('b', { role: 'b' })];
  cluster.pass(100);
  for (let n = 1; n <= 40; n++) cluster.addSlave(n);
  cluster.pass(1000);
  return [a.offers.length, b.offers.length];
}

test('weights that an operator sets count from then on, also under the next master', () => {
  const registry = memoryRegistry();
  const cluster = testCluster({ registry });
  assert.equal(split(cluster), [20, 20]);
  const weighted = testCluster({ registry });
  assert.equal(weighted.operate({ type: 'UPDATE_WEIGHTS', weights: [{ role: 'a', weight: 3 }] }), DONE);
  assert.equal(split(weighted), [30, 10]);
  assert.equal(split(testCluster({ registry })), [30, 10]);
});

test('roles that are not named keep their weights', () => {
  const cluster = testCluster();
  cluster.operate({ type: 'UPDATE_WEIGHTS', weights: [{ role: 'a', weight: 3 }] });
  cluster.operate({ type: 'UPDATE_WEIGHTS', weights: [{ role: 'b', weight: 2 }] });
  assert.equal(
    [...cluster.books.directives.weights],
    [
      ['a', 3],
      ['b', 2],
    ],
  );
});

test('where the roles are named, others have no weights and no quotas; none is named twice', () => {
  const cluster = testCluster({ rights: { roles: { a: 'anyone' } } });
  const weigh = (...roles: string[]) =>
    why(cluster.operate({ type: 'UPDATE_WEIGHTS', weights: roles.map((role) => ({ role, weight: 2 })) }));
  assert.equal(weigh('a', 'b'), ['invalid', "There is no role 'b'"]);
  assert.equal(weigh('a', 'a'), ['invalid', "Role 'a' is named more than once"]);
  assert.is(cluster.books.directives.weights.size, 0);
  assert.equal(
    why(cluster.operate({ type: 'UPDATE_QUOTA', quotas: [quota('b', { cpus: 1 })], force: false })),
    ['invalid', "There is no role 'b'"],
  );
});

test('a limit is held to at once and under the next master, until it is taken away', () => {
  const registry = memoryRegistry();
  const cluster = testCluster({ registry });
  for (let n = 1; n <= 3; n++) cluster.addSlave(n);
  const framework = cluster.addFramework('a', { role: 'a' });
  const offered = (): number => {
    const open = cluster.books.frameworks.values().next().value?.offers.values() ?? [];
    return [...open].reduce((sum, { resources }) => sum + (resources.cpus ?? 0), 0);
  };
  cluster.pass(100);
  assert.is(offered(), 12);
  assert.equal(
    cluster.operate({ type: 'UPDATE_QUOTA', quotas: [quota('a', { cpus: 5 })], force: false }),
    DONE,
  );
  cluster.pass(100);
  assert.is(offered(), 5);
  cluster.restartMaster();
  cluster.pass(30_000);
  assert.is(offered(), 5);
  assert.equal(cluster.operate({ type: 'UPDATE_QUOTA', quotas: [quota('a', {})], force: false }), DONE);
  cluster.pass(100);
  assert.is(offered(), 12);
  assert.is(registry.load().quotas.size, 0);
  assert.ok(framework.events.includes('rescinded'));
});

test('a limit below what a role uses is refused, unless it is forced; what runs, runs on', () => {
  const cluster = testCluster();
  cluster.addSlave(1);
  const framework = cluster.addFramework('a', { role: 'a' });
  cluster.pass(100);
  const offer = firstOffer(framework);
  framework.driver.replyToOffer([offer.id], [sleepTask(offer, 't1', 1000, 'cpus:3;mem:64')]);
  cluster.pass(100);
  const limit = (force: boolean) =>
    why(cluster.operate({ type: 'UPDATE_QUOTA', quotas: [quota('a', { cpus: 2 })], force }));
  assert.equal(limit(false), [
    'invalid',
    "Role 'a' is already using cpus:3, which is more than the limits of cpus:2; use 'force' to set them nevertheless",
  ]);
  assert.is(limit(true), 'done');
  cluster.pass(2000);
  assert.is(framework.statuses.at(-1)?.state, 'TASK_FINISHED');
});

test('what the options guarantee a role outlives quotas that are refused, and quotas that are taken back', () => {
  const cluster = testCluster({ guarantees: { a: { cpus: 1 } } });
  cluster.addSlave(1);
  cluster.pass(100);
  cluster.addFramework('a', { role: 'a' });
  cluster.addFramework('b', { role: 'b' });
  cluster.pass(100);
  const guaranteed = () => {
    const [a = ''] = [...cluster.books.frameworks.values()]
      .filter(({ info }) => info.role === 'a')
      .map(({ id }) => id);
    return cluster.books.allocation.guaranteeOf(a);
  };
  const set = (...quotas: ReturnType<typeof quota>[]) =>
    cluster.operate({ type: 'UPDATE_QUOTA', quotas, force: false }).is;
  assert.is(set(quota('a', {}, { cpus: 2 }), quota('b', {}, { cpus: 9 })), 'refused');
  assert.equal(guaranteed(), { cpus: 1 });
  assert.is(set(quota('a', {}, { cpus: 2 })), 'done');
  assert.equal(guaranteed(), { cpus: 2 });
  assert.is(set(quota('a', {})), 'done');
  assert.equal(guaranteed(), { cpus: 1 });
});

test('a limit may be 0, and guarantees may not be more than limits', () => {
  const cluster = testCluster();
  cluster.addSlave(1);
  const framework = cluster.addFramework('a', { role: 'a' });
  const set = (...quotas: ReturnType<typeof quota>[]) =>
    why(cluster.operate({ type: 'UPDATE_QUOTA', quotas, force: false }));
  assert.is(set(quota('a', { cpus: 0, mem: 0 })), 'done');
  cluster.pass(100);
  assert.equal(framework.offers, []);
  assert.equal(set(quota('a', { cpus: 1 }, { cpus: 2 })), [
    'invalid',
    "The guarantees of role 'a', cpus:2, are more than its limits, cpus:1",
  ]);
});

test('of several quotas all are set or none; what one role gives back another can have', () => {
  const cluster = testCluster();
  cluster.addSlave(1);
  const [a] = [cluster.addFramework('a', { role: 'a' }), cluster.addFramework('b', { role: 'b' })];
  cluster.pass(100);
  const set = (...quotas: ReturnType<typeof quota>[]) =>
    why(cluster.operate({ type: 'UPDATE_QUOTA', quotas, force: false }));
  const given = () =>
    [...cluster.books.frameworks.keys()].map((id) => cluster.books.allocation.guaranteeOf(id).cpus ?? 0);
  assert.is(set(quota('a', {}, { cpus: 3 })), 'done');
  assert.equal(given(), [3, 0]);
  assert.equal(set(quota('a', { cpus: 3 }, { cpus: 2 }), quota('b', {}, { cpus: 3 })), [
    'conflict',
    "a guarantee of cpus:3 for each framework of role 'b' cannot be met: with those given before it comes to cpus:5, and the cluster has cpus:4;mem:4096",
  ]);
  assert.equal(given(), [3, 0]);
  assert.equal([...cluster.books.directives.quotas.keys()], ['a']);
  assert.is(set(quota('b', {}, { cpus: 3 }), quota('a', {}, { cpus: 1 })), 'done');
  assert.equal(given(), [1, 3]);
  assert.ok(a.offers.length > 0);
});

test('quotas that cannot be kept are not given', () => {
  const kept = memoryRegistry();
  const registry = {
    ...kept,
    store() {
      throw new Error('the disk is full');
    },
  };
  const cluster = testCluster({ registry });
  cluster.addSlave(1);
  cluster.addFramework('a', { role: 'a' });
  cluster.pass(100);
  const outcome = cluster.operate({
    type: 'UPDATE_QUOTA',
    quotas: [quota('a', { cpus: 3 }, { cpus: 3 })],
    force: false,
  });
  assert.equal(why(outcome), ['not-kept', 'the disk is full']);
  const [id = ''] = cluster.books.frameworks.keys();
  assert.equal(cluster.books.allocation.guaranteeOf(id), {});
});

test.run();
