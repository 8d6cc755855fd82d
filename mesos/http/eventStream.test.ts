import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { within } from '../runtime/testProbe.ts';
import { startWire } from '../runtime/wire.ts';
import { Event } from '../v1/scheduler.ts';
import { authenticator } from './authentication.ts';
import { type EventStream, openEventStream } from './eventStream.ts';
import { httpServer } from './server.ts';

const test = suite('a stream of events');

/** A stream that lets at most 1,000 bytes wait, its reader, and how it ended: the reason, or that there was none. */
interface TestStream {
  readonly stream: EventStream<typeof Event>;
  /** All that came until it ended, or until that was so long; rejects if it was dropped. */
  text(length?: number): Promise<string>;
  end(): Promise<string | undefined>;
  /** Sends a piece, and after it those that `more` makes. */
  pieces(more: () => Promise<string>): Promise<void>;
}

async function withStream(use: (stream: TestStream) => Promise<void>): Promise<void> {
  const end = Promise.withResolvers<string | undefined>();
  const opened = Promise.withResolvers<EventStream<typeof Event>>();
  const server = httpServer({
    endpoints: new Map([
      [
        '/',
        () => ({
          takeOver(response) {
            const options = { contentType: 'application/json', bufferedBytesMax: 1000 } as const;
            opened.resolve(openEventStream(response, Event, { ...options, closed: end.resolve }));
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
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    let text = '';
    const read = async (length: number): Promise<string> => {
      while (text.length < length) {
        const { done, value } = await reader.read();
        if (done) break;
        text += Buffer.from(value).toString();
      }
      return text;
    };
    const stream = await opened.promise;
    async function* pieces(more: () => Promise<string>): AsyncIterable<Uint8Array> {
      yield Buffer.from('first ');
      yield Buffer.from(await more());
    }
    await use({
      stream,
      text: (length = Number.POSITIVE_INFINITY) => within('what was sent', read(length)),
      end: () => within('the end of the stream', end.promise),
      pieces: (more) => stream.sendPieces(pieces(more)),
    });
  } finally {
    server.close();
    await wire.close();
  }
}

/** Pieces that come when they may. */
function awaited(): { readonly more: () => Promise<string>; readonly come: () => void } {
  const { promise, resolve } = Promise.withResolvers<string>();
  return { more: () => promise, come: () => resolve('last ') };
}

test('that is ended while a long record leaves ends behind it, and behind what waited for it', () =>
  withStream(async ({ stream, text, end, pieces }) => {
    const { more, come } = awaited();
    const sent = pieces(more);
    stream.send({ type: 'HEARTBEAT' });
    stream.end();
    come();
    await sent;
    assert.is(await text(), 'first last 20\n{"type":"HEARTBEAT"}');
    assert.is(await end(), undefined);
  }));

test('goes on after a long record, and lets as much wait for the next', () =>
  withStream(async ({ stream, text, pieces }) => {
    const all = `first last ${'a'.repeat(600)}${'b'.repeat(300)}`;
    for (let n = 1; n <= 2; n++) {
      const { more, come } = awaited();
      const sent = pieces(more);
      stream.sendRecord('a'.repeat(600));
      stream.sendRecord(Buffer.from('b'.repeat(300)));
      come();
      await sent;
      assert.is(await text(n * all.length), all.repeat(n));
    }
    stream.sendRecord('end');
    stream.end();
    assert.is(await text(), `${all}${all}end`);
  }));

test('takes a record that is longer than what may wait, if nothing does', () =>
  withStream(async ({ stream, text }) => {
    stream.sendRecord('a'.repeat(5000));
    stream.end();
    assert.is(await text(), 'a'.repeat(5000));
  }));

test('is dropped when more waits than may, and says how much', () =>
  withStream(async ({ stream, text, end, pieces }) => {
    const { more, come } = awaited();
    const sent = pieces(more);
    stream.sendRecord('a'.repeat(600));
    stream.sendRecord('b'.repeat(400));
    stream.sendRecord('c');
    stream.sendRecord('d');
    stream.end();
    come();
    await sent;
    assert.is(await end(), 'it does not read: 1000 bytes wait for it, and at most 1000 may');
    assert.is(await text().catch(() => 'cut short'), 'cut short');
  }));

test('is dropped when the rest of a long record cannot be made, and says why', () =>
  withStream(async ({ stream, end, pieces }) => {
    await pieces(() => Promise.reject(new Error('the disk is gone')));
    stream.sendRecord('late');
    stream.end();
    assert.is(await end(), 'the disk is gone');
  }));

test.run();
