/** What is reserved outlives masters and slaves, and what a slave tells that does not fit harms nobody. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ExecutorInfo, FrameworkInfo, TaskRecord } from '../protocol/entities.ts';
import { parse, type Resources } from '../protocol/resources.ts';
import type { SlaveReport } from '../protocol/slave.ts';
import { memoryCheckpoint } from '../slave/testSlave.ts';
import { scriptedSlave, sleepTask, type TestCluster, testCluster } from '../testCluster.ts';
import { launching, scriptedFramework } from './testFramework.ts';

const GOLD = { role: 'gold' };
const reserve = (text: string) => ({ type: 'RESERVE', resources: parse(text) }) as const;

const totals = ({ books }: TestCluster): readonly Resources[] =>
  [...books.slaves.values()].map(({ info }) => info.resources);

/** A slave on which a framework has reserved something, and runs on some of that. */
function reserved(more: Parameters<TestCluster['addSlave']>[2] = {}) {
  const cluster = testCluster();
  cluster.addSlave(1, 'cpus:4;mem:4096', more);
  const gold = scriptedFramework(cluster, 'gold', GOLD);
  cluster.pass(100);
  const offer = gold.offer();
  const tasks = launching(sleepTask(offer, 't1', 600_000, 'cpus(gold):1'));
  gold.accept(offer, [reserve('cpus(gold):3'), tasks], 3600);
  cluster.pass(500);
  assert.equal(gold.states('t1'), ['TASK_RUNNING']);
  return { cluster, gold };
}

test('a new master learns of reservations from the slaves, and offers what is free of them to their role only', () => {
  const { cluster, gold } = reserved();
  cluster.restartMaster();
  const other = scriptedFramework(cluster, 'other');
  cluster.pass(10_000);
  assert.equal(totals(cluster), [{ cpus: 1, mem: 4096, 'cpus(gold)': 3 }]);
  assert.equal(other.offered(), [{ cpus: 1, mem: 4096 }]);
  cluster.virtual.crash('10.0.2.gold:0');
  gold.restart();
  cluster.pass(1000);
  assert.equal(gold.offer().resources, { 'cpus(gold)': 2 });
});

test('a new process of a slave keeps what was reserved, whatever it is told to have reserved now', () => {
  const checkpoint = memoryCheckpoint();
  const { cluster } = reserved({ checkpoint });
  for (const resources of ['cpus:4;mem:4096', 'cpus(silver):2;cpus:2;mem:4096']) {
    cluster.virtual.crash('10.0.1.1:5051');
    cluster.restartMaster();
    cluster.pass(1000);
    cluster.addSlave(1, resources, { checkpoint });
    cluster.pass(10_000);
    assert.equal(totals(cluster), [{ cpus: 1, mem: 4096, 'cpus(gold)': 3 }]);
  }
  // With other resources it is another slave, of which nothing is known.
  cluster.virtual.crash('10.0.1.1:5051');
  cluster.addSlave(1, 'cpus:8;mem:4096', { checkpoint });
  cluster.pass(10_000);
  assert.equal(totals(cluster), [{ cpus: 8, mem: 4096 }]);
  assert.is(checkpoint.resources(), undefined);
});

test('a slave that has taken leave, and one that is sent away, come back as others, with what was reserved there', () => {
  const checkpoint = memoryCheckpoint();
  const stopping = new AbortController();
  const { cluster } = reserved({ checkpoint, stopping: stopping.signal });
  const [first] = cluster.books.slaves.keys();
  stopping.abort();
  cluster.pass(100);
  assert.is(cluster.books.slaves.size, 0);
  cluster.virtual.crash('10.0.1.1:5051');
  cluster.addSlave(1, 'cpus:4;mem:4096', { checkpoint });
  cluster.pass(10_000);
  const [second = ''] = cluster.books.slaves.keys();
  assert.is.not(second, first);
  assert.equal(totals(cluster), [{ cpus: 1, mem: 4096, 'cpus(gold)': 3 }]);
  cluster.operate({ type: 'MARK_SLAVE_GONE', slaveId: second });
  cluster.pass(10_000);
  const [third = ''] = cluster.books.slaves.keys();
  assert.is.not(third, second);
  assert.equal(totals(cluster), [{ cpus: 1, mem: 4096, 'cpus(gold)': 3 }]);
});

const FRAMEWORK: FrameworkInfo = { user: 'test', name: 'gold', id: 'former-0000', role: 'gold' };
const executor: ExecutorInfo = {
  executorId: 'sleeper',
  name: 'sleeper',
  command: { shell: false, value: 'sleeper', arguments: [], environment: {} },
  resources: {},
};
const record = (taskId: string, resources: Resources, more: Partial<TaskRecord> = {}): TaskRecord => ({
  frameworkId: 'former-0000',
  taskId,
  name: taskId,
  executorId: 'sleeper',
  resources,
  state: 'TASK_RUNNING',
  isShort: false,
  ageMs: 1000,
  ...more,
});

/** A slave that says what the test says, with so much. */
function former(cluster: TestCluster, resources: string) {
  const slave = scriptedSlave(cluster);
  const slaveInfo = { ...slave.info, resources: parse(resources), id: 'former-S0' };
  const tell = (more: Partial<SlaveReport & { type: 'REREGISTER_SLAVE' }> = {}): void => {
    slave.received.length = 0;
    const executors = [{ frameworkId: 'former-0000', executorInfo: executor }];
    slave.send({
      type: 'REREGISTER_SLAVE',
      slaveInfo,
      frameworks: [FRAMEWORK],
      executors,
      tasks: [],
      ...more,
    });
    cluster.pass(100);
  };
  const types = () => slave.received.map(({ type }) => type).filter((type) => type !== 'PING');
  return { ...slave, slaveInfo, tell, types };
}

test('to a new master what the slave tells stands; with the same master, what that has', () => {
  const cluster = testCluster();
  const slave = former(cluster, 'cpus(gold):2;cpus:2;mem:4096');
  slave.tell({ tasks: [record('t1', { 'cpus(gold)': 1 })] });
  assert.equal(slave.types(), ['SLAVE_REGISTERED']);
  assert.equal(totals(cluster), [slave.slaveInfo.resources]);
  slave.tell({ slaveInfo: { ...slave.slaveInfo, resources: parse('cpus:4;mem:4096') } });
  assert.equal(slave.types(), ['SLAVE_REGISTERED', 'CHECKPOINT_RESOURCES']);
  const orders = slave.received.flatMap((order) =>
    order.type === 'CHECKPOINT_RESOURCES' ? [order.resources] : [],
  );
  assert.equal(orders, [slave.slaveInfo.resources]);
  assert.equal(totals(cluster), orders);
});

test('a slave that registers once more because the answer took long is told of what was reserved meanwhile', () => {
  const cluster = testCluster();
  const slave = scriptedSlave(cluster);
  slave.send({ type: 'REGISTER_SLAVE', slaveInfo: slave.info });
  const gold = scriptedFramework(cluster, 'gold', GOLD);
  cluster.pass(100);
  const offer = gold.offer();
  gold.accept(offer, [reserve('cpus(gold):1'), launching(sleepTask(offer, 't1', 1, 'cpus(gold):1'))]);
  cluster.pass(100);
  slave.received.length = 0;
  slave.send({ type: 'REGISTER_SLAVE', slaveInfo: slave.info });
  cluster.pass(100);
  assert.equal(
    slave.received.map(({ type }) => type),
    ['SLAVE_REGISTERED', 'CHECKPOINT_RESOURCES', 'RUN_TASK'],
  );
});

test('what a slave tells that does not fit by its names sends it away, and the master goes on', () => {
  const fitting = [record('t1', { 'cpus(gold)': 2 }), record('t2', { cpus: 2 })];
  for (const tasks of [
    [record('t9', { 'cpus(gold)': 3 })],
    [record('t9', { cpus: 3 })],
    [record('t9', { 'cpus(silver)': 1 })],
    [...fitting, record('t3', { 'mem(gold)': 1 })],
  ])
    for (const known of [undefined, [], fitting]) {
      const cluster = testCluster();
      const slave = former(cluster, 'cpus(gold):2;cpus:2;mem:4096');
      if (known !== undefined) slave.tell({ tasks: known });
      slave.tell({ tasks });
      assert.equal(slave.types(), ['SHUTDOWN_SLAVE']);
      assert.is(cluster.books.slaves.size, 0);
    }
});

test('so does a task that is there in place of one of whose end the master has not heard', () => {
  const cluster = testCluster();
  const slave = former(cluster, 'cpus:4;mem:4096');
  slave.tell({ tasks: [record('t1', { cpus: 4 })] });
  slave.tell({ tasks: [record('t1', { cpus: 4 }, { state: 'TASK_FINISHED' }), record('t2', { cpus: 4 })] });
  assert.equal(slave.types(), ['SHUTDOWN_SLAVE']);
});

test('what ends with a framework that was removed does not count, also if it was reserved otherwise meanwhile', () => {
  const cluster = testCluster();
  const slave = former(cluster, 'cpus(gold):4;mem:4096');
  const tasks = [record('t1', { 'cpus(gold)': 4 })];
  slave.tell({ tasks });
  assert.equal(cluster.operate({ type: 'TEARDOWN', frameworkId: 'former-0000' }), { is: 'done' });
  const resources = { 'cpus(gold)': 4 };
  const freed = cluster.operate({ type: 'UNRESERVE_RESOURCES', slaveId: 'former-S0', resources });
  assert.equal(freed, { is: 'done' });
  cluster.pass(100);
  slave.tell({ tasks });
  assert.equal(slave.types(), ['SLAVE_REGISTERED', 'CHECKPOINT_RESOURCES', 'SHUTDOWN_FRAMEWORK']);
});

test('quantities that are finer than thousandths harm nobody', () => {
  const cluster = testCluster();
  const slave = former(cluster, 'cpus:4;mem:4096');
  const executorInfo = { ...executor, resources: { disk: 0.0003 } };
  slave.tell({
    executors: [{ frameworkId: 'former-0000', executorInfo }],
    tasks: [record('t1', { cpus: 1.0004, gpus: 0.0001 })],
  });
  assert.equal(slave.types(), ['SLAVE_REGISTERED']);
  const framework = scriptedFramework(cluster, 'other');
  cluster.pass(100);
  assert.equal(framework.offer().resources, { cpus: 3, mem: 4096 });
});

test.run();
