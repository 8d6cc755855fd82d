/** The scheduler API, case by case, as Apache Mesos has them (`scheduler_http_api_tests.cpp`), and then some. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CONTENT_TYPES, encode } from '../v1/codec.ts';
import * as v1 from '../v1/scheduler.ts';
import {
  accept,
  FRAMEWORK,
  type Subscription,
  sleepTask,
  type TestMaster,
  withMaster,
} from './testMaster.ts';

const test = suite('the scheduler API');

const SUBSCRIBE: v1.Call = { type: 'SUBSCRIBE', subscribe: { framework_info: FRAMEWORK } };
const JSON_TYPE = { 'Content-Type': 'application/json' };

// --- the cases of Apache Mesos ---

test('a request without a content type is refused (NoContentType)', () =>
  withMaster(async ({ ask }) => {
    const { status, text } = await ask({ body: JSON.stringify(SUBSCRIBE) });
    assert.is(status, 400);
    assert.is(text, "Expecting 'Content-Type' to be present");
  }));

test('JSON that is no call is refused (ValidJsonButInvalidProtobuf)', () =>
  withMaster(async ({ ask }) => {
    const { status, text } = await ask({ headers: JSON_TYPE, body: '{"string":"valid_json"}' });
    assert.is(status, 400);
    assert.match(text, "Failed to validate scheduler::Call: Expecting 'type' to be present");
    const other = await ask({ headers: JSON_TYPE, body: '{"type":"SUBSCRIBE","subscribe":7}' });
    assert.is(other.status, 400);
    assert.match(other.text, 'Failed to convert JSON into Call protobuf');
  }));

for (const type of CONTENT_TYPES)
  test(`a body that is no ${type} is refused (MalformedContent)`, () =>
    withMaster(async ({ ask }) => {
      const { status, text } = await ask({ headers: { 'Content-Type': type }, body: 'MALFORMED_CONTENT' });
      assert.is(status, 400);
      assert.match(text, /^Failed to parse body into (JSON|Call protobuf)/);
    }));

test('another content type is refused (UnsupportedContentMediaType)', () =>
  withMaster(async ({ ask }) => {
    for (const type of [
      'application/unknown-media-type',
      'Application/JSON',
      'application/json; charset=utf-8',
    ])
      assert.is(
        (await ask({ headers: { 'Content-Type': type }, body: JSON.stringify(SUBSCRIBE) })).status,
        415,
      );
  }));

for (const contentType of CONTENT_TYPES)
  test(`a scheduler subscribes in ${contentType}, and is sent heartbeats (Subscribe)`, () =>
    withMaster(async ({ subscribe }) => {
      const stream = await subscribe({ contentType });
      assert.is(stream.status, 200);
      assert.is(stream.headers['content-type'], contentType);
      assert.is(stream.headers['transfer-encoding'], 'chunked');
      assert.ok(stream.streamId.length > 0 && stream.streamId.length <= 128);
      const { type, subscribed } = await stream.next();
      assert.is(type, 'SUBSCRIBED');
      assert.match(subscribed?.framework_id.value ?? '', /-0000$/);
      assert.is(subscribed?.heartbeat_interval_seconds, 15);
      assert.is(subscribed?.master_info?.ip, 0x0100007f);
      assert.equal(await stream.next(), { type: 'HEARTBEAT' });
    }));

test('heartbeats go on', () =>
  withMaster(
    async ({ subscribe }) => {
      const stream = await subscribe();
      await stream.find('SUBSCRIBED');
      for (let n = 0; n < 4; n++) assert.equal(await stream.next(), { type: 'HEARTBEAT' });
    },
    { master: { heartbeatIntervalMs: 20 } },
  ));

test('a framework with a role that it may not use is told on its stream (RejectFrameworkWithInvalidRole)', () =>
  withMaster(
    async ({ subscribe }) => {
      for (const role of ['gold', 'a/b']) {
        const stream = await subscribe({ info: { role } });
        assert.is(stream.status, 200);
        assert.is((await stream.next()).type, 'ERROR');
        await stream.ended;
      }
    },
    { master: { rights: { roles: { '*': 'anyone' } } } },
  ));

test('a SUBSCRIBE with a stream id is refused (SubscribeWithStreamId)', () =>
  withMaster(async ({ call }) => {
    const { status, text } = await call(SUBSCRIBE, 'an-id');
    assert.is(status, 400);
    assert.is(text, "Subscribe calls should not include the 'Mesos-Stream-Id' header");
  }));

test('a scheduler that subscribes again takes its own place, on a new stream (SubscribedOnRetry)', () =>
  withMaster(async ({ subscribe }) => {
    const first = await subscribe();
    const id = await first.frameworkId();
    const second = await subscribe({ info: { id: { value: id } } });
    assert.is(await second.frameworkId(), id);
    assert.is.not(second.streamId, first.streamId);
    const { error } = await first.find('ERROR');
    assert.is(error?.message, 'Framework failed over');
    await first.ended;
  }));

test('an accept header that allows neither form is refused (NotAcceptable)', () =>
  withMaster(async ({ call }) => {
    assert.is((await call(SUBSCRIBE, undefined, { Accept: 'foo/bar' })).status, 406);
  }));

for (const [name, headers] of [
  ['without an accept header (NoAcceptHeader)', {}],
  ['that accepts anything (DefaultAccept)', { Accept: '*/*' }],
] as const)
  test(`a client ${name} is answered in JSON`, () =>
    withMaster(async ({ port }) => {
      const body = JSON.stringify(SUBSCRIBE);
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/scheduler`, {
        method: 'POST',
        headers: { ...JSON_TYPE, ...headers },
        body,
      });
      assert.is(answer.status, 200);
      assert.is(answer.headers.get('content-type'), 'application/json');
      await answer.body?.cancel();
    }));

test('other methods than POST are refused (GetRequest)', () =>
  withMaster(async ({ ask }) => {
    const { status, headers, text } = await ask({ method: 'GET' });
    assert.is(status, 405);
    assert.is(headers.allow, 'POST');
    assert.is(text, "405 Method Not Allowed. Expecting one of { 'POST' }, but received 'GET'.");
  }));

test('a call without the stream id is refused (TeardownWithoutStreamId)', () =>
  subscribed(async ({ call, frameworkId }) => {
    const { status, text } = await call({ type: 'TEARDOWN', framework_id: { value: frameworkId } });
    assert.is(status, 400);
    assert.is(text, "All non-subscribe calls should include the 'Mesos-Stream-Id' header");
  }));

test('a call with another stream id is refused (TeardownWrongStreamId)', () =>
  subscribed(async ({ call, frameworkId }) => {
    const { status, text } = await call({ type: 'TEARDOWN', framework_id: { value: frameworkId } }, 'wrong');
    assert.is(status, 400);
    assert.match(text, /The stream ID 'wrong' included in this request didn't match/);
  }));

test('an acknowledgement whose uuid has not 16 bytes is refused (MalformedUUID)', () =>
  subscribed(async ({ call, frameworkId, stream }) => {
    const { status, text } = await call(
      {
        framework_id: { value: frameworkId },
        type: 'ACKNOWLEDGE',
        acknowledge: { agent_id: { value: 'a' }, task_id: { value: 't' }, uuid: 'bWVzb3M=' },
      },
      stream.streamId,
    );
    assert.is(status, 400);
    assert.match(text, 'Not a valid UUID');
  }));

// --- the life of a framework ---

interface Subscribed extends TestMaster {
  readonly stream: Subscription;
  readonly frameworkId: string;
  /** Sends a call of the framework, which must be accepted. */
  say(call: Omit<v1.Call, 'framework_id'>): Promise<void>;
  acknowledge(event: v1.Event): Promise<void>;
}

function subscribed(
  run: (framework: Subscribed) => Promise<void>,
  options: Parameters<typeof withMaster>[1] = {},
): Promise<void> {
  return withMaster(async (master) => {
    const stream = await master.subscribe();
    const frameworkId = await stream.frameworkId();
    const say = async (call: Omit<v1.Call, 'framework_id'>): Promise<void> => {
      const { status, text } = await master.call(
        { framework_id: { value: frameworkId }, ...call },
        stream.streamId,
      );
      assert.is(`${status} ${text}`, '202 ');
    };
    const acknowledge = async ({ update }: v1.Event): Promise<void> => {
      const { agent_id, task_id, uuid } = update?.status ?? {};
      if (agent_id === undefined || task_id === undefined || uuid === undefined) throw new Error('no ids');
      await say({ type: 'ACKNOWLEDGE', acknowledge: { agent_id, task_id, uuid } });
    };
    await run({ ...master, window: master.window, stream, frameworkId, say, acknowledge });
  }, options);
}

async function offerOf(stream: Subscription) {
  const [offer] = (await stream.find('OFFERS')).offers?.offers ?? [];
  if (offer === undefined) throw new Error('an OFFERS event without offers');
  return offer;
}

test('a task is launched on an offer, runs, ends, and its updates are acknowledged', () =>
  subscribed(async ({ addSlave, stream, frameworkId, say, acknowledge, window }) => {
    await addSlave();
    const offer = await offerOf(stream);
    assert.is(offer.hostname, 'node1');
    assert.is(offer.url?.address.ip, '127.0.0.1');
    assert.equal(offer.resources?.[0], {
      name: 'cpus',
      type: 'SCALAR',
      scalar: { value: 4 },
      role: '*',
    });
    assert.equal(offer.attributes, [{ name: 'rack', type: 'TEXT', text: { value: 'r1' } }]);
    await say(accept(frameworkId, [offer.id.value], [sleepTask(offer.agent_id.value, 't1', 10)]));
    for (const state of ['TASK_RUNNING', 'TASK_FINISHED'] as const) {
      const event = await stream.find('UPDATE');
      const { status } = event.update ?? {};
      assert.is(status?.state, state);
      assert.is(status?.source, 'SOURCE_EXECUTOR');
      assert.is(Buffer.from(status?.uuid ?? '', 'base64').length, 16);
      await acknowledge(event);
    }
    assert.is((await offerOf(stream)).resources?.[0]?.scalar?.value, 4);
    assert.is(window.reign?.books.frameworks.get(frameworkId)?.tasks.size, 0);
  }));

test('a task that cannot be is an error for the framework, and the rest of the reply holds', () =>
  subscribed(async ({ addSlave, stream, frameworkId, say }) => {
    await addSlave();
    const offer = await offerOf(stream);
    const good = sleepTask(offer.agent_id.value, 'good', 1e6);
    const bad = { ...sleepTask(offer.agent_id.value, 'bad', 1), container: { type: 'DOCKER' } };
    await say(accept(frameworkId, [offer.id.value], [bad, good]));
    const statuses = [await stream.find('UPDATE'), await stream.find('UPDATE')].map((e) => e.update?.status);
    const byTask = new Map(statuses.map((status) => [status?.task_id.value, status]));
    assert.is(byTask.get('good')?.state, 'TASK_RUNNING');
    const refused = byTask.get('bad');
    assert.is(refused?.state, 'TASK_ERROR');
    assert.is(refused?.reason, 'REASON_TASK_INVALID');
    assert.is(refused?.uuid, undefined);
    assert.match(refused?.message ?? '', "'TaskInfo.container' is not supported");
  }));

test('what this system does not have is refused, and not passed over', () =>
  subscribed(async ({ call, addSlave, stream, frameworkId }) => {
    await addSlave();
    const offer = await offerOf(stream);
    const { status, text } = await call(
      {
        framework_id: { value: frameworkId },
        type: 'ACCEPT',
        accept: { offer_ids: [offer.id], operations: [{ type: 'CREATE' }] },
      },
      stream.streamId,
    );
    assert.is(status, 400);
    assert.match(text, 'Operations of type CREATE are not supported');
  }));

test('a task has the ports that it asks for, and nobody else until it ends', () =>
  subscribed(async ({ addSlave, stream, frameworkId, say, acknowledge }) => {
    await addSlave('cpus:4;mem:4096;ports:[31000-31009]');
    const offer = await offerOf(stream);
    const portsOf = ({ resources }: typeof offer) =>
      resources?.find(({ name }) => name === 'ports')?.ranges?.range;
    assert.equal(portsOf(offer), [{ begin: 31_000, end: 31_009 }]);
    const withPorts = (id: string, begin: number, end: number) => {
      const task = sleepTask(offer.agent_id.value, id, 1e6);
      const ports = { name: 'ports', type: 'RANGES', ranges: { range: [{ begin, end }] } } as const;
      return { ...task, resources: [...(task.resources ?? []), ports] };
    };
    const tasks = [withPorts('t1', 31_004, 31_005), withPorts('t2', 31_005, 31_005), withPorts('t3', 80, 80)];
    await say(accept(frameworkId, [offer.id.value], tasks));
    const told = new Map<string, v1.Event>();
    while (told.size < 3) {
      const event = await stream.find('UPDATE');
      told.set(event.update?.status.task_id.value ?? '', event);
    }
    const stateOf = (id: string) => told.get(id)?.update?.status.state;
    assert.equal([stateOf('t1'), stateOf('t2'), stateOf('t3')], ['TASK_RUNNING', 'TASK_ERROR', 'TASK_ERROR']);
    assert.match(
      told.get('t2')?.update?.status.message ?? '',
      'Ports [31005-31005] required by task are not all in those available, [31000-31003, 31006-31009]',
    );
    await acknowledge(told.get('t1') ?? {});
    await say({ type: 'REVIVE' });
    assert.equal(portsOf(await offerOf(stream)), [
      { begin: 31_000, end: 31_003 },
      { begin: 31_006, end: 31_009 },
    ]);
    await say({ type: 'KILL', kill: { task_id: { value: 't1' } } });
    await acknowledge(await stream.find('UPDATE'));
    let ports: ReturnType<typeof portsOf>;
    do ports = portsOf(await offerOf(stream));
    while (ports?.length !== 1);
    assert.equal(ports, [{ begin: 31_004, end: 31_005 }]);
  }));

test('a void offer loses its tasks, and tells why', () =>
  subscribed(async ({ addSlave, stream, frameworkId, say }) => {
    await addSlave();
    const offer = await offerOf(stream);
    await say(accept(frameworkId, ['no-such-offer'], [sleepTask(offer.agent_id.value, 't1', 10)]));
    const { update } = await stream.find('UPDATE');
    assert.is(update?.status.state, 'TASK_LOST');
    assert.is(update?.status.reason, 'REASON_INVALID_OFFERS');
  }));

test('declined offers come back when they are revived', () =>
  subscribed(async ({ addSlave, stream, say }) => {
    await addSlave();
    const offer = await offerOf(stream);
    await say({ type: 'DECLINE', decline: { offer_ids: [offer.id], filters: { refuse_seconds: 3600 } } });
    await say({ type: 'REVIVE' });
    assert.is.not((await offerOf(stream)).id.value, offer.id.value);
  }));

test('a scheduler that suppresses its offers has none until it revives them', () =>
  subscribed(async ({ addSlave, stream, say, window, frameworkId }) => {
    await say({ type: 'SUPPRESS' });
    await addSlave();
    assert.ok(window.reign?.books.frameworks.get(frameworkId)?.isSuppressed);
    assert.is(window.reign?.books.frameworks.get(frameworkId)?.offers.size, 0);
    await say({ type: 'REVIVE', revive: { roles: ['*'] } });
    await offerOf(stream);
  }));

test('a running task is reconciled, killed, and told of as killed', () =>
  subscribed(async ({ addSlave, stream, frameworkId, say, acknowledge }) => {
    await addSlave();
    const offer = await offerOf(stream);
    await say(accept(frameworkId, [offer.id.value], [sleepTask(offer.agent_id.value, 't1', 1e6)]));
    await acknowledge(await stream.find('UPDATE'));
    await say({ type: 'RECONCILE', reconcile: { tasks: [{ task_id: { value: 't1' } }] } });
    const { update: latest } = await stream.find('UPDATE');
    assert.is(latest?.status.reason, 'REASON_RECONCILIATION');
    assert.is(latest?.status.state, 'TASK_RUNNING');
    await say({ type: 'RECONCILE', reconcile: {} });
    assert.is((await stream.find('UPDATE')).update?.status.task_id.value, 't1');
    await say({ type: 'KILL', kill: { task_id: { value: 't1' }, agent_id: offer.agent_id } });
    assert.is((await stream.find('UPDATE')).update?.status.state, 'TASK_KILLED');
  }));

test('a scheduler and its executor send each other messages', () =>
  subscribed(async ({ addSlave, stream, frameworkId, say }) => {
    await addSlave();
    const offer = await offerOf(stream);
    await say(accept(frameworkId, [offer.id.value], [sleepTask(offer.agent_id.value, 't1', 1e6)]));
    await stream.find('UPDATE');
    const executor_id = { value: 'sleeper' };
    await say({ type: 'MESSAGE', message: { agent_id: offer.agent_id, executor_id, data: 'aGk=' } });
    const { message } = await stream.find('MESSAGE');
    assert.equal(message, { agent_id: offer.agent_id, executor_id, data: 'aGk=' });
    await say({ type: 'SHUTDOWN', shutdown: { executor_id, agent_id: offer.agent_id } });
    const { failure } = await stream.find('FAILURE');
    assert.equal(failure?.executor_id, executor_id);
  }));

test('the offers of a scheduler that is gone are rescinded, and its tasks go on until it is back', () =>
  subscribed(async ({ addSlave, stream, frameworkId, say, subscribe }) => {
    await addSlave();
    const offer = await offerOf(stream);
    await say(accept(frameworkId, [offer.id.value], [sleepTask(offer.agent_id.value, 't1', 1e6)]));
    const { update } = await stream.find('UPDATE');
    stream.close();
    const again = await subscribe({ info: { id: { value: frameworkId } } });
    assert.is(await again.frameworkId(), frameworkId);
    const repeated = await again.find('UPDATE');
    assert.equal(repeated.update?.status.uuid, update?.status.uuid);
    await offerOf(again);
  }));

test('TEARDOWN ends the framework, and its id is never used again', () =>
  subscribed(async ({ addSlave, stream, frameworkId, say, subscribe, window, call }) => {
    await addSlave();
    const offer = await offerOf(stream);
    await say(accept(frameworkId, [offer.id.value], [sleepTask(offer.agent_id.value, 't1', 1e6)]));
    await stream.find('UPDATE');
    await say({ type: 'TEARDOWN' });
    const again = await subscribe({ info: { id: { value: frameworkId } } });
    assert.is((await again.next()).error?.message, 'Framework has been removed');
    assert.is(window.reign?.books.frameworks.size, 0);
    const { status, text } = await call(
      { framework_id: { value: frameworkId }, type: 'REVIVE' },
      stream.streamId,
    );
    assert.is(`${status} ${text}`, '400 Framework cannot be found');
  }));

test('a framework changes its name and its wishes, and not what it is', () =>
  subscribed(async ({ addSlave, stream, frameworkId, call, window }) => {
    const update = (more: object): Promise<{ status: number; text: string }> =>
      call(
        {
          framework_id: { value: frameworkId },
          type: 'UPDATE_FRAMEWORK',
          update_framework: {
            framework_info: { ...FRAMEWORK, id: { value: frameworkId }, name: 'other', ...more },
            offer_constraints: onHost('node2'),
          },
        },
        stream.streamId,
      );
    assert.is((await update({})).status, 200);
    const refused = await update({ user: 'somebody' });
    assert.is(
      `${refused.status} ${refused.text}`,
      "400 Updating 'FrameworkInfo.user' is not supported by this system",
    );
    await addSlave();
    await addSlave();
    assert.is((await offerOf(stream)).hostname, 'node2');
    assert.is(window.reign?.books.frameworks.get(frameworkId)?.info.name, 'other');
  }));

function onHost(value: string): v1.OfferConstraints {
  const constraint = {
    selector: { pseudoattribute_type: 'HOSTNAME' },
    predicate: { text_equals: { value } },
  } as const;
  return { role_constraints: { '*': { groups: [{ attribute_constraints: [constraint] }] } } };
}

test('calls that ask for nothing here are accepted', () =>
  subscribed(async ({ say }) => {
    await say({ type: 'REQUEST', request: { requests: [] } });
    await say({ type: 'ACCEPT_INVERSE_OFFERS', accept_inverse_offers: { inverse_offer_ids: [] } });
    await say({ type: 'DECLINE_INVERSE_OFFERS', decline_inverse_offers: { inverse_offer_ids: [] } });
    const acknowledge_operation_status = { uuid: 'AAAAAAAAAAAAAAAAAAAAAA==', operation_id: { value: 'o' } };
    await say({ type: 'ACKNOWLEDGE_OPERATION_STATUS', acknowledge_operation_status });
  }));

test('operations are all unknown, for none are kept', () =>
  subscribed(async ({ call, stream, frameworkId }) => {
    const { status, text } = await call(
      {
        framework_id: { value: frameworkId },
        type: 'RECONCILE_OPERATIONS',
        reconcile_operations: { operations: [{ operation_id: { value: 'o1' } }] },
      },
      stream.streamId,
    );
    assert.is(status, 200);
    assert.equal(JSON.parse(text).reconcile_operations.operation_statuses, [
      { operation_id: { value: 'o1' }, state: 'OPERATION_UNKNOWN' },
    ]);
  }));

test('a type of call that nobody knows is no call', () =>
  withMaster(async ({ ask }) => {
    const known = await ask({ headers: JSON_TYPE, body: '{"type":"UNKNOWN"}' });
    assert.is(known.status, 501);
    assert.is((await ask({ headers: JSON_TYPE, body: '{"type":"FLY"}' })).status, 400);
  }));

test('the id in the call must be that in the info', () =>
  withMaster(async ({ call }) => {
    const { status, text } = await call({ ...SUBSCRIBE, framework_id: { value: 'F' } });
    assert.is(status, 400);
    assert.match(text, "'framework_id' differs from 'subscribe.framework_info.id'");
  }));

for (const [type, argument] of [
  ['ACCEPT', 'accept'],
  ['DECLINE', 'decline'],
  ['KILL', 'kill'],
  ['SHUTDOWN', 'shutdown'],
  ['ACKNOWLEDGE', 'acknowledge'],
  ['RECONCILE', 'reconcile'],
  ['MESSAGE', 'message'],
  ['REQUEST', 'request'],
  ['UPDATE_FRAMEWORK', 'update_framework'],
] as const)
  test(`${type} without its argument is refused`, () =>
    subscribed(async ({ call, frameworkId, stream }) => {
      const { status, text } = await call({ framework_id: { value: frameworkId }, type }, stream.streamId);
      assert.is(status, 400);
      assert.is(text, `Failed to validate scheduler::Call: Expecting '${argument}' to be present`);
    }));

// --- the wire ---

test('each event is one chunk: one line of JSON in ASCII with its length before it', () =>
  withMaster(async ({ addSlave, subscribe }) => {
    await addSlave('cpus:1;mem:32', 'nöde');
    const stream = await subscribe();
    assert.is((await offerOf(stream)).hostname, 'nöde');
  }));

test('calls may be sent in protobuf to a stream of JSON', () =>
  subscribed(async ({ ask, stream, frameworkId, window }) => {
    const body = encode(v1.Call, 'application/x-protobuf', {
      framework_id: { value: frameworkId },
      type: 'SUPPRESS',
    });
    const headers = { 'Content-Type': 'application/x-protobuf', 'mesos-stream-id': stream.streamId };
    assert.is((await ask({ headers, body, path: '/master/api/v1/scheduler?x=1' })).status, 202);
    const again = await ask({ headers, body });
    assert.is(again.status, 202);
    assert.is(window.reign?.books.frameworks.get(frameworkId)?.isSuppressed, true);
  }));

test('a scheduler that does not read is dropped, and the others go on', () =>
  subscribed(
    async ({ subscribe, stream, frameworkId, call, addSlave, log }) => {
      const other = await subscribe();
      await other.frameworkId();
      stream.pause();
      const tasks = Array.from({ length: 20_000 }, (_, n) => ({ task_id: { value: `unknown-${n}` } }));
      const asks = { framework_id: { value: frameworkId }, type: 'RECONCILE', reconcile: { tasks } } as const;
      let status = 202;
      while (status === 202) ({ status } = await call(asks, stream.streamId));
      assert.is(status, 403);
      assert.match(
        log.join('\n'),
        /dropped the scheduler of 'demo': it does not read: \d+ bytes wait for it/,
      );
      await addSlave();
      await offerOf(other);
    },
    { master: { reregisterTimeoutMs: 0 }, server: { bufferedBytesMax: 1 << 20 } },
  ));

test.run();
