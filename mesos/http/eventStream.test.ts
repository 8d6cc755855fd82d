import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { within } from '../runtime/testProbe.ts';
import { startWire } from '../runtime/wire.ts';
import { Event } from '../v1/scheduler.ts';
import { authenticator } from './authentication.ts';
import { type EventStream, openEventStream } from './eventStream.ts';
import { httpServer } from './server.ts';

const test = suite('a stream of events');

test('that is ended while a long record leaves ends behind it, and behind what waited for it', async () => {
  let go = (): void => {};
  const mayGo = new Promise<void>((resolve) => {
    go = resolve;
  });
  async function* pieces(): AsyncIterable<Uint8Array> {
    yield Buffer.from('8\nlong');
    await mayGo;
    yield Buffer.from('long');
  }
  let stream: EventStream<typeof Event> | undefined;
  const server = httpServer({
    endpoints: new Map([
      [
        '/',
        () => ({
          takeOver(response) {
            const options = { contentType: 'application/json', bufferedBytesMax: 1000, closed() {} } as const;
            stream = openEventStream(response, Event, options);
            void stream.sendPieces(pieces());
          },
        }),
      ],
    ]),
    prefixes: [],
    authenticate: authenticator({}),
    isPublic: () => true,
    log() {},
  });
  const wire = await startWire({
    listen: { host: '127.0.0.1', port: 0 },
    onHttp: ({ socket }) => server.take(socket),
    log() {},
  });
  try {
    const answer = await fetch(`http://${wire.identity}/`);
    stream?.send({ type: 'HEARTBEAT' });
    stream?.end();
    go();
    assert.is(await within('the end of the stream', answer.text()), '8\nlonglong20\n{"type":"HEARTBEAT"}');
  } finally {
    server.close();
    await wire.close();
  }
});

test.run();
