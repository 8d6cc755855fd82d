/** The executor API, against a real slave behind a real port. The names of most tests are those of Mesos's. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeData, type TaskInfo } from '../protocol/entities.ts';
import { tidyUp } from '../runtime/testProbe.ts';
import { memoryCheckpoint, runTask, testTask } from '../slave/testSlave.ts';
import { Call, Event } from '../v1/executor.ts';
import { fromProtobuf, toProtobuf } from '../v1/protobuf.ts';
import { readRecords } from '../v1/recordIo.ts';
import type { Refusal } from './exchange.ts';
import { executorApi } from './executorApi.ts';
import { type Ask, type TestSlaveServerOptions, testSlaveServer } from './testSlaveServer.ts';

const API = '/api/v1/executor';
const UUID = Buffer.alloc(16, 7).toString('base64');
const JSON_TYPE = { 'Content-Type': 'application/json' };
const WHO = { framework_id: { value: 'f' }, executor_id: { value: 'e' } };

const call = (type: string, more: object = {}): object => ({ ...WHO, type, ...more });
const SUBSCRIBE = call('SUBSCRIBE', { subscribe: {} });
const update = (state: string, more: object = {}): object =>
  call('UPDATE', {
    update: {
      status: { task_id: { value: 't1' }, state, source: 'SOURCE_EXECUTOR', uuid: UUID, ...more },
    },
  });

test.after.each(tidyUp);

/** A slave that has launched an executor for a task, and how the executor asks. */
async function withExecutor(options: TestSlaveServerOptions & { readonly task?: TaskInfo } = {}) {
  const slave = await testSlaveServer(options);
  await slave.report('REGISTER_SLAVE');
  slave.order(runTask(options.task ?? testTask('t1')));
  const container = await slave.container();
  const own = (body: unknown, headers: Ask['headers'] = {}): Ask => ({
    method: 'POST',
    body,
    headers: { ...JSON_TYPE, Authorization: `Bearer ${container.token}`, ...headers },
  });
  return { ...slave, container, own };
}

test('Subscribe: an executor is told who it is, and gets its tasks', async () => {
  const { stream, own, container } = await withExecutor();
  const answer = await stream(API, own(SUBSCRIBE));
  assert.is(answer.status, 200);
  assert.is(answer.headers['content-type'], 'application/json');
  assert.is(answer.headers['transfer-encoding'], 'chunked');
  assert.is(answer.headers['mesos-stream-id'], undefined);
  const { type, subscribed } = (await answer.next()) as {
    type: string;
    subscribed: Record<string, Record<string, unknown>>;
  };
  assert.is(type, 'SUBSCRIBED');
  assert.equal(subscribed.container_id, { value: container.containerId });
  assert.equal(subscribed.executor_info?.executor_id, { value: 'e' });
  assert.equal(subscribed.framework_info?.id, { value: 'f' });
  assert.equal(subscribed.agent_info?.id, { value: 'S0' });
  const launch = (await answer.next()) as {
    type: string;
    launch: { task: { task_id: object; data: string } };
  };
  assert.is(launch.type, 'LAUNCH');
  assert.equal(launch.launch.task.task_id, { value: 't1' });
  assert.is(launch.launch.task.data, encodeData(1e9));
});

test('updates, messages, kills and the end go to and fro', async () => {
  const { ask, stream, own, order, status, report } = await withExecutor();
  const events = await stream(API, own(SUBSCRIBE));
  await events.next();
  await events.next();
  const accepted = await ask(API, own(update('TASK_RUNNING')));
  assert.is(accepted.status, 202);
  assert.is(accepted.body, '');
  assert.equal(await events.next(), {
    type: 'ACKNOWLEDGED',
    acknowledged: { task_id: { value: 't1' }, uuid: UUID },
  });
  assert.is((await status('t1', 'TASK_RUNNING')).uuid, Buffer.alloc(16, 7).toString('hex'));
  assert.is((await ask(API, own(call('MESSAGE', { message: { data: 'aGk=' } })))).status, 202);
  assert.is((await report('EXECUTOR_TO_FRAMEWORK')).data, 'aGk=');
  assert.is((await ask(API, own(call('HEARTBEAT')))).status, 202);
  order({ type: 'FRAMEWORK_TO_EXECUTOR', frameworkId: 'f', executorId: 'e', data: 'eW8=' });
  assert.equal(await events.next(), { type: 'MESSAGE', message: { data: 'eW8=' } });
  order({ type: 'KILL_TASK', frameworkId: 'f', taskId: 't1', gracePeriodMs: 1500 });
  assert.equal(await events.next(), {
    type: 'KILL',
    kill: { task_id: { value: 't1' }, kill_policy: { grace_period: { nanoseconds: 1.5e9 } } },
  });
  order({ type: 'SHUTDOWN_EXECUTOR', frameworkId: 'f', executorId: 'e' });
  assert.equal(await events.next(), { type: 'SHUTDOWN' });
});

test('the API also speaks protobuf, and below the names of a slave', async () => {
  const { open, own } = await withExecutor();
  const body = toProtobuf(Call, { ...WHO, type: 'SUBSCRIBE', subscribe: {} });
  const headers = { 'Content-Type': 'application/x-protobuf', Accept: 'application/x-protobuf' };
  const answer = await open(`/slave(1)${API}`, own(Buffer.from(body), headers));
  assert.is(answer.headers['content-type'], 'application/x-protobuf');
  const reader = readRecords(1 << 20);
  for await (const piece of answer) {
    const [first] = reader.push(piece);
    if (first === undefined) continue;
    assert.is(fromProtobuf(Event, first).type, 'SUBSCRIBED');
    return;
  }
  assert.unreachable();
});

test('GetRequest, NoContentType, UnsupportedContentMediaType, MalformedContent, NotAcceptable', async () => {
  const { ask, own } = await withExecutor();
  const auth = own(undefined).headers ?? {};
  const get = await ask(API, { headers: auth });
  assert.equal([get.status, get.headers.allow], [405, 'POST']);
  const expectRefusal = async (one: Ask, status: number, body: RegExp): Promise<void> => {
    const answer = await ask(API, one);
    assert.is(answer.status, status, answer.body);
    assert.match(answer.body, body);
  };
  const { 'Content-Type': _, ...untyped } = auth;
  await expectRefusal(
    { method: 'POST', headers: untyped, body: SUBSCRIBE },
    400,
    /'Content-Type' to be present/,
  );
  await expectRefusal(own(SUBSCRIBE, { 'Content-Type': 'text/plain' }), 415, /Expecting 'Content-Type' of/);
  await expectRefusal(own('{'), 400, /Failed to parse body into JSON/);
  await expectRefusal(own({ type: 'SUBSCRIBE' }), 400, /Failed to convert JSON into Call protobuf: Not init/);
  await expectRefusal(own(WHO), 400, /Failed to validate Executor::Call: Expecting 'type' to be present/);
  await expectRefusal(own(call('UNKNOWN')), 501, /unknown/);
  await expectRefusal(own(SUBSCRIBE, { Accept: 'text/html' }), 406, /Expecting 'Accept' to allow/);
});

test('StatusUpdateCallFailedValidation: updates must be whole, and of the executor itself', async () => {
  const { ask, own } = await withExecutor();
  const invalid: readonly (readonly [object, RegExp])[] = [
    [call('UPDATE'), /Expecting 'update' to be present/],
    [update('TASK_RUNNING', { uuid: undefined }), /Expecting 'uuid' to be present/],
    [update('TASK_RUNNING', { uuid: 'AAAA' }), /Not a valid UUID/],
    [update('TASK_STAGING'), /TASK_STAGING/],
    [update('TASK_RUNNING', { executor_id: { value: 'x' } }), /does not match ExecutorID in TaskStatus: x/],
    [update('TASK_RUNNING', { task_id: { value: 'a/b' } }), /illegal id/],
    [call('MESSAGE'), /Expecting 'message' to be present/],
  ];
  for (const [body, complaint] of invalid) {
    const answer = await ask(API, own(body));
    assert.is(answer.status, 400);
    assert.match(answer.body, complaint);
  }
});

test('MessageFromUnknownFramework, and from an unknown executor, and from one that has not subscribed', async () => {
  const { ask, own } = await withExecutor();
  const message = { type: 'MESSAGE', message: { data: 'aGk=' } };
  const other = await ask(API, own({ ...WHO, framework_id: { value: 'x' }, ...message }));
  assert.equal([other.status, other.body], [400, 'Framework cannot be found']);
  const unknown = await ask(API, own({ ...WHO, executor_id: { value: 'x' }, ...message }));
  assert.equal([unknown.status, unknown.body], [400, 'Executor cannot be found']);
  const early = await ask(API, own({ ...WHO, ...message }));
  assert.equal([early.status, early.body], [403, 'Executor is not subscribed']);
});

test('a slave that is not registered is not ready', async () => {
  const { ask } = await testSlaveServer({ isSilent: true, isOptional: true });
  const answer = await ask(API, { method: 'POST', headers: JSON_TYPE, body: SUBSCRIBE });
  assert.equal([answer.status, answer.body], [503, 'Agent has not finished recovery']);
});

test('an executor must have the token of its container', async () => {
  const { ask, own, order, containers, container } = await withExecutor();
  const second = testTask('t2');
  order(runTask({ ...second, executor: { ...second.executor, executorId: 'e2' } }));
  for (;;) {
    if (containers.size === 2) break;
    await new Promise(setImmediate);
  }
  const others = [...containers].find(([id]) => id !== container.containerId)?.[1].token;
  for (const [authorization, status] of [
    [undefined, 401],
    ['Bearer nonsense', 401],
    [`Bearer ${container.token.replace(/.$/, (last) => (last === '0' ? '1' : '0'))}`, 401],
    [`Basic ${container.token}`, 401],
    [`Bearer ${others}`, 403],
  ] as const) {
    const { Authorization: _, ...rest } = own(undefined).headers ?? {};
    const headers = { ...rest, ...(authorization && { Authorization: authorization }) };
    const answer = await ask(API, { method: 'POST', headers, body: SUBSCRIBE });
    assert.is(answer.status, status, `${authorization}: ${answer.body}`);
    if (status === 401) assert.match(answer.headers['www-authenticate'] ?? '', /Bearer/);
  }
  assert.is((await ask('/health')).status, 200);
});

test('where tokens are optional, executors of this machine come without; a wrong one is still refused', async () => {
  const { ask, stream } = await withExecutor({ isOptional: true });
  const headers = { ...JSON_TYPE, Authorization: 'Bearer x' };
  assert.is((await ask(API, { method: 'POST', headers, body: SUBSCRIBE })).status, 401);
  // There is a client that sends no `subscribe`.
  const events = await stream(API, { method: 'POST', headers: JSON_TYPE, body: call('SUBSCRIBE') });
  assert.is((await events.next()).type, 'SUBSCRIBED');
});

test('from another machine nobody comes without a token, wherever they are optional', async () => {
  const { wire, window } = await testSlaveServer();
  const authentication = { principalOf: () => undefined, isOptional: true };
  const api = executorApi({ runtime: wire, window, authentication, bufferedBytesMax: 1, log() {} });
  const request = {
    method: 'POST',
    path: API,
    target: API,
    query: new URLSearchParams(),
    headers: JSON_TYPE,
    principal: undefined,
    body: async () => Buffer.from(JSON.stringify(SUBSCRIBE)),
  };
  const statusFor = async (isLocal: boolean): Promise<number> => {
    try {
      await api({ ...request, isLocal });
      return 0;
    } catch (error) {
      return (error as Refusal).status;
    }
  };
  assert.is(await statusFor(false), 401);
  assert.is.not(await statusFor(true), 401);
});

test('an executor that comes over a new connection takes the place of itself', async () => {
  const { ask, stream, own } = await withExecutor();
  const first = await stream(API, own(SUBSCRIBE));
  await first.next();
  const second = await stream(API, own(SUBSCRIBE));
  await first.ended();
  assert.is((await second.next()).type, 'SUBSCRIBED');
  assert.is((await second.next()).type, 'LAUNCH');
  assert.is((await ask(API, own(update('TASK_RUNNING')))).status, 202);
  assert.is((await second.next()).type, 'ACKNOWLEDGED');
});

test('an executor that is ending and subscribes is told so, and its stream ends', async () => {
  const { stream, own, order } = await withExecutor({ slave: { executorShutdownGraceMs: 60_000 } });
  const first = await stream(API, own(SUBSCRIBE));
  await first.next();
  await first.next();
  order({ type: 'SHUTDOWN_EXECUTOR', frameworkId: 'f', executorId: 'e' });
  await first.next();
  const second = await stream(API, own(SUBSCRIBE));
  assert.equal(await second.next(), { type: 'ERROR', error: { message: 'Executor is not expected' } });
  await second.ended();
});

test('an executor whose connection breaks is ended, where its slave keeps no checkpoint', async () => {
  const { stream, own, report } = await withExecutor({ slave: { executorShutdownGraceMs: 1 } });
  const events = await stream(API, own(SUBSCRIBE));
  await events.next();
  events.close();
  assert.is((await report('EXITED_EXECUTOR')).executorId, 'e');
});

test('an executor whose connection breaks may come back, where its slave keeps a checkpoint', async () => {
  const { ask, stream, own } = await withExecutor({ slave: { checkpoint: memoryCheckpoint() } });
  const first = await stream(API, own(SUBSCRIBE));
  await first.next();
  first.close();
  let heard = await ask(API, own(call('HEARTBEAT')));
  while (heard.status === 202) heard = await ask(API, own(call('HEARTBEAT')));
  assert.is(`${heard.status} ${heard.body}`, '403 Executor is not subscribed');
  const second = await stream(API, own(SUBSCRIBE));
  assert.is((await second.next()).type, 'SUBSCRIBED');
  assert.is((await ask(API, own(call('HEARTBEAT')))).status, 202);
});

test('an executor that takes too little of what it is sent is dropped', async () => {
  const { stream, own, order, report, log } = await withExecutor({
    ...{ slave: { executorShutdownGraceMs: 1 }, server: { bufferedBytesMax: 1 << 16 } },
  });
  const events = await stream(API, own(SUBSCRIBE));
  await events.next();
  const data = 'A'.repeat(1 << 16);
  for (let n = 0; n < 3; n++)
    order({ type: 'FRAMEWORK_TO_EXECUTOR', frameworkId: 'f', executorId: 'e', data });
  assert.is((await report('EXITED_EXECUTOR')).executorId, 'e');
  assert.match(log.join('\n'), /dropped executor 'e' of f: it does not read: \d+ bytes wait for it/);
});

test('after a restart of its slave, an executor comes back with what was not acknowledged', async () => {
  const checkpoint = memoryCheckpoint();
  const before = await withExecutor({ slave: { checkpoint } });
  const events = await before.stream(API, before.own(SUBSCRIBE));
  await events.next();
  await events.next();
  await before.ask(API, before.own(update('TASK_RUNNING')));
  await before.status('t1', 'TASK_RUNNING');
  before.order(runTask(testTask('t2')));
  await events.next();
  const { task } = ((await events.next()) as { launch: { task: object } }).launch;
  await before.close();
  const after = await testSlaveServer({ slave: { checkpoint, executorReregistrationTimeoutMs: 60_000 } });
  const unacknowledged = {
    unacknowledged_tasks: [task],
    unacknowledged_updates: [
      {
        status: {
          task_id: { value: 't1' },
          state: 'TASK_FINISHED',
          source: 'SOURCE_EXECUTOR',
          uuid: UUID.replace('B', 'C'),
        },
      },
    ],
  };
  const again = await after.stream(API, before.own(call('SUBSCRIBE', { subscribe: unacknowledged })));
  assert.is((await again.next()).type, 'SUBSCRIBED');
  assert.is((await again.next()).type, 'ACKNOWLEDGED');
  await after.report('REREGISTER_SLAVE');
  await after.status('t1', 'TASK_FINISHED');
  await after.ask(API, before.own(update('TASK_RUNNING', { task_id: { value: 't2' } })));
  // Had the second task been launched again, that would have come first.
  assert.is((await again.next()).type, 'ACKNOWLEDGED');
  again.close();
});

test.run();
