/** Slaves that the master cannot reach for a while, or that have not heard it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { firstOffer, scriptedSlave, sleepTask, testCluster } from '../testCluster.ts';

/** A cluster of one slave that does nothing by itself, and has been ordered to run a task. */
function orderedCluster() {
  const cluster = testCluster();
  const slave = scriptedSlave(cluster);
  slave.send({ type: 'REGISTER_SLAVE', slaveInfo: slave.info });
  const framework = cluster.addFramework('one');
  cluster.pass(10);
  const offer = firstOffer(framework);
  framework.driver.replyToOffer([offer.id], [sleepTask(offer, 't', 1)]);
  cluster.pass(10);
  return { cluster, slave, framework, offer };
}

test('what the master ordered and the slave has not heard is ordered again when the slave is back; nothing runs twice', () => {
  const { cluster, slave, framework, offer } = orderedCluster();
  framework.driver.killTask('t');
  cluster.pass(10);
  slave.received.length = 0;
  slave.send({
    type: 'REREGISTER_SLAVE',
    slaveInfo: { ...slave.info, id: offer.slaveId },
    frameworks: [],
    executors: [],
    tasks: [],
  });
  cluster.pass(10);
  assert.equal(
    slave.received.map(({ type }) => type),
    ['SLAVE_REGISTERED', 'RUN_TASK', 'KILL_TASK'],
  );
  assert.is(cluster.seen('task-launched').length, 1);
});

test('a slave that asks again to be registered has not heard the answer, nor what was ordered after it', () => {
  const { cluster, slave } = orderedCluster();
  slave.received.length = 0;
  slave.send({ type: 'REGISTER_SLAVE', slaveInfo: slave.info });
  cluster.pass(10);
  assert.equal(
    slave.received.map(({ type }) => type),
    ['SLAVE_REGISTERED', 'RUN_TASK'],
  );
});

test('a slave that answers a ping before its turn to be removed has come stays', () => {
  const cluster = testCluster({
    slavePingIntervalMs: 1_000,
    slavePingsMissedMax: 1,
    slaveRemovalIntervalMs: 60_000,
  });
  for (const n of [1, 2, 3]) {
    const slave = scriptedSlave(cluster, `10.0.1.${n}:5051`);
    slave.send({ type: 'REGISTER_SLAVE', slaveInfo: { ...slave.info, hostname: `node${n}` } });
    if (n === 3) cluster.virtual.at(30_000, () => slave.send({ type: 'PONG' }));
  }
  const framework = cluster.addFramework('one');
  cluster.pass(61_900);
  // One a minute; the third has spoken in time, and is offered again.
  assert.is(cluster.seen('slave-lost').length, 1);
  cluster.pass(2_000);
  assert.is(cluster.seen('slave-lost').length, 2);
  assert.is(framework.offers.filter(({ hostname }) => hostname === 'node3').length, 2);
});

for (const checkpoint of [false, true])
  test(`slaves that cannot be reached${checkpoint ? ', and have a checkpoint,' : ''} are given up one after the other`, () => {
    const cluster = testCluster({
      slavePingIntervalMs: 1_000,
      slavePingsMissedMax: 1_000,
      reregisterTimeoutMs: 60_000,
      slaveRemovalIntervalMs: 60_000,
    });
    const processes = [1, 2, 3].map((n) => `10.0.1.${n}:5051`);
    for (const process of processes) {
      const slave = scriptedSlave(cluster, process);
      const info = { ...slave.info, ...(checkpoint && { checkpoint: true }) };
      slave.send({ type: 'REGISTER_SLAVE', slaveInfo: info });
    }
    cluster.pass(10);
    cluster.virtual.partition(['10.0.0.1:5050'], processes);
    const lost: number[] = [];
    for (let minute = 1; minute <= 4; minute++) {
      cluster.pass(60_000);
      lost.push(cluster.seen('slave-lost').length);
    }
    assert.equal(lost, checkpoint ? [0, 1, 2, 3] : [1, 2, 3, 3]);
  });

test.run();
