import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { httpExchange } from './httpExchange.ts';

/** Why there is no answer from a server that answers so. */
async function complaint(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const error: unknown = await httpExchange({ url: new URL(`http://127.0.0.1:${port}/`) }).catch((e) => e);
    assert.instance(error, Error);
    return (error as Error).message;
  } finally {
    server.close();
  }
}

test('an answer that breaks off is told as that', async () => {
  const breaksOff: RequestListener = (_request, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('half', () => response.destroy());
  };
  assert.is(await complaint(breaksOff), 'the answer broke off before its end');
});

test.run();
