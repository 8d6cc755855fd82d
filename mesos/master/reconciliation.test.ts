import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { firstOffer, type Script, scriptedSlave, sleepTask, testCluster } from '../testCluster.ts';

const RECOVERY_MS = 60_000;

/** What a framework is told of one task that it asks for; undefined if nothing. */
function askingIn(cluster: ReturnType<typeof testCluster>, script: Script) {
  let asked = 0;
  // Each time for another task: a driver tells the end of a task once.
  return (slaveId?: string): string | undefined => {
    script.statuses.length = 0;
    script.driver.reconcileTasks([{ taskId: `t${asked++}`, ...(slaveId !== undefined && { slaveId }) }]);
    cluster.pass(10);
    return script.statuses[0]?.state;
  };
}

test('a task that a young master does not know may be on a slave that is still to come: it says nothing', () => {
  const cluster = testCluster({ reregisterTimeoutMs: RECOVERY_MS });
  const plain = askingIn(cluster, cluster.addFramework('plain'));
  const aware = askingIn(cluster, cluster.addFramework('aware', { capabilities: ['PARTITION_AWARE'] }));
  cluster.pass(50);
  assert.is(plain(), undefined);
  assert.is(plain('never-seen'), undefined);
  cluster.pass(RECOVERY_MS);
  assert.is(plain(), 'TASK_LOST');
  assert.is(plain('never-seen'), 'TASK_LOST');
  assert.is(aware('never-seen'), 'TASK_UNKNOWN');
});

test('a task that is unknown on a slave that is here, out of reach, or has left is told so', () => {
  const cluster = testCluster({ slavePingIntervalMs: 1_000, slavePingsMissedMax: 1 });
  const script = cluster.addFramework('aware', { capabilities: ['PARTITION_AWARE'] });
  const aware = askingIn(cluster, script);
  const plain = askingIn(cluster, cluster.addFramework('plain'));
  const register = (process: string): ((leave: boolean) => void) => {
    const slave = scriptedSlave(cluster, process);
    slave.send({ type: 'REGISTER_SLAVE', slaveInfo: slave.info });
    cluster.pass(100);
    return (leave) => {
      if (leave) slave.send({ type: 'UNREGISTER_SLAVE' });
    };
  };
  const leaveFirst = register('10.0.1.1:5051');
  register('10.0.1.2:5051');
  const [first = '', second = ''] = cluster.seen('slave-registered').map(({ slaveId }) => slaveId);
  assert.is(aware(first), 'TASK_GONE');
  leaveFirst(true);
  cluster.pass(10);
  assert.is(aware(first), 'TASK_GONE');
  cluster.pass(10_000);
  assert.is(aware(second), 'TASK_UNREACHABLE');
  assert.is(plain(second), 'TASK_LOST');
});

test('a framework that names no tasks is told of all that it has', () => {
  const cluster = testCluster();
  cluster.addSlave(1);
  const framework = cluster.addFramework('one');
  cluster.pass(50);
  const offer = firstOffer(framework);
  framework.driver.replyToOffer(
    [offer.id],
    [sleepTask(offer, 'a', 1e6), sleepTask(offer, 'b', 10), sleepTask(offer, 'c', 1e6)],
  );
  cluster.pass(100);
  framework.statuses.length = 0;
  framework.driver.reconcileTasks([]);
  cluster.pass(10);
  assert.equal(
    framework.statuses.map(({ taskId, state, reason }) => `${taskId} ${state} ${reason}`),
    ['a TASK_RUNNING REASON_RECONCILIATION', 'c TASK_RUNNING REASON_RECONCILIATION'],
  );
});

test.run();
