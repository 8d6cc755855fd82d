/** What nobody should ask of a master or a slave as an operator, reader or executor: it is answered, and they go on. */
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { tidyUp } from '../runtime/testProbe.ts';
import { runTask, testTask } from '../slave/testSlave.ts';
import * as agent from '../v1/agent.ts';
import { CONTENT_TYPES, type ContentType, encode } from '../v1/codec.ts';
import * as executor from '../v1/executor.ts';
import * as operator from '../v1/master.ts';
import type { Message } from '../v1/schema.ts';
import { valuesOf } from '../v1/testValues.ts';
import { withMaster } from './testMaster.ts';
import { testSlaveServer } from './testSlaveServer.ts';

const test = suite('what nobody should ask');

const STATUSES = new Set([200, 202, 400, 401, 403, 404, 405, 406, 409, 413, 415, 501]);
const RUNS = { numRuns: 300, seed: 1 };

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Sends it; a stream is closed when it has begun. */
async function statusOf(port: number, { method, path, headers = {}, body }: Asked): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { Connection: 'close', ...headers },
    redirect: 'manual',
    ...(body !== undefined && { body: Buffer.from(body) }),
  });
  await answer.body?.cancel();
  return answer.status;
}

/** Calls of a message's shape, whole or cut off. */
function callsOf(message: Message, path: string): fc.Arbitrary<Asked> {
  return fc
    .tuple(valuesOf(message, 5), fc.constantFrom(...CONTENT_TYPES), fc.option(fc.nat(), { freq: 8 }))
    .map(([call, contentType, cut]) => ({
      method: 'POST',
      path,
      headers: { 'Content-Type': contentType },
      body: bodyOf(message, contentType, call, cut),
    }));
}

function bodyOf(message: Message, contentType: ContentType, call: object, cut: number | null): Buffer {
  const body = Buffer.from(encode(message, contentType, call as never));
  return cut === null ? body : body.subarray(0, cut % (body.length + 1));
}

const MASTER_PATHS = [
  ...['/state', '/state-summary', '/slaves', '/frameworks', '/tasks', '/roles', '/flags', '/offers'],
  ...['/metrics/snapshot', '/metrics', '/weights', '/quota', '/quota/gold', '/teardown', '/reserve'],
  ...['/maintenance/schedule', '/maintenance/status', '/machine/down', '/why-no-offers', '/nothing', '/'],
];
const SLAVE_PATHS = [
  ...['/state', '/flags', '/containers', '/monitor/statistics', '/metrics/snapshot', '/files/browse'],
  ...['/files/read', '/files/download', '/files/follow', '/slave(1)/state', '/nothing'],
];
const PARAMETERS = [
  'jsonp',
  'limit',
  'offset',
  'length',
  'path',
  'slave_id',
  'framework_id',
  'task_id',
  'order',
];

/** Requests of the classic kind: any method, parameters of any text. */
function classicOf(paths: readonly string[]): fc.Arbitrary<Asked> {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom(
      '-1',
      '0',
      '99999999999999999999',
      'NaN',
      '../../etc/passwd',
      '/proc/self/environ',
      'f(x)',
    ),
  );
  const parametersOf = fc.dictionary(fc.constantFrom(...PARAMETERS), text, { maxKeys: 3 });
  const asked = fc.tuple(
    fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'),
    fc.constantFrom(...paths),
    parametersOf,
    fc.oneof(fc.json(), text),
  );
  return asked.map(([method, path, parameters, body]) => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) query.append(name, value.toWellFormed());
    const target = `${path}?${query}`;
    return method === 'GET' || method === 'HEAD' ? { method, path: target } : { method, path: target, body };
  });
}

for (const [name, questions] of [
  ['calls of operators', callsOf(operator.Call, '/api/v1')],
  ['requests of the classic kind', classicOf(MASTER_PATHS)],
] as const)
  test(`${name} leave a master as it should be`, () =>
    withMaster(async (master) => {
      await master.addSlave();
      await fc.assert(
        fc.asyncProperty(questions, async (asked) => {
          const status = await statusOf(master.port, asked);
          assert.ok(STATUSES.has(status), `it answered with ${status}`);
        }),
        RUNS,
      );
      assert.equal(
        master.log.filter((line) => line.includes('failed: ')),
        [],
      );
      const state = JSON.parse((await master.ask({ method: 'GET', path: '/state' })).text);
      assert.is(state.slaves.length, 1);
    }));

for (const [name, questions] of [
  ['calls of executors', callsOf(executor.Call, '/api/v1/executor')],
  ['calls of operators', callsOf(agent.Call, '/api/v1')],
  ['requests of the classic kind', classicOf(SLAVE_PATHS)],
] as const)
  test(`${name} leave a slave as it should be`, async () => {
    const slave = await testSlaveServer();
    await slave.report('REGISTER_SLAVE');
    slave.order(runTask(testTask('t1')));
    const { token } = await slave.container();
    await fc.assert(
      fc.asyncProperty(questions, fc.boolean(), async (asked, isKnown) => {
        const headers = { ...asked.headers, ...(isKnown && { Authorization: `Bearer ${token}` }) };
        const status = await statusOf(slave.port, { ...asked, headers });
        assert.ok(STATUSES.has(status), `it answered with ${status}`);
      }),
      RUNS,
    );
    assert.equal(
      slave.log.filter((line) => line.includes('failed: ')),
      [],
    );
    assert.is(await statusOf(slave.port, { method: 'GET', path: '/health' }), 200);
  });

test.after.each(tidyUp);
test.run();
