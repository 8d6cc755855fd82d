/** A client of file servers whose kept connections were closed meanwhile. */
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FileClient } from './fileClient.ts';

/** Stores a file over a connection that the server has just closed, and of which the client cannot know yet. Returns what then came. */
async function putOverClosed(bytes: Buffer): Promise<readonly string[]> {
  const connections: Socket[] = [];
  const came: string[] = [];
  const server = createServer(async (request, response) => {
    let length = 0;
    for await (const chunk of request) length += (chunk as Buffer).length;
    came.push(`${request.method} ${length} on connection ${connections.length}`);
    response.end('{}');
  });
  server.on('connection', (socket) => connections.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new FileClient('of this test');
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/blocks/b`;
    await client.post(url, {});
    // The client has its connection back for the next request.
    await setImmediate();
    connections[0]?.destroy();
    await client.put(url, { from: 'memory', bytes, crc32: crc32(bytes) });
    return came;
  } finally {
    client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

test('a request over a kept connection that was closed meanwhile is made over another one', async () => {
  assert.equal(await putOverClosed(Buffer.alloc(5)), ['POST 2 on connection 1', 'PUT 5 on connection 2']);
});

test('so is one so long that it is still being written when the connection turns out to be closed', async () => {
  const bytes = Buffer.alloc(8 << 20);
  assert.equal(await putOverClosed(bytes), ['POST 2 on connection 1', `PUT ${bytes.length} on connection 2`]);
});

test.run();
