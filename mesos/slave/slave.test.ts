import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { emulated } from '../isolation/emulated.ts';
import type { Isolation } from '../isolation/isolation.ts';
import { encodeData } from '../protocol/entities.ts';
import type { Resources } from '../protocol/resources.ts';
import type { SlaveOrder, SlaveReport } from '../protocol/slave.ts';
import { VirtualCluster } from '../runtime/virtual.ts';
import { sleeper } from '../testCluster.ts';
import { slave } from './slave.ts';

const MASTER_PROCESS = 'master:5050';
const SLAVE_PROCESS = 'node:5051';
const RESOURCES = { cpus: 4, mem: 4096 };

/** A slave whose master says only what the test says. */
function testSlave(isolate: (isolation: Isolation) => Isolation = (isolation) => isolation) {
  const cluster = new VirtualCluster({ seed: 1 });
  const received: SlaveReport[] = [];
  let send = (_: SlaveOrder): void => {};
  const startMaster = (): void => {
    cluster.process(MASTER_PROCESS).spawn<SlaveReport>('master', {
      inbox: {},
      create: (context) => {
        send = (order) => context.send(`slave@${SLAVE_PROCESS}`, order);
        return { receive: (report) => void received.push(report) };
      },
    });
  };
  startMaster();
  const process = cluster.process(SLAVE_PROCESS);
  process.spawn(
    'slave',
    slave({
      master: `master@${MASTER_PROCESS}`,
      hostname: 'node',
      resources: RESOURCES,
      attributes: {},
      isolation: isolate(emulated(process, { sleeper }, (run) => cluster.at(cluster.now, run))),
    }),
  );
  return {
    cluster,
    received,
    send: (order: SlaveOrder) => send(order),
    restartMaster: () => {
      cluster.crash(MASTER_PROCESS);
      startMaster();
    },
    pass: (ms: number) => void cluster.run(() => false, cluster.now + ms),
    types: () => received.map(({ type }) => type),
  };
}

test('a slave that gave up its master takes leave before it registers as a new one: the master may not have noticed', () => {
  const { pass, send, received, restartMaster, types } = testSlave();
  pass(10);
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S0' });
  pass(10);
  received.length = 0;
  restartMaster();
  pass(500);
  assert.equal(types(), ['UNREGISTER_SLAVE', 'REGISTER_SLAVE']);
});

test('a slave that is registered after all, by an answer that it had given up, notices when that master is gone', () => {
  const { pass, send, received, restartMaster, types } = testSlave();
  pass(10);
  restartMaster();
  pass(10);
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S0' });
  pass(1_000);
  received.length = 0;
  restartMaster();
  pass(500);
  assert.equal(types(), ['UNREGISTER_SLAVE', 'REGISTER_SLAVE']);
});

const EXECUTOR = {
  executorId: 'e',
  name: 'sleeper',
  command: { shell: false, value: 'sleeper', arguments: [], environment: {} },
  resources: { cpus: 1 },
};

/** The order to run a task. */
const runTask = (taskId: string): SlaveOrder => ({
  type: 'RUN_TASK',
  frameworkId: 'f',
  frameworkInfo: { user: 'test', name: 'f' },
  task: { name: taskId, taskId, slaveId: 'S0', resources: { cpus: 2 }, executor: EXECUTOR },
});

test('the container of an executor that is starting is told when a task that waits for it is killed', () => {
  const updates: Resources[] = [];
  const { pass, send } = testSlave(() => ({
    launch: () => ({ update: (resources) => void updates.push(resources), destroy() {} }),
  }));
  pass(10);
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S0' });
  send(runTask('t'));
  pass(10);
  assert.equal(updates, [{ cpus: 3 }]);
  send({ type: 'KILL_TASK', frameworkId: 'f', taskId: 't' });
  pass(10);
  assert.equal(updates, [{ cpus: 3 }, { cpus: 1 }]);
});

test('an update is sent again, ever less often, until it is acknowledged; the next one waits for that', () => {
  const { pass, send, received } = testSlave();
  pass(10);
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S0' });
  const { task, ...order } = runTask('t') as SlaveOrder & { type: 'RUN_TASK' };
  send({ ...order, task: { ...task, data: encodeData(1_000) } });
  const updates = () =>
    received.flatMap((report) => (report.type === 'STATUS_UPDATE' ? [report.status] : []));
  pass(100_000);
  // At once, and after 10, 30 and 70 s.
  assert.equal(
    updates().map(({ state }) => state),
    ['TASK_RUNNING', 'TASK_RUNNING', 'TASK_RUNNING', 'TASK_RUNNING'],
  );
  const acknowledge = (): void => {
    const { taskId, uuid } = updates().at(-1) ?? { taskId: '' };
    send({ type: 'STATUS_UPDATE_ACKNOWLEDGEMENT', frameworkId: 'f', taskId, uuid: uuid as string });
    received.length = 0;
    pass(10);
  };
  acknowledge();
  assert.equal(
    updates().map(({ state }) => state),
    ['TASK_FINISHED'],
  );
  acknowledge();
  pass(1e6);
  assert.equal(updates(), []);
});

test('a slave that gets another id ends what it ran under the former one, which the master has given up', () => {
  let destroyed = 0;
  const { pass, send, types } = testSlave(() => ({
    launch: () => ({ update() {}, destroy: () => void destroyed++ }),
  }));
  pass(10);
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S0' });
  send(runTask('t'));
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S0' });
  pass(10);
  assert.is(destroyed, 0);
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S1' });
  pass(10);
  assert.is(destroyed, 1);
  assert.equal(types(), ['REGISTER_SLAVE']);
});

test.run();
