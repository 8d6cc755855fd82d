import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Scheduler, SchedulerDriver } from '../../mesos/driver/scheduler.ts';
import type { Offer, TaskInfo } from '../../mesos/protocol/entities.ts';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import type { SlaveOrder, SlaveReport } from '../../mesos/protocol/slave.ts';
import type { TaskState } from '../../mesos/protocol/tasks.ts';
import { VirtualCluster } from '../../mesos/runtime/virtual.ts';
import { sleepTask } from '../../mesos/testCluster.ts';
import { standalone } from './standalone.ts';

const SLAVE_INFO = { hostname: 'node', resources: { cpus: 4, mem: 4096 }, attributes: {} };

/** A standalone framework with one slave, both of which do only what the test says. */
function testStandalone() {
  const history: HistoryLine[] = [];
  const cluster = new VirtualCluster({ seed: 1, history: (line) => history.push(line) });
  /** What the scheduler is told, in words. */
  const told: string[] = [];
  const offers: Offer[] = [];
  const received: SlaveOrder[] = [];
  let driver: SchedulerDriver | undefined;
  let send = (_: SlaveReport): void => {};
  const factory = (given: SchedulerDriver): Scheduler => {
    driver = given;
    return {
      registered: () => told.push('registered'),
      resourceOffers: (more) => offers.push(...more),
      offerRescinded: () => told.push('rescinded'),
      statusUpdate: ({ taskId, state }) => told.push(`${taskId} ${state}`),
      slaveLost: () => told.push('slave lost'),
      executorLost: (_, id) => told.push(`executor ${id} lost`),
      frameworkMessage: () => told.push('message'),
      disconnected: () => told.push('disconnected'),
      error: (message) => told.push(message),
    };
  };
  const options = { frameworkInfo: { user: 'test', name: 'f' }, factory, slavesMin: 1, stopped() {} };
  const address = cluster.process('framework:5050').spawn('master', standalone(options));
  cluster.process('node:5051').spawn<SlaveOrder>('slave', {
    inbox: {},
    create: (context) => {
      send = (report) => context.send(address, report);
      return { receive: (order) => void received.push(order) };
    },
  });
  const pass = (ms: number): void => void cluster.run(() => false, cluster.now + ms);
  send({ type: 'REGISTER_SLAVE', slaveInfo: SLAVE_INFO });
  pass(10);
  return {
    driver: driver as SchedulerDriver,
    history,
    told,
    offers,
    received,
    pass,
    send: (report: SlaveReport) => send(report),
    update: (task: TaskInfo, state: TaskState) =>
      send({
        type: 'STATUS_UPDATE',
        frameworkId: 'f-standalone',
        status: {
          taskId: task.taskId,
          state,
          source: 'SOURCE_EXECUTOR',
          timestamp: 0,
          uuid: `${task.taskId} ${state}`,
        },
      }),
  };
}

/** Launches a task that holds the whole slave. */
function launch({ driver, offers, pass }: ReturnType<typeof testStandalone>, id: string): TaskInfo {
  const offer = offers.at(-1) as Offer;
  const task = sleepTask(offer, id, 1e6, 'cpus:4;mem:4096');
  driver.replyToOffer([offer.id], [task]);
  pass(10);
  return task;
}

test('a slave that asks twice to be registered, because the answer took long, is one slave', () => {
  const { received, send, pass, told } = testStandalone();
  send({ type: 'REGISTER_SLAVE', slaveInfo: SLAVE_INFO });
  pass(10);
  assert.equal(
    received.map((order) => (order.type === 'SLAVE_REGISTERED' ? order.slaveId : order.type)),
    ['f-standalone-S0', 'f-standalone-S0'],
  );
  assert.equal(told, ['registered']);
});

test('a slave that registers again is told what it has not heard, and what it does not have is lost', () => {
  const world = testStandalone();
  const { received, send, pass, told, update, offers, driver } = world;
  const offer = offers.at(-1) as Offer;
  const [heard, unheard, gone] = ['heard', 'unheard', 'gone'].map((id) =>
    sleepTask(offer, id, 1e6, 'cpus:1;mem:1024'),
  ) as [TaskInfo, TaskInfo, TaskInfo];
  driver.replyToOffer([offer.id], [heard, unheard, gone]);
  update(heard, 'TASK_RUNNING');
  update(gone, 'TASK_RUNNING');
  pass(10);
  received.length = told.length = 0;
  const { taskId, name, resources } = heard;
  const record = { frameworkId: 'f-standalone', taskId, name, executorId: 'sleeper', resources };
  send({
    type: 'REREGISTER_SLAVE',
    slaveInfo: { ...SLAVE_INFO, id: 'f-standalone-S0' },
    frameworks: [],
    executors: [],
    tasks: [{ ...record, state: 'TASK_RUNNING', isShort: false, ageMs: 10 }],
  });
  pass(10);
  assert.equal(
    received.map((order) => (order.type === 'RUN_TASK' ? order.task.taskId : order.type)),
    ['SLAVE_REGISTERED', 'unheard'],
  );
  assert.equal(told, ['gone TASK_LOST']);
});

test('what comes to be free while the scheduler thinks about an offer is shown when it has replied', () => {
  for (const refuseSeconds of [undefined, 600]) {
    const { driver, offers, pass, update } = testStandalone();
    const first = offers.at(-1) as Offer;
    const task = sleepTask(first, 't1', 1e6, 'cpus:1;mem:1024');
    driver.replyToOffer([first.id], [task], { refuseSeconds: 0 });
    pass(50);
    const second = offers.at(-1) as Offer;
    assert.equal(second.resources, { cpus: 3, mem: 3072 });
    update(task, 'TASK_FINISHED');
    pass(50);
    if (refuseSeconds === undefined)
      driver.replyToOffer([second.id], [sleepTask(second, 't2', 1e6, 'cpus:3;mem:3072')]);
    else driver.replyToOffer([second.id], [], { refuseSeconds });
    pass(50);
    assert.is(offers.length, 3);
    assert.is(offers[2]?.resources.cpus, refuseSeconds === undefined ? 1 : 4);
  }
});

test('an executor that ends while a launch is on the way to it: the one that the launch starts is in the books', () => {
  for (const state of [undefined, 'TASK_RUNNING'] as const) {
    const world = testStandalone();
    const { driver, offers, pass, send, update } = world;
    const offer = offers.at(-1) as Offer;
    const task = sleepTask(offer, 't', 1e6, 'cpus:1;mem:1024');
    const executor = { ...task.executor, resources: { cpus: 1 } };
    driver.replyToOffer([offer.id], [{ ...task, executor }], { refuseSeconds: 600 });
    pass(50);
    // A task that was heard of was there when the executor ended; the news of its end waits for an acknowledgement.
    if (state !== undefined) update(task, state);
    send({ type: 'EXITED_EXECUTOR', frameworkId: 'f-standalone', executorId: 'sleeper', status: 1 });
    pass(50);
    driver.setNeedsOffers(true);
    pass(50);
    assert.is(offers.at(-1)?.resources.cpus, state === undefined ? 2 : 3);
  }
});

test('a framework that has ended hears nothing more, and its tasks end once', () => {
  const world = testStandalone();
  const task = launch(world, 't');
  world.update(task, 'TASK_RUNNING');
  world.pass(10);
  world.driver.stop();
  // These were under way when it ended.
  world.update(task, 'TASK_FINISHED');
  world.send({ type: 'EXITED_EXECUTOR', frameworkId: 'f-standalone', executorId: 'sleeper', status: 0 });
  world.send({ type: 'UNREGISTER_SLAVE' });
  world.pass(10);
  assert.equal(world.told, ['registered', 't TASK_RUNNING']);
  assert.equal(
    world.history.flatMap((line) => (line.event === 'task-updated' ? [line.state] : [])),
    ['TASK_RUNNING', 'TASK_KILLED'],
  );
  const last = world.received.at(-1);
  assert.is(last?.type, 'STATUS_UPDATE_ACKNOWLEDGEMENT', 'or the slave would repeat it for ever');
});

test('of a task whose end was told nothing more is told, whatever the scheduler asks', () => {
  const world = testStandalone();
  const task = launch(world, 't');
  world.update(task, 'TASK_FINISHED');
  world.pass(10);
  // The scheduler is slow: it has not seen the end yet.
  world.driver.killTask('t');
  world.driver.reconcileTasks([{ taskId: 't' }, { taskId: 'ghost' }]);
  world.pass(10);
  assert.equal(world.told, ['registered', 't TASK_FINISHED', 'ghost TASK_LOST']);
});

test('a task whose id was given twice ends, for its end has been told', () => {
  const world = testStandalone();
  const offer = world.offers.at(-1) as Offer;
  const task = sleepTask(offer, 't', 1e6);
  world.driver.replyToOffer([offer.id], [task, task]);
  world.pass(10);
  assert.equal(world.told, ['registered', 't TASK_ERROR']);
  world.update(task, 'TASK_RUNNING');
  world.pass(10);
  assert.equal(world.told, ['registered', 't TASK_ERROR']);
  assert.ok(world.received.some(({ type }) => type === 'KILL_TASK'));
});

test('a reply that is void is answered also if it names a task that ended before', () => {
  const world = testStandalone();
  const task = launch(world, 't');
  world.update(task, 'TASK_FINISHED');
  world.pass(10);
  world.driver.replyToOffer(['void'], [task]);
  world.pass(10);
  assert.equal(world.told, ['registered', 't TASK_FINISHED', 't TASK_LOST']);
});

test.run();
