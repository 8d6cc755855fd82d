import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { firstOffer, scriptedSlave, sleepTask, testCluster } from '../testCluster.ts';

/** A cluster of one slave that does nothing by itself, and has a task. */
function busyCluster() {
  const cluster = testCluster();
  const framework = cluster.addFramework('app');
  const slave = scriptedSlave(cluster);
  slave.send({ type: 'REGISTER_SLAVE', slaveInfo: slave.info });
  cluster.pass(100);
  const offer = firstOffer(framework);
  framework.driver.replyToOffer([offer.id], [sleepTask(offer, 't1', 10)]);
  cluster.pass(10);
  const kills = (): number => slave.received.filter(({ type }) => type === 'KILL_TASK').length;
  return { cluster, slaveId: offer.slaveId, kills };
}

test('a drain that is called off at the same moment ends no task', () => {
  const { cluster, slaveId, kills } = busyCluster();
  cluster.operate({ type: 'DRAIN_SLAVE', slaveId, markGone: true });
  cluster.operate({ type: 'REACTIVATE_SLAVE', slaveId });
  cluster.pass(1000);
  assert.is(kills(), 0);
  assert.is(cluster.seen('slave-drained').length, 0);
  assert.is(cluster.books.goneOf(slaveId), undefined);
});

test('a slave that is empty, and whose drain is called off at the same moment, is not drained', () => {
  const cluster = testCluster();
  cluster.addSlave(1);
  cluster.pass(100);
  const slaveId = cluster.seen('slave-registered')[0]?.slaveId ?? '';
  cluster.operate({ type: 'DRAIN_SLAVE', slaveId, markGone: true });
  cluster.operate({ type: 'REACTIVATE_SLAVE', slaveId });
  cluster.pass(1000);
  assert.is(cluster.seen('slave-drained').length, 0);
  assert.is(cluster.books.goneOf(slaveId), undefined);
});

test('a drain that is ordered twice is told once', () => {
  const { cluster, slaveId, kills } = busyCluster();
  for (let times = 0; times < 2; times++) {
    cluster.operate({ type: 'DRAIN_SLAVE', slaveId, markGone: false, maxGraceMs: 2000 });
    cluster.pass(10);
    assert.is(kills(), 1);
  }
});

test.run();
