import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Detector, Leadership } from '../election/election.ts';
import type { Offer } from '../protocol/entities.ts';
import { complaint, MASTER_INBOX, SCHEDULER_INBOX } from '../protocol/message.ts';
import type { SchedulerCall, SchedulerEvent } from '../protocol/scheduler.ts';
import type { TaskState } from '../protocol/tasks.ts';
import type { Address } from '../runtime/actor.ts';
import { VirtualCluster } from '../runtime/virtual.ts';
import { sleepTask } from '../testCluster.ts';
import type { SchedulerDriver } from './scheduler.ts';
import { schedulerActor } from './schedulerActor.ts';

const OFFER: Offer = {
  id: 'o',
  frameworkId: 'f',
  slaveId: 's',
  hostname: 'node',
  resources: { cpus: 4, mem: 4096 },
  attributes: {},
  executorIds: [],
};

/** A detector that tells what the test says. */
function scriptedDetector(): Detector & { tell(leadership: Leadership): void } {
  let tell = (_: Leadership): void => {};
  return {
    follow(changed) {
      tell = changed;
      return { stop() {} };
    },
    tell: (leadership) => tell(leadership),
  };
}

/** A driver, and masters that say only what the test says. */
function testDriver(master: Address | Detector) {
  const virtual = new VirtualCluster({ seed: 1 });
  const scriptedMaster = (process: string) => {
    const received: SchedulerCall[] = [];
    let send = (_: SchedulerEvent): void => {};
    virtual.process(process).spawn<SchedulerCall>('master', {
      inbox: SCHEDULER_INBOX,
      create: (context) => {
        send = (event) => context.send('scheduler@f:1', event);
        return { receive: (call) => void received.push(call) };
      },
    });
    return {
      address: `master@${process}`,
      send: (event: SchedulerEvent) => {
        send(event);
        virtual.run(() => false, virtual.now + 5);
      },
      welcome: () => {
        send({
          type: 'SUBSCRIBED',
          frameworkId: 'f',
          heartbeatIntervalSeconds: 15,
          masterInfo: { id: 'm', address: process, version: '0' },
          guaranteedShare: {},
          term: 7,
        });
        virtual.run(() => false, virtual.now + 5);
      },
      /** The types of what has come, and forgets it. */
      calls: () => received.splice(0).map(({ type }) => type),
      received,
    };
  };
  const [first, second] = [scriptedMaster('a:5050'), scriptedMaster('b:5050')];
  const told: string[] = [];
  let driver: SchedulerDriver | undefined;
  virtual.process('f:1').spawn(
    'scheduler',
    schedulerActor({
      master,
      frameworkInfo: { user: 'test', name: 'f' },
      factory: (made) => {
        driver = made;
        return {
          registered: () => told.push('registered'),
          resourceOffers: () => told.push('offers'),
          offerRescinded: () => told.push('rescinded'),
          statusUpdate: ({ taskId, state }) => told.push(`${taskId} ${state}`),
          slaveLost: () => told.push('slave lost'),
          executorLost: () => told.push('executor lost'),
          frameworkMessage: () => told.push('message'),
          disconnected: () => told.push('disconnected'),
          error: (message) => told.push(`error: ${message}`),
        };
      },
      stopped: () => told.push('stopped'),
    }),
  );
  const pass = (ms: number): void => void virtual.run(() => false, virtual.now + ms);
  pass(5);
  return { virtual, first, second, told, pass, driver: driver as SchedulerDriver };
}

test('with the address of a standby it finds the leader by what that says, and comes back when the leader is gone', () => {
  const { virtual, first, second, pass, told } = testDriver('master@a:5050');
  assert.equal(first.calls(), ['SUBSCRIBE']);
  first.send({ type: 'REDIRECT', leader: second.address });
  pass(5);
  assert.equal(second.calls(), ['SUBSCRIBE']);
  second.welcome();
  virtual.crash('b:5050');
  pass(1_000);
  assert.equal(first.calls(), ['SUBSCRIBE']);
  assert.equal(told, ['registered', 'disconnected']);
});

test('it follows the detector from one leader to the next, and does not hear a deposed one', () => {
  const detector = scriptedDetector();
  const { first, second, told, pass } = testDriver(detector);
  assert.equal(first.calls(), []);
  detector.tell({ is: 'held', master: first.address });
  pass(5);
  assert.equal(first.calls(), ['SUBSCRIBE']);
  first.welcome();
  detector.tell({ is: 'unknown' });
  first.send({ type: 'OFFERS', offers: [OFFER] });
  detector.tell({ is: 'held', master: second.address });
  pass(5);
  assert.equal(second.calls(), ['SUBSCRIBE']);
  second.welcome();
  first.send({ type: 'OFFERS', offers: [OFFER] });
  assert.equal(told, ['registered', 'offers', 'disconnected', 'registered']);
});

test('a master that the detector knows to lead and that does not know it yet is asked again soon, and ever less often', () => {
  const detector = scriptedDetector();
  const { first, told, pass } = testDriver(detector);
  detector.tell({ is: 'held', master: first.address, masterId: '1' });
  pass(5);
  const askedMs: number[] = [];
  for (let ms = 0; ms < 2_000; ms += 5) {
    if (first.calls().length > 0) {
      askedMs.push(ms);
      first.send({ type: 'REDIRECT' });
    } else pass(5);
  }
  const waits = askedMs.map((ms, n) => ms - (askedMs[n - 1] ?? 0));
  assert.ok((waits[1] as number) <= 30, String(waits));
  assert.ok(askedMs.length > 5 && askedMs.length <= 9, String(waits));
  first.welcome();
  assert.equal(told, ['registered']);
});

test('a master that was deposed and leads again knows nothing: it subscribes again', () => {
  const detector = scriptedDetector();
  const { first, told, pass } = testDriver(detector);
  detector.tell({ is: 'held', master: first.address, masterId: '1' });
  pass(5);
  first.welcome();
  assert.equal(first.calls(), ['SUBSCRIBE']);
  detector.tell({ is: 'held', master: first.address, masterId: '1' });
  pass(5);
  assert.equal(first.calls(), []);
  detector.tell({ is: 'held', master: first.address, masterId: '2' });
  pass(5);
  assert.equal(first.calls(), ['SUBSCRIBE']);
  assert.equal(told, ['registered', 'disconnected']);
});

test('it comes back as the framework, and the scheduler, that it was', () => {
  const { first, pass } = testDriver('master@a:5050');
  first.welcome();
  first.send({ type: 'REDIRECT' });
  pass(600);
  const asked = first.received.filter((call) => call.type === 'SUBSCRIBE');
  assert.equal(
    asked.map(({ frameworkInfo, term }) => [frameworkInfo.id, term]),
    [
      [undefined, undefined],
      ['f', 7],
    ],
  );
});

test('a master that has been silent for five heartbeats has forgotten the framework', () => {
  const { first, pass, told } = testDriver('master@a:5050');
  first.welcome();
  pass(60_000);
  first.send({ type: 'HEARTBEAT' });
  first.calls();
  pass(70_000);
  assert.equal(first.calls(), []);
  pass(80_000);
  assert.equal(first.calls().slice(0, 1), ['SUBSCRIBE']);
  assert.equal(told, ['registered', 'disconnected']);
});

test('after a loss it asks for its tasks until it has heard of all, and kills again what was to be killed', () => {
  const { first, pass, driver, told } = testDriver('master@a:5050');
  first.welcome();
  driver.replyToOffer(['o'], [sleepTask(OFFER, 't1', 1), sleepTask(OFFER, 't2', 1)]);
  driver.killTask('t2');
  first.send({ type: 'REDIRECT' });
  pass(600);
  first.calls();
  first.welcome();
  pass(10_000);
  const asked = first.calls();
  assert.ok(asked.length >= 3 && asked.every((type) => type === 'RECONCILE'));
  const tell = (taskId: string): void =>
    first.send({
      type: 'UPDATE',
      status: { taskId, state: 'TASK_RUNNING', source: 'SOURCE_MASTER', slaveId: 's', timestamp: 0 },
    });
  tell('t1');
  tell('t2');
  pass(600_000);
  const rest = first.received.filter(({ type }) => type !== 'SUBSCRIBE');
  assert.equal(
    rest.slice(0, 1).map(({ type }) => type),
    ['KILL'],
  );
  assert.not(rest.some(({ type }) => type === 'RECONCILE'));
  assert.equal(told.slice(0, 5), [
    'registered',
    'disconnected',
    'registered',
    't1 TASK_RUNNING',
    't2 TASK_RUNNING',
  ]);
});

test('tasks that are more than a message may name are asked for in several', () => {
  const { first, pass, driver } = testDriver('master@a:5050');
  first.welcome();
  const task = sleepTask(OFFER, 't', 1);
  const tasks = Array.from({ length: 100_001 }, (_, n) => ({ ...task, taskId: `t${n}` }));
  driver.replyToOffer(['o'], tasks);
  driver.reconcileTasks(tasks.map(({ taskId }) => ({ taskId })));
  first.send({ type: 'REDIRECT' });
  pass(600);
  first.welcome();
  const questions = first.received.filter((call) => call.type === 'RECONCILE');
  for (const question of questions) assert.is(complaint(MASTER_INBOX, question), undefined);
  const asked = questions.flatMap((question) => question.tasks.map(({ taskId }) => taskId));
  const ids = tasks.map(({ taskId }) => taskId);
  assert.equal(asked, [...ids, ...ids]);
});

test('a task that was lost and comes back is ended by the driver, of which the scheduler hears nothing', () => {
  const { first, driver, told, pass } = testDriver('master@a:5050');
  first.welcome();
  driver.replyToOffer(['o'], [sleepTask(OFFER, 't', 1)]);
  pass(5);
  first.calls();
  const tell = (state: TaskState): void => {
    const source = 'SOURCE_SLAVE';
    first.send({
      type: 'UPDATE',
      status: { taskId: 't', state, source, slaveId: 's', timestamp: 0, uuid: `u ${state}` },
    });
  };
  for (const state of ['TASK_LOST', 'TASK_RUNNING', 'TASK_KILLED'] as const) tell(state);
  pass(5);
  assert.equal(first.calls(), ['ACKNOWLEDGE', 'KILL', 'ACKNOWLEDGE', 'ACKNOWLEDGE']);
  assert.equal(told, ['registered', 't TASK_LOST']);
});

test('a master that does not answer is asked ever less often, but every five seconds however long that lasts', () => {
  const { first, pass } = testDriver('master@a:5050');
  pass(10_000);
  const early = first.calls().length;
  pass(3_600_000);
  first.calls();
  pass(10_000);
  assert.equal([early, first.calls().length], [5, 2]);
});

test('what a scheduler wants between its question and the answer is told after the answer', () => {
  const { first, driver, pass } = testDriver('master@a:5050');
  assert.equal(first.calls(), ['SUBSCRIBE']);
  driver.setNeedsOffers(false);
  driver.setFilters([{ kind: 'hosts', hostnames: ['a'] }]);
  first.welcome();
  assert.equal(first.calls(), ['SUPPRESS', 'SET_FILTERS']);
  first.send({ type: 'REDIRECT' });
  driver.setNeedsOffers(true);
  pass(600);
  first.welcome();
  assert.equal(first.calls(), ['SUBSCRIBE']);
});

test('what a scheduler wants is told to its master at once', () => {
  const { first, driver, pass } = testDriver('master@a:5050');
  first.welcome();
  first.calls();
  driver.setFilters([{ kind: 'hosts', hostnames: ['a'] }]);
  driver.setNeedsOffers(false);
  driver.setNeedsOffers(true);
  pass(5);
  assert.equal(first.calls(), ['SET_FILTERS', 'SUPPRESS', 'REVIVE']);
});

test('an offer may be refused for ever, for a time, and for as long as is usual', () => {
  const { first, driver, pass } = testDriver('master@a:5050');
  first.welcome();
  for (const refuseSeconds of [Number.POSITIVE_INFINITY, 7])
    driver.replyToOffer(['o'], [], { refuseSeconds });
  driver.replyToOffer(['o'], []);
  pass(5);
  const refusals = first.received.filter((call) => call.type === 'DECLINE');
  for (const refusal of refusals) assert.is(complaint(MASTER_INBOX, refusal), undefined);
  const YEAR_S = 31_536_000;
  assert.equal(
    refusals.map(({ filters }) => filters),
    [{ refuseSeconds: YEAR_S }, { refuseSeconds: 7 }, {}],
  );
});

test('tasks launched while there is no master are lost, as their scheduler is told', () => {
  const { driver, told, pass } = testDriver('master@a:5050');
  driver.replyToOffer(['o'], [sleepTask(OFFER, 't', 1)]);
  assert.equal(told, []);
  pass(5);
  assert.equal(told, ['t TASK_LOST']);
});

test('a framework that the master refuses is told why, and asks no more', () => {
  const { first, told, pass } = testDriver('master@a:5050');
  first.send({ type: 'ERROR', message: 'no such role' });
  assert.equal(told, ['error: no such role', 'stopped']);
  first.calls();
  pass(60_000);
  assert.equal(first.calls(), []);
});

test('a framework that ends while it subscribes again is no burden to the master', () => {
  const { first, pass, driver, told } = testDriver('master@a:5050');
  first.welcome();
  first.send({ type: 'REDIRECT' });
  first.calls();
  driver.stop();
  assert.is(told.at(-1), 'stopped');
  pass(5);
  assert.equal(first.calls(), ['TEARDOWN']);
  first.welcome();
  pass(5);
  assert.equal(first.calls(), ['TEARDOWN']);
});

test.run();
