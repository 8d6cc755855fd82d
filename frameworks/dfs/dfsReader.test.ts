import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openDfs } from './openDfs.ts';

/** A server that answers each request by a function; and where it is. */
async function serve(answer: (response: ServerResponse) => void): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => answer(response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test('a replica of another length is not read, its connection is let go, and the next replica is', async () => {
  const text = 'hello\n';
  let brokenOff = 0;
  const wrong = await serve((response) => {
    response.writeHead(200, { 'content-length': 1_000_000 }).write('x');
    response.on('close', () => {
      brokenOff += 1;
    });
  });
  const right = await serve((response) => response.setHeader('x-crc32', crc32(text).toString(16)).end(text));
  const [a, b] = [wrong, right].map(({ url }) => ({ url, dir: '/' }));
  const block = { id: 'block', bytes: text.length, hosts: ['a', 'b'], crc32: crc32(text) };
  const nameNode = await serve((response) =>
    response.end(JSON.stringify({ type: 'file', blocks: [block], nodes: { a, b } })),
  );
  const dfs = openDfs({ url: nameNode.url, secret: 'secret' });
  // The servers hear of what was broken off before they hear of the next file.
  for (let times = 0; times < 3; times += 1)
    assert.is(Buffer.concat(await Array.fromAsync(dfs.read('/f'))).toString(), text);
  assert.ok(brokenOff >= 2, `${brokenOff} were broken off`);
  dfs.close();
  for (const { server } of [wrong, right, nameNode]) server.closeAllConnections();
  for (const { server } of [wrong, right, nameNode]) await new Promise((done) => server.close(done));
});

test.run();
