import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ExecutorCall } from '../protocol/executor.ts';
import { SLAVE_INBOX } from '../protocol/message.ts';
import type { Context } from '../runtime/actor.ts';
import { within } from '../runtime/testProbe.ts';
import { VirtualCluster } from '../runtime/virtual.ts';
import { testTask } from '../slave/testSlave.ts';
import { readRecords } from '../v1/recordIo.ts';
import { openSession } from './executorSession.ts';

const HALF_HOUR_MS = 30 * 60_000;

test('an executor is told every half hour that its slave is there, from when it is subscribed', async () => {
  const virtual = new VirtualCluster({ seed: 'heartbeats' });
  const node = virtual.process('node');
  const calls: ExecutorCall['type'][] = [];
  let slave: Context | undefined;
  const address = node.spawn<ExecutorCall>('slave', {
    inbox: SLAVE_INBOX,
    create(context) {
      slave = context;
      return { receive: ({ type }) => void calls.push(type) };
    },
  });
  const asked = Promise.withResolvers<ServerResponse>();
  const server = createServer((_, response) => asked.resolve(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const answer = fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const executorInfo = testTask('t').executor ?? assert.unreachable();
  const ids = { frameworkId: 'f', executorId: executorInfo.executorId };
  openSession(
    { frameworkId: 'f', info: executorInfo, containerId: 'c' },
    { runtime: node, slave: address, bufferedBytesMax: 1 << 20, log() {}, closed() {} },
    {
      call: {
        type: 'SUBSCRIBE',
        ...ids,
        containerId: 'c',
        unacknowledgedTasks: [],
        unacknowledgedUpdates: [],
      },
      contentType: 'application/json',
      response: await asked.promise,
    },
  );
  const pass = (ms: number) => virtual.run(() => false, virtual.now + ms);
  pass(1.5 * HALF_HOUR_MS);
  assert.equal(calls, ['SUBSCRIBE']);
  const frameworkInfo = { user: 'u', name: 'n' };
  const slaveInfo = { hostname: 'node', resources: {}, attributes: {} };
  slave?.send(`executor-c@node`, { type: 'SUBSCRIBED', executorInfo, frameworkInfo, slaveInfo });
  pass(2 * HALF_HOUR_MS);
  slave?.send(`executor-c@node`, { type: 'SHUTDOWN' });
  pass(1);
  const types: unknown[] = [];
  const records = readRecords(1 << 20);
  const reader = ((await answer).body as ReadableStream<Uint8Array>).getReader();
  while (types.at(-1) !== 'SHUTDOWN') {
    const { value = new Uint8Array() } = await within('a record', reader.read());
    for (const record of records.push(Buffer.from(value))) types.push(JSON.parse(`${record}`).type);
  }
  await reader.cancel();
  server.close();
  assert.equal(types, ['SUBSCRIBED', 'HEARTBEAT', 'HEARTBEAT', 'SHUTDOWN']);
});

test.run();
