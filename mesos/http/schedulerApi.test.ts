/** The scheduler API, case by case, as Apache Mesos has them (`scheduler_http_api_tests.cpp`), and how calls are judged. */
import diagnostics from 'node:diagnostics_channel';
import { createConnection } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../isolation/testContainers.ts';
import { SCHEDULER_INBOX } from '../protocol/message.ts';
import type { SchedulerEvent } from '../protocol/scheduler.ts';
import { within } from '../runtime/testProbe.ts';
import type { WireRuntime } from '../runtime/wire.ts';
import { CONTENT_TYPES, decode, encode } from '../v1/codec.ts';
import * as v1 from '../v1/scheduler.ts';
import { FRAMEWORK, withMaster } from './testMaster.ts';
import { offerOf, subscribed } from './testScheduler.ts';

const test = suite('the scheduler API');

const SUBSCRIBE: v1.Call = { type: 'SUBSCRIBE', subscribe: { framework_info: FRAMEWORK } };
const JSON_TYPE = { 'Content-Type': 'application/json' };

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
    const half = await ask({ headers: JSON_TYPE, body: '{"type":"SUBSCRIBE"}' });
    assert.is(half.status, 400);
    assert.is(half.text, "Failed to validate scheduler::Call: Expecting 'subscribe' to be present");
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

for (const contentType of CONTENT_TYPES)
  test(`what cannot be a framework is told so on its stream, in ${contentType}`, () =>
    withMaster(async ({ subscribe, window }) => {
      for (const [info, complaint] of [
        [{ role: 'a/b' }, /illegal id/],
        [{ failover_timeout: -1 }, /failover_timeout \(-1\) is invalid/],
        [{ roles: ['a', 'b'], capabilities: [{ type: 'MULTI_ROLE' }] }, /has 2 roles; in this system/],
      ] as const) {
        const stream = await subscribe({ info, contentType });
        const { type, error } = await stream.next();
        assert.is(type, 'ERROR');
        assert.match(error?.message ?? '', complaint);
        await stream.ended;
      }
      assert.is(window.reign?.books.frameworks.size, 0);
    }));

test('a SUBSCRIBE with a stream id is refused (SubscribeWithStreamId)', () =>
  withMaster(async ({ call }) => {
    const { status, text } = await call(SUBSCRIBE, 'an-id');
    assert.is(status, 400);
    assert.is(text, "Subscribe calls should not include the 'Mesos-Stream-Id' header");
  }));

test('a scheduler that subscribes again takes its own place, on a new stream (SubscribedOnRetry)', () =>
  withMaster(async ({ subscribe, call }) => {
    const first = await subscribe();
    const id = await first.frameworkId();
    const second = await subscribe({ info: { id: { value: id } } });
    assert.is(await second.frameworkId(), id);
    assert.is.not(second.streamId, first.streamId);
    const { error } = await first.find('ERROR');
    assert.is(error?.message, 'Framework failed over');
    await first.ended;
    // The end of the first is not that of the second.
    const { status } = await call({ framework_id: { value: id }, type: 'REVIVE' }, second.streamId);
    assert.is(status, 202);
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

test('a call that does not say of which framework is refused', () =>
  subscribed(async ({ call, stream }) => {
    const { status, text } = await call({ type: 'REVIVE' }, stream.streamId);
    assert.is(status, 400);
    assert.is(text, "Failed to validate scheduler::Call: Expecting 'framework_id' to be present");
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

test('a scheduler on our links is followed by one over HTTP, and that by one on our links (UpdatePidToHttpScheduler, UpdateHttpToPidScheduler, UpdateHttpToPidSchedulerAndBack)', () =>
  withMaster(async ({ wire, subscribe, call }) => {
    const first = linkScheduler(wire, 'first');
    first.subscribe();
    const { frameworkId: id } = await first.find('SUBSCRIBED');
    const http = await subscribe({ info: { id: { value: id } } });
    assert.is(await http.frameworkId(), id);
    assert.is((await first.find('ERROR')).message, 'Framework failed over');

    const second = linkScheduler(wire, 'second');
    second.subscribe(id);
    assert.is((await second.find('SUBSCRIBED')).frameworkId, id);
    assert.is((await http.find('ERROR')).error?.message, 'Framework failed over');
    await http.ended;
    // What it says still would come to nobody.
    const { status, text } = await call({ framework_id: { value: id }, type: 'REVIVE' }, http.streamId);
    assert.is(`${status} ${text}`, '403 Framework is not subscribed');

    const again = await subscribe({ info: { id: { value: id } } });
    assert.is(await again.frameworkId(), id);
    assert.is((await second.find('ERROR')).message, 'Framework failed over');
  }));

test('nothing is left in memory of streams that have ended', () =>
  withMaster(async ({ subscribe }) => {
    const responses: WeakRef<object>[] = [];
    const note = (begun: unknown): void =>
      void responses.push(new WeakRef((begun as { readonly response: object }).response));
    diagnostics.subscribe('http.server.request.start', note);
    for (let n = 0; n < 3; n++) {
      const stream = await subscribe();
      await stream.frameworkId();
      stream.close();
    }
    diagnostics.unsubscribe('http.server.request.start', note);
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    await until(() => {
      collect();
      return responses.every((one) => one.deref() === undefined);
    });
    assert.is(responses.length, 3);
  }));

/** A scheduler without HTTP. */
function linkScheduler(wire: WireRuntime, name: string) {
  const events: SchedulerEvent[] = [];
  let look = (): void => {};
  let subscribe = (_id?: string): void => {};
  wire.spawn<SchedulerEvent>(name, {
    inbox: SCHEDULER_INBOX,
    create: (context) => {
      subscribe = (id) =>
        context.send(wire.address('master'), {
          type: 'SUBSCRIBE',
          frameworkInfo: { user: 'test', name: 'demo', failoverTimeout: 60, ...(id !== undefined && { id }) },
        });
      return {
        receive(event) {
          events.push(event);
          look();
        },
      };
    },
  });
  return {
    subscribe: (id?: string) => subscribe(id),
    async find<T extends SchedulerEvent['type']>(type: T): Promise<SchedulerEvent & { readonly type: T }> {
      for (;;) {
        const event = events.shift();
        if (event?.type === type) return event as SchedulerEvent & { readonly type: T };
        if (event === undefined)
          await within(
            `a ${type}`,
            new Promise<void>((resolve) => {
              look = resolve;
            }),
          );
      }
    },
  };
}

test('calls that ask for nothing here are accepted', () =>
  subscribed(async ({ say }) => {
    await say({ type: 'REQUEST', request: { requests: [] } });
    await say({ type: 'ACCEPT_INVERSE_OFFERS', accept_inverse_offers: { inverse_offer_ids: [] } });
    await say({ type: 'DECLINE_INVERSE_OFFERS', decline_inverse_offers: { inverse_offer_ids: [] } });
    const acknowledge_operation_status = { uuid: 'AAAAAAAAAAAAAAAAAAAAAA==', operation_id: { value: 'o' } };
    await say({ type: 'ACKNOWLEDGE_OPERATION_STATUS', acknowledge_operation_status });
  }));

for (const contentType of CONTENT_TYPES)
  test(`operations are all unknown, for none are kept, in ${contentType}`, () =>
    subscribed(async ({ call, stream, frameworkId }) => {
      const operations = [
        { operation_id: { value: 'o1' } },
        { operation_id: { value: 'o2' }, agent_id: { value: 'S1' } },
      ];
      const type = 'RECONCILE_OPERATIONS';
      const asked = {
        framework_id: { value: frameworkId },
        type,
        reconcile_operations: { operations },
      } as const;
      const { status, body } = await call(asked, stream.streamId, { Accept: contentType });
      assert.is(status, 200);
      const operation_statuses = operations.map((one) => ({ ...one, state: 'OPERATION_UNKNOWN' }));
      const told = { type, reconcile_operations: { operation_statuses } };
      assert.equal(decode(v1.Response, contentType, body, 'Response'), told);
    }));

test('a type of call that nobody knows is no call', () =>
  withMaster(async ({ ask }) => {
    const known = await ask({ headers: JSON_TYPE, body: '{"type":"UNKNOWN"}' });
    assert.is(known.status, 501);
    assert.is((await ask({ headers: JSON_TYPE, body: '{"type":"FLY"}' })).status, 400);
  }));

test('the id in the call must be that in the info', () =>
  withMaster(async ({ call }) => {
    const id = { value: 'F' };
    for (const differing of [
      { ...SUBSCRIBE, framework_id: id },
      { ...SUBSCRIBE, subscribe: { framework_info: { ...FRAMEWORK, id } } },
    ]) {
      const { status, text } = await call(differing);
      assert.is(status, 400);
      assert.match(text, "'framework_id' differs from 'subscribe.framework_info.id'");
    }
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
  ['RECONCILE_OPERATIONS', 'reconcile_operations'],
] as const)
  test(`${type} without its argument is refused`, () =>
    subscribed(async ({ call, frameworkId, stream }) => {
      const { status, text } = await call({ framework_id: { value: frameworkId }, type }, stream.streamId);
      assert.is(status, 400);
      assert.is(text, `Failed to validate scheduler::Call: Expecting '${argument}' to be present`);
    }));

test('each event is one chunk: its length, and one line of JSON in ASCII', () =>
  withMaster(async ({ addSlave, port }) => {
    await addSlave('cpus:1;mem:32', 'nöde');
    const body = JSON.stringify(SUBSCRIBE);
    const socket = createConnection(port, '127.0.0.1');
    socket.write(
      `POST /api/v1/scheduler HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    let heard = '';
    const hasOffers = new Promise<void>((resolve) => {
      socket.on('data', (piece) => {
        heard += piece.toString('latin1');
        if (heard.includes('"OFFERS"') && heard.endsWith('\r\n')) resolve();
      });
    });
    await within('offers', hasOffers);
    socket.destroy();
    const chunks = heard.slice(heard.indexOf('\r\n\r\n') + 4).split('\r\n');
    const types: string[] = [];
    for (let n = 0; n + 1 < chunks.length; n += 2) {
      const chunk = chunks[n + 1] ?? '';
      assert.is(Number.parseInt(chunks[n] ?? '', 16), chunk.length);
      const [length, record = '', ...more] = chunk.split('\n');
      assert.equal([Number(length), more], [record.length, []]);
      assert.match(record, /^[ -~]+$/);
      types.push(JSON.parse(record).type);
    }
    assert.equal(types, ['SUBSCRIBED', 'HEARTBEAT', 'OFFERS']);
    assert.match(heard, 'n\\u00f6de');
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

test('what is said of roles counts for the framework that has that role', () =>
  withMaster(async ({ subscribe, call, window }) => {
    const stream = await subscribe({ info: { role: 'gold' } });
    const frameworkId = await stream.frameworkId();
    const isSuppressedAfter = async (roles: readonly string[]): Promise<boolean | undefined> => {
      const suppress = { type: 'SUPPRESS', suppress: { roles } } as const;
      await call({ framework_id: { value: frameworkId }, ...suppress }, stream.streamId);
      return window.reign?.books.frameworks.get(frameworkId)?.isSuppressed;
    };
    assert.is(await isSuppressedAfter(['*', 'silver']), false);
    assert.is(await isSuppressedAfter(['silver', 'gold']), true);
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
