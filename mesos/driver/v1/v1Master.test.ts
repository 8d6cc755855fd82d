import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tidyUp } from '../../runtime/testProbe.ts';
import { sleepTask } from '../../testCluster.ts';
import { CONTENT_TYPES } from '../../v1/codec.ts';
import {
  calls,
  OFFER,
  type ScriptedMaster,
  scriptedMaster,
  type TestDriver,
  testDriver,
} from './testDriver.ts';

test.after.each(tidyUp);

const UUID = '00112233445566778899aabbccddeeff';
const RUNNING = {
  type: 'UPDATE',
  status: {
    taskId: 't',
    slaveId: 's',
    state: 'TASK_RUNNING',
    source: 'SOURCE_EXECUTOR',
    timestamp: 1,
    uuid: UUID,
  },
} as const;

for (const contentType of CONTENT_TYPES)
  test(`calls go out and events come in, in ${contentType}`, async () => {
    const master = await scriptedMaster(contentType);
    const own = testDriver({ masters: [master.url], contentType, authorization: 'Bearer x' });
    const { driver, told, next, until } = own;
    const first = await next(master);
    assert.is(first.path, '/api/v1/scheduler');
    assert.is(first.headers.accept, contentType);
    assert.is(first.headers['content-type'], contentType);
    assert.is(first.headers.authorization, 'Bearer x');
    assert.is(first.headers['mesos-stream-id'], undefined);
    assert.is(first.call.type, 'SUBSCRIBE');
    assert.is(first.call.framework_id, undefined);
    const stream = first.stream('s1');
    stream.welcome();
    stream.send({ type: 'OFFERS', offers: [OFFER] }, { type: 'RESCIND', offerId: 'x' }, RUNNING);
    stream.send({ type: 'FAILURE', slaveId: 's' });
    await until('all events', () => told.length === 5);
    assert.equal(told, ['registered f', 'offers o', 'rescinded x', 't TASK_RUNNING', 'slave s lost']);

    driver.replyToOffer(['o'], [sleepTask(OFFER, 'u', 1)]);
    driver.replyToOffer(['p'], []);
    driver.killTask('u');
    driver.setNeedsOffers(false);
    driver.setFilters([{ kind: 'attribute', name: 'rack', value: 'r1' }]);
    const acknowledge = await next(master);
    assert.is(acknowledge.headers['mesos-stream-id'], 's1');
    assert.is(acknowledge.headers.authorization, 'Bearer x');
    assert.equal(acknowledge.call, {
      type: 'ACKNOWLEDGE',
      framework_id: { value: 'f' },
      acknowledge: {
        agent_id: { value: 's' },
        task_id: { value: 't' },
        uuid: Buffer.from(UUID, 'hex').toString('base64'),
      },
    });
    // One at a time: none comes before the one before it is answered.
    assert.is(master.asked.length, 0);
    acknowledge.answer(202);
    assert.equal(await calls(own, master, 'SUPPRESS'), ['ACCEPT', 'DECLINE', 'KILL', 'SUPPRESS']);
    const { call, answer } = await next(master);
    assert.is(call.type, 'UPDATE_FRAMEWORK');
    assert.equal(call.update_framework?.suppressed_roles, ['*']);
    assert.equal(call.update_framework?.framework_info.id, { value: 'f' });
    assert.equal(Object.keys(call.update_framework?.offer_constraints?.role_constraints ?? {}), ['*']);
    answer(200);
    driver.setNeedsOffers(true);
    assert.equal(await calls(own, master, 'REVIVE'), ['REVIVE']);
    // The stream has one connection, all calls the other.
    assert.is(master.connections(), 2);
  });

for (const [what, lose] of [
  ['the stream ends', ({ stream }) => stream.end()],
  ['the connection breaks', ({ stream }) => stream.destroy()],
  ['the stream is none of records', ({ stream }) => stream.sendBytes('<html>')],
  ['a record is larger than 64 MiB', ({ stream }) => stream.sendBytes(`${65 << 20}\n`)],
  [
    'a call comes with the wrong stream id',
    async ({ driver, next, master }) => {
      driver.killTask('t');
      (await next(master)).answer(400, "The stream ID included in this request didn't match");
    },
  ],
  [
    'the framework is not subscribed',
    async ({ driver, next, master }) => {
      driver.killTask('t');
      (await next(master)).answer(403, 'Framework is not subscribed');
    },
  ],
  [
    'another master leads now',
    async ({ driver, next, master }) => {
      driver.killTask('t');
      (await next(master)).answer(307, '', { Location: '//127.0.0.1:1/api/v1/scheduler' });
    },
  ],
  [
    'a call is not answered in 30 s',
    async ({ driver, next, master, pass }) => {
      driver.killTask('t');
      await next(master);
      pass(31_000);
    },
  ],
  [
    'the answer to a call has no end',
    async ({ driver, next, master }) => {
      driver.killTask('t');
      (await next(master)).answer(202, 'x'.repeat(1 << 20));
    },
  ],
  [
    'the answer to a call begins and does not go on',
    async ({ driver, next, master, pass, until, told }) => {
      driver.killTask('t');
      (await next(master)).begin(202);
      for (let seconds = 0; seconds < 31; seconds++) {
        await until('its turn', () => true);
        pass(1_000);
      }
      await until('the loss', () => told.includes('disconnected'));
    },
  ],
  ['nothing is heard for five heartbeats', ({ pass }) => pass(76_000)],
] as const satisfies readonly (readonly [
  string,
  (
    on: TestDriver & { stream: Awaited<ReturnType<TestDriver['subscribed']>>; master: ScriptedMaster },
  ) => unknown,
])[])
  test(`${what}: the framework subscribes again under its id, and asks for its tasks`, async () => {
    const master = await scriptedMaster();
    const own = testDriver({ masters: [master.url] });
    const { driver, told, next, until, pass, subscribed } = own;
    const stream = await subscribed(master);
    pass(2_000);
    driver.replyToOffer(['o'], [sleepTask(OFFER, 'u', 1)]);
    await calls(own, master, 'ACCEPT');
    await lose({ ...own, stream, master });
    await until('the loss', () => told.includes('disconnected'));
    assert.is(master.asked.length, 0);
    pass(500);
    const again = await next(master);
    assert.is(again.headers['mesos-stream-id'], undefined);
    assert.equal(again.call.framework_id, { value: 'f' });
    assert.equal(again.call.subscribe?.framework_info.id, { value: 'f' });
    const second = again.stream('s2');
    second.welcome();
    const { call, headers } = await next(master);
    assert.is(headers['mesos-stream-id'], 's2');
    assert.equal(call.reconcile?.tasks, [{ task_id: { value: 'u' }, agent_id: { value: 's' } }]);
    assert.equal(told, ['registered f', 'disconnected', 'registered f']);
  });

test('a framework that is refused by an event ends, with the reason', async () => {
  const master = await scriptedMaster();
  const { told, until, subscribed, pass } = testDriver({ masters: [master.url] });
  const stream = await subscribed(master);
  stream.send({ type: 'ERROR', message: 'Framework failed over' });
  stream.end();
  await until('the end', () => told.includes('stopped'));
  pass(60_000);
  assert.equal(told, ['registered f', 'error: Framework failed over', 'stopped']);
  assert.is(master.asked.length, 0);
});

test('a call that no master would take ends a framework that has never been subscribed', async () => {
  const master = await scriptedMaster();
  const { told, until, next } = testDriver({ masters: [master.url] });
  (await next(master)).answer(401, 'Who are you?\n');
  await until('the end', () => told.includes('stopped'));
  assert.equal(told, [`error: ${master.origin}: 401 Unauthorized: Who are you?`, 'stopped']);
});

test('one that has been subscribed outlives a master that is set up wrongly', async () => {
  const master = await scriptedMaster();
  const { told, log, until, next, subscribed, pass } = testDriver({ masters: [master.url] });
  (await subscribed(master)).end();
  await until('the loss', () => told.includes('disconnected'));
  pass(500);
  (await next(master)).answer(401, 'Who are you?');
  await until('a line in the log', () => log.some((line) => /401 Unauthorized: Who are you/.test(line)));
  pass(1_000);
  await subscribed(master);
  assert.equal(told, ['registered f', 'disconnected', 'registered f']);
});

test('while it waits for an answer it asks nobody else, and what it wants meanwhile is told then', async () => {
  const master = await scriptedMaster();
  const own = testDriver({ masters: [master.url] });
  const { driver, next, pass, until, told } = own;
  const first = await next(master);
  driver.setNeedsOffers(false);
  pass(3_000);
  driver.setFilters([{ kind: 'free', resources: { cpus: 2 } }]);
  pass(3_000);
  assert.is(master.asked.length, 0);
  first.stream().welcome();
  await until('its registration', () => told.length === 1);
  const { call } = await next(master);
  assert.is(call.type, 'UPDATE_FRAMEWORK');
  assert.equal(call.update_framework?.suppressed_roles, ['*']);
  assert.ok(call.update_framework?.framework_info.offer_filters?.['*']);
});

test('a question that crosses its answer is answered by that; later ones begin anew', async () => {
  const master = await scriptedMaster();
  const { driver, next, subscribed, told, pass, ask } = testDriver({ masters: [master.url] });
  const stream = await subscribed(master);
  ask();
  driver.killTask('t');
  const { call, headers } = await next(master);
  assert.is(call.type, 'KILL');
  assert.is(headers['mesos-stream-id'], 'stream');
  pass(1_000);
  ask();
  assert.is((await next(master)).call.type, 'SUBSCRIBE');
  stream.welcome();
  assert.equal(told, ['registered f']);
});

test('offers that cannot be used are given back, and what cannot be read does no harm', async () => {
  const master = await scriptedMaster();
  const own = testDriver({ masters: [master.url] });
  const { next, subscribed, told, until, log } = own;
  const stream = await subscribed(master);
  const id = (value: string) => ({ value });
  const offer = (value: string, cpus: number) => ({
    id: id(value),
    framework_id: id('f'),
    agent_id: id('s'),
    hostname: 'node',
    resources: [{ name: 'cpus', type: 'SCALAR', scalar: { value: cpus } }],
  });
  stream.sendRecord('{"type":"UPDATE","update":{}}');
  stream.sendRecord('not JSON');
  stream.sendRecord('{"type":"SURPRISE"}');
  stream.sendRecord('{"type":"INVERSE_OFFERS","inverse_offers":{"inverse_offers":[]}}');
  stream.sendRecord(JSON.stringify({ type: 'OFFERS', offers: { offers: [offer('a', 1), offer('b', -1)] } }));
  const { call, answer } = await next(master);
  assert.equal(call.decline?.offer_ids, [id('b')]);
  answer(202);
  await until('the other offer', () => told.length === 2);
  assert.equal(told, ['registered f', 'offers a']);
  assert.is(log.length, 3);
});

test('a framework that ends tells its master so before its process ends', async () => {
  const master = await scriptedMaster();
  const own = testDriver({ masters: [master.url] });
  const { driver, subscribed, told, close } = own;
  await subscribed(master);
  driver.killTask('t');
  driver.stop();
  const closing = close();
  assert.equal(await calls(own, master, 'TEARDOWN'), ['KILL', 'TEARDOWN']);
  await closing;
  assert.equal(told, ['registered f', 'stopped']);
  assert.is(master.asked.length, 0);
});

test('one that ends while it has no stream opens one for that', async () => {
  const master = await scriptedMaster();
  const own = testDriver({ masters: [master.url] });
  const { driver, next, subscribed, told, until, close } = own;
  (await subscribed(master)).end();
  await until('the loss', () => told.includes('disconnected'));
  driver.stop();
  const closing = close();
  const again = await next(master);
  assert.is(again.call.type, 'SUBSCRIBE');
  again.stream().welcome();
  assert.equal(await calls(own, master, 'TEARDOWN'), ['TEARDOWN']);
  await closing;
});

test('a process that ends does not wait for a master that is not there', async () => {
  const master = await scriptedMaster();
  const { driver, next, subscribed, until, pass, close } = testDriver({ masters: [master.url] });
  await subscribed(master);
  driver.stop();
  const closing = close();
  await next(master);
  let isOver = false;
  void closing.then(() => {
    isOver = true;
  });
  await until('nothing', () => true);
  assert.not(isOver);
  pass(1_000);
  await closing;
});

test('what the API has no form for is refused', async () => {
  const master = await scriptedMaster();
  for (const [info, standby, complaint] of [
    [{ guarantee: { cpus: 1 } }, false, /error: The v1 API has no guarantees/],
    [{ id: 'f' }, true, /error: The v1 API has no schedulers that wait/],
  ] as const) {
    const { told, until } = testDriver({ masters: [master.url] }, info, standby);
    await until('the end', () => told.includes('stopped'));
    assert.match(told.join(), complaint);
  }
  assert.is(master.asked.length, 0);
});

test.run();
