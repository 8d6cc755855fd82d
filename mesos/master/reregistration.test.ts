import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ExecutorInfo, FrameworkInfo, TaskRecord } from '../protocol/entities.ts';
import type { Resources } from '../protocol/resources.ts';
import type { SlaveOrder, SlaveReport } from '../protocol/slave.ts';
import type { TaskState } from '../protocol/tasks.ts';
import { firstOffer, scriptedSlave, sleepTask, testCluster } from '../testCluster.ts';

const SLAVE_ID = 'former-S0';
const FRAMEWORK: FrameworkInfo = { user: 'test', name: 'one', id: 'former-0000', failoverTimeout: 60 };

const executor = (resources = {}): ExecutorInfo => ({
  executorId: 'sleeper',
  name: 'sleeper',
  command: { shell: false, value: 'sleeper', arguments: [], environment: {} },
  resources,
});

const record = (taskId: string, state: TaskState = 'TASK_RUNNING'): TaskRecord => ({
  frameworkId: 'former-0000',
  taskId,
  name: taskId,
  executorId: 'sleeper',
  resources: { cpus: 1, mem: 1024 },
  state,
  isShort: false,
  ageMs: 1_000,
});

/** A slave that an earlier master registered, and what it tells a new one. */
function formerSlave(cluster: ReturnType<typeof testCluster>) {
  const slave = scriptedSlave(cluster);
  const report = (more: Partial<SlaveReport & { type: 'REREGISTER_SLAVE' }> = {}): SlaveReport => ({
    type: 'REREGISTER_SLAVE',
    slaveInfo: { ...slave.info, id: SLAVE_ID },
    frameworks: [FRAMEWORK],
    executors: [{ frameworkId: 'former-0000', executorInfo: executor() }],
    tasks: [record('t1')],
    ...more,
  });
  const orders = <T extends SlaveOrder['type']>(type: T): (SlaveOrder & { type: T })[] =>
    slave.received.filter((order): order is SlaveOrder & { type: T } => order.type === type);
  return { ...slave, report, orders };
}

const statesOf = (script: { statuses: readonly { taskId: string; state: string }[] }) =>
  script.statuses.map(({ taskId, state }) => `${taskId} ${state}`);

test('a new master takes a slave over with its id and its tasks, and offers only what they leave', () => {
  const cluster = testCluster();
  const slave = formerSlave(cluster);
  slave.send(slave.report());
  cluster.pass(10);
  assert.equal(
    slave.orders('SLAVE_REGISTERED').map(({ slaveId }) => slaveId),
    [SLAVE_ID],
  );
  const other = cluster.addFramework('two');
  cluster.pass(10);
  assert.equal(
    other.offers.map(({ slaveId, resources }) => ({ slaveId, resources })),
    [{ slaveId: SLAVE_ID, resources: { cpus: 3, mem: 3072 } }],
  );
});

test('a scheduler that comes to a new master after its slaves is told the states of the tasks that it asks for', () => {
  const cluster = testCluster();
  const slave = formerSlave(cluster);
  slave.send(slave.report());
  cluster.pass(10);
  const framework = cluster.addFramework('one', FRAMEWORK);
  cluster.pass(10);
  assert.equal(statesOf(framework), ['t1 TASK_RUNNING']);
  assert.is(framework.statuses[0]?.reason, 'REASON_RECONCILIATION');
});

test('a framework whose scheduler does not come to the new master is removed in the end, with its tasks', () => {
  const cluster = testCluster({ reregisterTimeoutMs: 30_000, slavePingIntervalMs: 1e9 });
  const slave = formerSlave(cluster);
  slave.send(slave.report());
  cluster.pass(59_000);
  assert.equal(slave.orders('SHUTDOWN_FRAMEWORK'), []);
  cluster.pass(2_000);
  assert.equal(slave.orders('SHUTDOWN_FRAMEWORK'), [
    { type: 'SHUTDOWN_FRAMEWORK', frameworkId: 'former-0000' },
  ]);
  assert.equal(
    cluster.seen('task-updated').map(({ taskId, state }) => `${taskId} ${state}`),
    ['t1 TASK_RUNNING', 't1 TASK_KILLED'],
  );
});

test('a task that has ended holds nothing, and its update reaches the scheduler, updates before it included', () => {
  const cluster = testCluster();
  const slave = formerSlave(cluster);
  slave.send(slave.report({ tasks: [record('t1', 'TASK_FINISHED')] }));
  const framework = cluster.addFramework('one', FRAMEWORK);
  cluster.pass(10);
  assert.equal(framework.offers[0]?.resources, { cpus: 4, mem: 4096 });
  const update = (state: TaskState, uuid: string): void =>
    slave.send({
      type: 'STATUS_UPDATE',
      frameworkId: 'former-0000',
      status: { taskId: 't1', state, source: 'SOURCE_EXECUTOR', slaveId: SLAVE_ID, timestamp: 0, uuid },
    });
  update('TASK_RUNNING', 'u1');
  cluster.pass(10);
  update('TASK_FINISHED', 'u2');
  cluster.pass(10);
  assert.equal(
    slave.orders('STATUS_UPDATE_ACKNOWLEDGEMENT').map(({ uuid }) => uuid),
    ['u1', 'u2'],
  );
  assert.is(statesOf(framework).at(-1), 't1 TASK_FINISHED');
});

test('a task that has ended is told of also if its slave is gone before the update has come', () => {
  const cluster = testCluster({ slavePingIntervalMs: 1_000, slavePingsMissedMax: 2 });
  const slave = formerSlave(cluster);
  const framework = cluster.addFramework('one', FRAMEWORK);
  cluster.pass(10);
  slave.send(slave.report({ tasks: [record('t1', 'TASK_FINISHED')] }));
  slave.send({
    type: 'STATUS_UPDATE',
    frameworkId: 'former-0000',
    status: {
      taskId: 't1',
      state: 'TASK_RUNNING',
      source: 'SOURCE_EXECUTOR',
      slaveId: SLAVE_ID,
      timestamp: 0,
      uuid: 'u1',
    },
  });
  cluster.pass(60_000);
  assert.equal(statesOf(framework), ['t1 TASK_RUNNING', 't1 TASK_FINISHED']);
  assert.is(cluster.seen('slave-lost').length, 1);
});

test('a task that the slave had and does not tell of any more is lost, and an executor likewise is free', () => {
  const cluster = testCluster();
  const slave = formerSlave(cluster);
  const executors = [{ frameworkId: 'former-0000', executorInfo: executor({ cpus: 1 }) }];
  slave.send(slave.report({ executors }));
  const framework = cluster.addFramework('one', FRAMEWORK);
  cluster.pass(10);
  assert.equal(framework.offers[0]?.resources, { cpus: 2, mem: 3072 });
  slave.send(slave.report({ executors: [], tasks: [] }));
  cluster.pass(10);
  assert.equal(statesOf(framework), ['t1 TASK_RUNNING', 't1 TASK_LOST']);
  assert.equal(framework.offers[1]?.resources, { cpus: 2, mem: 1024 });
  assert.equal(framework.events, ['registered 0000', 'executor sleeper lost: 0']);
});

test('a slave that was given up comes back with its tasks: those of a framework that took them for lost are killed', () => {
  const cluster = testCluster({ slavePingIntervalMs: 1_000, slavePingsMissedMax: 2 });
  const slave = formerSlave(cluster);
  slave.send(slave.report());
  const framework = cluster.addFramework('one', FRAMEWORK);
  cluster.pass(10_000);
  assert.equal(statesOf(framework), ['t1 TASK_RUNNING', 't1 TASK_LOST']);
  slave.received.length = 0;
  slave.send(slave.report());
  cluster.pass(500);
  assert.equal(
    slave.received.map(({ type }) => type),
    ['SLAVE_REGISTERED', 'KILL_TASK'],
  );
  // The scheduler hears nothing more of it.
  assert.is(framework.statuses.length, 2);
});

test('a slave that comes when its tasks have been told lost, for nobody had told of them in time, has to end them', () => {
  const cluster = testCluster({ reregisterTimeoutMs: 30_000 });
  const slave = formerSlave(cluster);
  const framework = cluster.addFramework('one', FRAMEWORK);
  cluster.pass(31_000);
  framework.driver.reconcileTasks([{ taskId: 't1', slaveId: SLAVE_ID }]);
  cluster.pass(10);
  assert.equal(statesOf(framework), ['t1 TASK_LOST']);
  slave.send(slave.report());
  cluster.pass(500);
  assert.equal(
    slave.orders('KILL_TASK').map(({ taskId }) => taskId),
    ['t1'],
  );
});

test('a scheduler that has come before the slave is told of the tasks there: it may be new, and not know of them', () => {
  const cluster = testCluster();
  const slave = formerSlave(cluster);
  const framework = cluster.addFramework('one', FRAMEWORK);
  cluster.pass(10);
  assert.equal(statesOf(framework), []);
  slave.send(slave.report());
  cluster.pass(10);
  assert.equal(statesOf(framework), ['t1 TASK_RUNNING']);
  assert.is(framework.statuses[0]?.reason, 'REASON_SLAVE_REREGISTERED');
});

test('a framework that is aware of partitions gets its tasks back from a slave that was out of reach', () => {
  const cluster = testCluster({ slavePingIntervalMs: 1_000, slavePingsMissedMax: 2 });
  const slave = formerSlave(cluster);
  const info: FrameworkInfo = { ...FRAMEWORK, capabilities: ['PARTITION_AWARE'] };
  slave.send(slave.report({ frameworks: [info] }));
  const framework = cluster.addFramework('one', info);
  cluster.pass(10_000);
  slave.send(slave.report({ frameworks: [info] }));
  cluster.pass(500);
  assert.equal(statesOf(framework), ['t1 TASK_RUNNING', 't1 TASK_UNREACHABLE', 't1 TASK_RUNNING']);
  assert.is(framework.statuses[2]?.reason, 'REASON_SLAVE_REREGISTERED');
  assert.equal(slave.orders('KILL_TASK'), []);
});

test('a slave that claims more than it has, has other resources than before, or had taken leave has to start anew', () => {
  const cluster = testCluster();
  const slave = formerSlave(cluster);
  const last = (): string => {
    cluster.pass(10);
    const order = slave.received.at(-1);
    return order?.type === 'SHUTDOWN_SLAVE' ? order.message : (order?.type ?? 'nothing');
  };
  slave.send(slave.report({ tasks: ['a', 'b', 'c', 'd', 'e'].map((id) => record(id)) }));
  assert.is(last(), 'Slave former-S0 runs more than it has room for');
  slave.send(slave.report());
  assert.is(last(), 'SLAVE_REGISTERED');
  slave.send(slave.report({ slaveInfo: { ...slave.info, id: SLAVE_ID, resources: { cpus: 5, mem: 4096 } } }));
  assert.is(last(), 'Slave former-S0 has other resources than before');
  slave.send({ type: 'UNREGISTER_SLAVE' });
  slave.send(slave.report());
  assert.is(last(), 'Slave former-S0 has been removed');
});

test('a slave that tells of more than it can run, with what was ordered meanwhile, does not end the master', () => {
  const cluster = testCluster();
  const slave = formerSlave(cluster);
  slave.send(slave.report({ tasks: [], executors: [] }));
  const framework = cluster.addFramework('one', FRAMEWORK);
  cluster.pass(10);
  const offer = firstOffer(framework);
  framework.driver.replyToOffer([offer.id], [sleepTask(offer, 'ordered', 1, 'cpus:3.5;mem:512')]);
  cluster.pass(10);
  // Its checkpoint is not what it was: the master has never heard of this task.
  slave.send(slave.report({ tasks: [record('ghost')] }));
  cluster.pass(10);
  assert.is(slave.received.at(-1)?.type, 'SHUTDOWN_SLAVE');
  slave.send({ type: 'REGISTER_SLAVE', slaveInfo: slave.info });
  cluster.pass(10);
  const last = slave.received.at(-1);
  assert.is.not(last?.type === 'SLAVE_REGISTERED' ? last.slaveId : SLAVE_ID, SLAVE_ID);
  assert.equal(statesOf(framework), ['ordered TASK_LOST']);
});

test('what a slave has in the place of something else may take as much, and no more', () => {
  const executors = (resources: Resources) => [
    { frameworkId: 'former-0000', executorInfo: { ...executor(resources), executorId: 'other' } },
  ];
  for (const [first, then, last] of [
    // In the place of a task.
    [
      { tasks: [{ ...record('t1'), resources: { cpus: 4 } }] },
      { tasks: [], executors: executors({ cpus: 4 }) },
    ],
    // Beside an executor, which holds what it did when it was told of first.
    [
      { tasks: [], executors: [{ frameworkId: 'former-0000', executorInfo: executor({ cpus: 2 }) }] },
      {
        tasks: [],
        executors: [{ frameworkId: 'former-0000', executorInfo: executor() }, ...executors({ cpus: 3 })],
      },
      'SHUTDOWN_SLAVE',
    ],
    // Half a thousandth counts as a whole one.
    [
      { tasks: [] },
      { tasks: [4, 0.0005].map((cpus) => ({ ...record(`t${cpus}`), resources: { cpus } })) },
      'SHUTDOWN_SLAVE',
    ],
  ] as const) {
    const cluster = testCluster();
    const slave = formerSlave(cluster);
    slave.send(slave.report(first));
    cluster.pass(10);
    assert.is(slave.received.at(-1)?.type, 'SLAVE_REGISTERED');
    slave.send(slave.report(then));
    cluster.pass(10);
    assert.is(slave.received.at(-1)?.type, last ?? 'SLAVE_REGISTERED');
    const framework = cluster.addFramework('two');
    cluster.pass(10);
    assert.equal(framework.offers[0]?.resources, last === undefined ? { mem: 4096 } : undefined);
  }
});

test('a slave whose link broke is offered to nobody until it has registered again, and loses no task', () => {
  const cluster = testCluster();
  const slave = formerSlave(cluster);
  slave.send(slave.report({ slaveInfo: { ...slave.info, id: SLAVE_ID, checkpoint: true } }));
  const framework = cluster.addFramework('one', FRAMEWORK);
  cluster.pass(10);
  cluster.virtual.crash('10.0.1.99:5051');
  cluster.pass(60_000);
  assert.equal(statesOf(framework), ['t1 TASK_RUNNING']);
  assert.equal(framework.events, ['registered 0000', 'rescinded']);
  const again = scriptedSlave(cluster);
  again.send(slave.report({ slaveInfo: { ...slave.info, id: SLAVE_ID, checkpoint: true } }));
  cluster.pass(10);
  assert.is(framework.offers.length, 2);
  assert.equal(cluster.seen('slave-lost'), []);
});

test('a slave that tells of a framework which has ended is told to end what is left of it', () => {
  const cluster = testCluster();
  const slave = formerSlave(cluster);
  const framework = cluster.addFramework('one', FRAMEWORK);
  cluster.pass(10);
  framework.driver.stop();
  cluster.pass(10);
  slave.send(slave.report());
  cluster.pass(10);
  assert.equal(
    slave.received.map(({ type }) => type),
    ['SLAVE_REGISTERED', 'SHUTDOWN_FRAMEWORK'],
  );
  const other = cluster.addFramework('two');
  cluster.pass(10);
  assert.equal(other.offers[0]?.resources, { cpus: 4, mem: 4096 });
});

test('a slave without an id at the address of another has come in its place, and what ran there is lost', () => {
  const cluster = testCluster();
  const slave = formerSlave(cluster);
  slave.send(slave.report());
  const framework = cluster.addFramework('one', FRAMEWORK);
  cluster.pass(10);
  slave.send({ type: 'REGISTER_SLAVE', slaveInfo: slave.info });
  cluster.pass(10);
  assert.equal(statesOf(framework), ['t1 TASK_RUNNING', 't1 TASK_LOST']);
  assert.equal(
    cluster.seen('slave-lost').map(({ slaveId }) => slaveId),
    [SLAVE_ID],
  );
  assert.is(cluster.books.slaves.size, 1);
});

test('an update that nobody waits for is acknowledged, or its slave would repeat it for ever', () => {
  const cluster = testCluster();
  const slave = formerSlave(cluster);
  slave.send(slave.report());
  cluster.pass(10);
  for (const [frameworkId, taskId] of [
    ['no-such', 't1'],
    ['former-0000', 'no-such'],
  ] as const)
    slave.send({
      type: 'STATUS_UPDATE',
      frameworkId,
      status: { taskId, state: 'TASK_FINISHED', source: 'SOURCE_EXECUTOR', timestamp: 0, uuid: taskId },
    });
  cluster.pass(10);
  assert.equal(
    slave.orders('STATUS_UPDATE_ACKNOWLEDGEMENT').map(({ frameworkId, uuid }) => [frameworkId, uuid]),
    [
      ['no-such', 't1'],
      ['former-0000', 'no-such'],
    ],
  );
});

test('a slave that a master does not know is told to register before it is listened to', () => {
  const cluster = testCluster();
  const slave = formerSlave(cluster);
  slave.send({ type: 'PONG' });
  cluster.pass(10);
  assert.equal(slave.received, [{ type: 'REDIRECT', leader: 'master@10.0.0.1:5050' }]);
});

test.run();
