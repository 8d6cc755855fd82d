import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { firstOffer, sleepTask } from '../../testCluster.ts';
import { closeClusters, readsCluster } from './testReads.ts';

test.after.each(closeClusters);

test('for each slave it says why not, after the numbers of the reasons', async () => {
  const cluster = await readsCluster();
  for (const n of [1, 2, 3, 4]) cluster.addSlave(n, 'cpus:4;mem:4096');
  cluster.pass(100);
  const framework = cluster.addFramework('one');
  cluster.pass(100);
  const [first, second, third] = framework.offers;
  if (first === undefined || second === undefined || third === undefined) throw new Error('no offers');
  const all = [sleepTask(first, 't', 1e9, 'cpus:4;mem:4096')];
  framework.driver.replyToOffer([first.id], all);
  framework.driver.replyToOffer([second.id], [], { refuseSeconds: 100 });
  framework.driver.replyToOffer([third.id], [], { refuseSeconds: 1e9 });
  cluster.pass(100);
  const [id] = cluster.reign.books.frameworks.keys();
  const told = await cluster.json(`/why-no-offers?framework_id=${id}`);
  assert.is(told.framework_id, id);
  assert.is(told.suppressed, false);
  assert.equal(told.summary, { refused: 2, 'nothing-free': 1, offered: 1 });
  const by = new Map(told.slaves.map((slave: { slave_id: string }) => [slave.slave_id, slave]));
  const of = (offer: { slaveId: string }) => by.get(offer.slaveId) as Record<string, unknown>;
  assert.is(of(first).why, 'nothing-free');
  assert.is(of(second).why, 'refused');
  assert.ok(Math.abs(Number(of(second).until) - 100.2) < 0.1, `${of(second).until}`);
  assert.is(of(third).until, 'Infinity');
  assert.ok(Object.keys(told).indexOf('summary') < Object.keys(told).indexOf('slaves'));
  const one = await cluster.json(`/why-no-offers?framework_id=${id}&slave_id=${second.slaveId}`);
  assert.equal(
    one.slaves.map(({ slave_id, hostname }: Record<string, string>) => [slave_id, hostname]),
    [[second.slaveId, second.hostname]],
  );
});

test('whatever the reason is made of is told, long lists cut', async () => {
  const cluster = await readsCluster();
  cluster.addSlave(1);
  const framework = cluster.addFramework('one');
  cluster.pass(100);
  const [id] = cluster.reign.books.frameworks.keys();
  framework.driver.setFilters([
    { kind: 'hosts', hostnames: Array.from({ length: 500 }, (_, n) => `other${n}`) },
  ]);
  const { id: offerId } = firstOffer(framework);
  framework.driver.replyToOffer([offerId], []);
  cluster.pass(10_000);
  const { slaves, summary } = await cluster.json(`/why-no-offers?framework_id=${id}`);
  assert.equal(summary, { filtered: 1 });
  assert.is(slaves[0].filter.kind, 'hosts');
  assert.is(slaves[0].filter.hostnames.length, 11);
  assert.is(slaves[0].filter.hostnames[10], 'and 490 more');
});

test('frameworks and slaves that there are not are not found', async () => {
  const cluster = await readsCluster();
  cluster.addFramework('one');
  cluster.pass(100);
  const [id] = cluster.reign.books.frameworks.keys();
  assert.is((await cluster.get('/why-no-offers')).status, 404);
  assert.is((await cluster.get('/why-no-offers?framework_id=none')).status, 404);
  assert.is((await cluster.get(`/why-no-offers?framework_id=${id}&slave_id=none`)).status, 404);
  assert.equal((await cluster.json(`/why-no-offers?framework_id=${id}`)).slaves, []);
});

test.run();
