import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { firstOffer, type Script, scriptedSlave, sleepTask, testCluster } from '../testCluster.ts';

const OPTIONS = { revocation: { afterMs: 5_000, graceMs: 1_000 } };
const FOREVER_MS = 1e9;

/** Takes every offer with tasks of one CPU that never end. */
function takeAll(script: Script, prefix: string): void {
  let launched = 0;
  script.onOffers = (offers) => {
    for (const offer of offers) {
      const count = Math.floor(Math.min(offer.resources.cpus ?? 0, (offer.resources.mem ?? 0) / 512));
      const tasks = Array.from({ length: count }, () =>
        sleepTask(offer, `${prefix}${launched++}`, FOREVER_MS),
      );
      script.driver.replyToOffer([offer.id], tasks);
    }
  };
}

const running = ({ statuses }: Script): number =>
  statuses.filter(({ state }) => state === 'TASK_RUNNING').length -
  statuses.filter(({ state }) => state === 'TASK_KILLED').length;

test('a framework gets its guaranteed share from a cluster that is full: the latest tasks of the other make room', () => {
  const cluster = testCluster(OPTIONS);
  cluster.addSlave(1);
  cluster.addSlave(2);
  const hog = cluster.addFramework('hog');
  takeAll(hog, 'long');
  cluster.pass(1_000);
  assert.is(running(hog), 8);
  const late = cluster.addFramework('late', { guarantee: { cpus: 3, mem: 1536 } });
  takeAll(late, 'late');
  cluster.pass(4_000);
  assert.equal(late.driver.getGuaranteedShare(), { cpus: 3, mem: 1536 });
  assert.is(running(late), 0);
  cluster.pass(10_000);
  assert.is(running(late), 3);
  assert.is(running(hog), 5);
  const killed = hog.statuses.filter(({ state }) => state === 'TASK_KILLED');
  assert.equal(
    killed.map(({ reason }) => reason),
    Array(3).fill('REASON_CONTAINER_PREEMPTED'),
  );
  assert.equal(
    cluster.seen('task-revoked').map(({ graceMs, taskId }) => [taskId, graceMs]),
    killed.map(({ taskId }) => [taskId, 1_000]),
  );
  cluster.pass(600_000);
  assert.is(cluster.seen('task-revoked').length, 3);
});

test('tasks that their framework has killed, and that do not end, make room with a time for it as all others', () => {
  const cluster = testCluster(OPTIONS);
  const slave = scriptedSlave(cluster);
  slave.send({ type: 'REGISTER_SLAVE', slaveInfo: slave.info });
  const hog = cluster.addFramework('hog');
  takeAll(hog, 'long');
  cluster.pass(1_000);
  for (let n = 0; n < 4; n++) hog.driver.killTask(`long${n}`);
  cluster.addFramework('late', { guarantee: { cpus: 3, mem: 1536 } });
  cluster.pass(60_000);
  const revoked = cluster.seen('task-revoked').map(({ taskId }) => taskId);
  assert.is(revoked.length, 3);
  for (const taskId of revoked)
    assert.equal(
      slave.received.flatMap((order) =>
        order.type === 'KILL_TASK' && order.taskId === taskId ? [order.gracePeriodMs] : [],
      ),
      [undefined, 1_000],
    );
});

test('a framework within its guarantee loses no task, whoever wants more', () => {
  const cluster = testCluster(OPTIONS);
  cluster.addSlave(1);
  const first = cluster.addFramework('first', { guarantee: { cpus: 4, mem: 4096 } });
  takeAll(first, 'a');
  cluster.pass(1_000);
  const second = cluster.addFramework('second');
  takeAll(second, 'b');
  cluster.pass(600_000);
  assert.is(running(first), 4);
  assert.equal(cluster.seen('task-revoked'), []);
});

test('a framework whose guarantee cannot be met together with those given is refused', () => {
  const cluster = testCluster(OPTIONS);
  cluster.addSlave(1);
  cluster.pass(200);
  cluster.addFramework('first', { guarantee: { cpus: 3 } });
  cluster.pass(50);
  const second = cluster.addFramework('second', { guarantee: { cpus: 2 } });
  cluster.pass(50);
  assert.match(second.events.join(), /^error: .*guarantee/i);
});

test('nothing is revoked for a framework that does not want offers', () => {
  const cluster = testCluster(OPTIONS);
  cluster.addSlave(1);
  const hog = cluster.addFramework('hog');
  takeAll(hog, 'long');
  cluster.pass(1_000);
  const idle = cluster.addFramework('idle', { guarantee: { cpus: 2 } });
  idle.driver.setNeedsOffers(false);
  cluster.pass(600_000);
  assert.equal(cluster.seen('task-revoked'), []);
  idle.driver.setNeedsOffers(true);
  cluster.pass(10_000);
  assert.is(cluster.seen('task-revoked').length, 2);
});

test('what is reserved for short tasks is offered apart, and a task on it that takes longer is ended', () => {
  const cluster = testCluster({ shortTasks: { reserve: { cpus: 1, mem: 1024 }, maxTaskDurationMs: 10_000 } });
  cluster.addSlave(1);
  const framework = cluster.addFramework('one');
  cluster.pass(200);
  const [long, short] = framework.offers.toSorted(
    (a, b) => (a.maxTaskDurationMs ?? 0) - (b.maxTaskDurationMs ?? 0),
  );
  assert.equal(
    [long, short].map((offer) => [offer?.resources, offer?.maxTaskDurationMs]),
    [
      [{ cpus: 3, mem: 3072 }, undefined],
      [{ cpus: 1, mem: 1024 }, 10_000],
    ],
  );
  if (long === undefined || short === undefined) return;
  framework.driver.replyToOffer([short.id], [sleepTask(short, 'slow', FOREVER_MS)]);
  framework.driver.replyToOffer([long.id], [sleepTask(long, 'long', FOREVER_MS)]);
  cluster.pass(60_000);
  assert.equal(
    framework.statuses.map(({ taskId, state, reason }) => `${taskId} ${state} ${reason ?? ''}`.trim()).sort(),
    ['long TASK_RUNNING', 'slow TASK_FAILED REASON_MAX_COMPLETION_TIME_REACHED', 'slow TASK_RUNNING'],
  );
});

test('offers for any task and for short ones do not go together in one reply', () => {
  const cluster = testCluster({ shortTasks: { reserve: { cpus: 1, mem: 1024 }, maxTaskDurationMs: 10_000 } });
  cluster.addSlave(1);
  const framework = cluster.addFramework('one');
  cluster.pass(200);
  const offer = firstOffer(framework);
  framework.driver.replyToOffer(
    framework.offers.map(({ id }) => id),
    [sleepTask(offer, 't', 1)],
  );
  cluster.pass(50);
  assert.equal(
    framework.statuses.map(({ state, reason }) => `${state} ${reason}`),
    ['TASK_LOST REASON_INVALID_OFFERS'],
  );
});

test('a framework is offered only the slaves that pass its filters, until it sets others', () => {
  const cluster = testCluster();
  cluster.addSlave(1, 'cpus:4;mem:4096');
  cluster.addSlave(2, 'cpus:8;mem:4096');
  const framework = cluster.addFramework('one');
  framework.driver.setFilters([{ kind: 'free', resources: { cpus: 5 } }]);
  const hosts = (): string => framework.offers.map(({ hostname }) => hostname).join();
  cluster.pass(60_000);
  assert.is(hosts(), 'node2');
  framework.driver.setFilters([{ kind: 'hosts', hostnames: ['node1'] }]);
  cluster.pass(60_000);
  assert.is(hosts(), 'node2,node1');
});

test.run();
