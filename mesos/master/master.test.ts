import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeData } from '../protocol/entities.ts';
import { sum } from '../protocol/resources.ts';
import { firstOffer, scriptedSlave, sleepTask, testCluster } from '../testCluster.ts';

const states = (script: { statuses: { state: string }[] }) => script.statuses.map(({ state }) => state);

test('the example of the paper, figure 3: two tasks on one offer, and the rest goes to the other framework', () => {
  const cluster = testCluster();
  cluster.addSlave(1, 'cpus:4;mem:4096');
  const first = cluster.addFramework('one');
  cluster.pass(100);
  const offer = first.offers[0];
  assert.equal(offer?.resources, { cpus: 4, mem: 4096 });
  if (offer === undefined) return;
  const second = cluster.addFramework('two');
  first.driver.replyToOffer(
    [offer.id],
    [sleepTask(offer, 't1', 60_000, 'cpus:2;mem:1024'), sleepTask(offer, 't2', 60_000, 'cpus:1;mem:2048')],
  );
  cluster.pass(100);
  assert.equal(states(first), ['TASK_RUNNING', 'TASK_RUNNING']);
  assert.equal(
    second.offers.map(({ resources }) => resources),
    [{ cpus: 1, mem: 1024 }],
  );
});

test('an executor lives across tasks, and its slave is free again when the framework ends', () => {
  const cluster = testCluster();
  cluster.addSlave(1, 'cpus:1;mem:1024');
  const framework = cluster.addFramework('one');
  let launched = 0;
  framework.onOffers = ([offer]) => {
    if (offer) framework.driver.replyToOffer([offer.id], [sleepTask(offer, `t${launched++}`, 100)]);
  };
  cluster.pass(1_000);
  assert.ok(launched > 5);
  assert.is(cluster.seen('executor-started').length, 1);
  framework.driver.stop();
  const next = cluster.addFramework('two');
  cluster.pass(1_000);
  assert.equal(next.offers[0]?.resources, { cpus: 1, mem: 1024 });
  assert.is(cluster.seen('executor-exited').length, 1);
});

test('a killed task reports so, and its resources are offered again', () => {
  const cluster = testCluster();
  cluster.addSlave(1);
  const framework = cluster.addFramework('one');
  cluster.pass(50);
  const offer = firstOffer(framework);
  framework.driver.replyToOffer([offer.id], [sleepTask(offer, 't', 1e9, 'cpus:4;mem:4096')]);
  cluster.pass(50);
  framework.driver.killTask('t');
  cluster.pass(50);
  assert.equal(states(framework), ['TASK_RUNNING', 'TASK_KILLED']);
  assert.is(framework.offers.length, 2);
});

test('an offer that was answered twice, or is unknown, launches nothing and says why', () => {
  const cluster = testCluster();
  cluster.addSlave(1);
  const framework = cluster.addFramework('one');
  cluster.pass(50);
  const offer = firstOffer(framework);
  framework.driver.replyToOffer([offer.id], []);
  framework.driver.replyToOffer([offer.id], [sleepTask(offer, 't', 1)]);
  cluster.pass(50);
  assert.equal(states(framework), ['TASK_LOST']);
  assert.is(framework.statuses[0]?.reason, 'REASON_INVALID_OFFERS');
});

test('a task that needs more than the offer has is an error, and the rest of the reply is carried out', () => {
  const cluster = testCluster();
  cluster.addSlave(1);
  const framework = cluster.addFramework('one');
  cluster.pass(50);
  const offer = firstOffer(framework);
  framework.driver.replyToOffer(
    [offer.id],
    [sleepTask(offer, 'big', 1, 'cpus:8'), sleepTask(offer, 'small', 1)],
  );
  cluster.pass(50);
  assert.equal(
    framework.statuses.map(({ taskId, state }) => `${taskId} ${state}`),
    ['big TASK_ERROR', 'small TASK_RUNNING', 'small TASK_FINISHED'],
  );
});

test('a slave that dies is noticed: its tasks are lost, its offers rescinded, and the framework is told', () => {
  const cluster = testCluster();
  cluster.addSlave(1);
  cluster.addSlave(2);
  const framework = cluster.addFramework('one');
  cluster.pass(50);
  const offer = framework.offers.find(({ hostname }) => hostname === 'node1');
  if (offer === undefined) return assert.unreachable();
  framework.driver.replyToOffer([offer.id], [sleepTask(offer, 't', 1e9)], { refuseSeconds: 0 });
  cluster.pass(1_000);
  cluster.virtual.crash('10.0.1.1:5051');
  cluster.pass(1_000);
  assert.equal(states(framework), ['TASK_RUNNING', 'TASK_LOST']);
  assert.equal(framework.events.slice(1), ['rescinded', 'slave lost']);
  assert.is(cluster.seen('slave-lost').length, 1);
});

test('a slave that dies and comes back is a new slave', () => {
  const cluster = testCluster();
  cluster.addSlave(1);
  cluster.pass(100);
  cluster.virtual.crash('10.0.1.1:5051');
  cluster.pass(10);
  cluster.addSlave(1);
  cluster.pass(10_000);
  assert.is(cluster.seen('slave-registered').length, 2);
  assert.is(new Set(cluster.seen('slave-registered').map(({ slaveId }) => slaveId)).size, 2);
});

test('a slave that asks twice to be registered, because the answer took long, is one slave', () => {
  const cluster = testCluster();
  const slave = scriptedSlave(cluster);
  slave.send({ type: 'REGISTER_SLAVE', slaveInfo: slave.info });
  slave.send({ type: 'REGISTER_SLAVE', slaveInfo: slave.info });
  cluster.pass(50);
  const ids = slave.received.map((order) => (order.type === 'SLAVE_REGISTERED' ? order.slaveId : order.type));
  assert.is(ids.length, 2);
  assert.is(ids[0], ids[1]);
  assert.is(cluster.seen('slave-registered').length, 1);
});

test('a slave is told how long its master may be silent', () => {
  const cluster = testCluster({ slavePingIntervalMs: 60_000, slavePingsMissedMax: 4 });
  const slave = scriptedSlave(cluster);
  slave.send({ type: 'REGISTER_SLAVE', slaveInfo: slave.info });
  cluster.pass(50);
  assert.equal(
    slave.received.map((order) => order.type === 'SLAVE_REGISTERED' && order.silenceMaxMs),
    [240_000],
  );
});

test('a slave that asks again to be registered has not taken what it was ordered: it is told again, also to kill', () => {
  const cluster = testCluster();
  const slave = scriptedSlave(cluster);
  slave.send({ type: 'REGISTER_SLAVE', slaveInfo: slave.info });
  const framework = cluster.addFramework('one');
  cluster.pass(50);
  const offer = firstOffer(framework);
  framework.driver.replyToOffer([offer.id], [sleepTask(offer, 't', 1e6), sleepTask(offer, 'u', 1e6)]);
  framework.driver.killTask('t');
  cluster.pass(50);
  const orders = (): readonly string[] =>
    slave.received.map((order) =>
      order.type === 'RUN_TASK'
        ? `run ${order.task.taskId}`
        : order.type === 'KILL_TASK'
          ? `kill ${order.taskId}`
          : order.type,
    );
  const expected = ['SLAVE_REGISTERED', 'run t', 'run u', 'kill t'];
  assert.equal(orders(), expected);
  slave.send({ type: 'REGISTER_SLAVE', slaveInfo: slave.info });
  cluster.pass(50);
  assert.equal(orders().slice(expected.length).sort(), expected.toSorted());
});

test('a scheduler that dies takes its framework with it, unless it may come back', () => {
  const cluster = testCluster();
  cluster.addSlave(1);
  const gone = cluster.addFramework('one');
  cluster.pass(50);
  const offer = firstOffer(gone);
  gone.driver.replyToOffer([offer.id], [sleepTask(offer, 't', 1e9)]);
  cluster.pass(50);
  cluster.virtual.crash('10.0.2.one:0');
  cluster.pass(50);
  assert.is(cluster.seen('framework-removed').length, 1);
  assert.is(cluster.seen('task-updated').at(-1)?.reason, 'REASON_FRAMEWORK_REMOVED');
});

test('a scheduler that comes back in time finds its tasks running, and is told of them without asking', () => {
  const cluster = testCluster();
  cluster.addSlave(1);
  const before = cluster.addFramework('one', { failoverTimeout: 60 });
  cluster.pass(50);
  const offer = firstOffer(before);
  before.driver.replyToOffer([offer.id], [sleepTask(offer, 't', 10_000)]);
  cluster.pass(50);
  cluster.virtual.crash('10.0.2.one:0');
  cluster.pass(1_000);
  const after = cluster.addFramework('one', { failoverTimeout: 60, id: offer.frameworkId });
  cluster.pass(20_000);
  assert.equal(states(after), ['TASK_RUNNING', 'TASK_FINISHED']);
  assert.is(after.statuses[0]?.reason, 'REASON_RECONCILIATION');
});

test('a scheduler that comes back too late is refused: its executors are ending, and what it launched would end with them', () => {
  const cluster = testCluster();
  cluster.addFramework('one', { failoverTimeout: 1 });
  cluster.pass(50);
  const id = cluster.seen('framework-registered')[0]?.frameworkId ?? '';
  cluster.virtual.crash('10.0.2.one:0');
  cluster.pass(2_000);
  const after = cluster.addFramework('two', { id });
  cluster.pass(50);
  assert.equal(after.events, ['error: Framework has been removed']);
});

test('what a scheduler did not acknowledge is told to its successor at once, and the task ends once in the books', () => {
  const cluster = testCluster();
  cluster.addSlave(1);
  const framework = cluster.addFramework('one', { failoverTimeout: 600 });
  cluster.pass(50);
  const offer = firstOffer(framework);
  framework.driver.replyToOffer([offer.id], [sleepTask(offer, 't', 1_000)]);
  cluster.pass(500);
  cluster.virtual.crash('10.0.2.one:0');
  cluster.pass(60_000);
  const back = cluster.addFramework('one', { failoverTimeout: 600, id: offer.frameworkId });
  cluster.pass(50);
  assert.equal(
    back.statuses.map(({ state, source }) => `${state} ${source}`),
    ['TASK_FINISHED SOURCE_EXECUTOR'],
  );
  cluster.pass(600_000);
  assert.is(back.statuses.length, 1);
  assert.is(cluster.seen('task-updated').filter(({ state }) => state === 'TASK_FINISHED').length, 1);
});

test('messages travel from the scheduler to the executor and back', () => {
  const cluster = testCluster();
  cluster.addSlave(1);
  const framework = cluster.addFramework('one');
  cluster.pass(50);
  const offer = firstOffer(framework);
  framework.driver.replyToOffer([offer.id], [sleepTask(offer, 't', 1e6)]);
  cluster.pass(50);
  framework.driver.sendFrameworkMessage(offer.slaveId, 'sleeper', encodeData('hello'));
  cluster.pass(50);
  assert.is(framework.events.at(-1), 'message hello');
});

test('an executor that is shut down takes its tasks with it, and both are reported', () => {
  const cluster = testCluster();
  cluster.addSlave(1);
  const framework = cluster.addFramework('one');
  cluster.pass(50);
  const offer = firstOffer(framework);
  framework.driver.replyToOffer([offer.id], [sleepTask(offer, 't', 1e6)]);
  cluster.pass(50);
  framework.driver.shutdownExecutor(offer.slaveId, 'sleeper');
  cluster.pass(10_000);
  assert.equal(states(framework), ['TASK_RUNNING', 'TASK_FAILED']);
  assert.is(framework.statuses[1]?.reason, 'REASON_EXECUTOR_TERMINATED');
  assert.ok(framework.events.includes('executor sleeper lost: 0'));
});

test('an executor that ends while a launch is on the way to it: the one that the launch starts is in the books', () => {
  for (const state of [undefined, 'TASK_RUNNING'] as const) {
    const cluster = testCluster();
    const slave = scriptedSlave(cluster);
    slave.send({ type: 'REGISTER_SLAVE', slaveInfo: slave.info });
    const framework = cluster.addFramework('one');
    cluster.pass(50);
    const [offer] = framework.offers;
    if (offer === undefined) return assert.unreachable();
    const { frameworkId } = offer;
    framework.driver.replyToOffer([offer.id], [sleepTask(offer, 't', 1e6)]);
    cluster.pass(50);
    // A task that was heard of was there when the executor ended; the news of its end waits for an acknowledgement.
    if (state !== undefined) {
      const status = { taskId: 't', state, source: 'SOURCE_EXECUTOR', timestamp: 0, uuid: 'u' } as const;
      slave.send({ type: 'STATUS_UPDATE', frameworkId, status });
    }
    slave.send({ type: 'EXITED_EXECUTOR', frameworkId, executorId: 'sleeper', status: 1 });
    cluster.pass(50);
    assert.ok(framework.events.includes('executor sleeper lost: 1'));
    framework.driver.stop();
    cluster.pass(50);
    const types = slave.received.map(({ type }) => type);
    assert.is(types.includes('SHUTDOWN_FRAMEWORK'), state === undefined);
  }
});

test('a framework of twice the weight gets twice the slaves', () => {
  const cluster = testCluster({ weights: { gold: 2 } });
  const gold = cluster.addFramework('one', { role: 'gold' });
  const plain = cluster.addFramework('two');
  cluster.pass(50);
  for (let n = 1; n <= 9; n++) cluster.addSlave(n);
  cluster.pass(50);
  assert.equal([gold.offers.length, plain.offers.length], [6, 3]);
});

test('the same seed gives the same history', () => {
  const run = (seed: number): string => {
    const cluster = testCluster({ seed });
    for (let n = 1; n <= 5; n++) cluster.addSlave(n);
    const framework = cluster.addFramework('one');
    let launched = 0;
    framework.onOffers = (offers) => {
      for (const offer of offers)
        framework.driver.replyToOffer([offer.id], [sleepTask(offer, `t${launched++}`, 300)]);
    };
    cluster.pass(20_000);
    return JSON.stringify(cluster.history);
  };
  assert.is(run(7), run(7));
  assert.is.not(run(7), run(8));
});

test('of several schedulers the next takes the place of one that is gone, at once, with its tasks', () => {
  const cluster = testCluster();
  cluster.addSlave(1);
  const first = cluster.addFramework('first', { failoverTimeout: 60 });
  cluster.pass(50);
  const offer = firstOffer(first);
  first.driver.replyToOffer([offer.id], [sleepTask(offer, 't', 1e6)]);
  const id = offer.frameworkId;
  const second = cluster.addFramework('second', { id, failoverTimeout: 60 }, true);
  const third = cluster.addFramework('third', { id, failoverTimeout: 60 }, true);
  cluster.pass(30_000);
  assert.equal([...second.events, ...third.events], []);
  cluster.virtual.crash('10.0.2.second:0');
  cluster.virtual.crash('10.0.2.first:0');
  cluster.pass(50);
  assert.equal(third.events, ['registered 0000']);
  assert.equal(states(third), ['TASK_RUNNING']);
  assert.is(third.offers.length, 1);
});

test('of two schedulers that lose a new master the later one counts, whichever comes first', () => {
  const cluster = testCluster({ reregisterTimeoutMs: 60_000 });
  const first = cluster.addFramework('first', { failoverTimeout: 600 });
  cluster.pass(50);
  const id = cluster.seen('framework-registered')[0]?.frameworkId ?? '';
  // What the first is told is lost, and it does not know that another has taken its place.
  cluster.virtual.pause('10.0.2.first:0');
  const second = cluster.addFramework('second', { id, failoverTimeout: 600 });
  cluster.pass(50);
  cluster.restartMaster();
  cluster.virtual.resume('10.0.2.first:0');
  cluster.pass(60_000);
  assert.match(first.events.at(-1) ?? '', /^error: Framework failed over/);
  assert.equal(second.events, ['registered 0000', 'disconnected', 'registered 0000']);
});

test('a scheduler that waits does not take the place of one that is still on its way to a new master', () => {
  const cluster = testCluster();
  const id = 'former-0000';
  const waiting = cluster.addFramework('waiting', { id }, true);
  cluster.pass(5_000);
  const first = cluster.addFramework('first', { id });
  cluster.pass(60_000);
  assert.equal(waiting.events, []);
  cluster.virtual.crash('10.0.2.first:0');
  cluster.pass(50);
  assert.equal(first.events, ['registered 0000']);
  assert.equal(waiting.events, ['registered 0000']);
});

test('a scheduler that waits for one which never comes takes its place in the end', () => {
  const cluster = testCluster();
  const waiting = cluster.addFramework('waiting', { id: 'former-0000' }, true);
  cluster.pass(14_000);
  assert.equal(waiting.events, []);
  cluster.pass(5_000);
  assert.equal(waiting.events, ['registered 0000']);
});

test('quantities finer than a thousandth count as what they round to, and the books stay even', () => {
  const cluster = testCluster();
  cluster.addSlave(1);
  const framework = cluster.addFramework('one');
  cluster.pass(200);
  const offer = firstOffer(framework);
  const tasks = Array.from({ length: 7 }, (_, n) =>
    sleepTask(offer, `t${n}`, 100 * (n + 1), 'mem:512', { cpus: 0.1235 }),
  );
  framework.driver.replyToOffer([offer.id], tasks, { refuseSeconds: 0 });
  cluster.pass(60_000);
  const [, ...held] = framework.offers;
  assert.equal(sum(held.map(({ resources }) => resources)), { cpus: 4, mem: 4096 });
});

test.run();
