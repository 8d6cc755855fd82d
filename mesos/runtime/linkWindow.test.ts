import { once } from 'node:events';
import type { ServerHttp2Stream } from 'node:http2';
import { Client, credentials, Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { asIs, EXCHANGE } from './link.ts';
import { WINDOW_BYTES, widenWindow } from './linkWindow.ts';

test('the window of a call that came in is widened: the stream beneath a call of grpc-js is where it is looked for', async () => {
  const server = new Server();
  const method = {
    ...{ path: EXCHANGE, requestStream: true, responseStream: true },
    ...{
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    },
  } as const;
  const seen = Promise.withResolvers<number | undefined>();
  server.addService(
    { Exchange: method },
    {
      Exchange: (call: ServerDuplexStream<Buffer, Buffer>) => {
        assert.ok(widenWindow(call));
        const { stream } = (call as unknown as { call: { stream: ServerHttp2Stream } }).call;
        seen.resolve(stream.session?.state.effectiveLocalWindowSize);
        call.end();
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  try {
    const call = client.makeBidiStreamRequest(EXCHANGE, asIs, asIs);
    call.resume();
    call.end();
    assert.is(await seen.promise, WINDOW_BYTES);
    await once(call, 'end');
  } finally {
    client.close();
    server.forceShutdown();
  }
});

test('what is no call has no window', () => {
  assert.not(widenWindow({}));
});

test.run();
