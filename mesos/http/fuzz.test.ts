/** Requests that nobody should send: whatever comes, the answer is a refusal or a result, and the master goes on. */
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CONTENT_TYPES, encode } from '../v1/codec.ts';
import { toProtobuf } from '../v1/protobuf.ts';
import * as v1 from '../v1/scheduler.ts';
import { valuesOf } from '../v1/testValues.ts';
import { type TestMaster, withMaster } from './testMaster.ts';

const test = suite('requests that nobody should send');

/** All that a scheduler may be answered. */
const STATUSES = new Set([200, 202, 400, 403, 404, 405, 406, 413, 415, 501]);
const RUNS = { numRuns: 300, seed: 1 };

interface Question {
  readonly body: string | Uint8Array;
  readonly contentType: string;
}

/** Sends each, and sees that the master answers, logs no bug, and keeps nothing. */
async function survives(questions: fc.Arbitrary<Question | ((id: string) => Question)>): Promise<void> {
  await withMaster(async (master) => {
    const stream = await master.subscribe();
    const id = await stream.frameworkId();
    await fc.assert(
      fc.asyncProperty(questions, fc.boolean(), async (question, isOwn) => {
        const { body, contentType } = typeof question === 'function' ? question(id) : question;
        const headers = { 'Content-Type': contentType, ...(isOwn && { 'Mesos-Stream-Id': stream.streamId }) };
        const { status } = await ask(master, headers, body);
        assert.ok(STATUSES.has(status), `it answered with ${status}`);
      }),
      RUNS,
    );
    assert.equal(
      master.log.filter((line) => /failed: /.test(line)),
      [],
    );
    assert.is((await master.ask({ method: 'GET', path: '/health' })).status, 200);
    // Those that subscribed by chance are gone with their connections, or wait for their time-outs.
    const connected = [...(master.window.reign?.books.frameworks.values() ?? [])].filter(
      ({ state }) => state.is === 'connected',
    );
    assert.equal(
      connected.map((framework) => framework.id),
      [id],
    );
  });
}

/** Asks; a stream is closed when it has begun. */
async function ask(
  { port }: TestMaster,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array,
): Promise<{ readonly status: number }> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/scheduler`, {
    method: 'POST',
    headers: { Connection: 'close', ...headers },
    body: Buffer.from(body),
  });
  if (answer.headers.get('transfer-encoding') === 'chunked') await answer.body?.cancel();
  else await answer.arrayBuffer();
  return { status: answer.status };
}

const calls = valuesOf(v1.Call, 5);

for (const contentType of CONTENT_TYPES)
  test(`calls of any shape in ${contentType}`, () =>
    survives(calls.map((call) => ({ contentType, body: encode(v1.Call, contentType, call as never) }))));

test('calls of any shape of a framework that is subscribed', () =>
  survives(
    fc.tuple(calls, fc.constantFrom(...CONTENT_TYPES)).map(([call, contentType]) => (id) => {
      // That would be the end of it.
      const type = call.type === 'TEARDOWN' ? 'REVIVE' : call.type;
      const own = { ...call, type, framework_id: { value: id } };
      return { contentType, body: encode(v1.Call, contentType, own as never) };
    }),
  ));

test('any JSON at all', () => survives(fc.json().map((body) => ({ contentType: 'application/json', body }))));

test('calls with values of other kinds in the place of their own', () =>
  survives(
    fc.tuple(calls, fc.nat(), fc.jsonValue()).map(([call, at, other]) => {
      let n = 0;
      const places = JSON.stringify(call).split(':').length;
      const body = JSON.stringify(call, (_key, value) => (n++ === at % places ? other : value)) ?? '';
      return { contentType: 'application/json', body };
    }),
  ));

test('calls that are cut off', () =>
  survives(
    fc.tuple(calls, fc.constantFrom(...CONTENT_TYPES), fc.nat()).map(([call, contentType, cut]) => {
      const body = Buffer.from(encode(v1.Call, contentType, call as never));
      return { contentType, body: body.subarray(0, cut % (body.length + 1)) };
    }),
  ));

test('bytes at random', () =>
  survives(
    fc
      .tuple(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...CONTENT_TYPES, 'text/html'))
      .map(([body, contentType]) => ({ contentType, body })),
  ));

test('protobuf in which lengths lie', () =>
  survives(
    fc
      .tuple(calls, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }))
      .map(([call, changes]) => {
        const body = Buffer.from(toProtobuf(v1.Call, call as never));
        for (const [at, byte] of changes) if (body.length > 0) body[at % body.length] = byte;
        return { contentType: 'application/x-protobuf', body };
      }),
  ));

test.run();
