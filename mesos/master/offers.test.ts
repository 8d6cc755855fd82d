import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { firstOffer, sleepTask, testCluster } from '../testCluster.ts';

test('free resources of several slaves come in one list, one offer per slave', () => {
  const cluster = testCluster();
  for (const n of [1, 2, 3]) cluster.addSlave(n);
  cluster.pass(50);
  const framework = cluster.addFramework('one');
  let lists = 0;
  framework.onOffers = (offers) => {
    lists++;
    framework.offers.push(...offers);
  };
  cluster.pass(50);
  assert.is(lists, 1);
  assert.equal(framework.offers.map(({ hostname }) => hostname).sort(), ['node1', 'node2', 'node3']);
});

test('what is offered counts as held: two hungry frameworks are offered half of the slaves each', () => {
  const cluster = testCluster();
  const first = cluster.addFramework('one');
  const second = cluster.addFramework('two');
  cluster.pass(50);
  for (let n = 1; n <= 6; n++) cluster.addSlave(n);
  cluster.pass(50);
  assert.is(first.offers.length, 3);
  assert.is(second.offers.length, 3);
});

test('a refused slave is not offered again for five seconds by default, then it is', () => {
  const cluster = testCluster();
  cluster.addSlave(1);
  const framework = cluster.addFramework('one');
  framework.onOffers = (offers) => {
    framework.offers.push(...offers);
    for (const { id } of offers) framework.driver.replyToOffer([id], []);
  };
  cluster.pass(4_900);
  assert.is(framework.offers.length, 1);
  cluster.pass(200);
  assert.is(framework.offers.length, 2);
});

test('a refusal ends early when the slave has more free than was refused', () => {
  const cluster = testCluster();
  cluster.addSlave(1, 'cpus:4;mem:4096');
  const framework = cluster.addFramework('one');
  cluster.pass(50);
  const offer = firstOffer(framework);
  framework.driver.replyToOffer([offer.id], [sleepTask(offer, 't', 1_000)], { refuseSeconds: 1e9 });
  cluster.pass(900);
  assert.is(framework.offers.length, 1);
  cluster.pass(300);
  assert.equal(framework.offers[1]?.resources, { cpus: 4, mem: 4096 });
});

test('a framework that refuses goes to the back: the other one is offered the slave at once', () => {
  const cluster = testCluster();
  const first = cluster.addFramework('one');
  cluster.pass(50);
  cluster.addSlave(1);
  cluster.pass(50);
  const second = cluster.addFramework('two');
  first.driver.replyToOffer([first.offers[0]?.id ?? ''], []);
  cluster.pass(50);
  assert.is(second.offers.length, 1);
});

test('reviving removes the refusals, and suppressing stops the offers', () => {
  const cluster = testCluster();
  cluster.addSlave(1);
  const framework = cluster.addFramework('one');
  cluster.pass(50);
  framework.driver.replyToOffer([framework.offers[0]?.id ?? ''], [], { refuseSeconds: 1e9 });
  cluster.pass(50);
  framework.driver.setNeedsOffers(true);
  cluster.pass(50);
  assert.is(framework.offers.length, 2);
  framework.driver.setNeedsOffers(false);
  framework.driver.replyToOffer([framework.offers[1]?.id ?? ''], [], { refuseSeconds: 0 });
  cluster.pass(60_000);
  assert.is(framework.offers.length, 2);
});

test('a refusal of zero seconds does not make an endless loop', () => {
  const cluster = testCluster();
  cluster.addSlave(1);
  const framework = cluster.addFramework('one');
  framework.onOffers = (offers) => {
    for (const { id } of offers) framework.driver.replyToOffer([id], [], { refuseSeconds: 0 });
  };
  cluster.pass(1_000);
  assert.ok(cluster.seen('offer-sent').length <= 100);
});

test('a refusal lasts no shorter than its answer took, so that the pieces of what is free come together', () => {
  const cluster = testCluster();
  cluster.addSlave(1, 'cpus:4;mem:4096');
  const framework = cluster.addFramework('one');
  cluster.pass(10);
  const offer = firstOffer(framework);
  cluster.pass(2_000);
  framework.driver.replyToOffer([offer.id], [], { refuseSeconds: 0 });
  cluster.pass(1_900);
  assert.is(framework.offers.length, 1);
  cluster.pass(200);
  assert.is(framework.offers.length, 2);
});
test('an unanswered offer is rescinded after the timeout and goes to the next framework', () => {
  const cluster = testCluster({ offerTimeoutMs: 1_000 });
  cluster.addSlave(1);
  const slow = cluster.addFramework('one');
  cluster.pass(500);
  const other = cluster.addFramework('two');
  cluster.pass(1_000);
  assert.ok(slow.events.includes('rescinded'));
  assert.is(other.offers.length, 1);
});

test('a refusal of less than no time lasts the default, and the history says how long', () => {
  const cluster = testCluster();
  cluster.addSlave(1);
  const framework = cluster.addFramework('one');
  cluster.pass(50);
  framework.driver.replyToOffer([firstOffer(framework).id], [], { refuseSeconds: -1 });
  cluster.pass(4_900);
  assert.is(framework.offers.length, 1);
  assert.equal(
    cluster.seen('offer-declined').map(({ refuseSeconds }) => refuseSeconds),
    [5],
  );
  cluster.pass(200);
  assert.is(framework.offers.length, 2);
});

test.run();
