import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, createConnection, type Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { within } from '../runtime/testProbe.ts';
import { drained } from './drain.ts';

const test = suite('a slow reader');

/** A response that takes no more for now, and who reads it. */
async function withFull(use: (response: ServerResponse, reader: Socket) => Promise<void>): Promise<void> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reader = createConnection((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
  reader.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  try {
    const [, response] = await once(server, 'request');
    while (response.write('x'.repeat(1 << 20)));
    await use(response, reader);
  } finally {
    reader.destroy();
    server.close();
  }
}

test('is waited for as often as it is slow, and nothing of the waits stays', () =>
  withFull(async (response, reader) => {
    const listeners = () => [response.listenerCount('drain'), response.listenerCount('close')];
    const before = listeners();
    reader.resume();
    for (let n = 0; n < 3; n++) {
      assert.ok(await within('room for more', drained(response)));
      assert.equal(listeners(), before);
      while (response.write('x'.repeat(1 << 20)));
    }
  }));

test('that goes is not waited for', () =>
  withFull(async (response, reader) => {
    const wait = drained(response);
    reader.destroy();
    assert.not(await within('the end of the reader', wait));
    assert.not(await within('the end of the reader, once more', drained(response)));
  }));

test.run();
