/** HTTP/1 on the port of the links, in clear. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type RequestListener, request } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { status } from '@grpc/grpc-js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ask, httpBehind, type PlainConnection, plainConnection } from './testHttp.ts';
import {
  endLater,
  listening,
  note,
  PATIENCE_MS,
  type Probe,
  silent,
  startLog,
  startProbe,
  textOf,
  tidyUp,
  within,
} from './testProbe.ts';
import { rawCall } from './testRawPeer.ts';
import type { WireRuntime } from './wire.ts';

test.after.each(tidyUp);

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

function portOf(wire: WireRuntime): number {
  return Number(wire.identity.split(':')[1]);
}

/** Asserts that a message goes there and one comes back. */
async function assertLinked(here: Probe, there: Probe): Promise<void> {
  const [before, answered] = [there.received.length, here.received.length];
  here.context.send(there.address, note('there'));
  await there.until('the message', () => there.received.length > before);
  there.context.send(here.address, note('back'));
  await here.until('the answer', () => here.received.length > answered);
}

test('one port serves links and HTTP at the same time', async () => {
  const { onHttp, connections } = httpBehind();
  const wire = await listening({ onHttp });
  const there = startProbe(wire, 'there');
  const here = startProbe(await silent(), 'here');
  for (let n = 0; n < 3; n++) {
    await assertLinked(here, there);
    const { status, body } = await ask({ port: portOf(wire), path: `/${n}` });
    assert.equal([status, body], [200, `GET /${n} `]);
  }
  assert.is(wire.stats().links, 1);
  assert.equal(
    connections.map(({ certificate }) => certificate),
    Array(3).fill({ is: 'in clear' }),
  );
});

test('several requests travel over one connection', async () => {
  const { onHttp, connections } = httpBehind();
  const wire = await listening({ onHttp });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  endLater(() => agent.destroy());
  for (let n = 0; n < 20; n++) {
    const { body } = await ask({ port: portOf(wire), method: 'POST', path: `/${n}`, agent }, 'x'.repeat(n));
    assert.is(body, `POST /${n} ${'x'.repeat(n)}`);
  }
  assert.is(connections.length, 1);
  const pipelined = plainConnection(portOf(wire));
  pipelined.socket.write(`GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n`);
  await pipelined.until('GET /b');
});

test('what is spoken is found out wherever the first bytes are cut', async () => {
  const { onHttp, connections } = httpBehind();
  const wire = await listening({ onHttp });
  const cut = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi';
  for (let at = 1; at <= 8; at++) {
    const client = plainConnection(portOf(wire));
    client.socket.write(cut.slice(0, at));
    // By the time that this is answered, the first piece has long been read.
    await ask({ port: portOf(wire) });
    client.socket.write(cut.slice(at));
    assert.match(await client.closed(), /^HTTP\/1\.1 200 OK\r\n.*POST \/ hi/s);
  }
  assert.is(connections.length, 16);
});

test('a link, too, is known by a preface that comes byte by byte', async () => {
  const { onHttp, connections } = httpBehind();
  const wire = await listening({ onHttp });
  const slow = createServer({ noDelay: true }, async (client) => {
    const onward = plainConnection(portOf(wire)).socket;
    onward.removeAllListeners('data');
    onward.pipe(client);
    client.on('error', () => {});
    let sent = 0;
    for await (const bytes of client as AsyncIterable<Buffer>)
      for (const byte of bytes) {
        onward.write(Buffer.of(byte));
        if (sent++ < 30) await new Promise(setImmediate);
      }
  });
  slow.listen(0, '127.0.0.1');
  await once(slow, 'listening');
  endLater(() => slow.close());
  const address = slow.address();
  const call = rawCall(`127.0.0.1:${typeof address === 'object' && address?.port}`);
  await call.accepted();
  assert.is(wire.stats().links, 1);
  assert.is(connections.length, 0);
});

test('a request is answered though its sender says no more', async () => {
  const { onHttp } = httpBehind((_asked, answer) => answer.end('all of it'));
  const wire = await listening({ onHttp });
  const client = plainConnection(portOf(wire));
  client.socket.end(GET);
  assert.match(await client.closed(), /all of it/);
});

test('a body that comes in chunks arrives whole', async () => {
  const { onHttp } = httpBehind(async (asked, answer) => {
    const hash = createHash('sha256');
    for await (const chunk of asked) hash.update(chunk);
    answer.end(hash.digest('hex'));
  });
  const wire = await listening({ onHttp });
  const chunks = Array.from({ length: 300 }, (_, n) => Buffer.alloc(1 + ((n * 7919) % 60_000), n));
  const asked = request({ port: portOf(wire), host: '127.0.0.1', method: 'POST', agent: false });
  const answered = once(asked, 'response');
  await pipeline(chunks, asked);
  assert.is(asked.getHeader('transfer-encoding'), undefined);
  const [answer] = await within('an answer', answered);
  const [digest] = await answer.toArray();
  const expected = createHash('sha256').update(Buffer.concat(chunks)).digest('hex');
  assert.is(`${digest}`, expected);
});

test('a long stream arrives whole beside a link, and its server hears of its end', async () => {
  const line = `${'x'.repeat(9_999)}\n`;
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const serve: RequestListener = async (_asked, answer) => {
    answer.once('close', resolve);
    for (let n = 0; n < 3_000; n++) if (!answer.write(line)) await once(answer, 'drain');
    answer.end();
  };
  const { onHttp } = httpBehind(serve);
  const wire = await listening({ onHttp });
  const [there, here] = [startProbe(wire, 'there'), startProbe(await silent(), 'here')];
  const answer = ask({ port: portOf(wire) });
  for (let n = 0; n < 5; n++) await assertLinked(here, there);
  const { body } = await answer;
  assert.is(body.length, 3_000 * line.length);
  await within('the end of the stream', over);
});

test('a stream whose reader goes away is over', async () => {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const { onHttp } = httpBehind((_asked, answer) => {
    answer.once('close', resolve);
    answer.write('first');
  });
  const wire = await listening({ onHttp });
  const client = plainConnection(portOf(wire));
  client.socket.write(GET);
  await client.until('first');
  client.socket.destroy();
  await within('the end of the stream', over);
});

test('who speaks HTTP is no stranger: its connection outlasts theirs, and none is shown out for another', async () => {
  const { onHttp, connections } = httpBehind();
  const log = startLog();
  const wire = await listening({
    onHttp,
    log: log.write,
    limits: { strangersMax: 2 },
    timeouts: { helloTimeoutMs: 200 },
  });
  const clients: PlainConnection[] = [];
  for (let n = 0; n < 5; n++) {
    const client = plainConnection(portOf(wire));
    clients.push(client);
    client.socket.write(GET);
    await client.until('GET /');
  }
  // Who began a method and never ended it came last and goes first.
  const stranger = plainConnection(portOf(wire));
  stranger.socket.write('DELET');
  assert.is(await stranger.closed(), '');
  assert.match(log.lines.join('\n'), 'it connected but sent no proper hello');
  for (const { socket, until } of clients) {
    socket.write('GET /again HTTP/1.1\r\nHost: x\r\n\r\n');
    await until('GET /again');
  }
  assert.is(connections.length, 5);
});

test('nothing of the porter is left on a socket but its care for errors and for the end', async () => {
  const { promise, resolve } = Promise.withResolvers<Socket>();
  const wire = await listening({ onHttp: ({ socket }) => resolve(socket) });
  const client = plainConnection(portOf(wire));
  client.socket.write(GET);
  const socket = await within('the connection', promise);
  for (const event of ['readable', 'data', 'timeout'] as const) assert.is(socket.listenerCount(event), 0);
  assert.ok(socket.listenerCount('error') > 0);
  // Whoever takes it later misses nothing.
  await new Promise(setImmediate);
  const [bytes] = await within('the first bytes', once(socket, 'data'));
  assert.is(`${bytes}`, GET);
  // And an error ends nothing but the connection.
  socket.destroy(new Error('broken'));
  await client.closed();
});

test('more connections with HTTP than allowed are told so, and take no room from links', async () => {
  const { onHttp, connections } = httpBehind();
  const log = startLog();
  const limits = { httpConnectionsMax: 2, peersMax: 3 };
  const wire = await listening({ onHttp, limits, log: log.write });
  const open = [1, 2].map(() => plainConnection(portOf(wire)));
  for (const { socket, until } of open) {
    socket.write(GET);
    await until('GET /');
  }
  const third = await ask({ port: portOf(wire), method: 'POST' }, 'x'.repeat(3_000_000));
  assert.equal(third, { status: 503, body: '2 connections with HTTP are open\n' });
  await log.until('2 connections with HTTP are open');
  // The third may be there still.
  const calls = [1, 2].map((n) => rawCall(wire.identity, { identity: `raw:0/0000000${n}` }));
  for (const call of calls) await call.accepted();
  for (const call of calls) call.close();
  const gone = connections.map(({ socket }) => once(socket, 'close'));
  open[0]?.socket.destroy();
  await within('the end of the first', gone[0] ?? Promise.reject());
  assert.is((await ask({ port: portOf(wire) })).status, 200);
  assert.is(connections.length, 3);
});

test('who speaks HTTP where there is none is told so', async () => {
  const log = startLog();
  const wire = await listening({ log: log.write });
  const client = plainConnection(portOf(wire));
  client.socket.write('GET /state HTTP/1.1\r\nHost: x\r\n\r\n');
  const answer = await client.closed();
  assert.match(answer, /^HTTP\/1\.1 404 Not Found\r\n/);
  assert.match(answer, /\r\nConnection: close\r\n/);
  assert.match(answer, /\r\n\r\nthis process serves no HTTP\n$/);
  await log.until('this process serves no HTTP');
  const { status } = await ask({ port: portOf(wire), method: 'POST' }, 'x'.repeat(3_000_000));
  assert.is(status, 404);
});

test('a refused connection whose other end never closes it is ended', async () => {
  const wire = await listening({ timeouts: { helloTimeoutMs: 200 } });
  const client = plainConnection(portOf(wire));
  client.socket.allowHalfOpen = true;
  client.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n');
  await within('the answer to end', once(client.socket, 'end'));
  await within('the server to go', writeUntilRefused(client.socket));
});

/** Writes until the system says that nobody is there. */
async function writeUntilRefused(socket: Socket): Promise<void> {
  while (!socket.destroyed && socket.writable) {
    socket.write('x');
    await new Promise(setImmediate);
  }
}

test('garbage hurts neither HTTP nor links', async () => {
  const { onHttp } = httpBehind();
  const wire = await listening({ onHttp, timeouts: { helloTimeoutMs: 500 } });
  const [there, here] = [startProbe(wire, 'there'), startProbe(await silent(), 'here')];
  const junk: readonly (readonly [string, RegExp])[] = [
    ['HELLO\r\n', /^(?!HTTP)/],
    ['get / http/1.1\r\n\r\n', /^(?!HTTP)/],
    ['PRI / HTTP/1.1\r\n\r\n', /^(?!HTTP)/],
    ['X'.repeat(100_000), /^(?!HTTP)/],
    ['FOO BAR BAZ\r\n\r\n', /^HTTP\/1\.1 400 /],
    [`GET ${'/'.repeat(100_000)} HTTP/1.1\r\n\r\n`, /^HTTP\/1\.1 431 /],
  ];
  for (const [bytes, expected] of junk) {
    const client = plainConnection(portOf(wire));
    client.socket.write(bytes);
    assert.match(await client.closed(), expected);
    await assertLinked(here, there);
    assert.is((await ask({ port: portOf(wire) })).status, 200);
  }
});

test('secrets bind links as before, and HTTP not at all', async () => {
  const { onHttp, connections } = httpBehind();
  const wire = await listening({ onHttp, secret: 'sesame' });
  const { code, details } = await rawCall(wire.identity).ended();
  assert.is(code, status.UNAUTHENTICATED);
  assert.match(details, 'a secret is needed');
  assert.is((await ask({ port: portOf(wire) })).status, 200);
  assert.is(connections.length, 1);
  const [there, here] = [startProbe(wire, 'there'), startProbe(await silent({ secret: 'sesame' }), 'here')];
  await assertLinked(here, there);
});

test('closing ends connections with HTTP, idle or not', async () => {
  const { onHttp, connections } = httpBehind((asked, answer) => {
    if (asked.url === '/stream') answer.write('first');
    else answer.end('done');
  });
  const wire = await listening({ onHttp });
  const [idle, stream] = [plainConnection(portOf(wire)), plainConnection(portOf(wire))];
  idle.socket.write(GET);
  stream.socket.write('GET /stream HTTP/1.1\r\nHost: x\r\n\r\n');
  await Promise.all([idle.until('done'), stream.until('first')]);
  await within('the end of closing', wire.close());
  await Promise.all([idle.closed(), stream.closed()]);
  assert.ok(connections.every(({ socket }) => socket.destroyed));
});

test('while a process closes, its links are drained, and new connections with HTTP are told so', async () => {
  const { onHttp, connections } = httpBehind();
  // Longer than any of it takes where others keep the processors busy: closing ends when the link is drained.
  const timeouts = { closeTimeoutMs: PATIENCE_MS, helloTimeoutMs: PATIENCE_MS };
  const wire = await listening({ onHttp, timeouts });
  const probe = startProbe(wire, 'probe');
  const raw = rawCall(wire.identity, { identity: 'raw:0/00000002' });
  await raw.accepted();
  const client = plainConnection(portOf(wire));
  await once(client.socket, 'connect');
  // The connection has been taken when this one, which came later, is answered.
  await ask({ port: portOf(wire) });
  for (let n = 0; n < 400; n++) probe.context.send('raw@raw:0/00000002', note('x'.repeat(100_000)));
  const closing = wire.close();
  client.socket.write(GET);
  assert.match(await client.closed(), /^HTTP\/1\.1 503 .*this process is ending\n$/s);
  assert.is(connections.length, 1);
  const frames: readonly Buffer[] = await within('all that was sent', raw.call.toArray());
  assert.ok(frames.reduce((bytes, { length }) => bytes + length, 0) > 400 * 100_000);
  raw.close();
  await within('the end of closing', closing);
});

test('messages arrive in order while HTTP is busy', async () => {
  const { onHttp } = httpBehind();
  const wire = await listening({ onHttp });
  const [there, here] = [startProbe(wire, 'there'), startProbe(await silent(), 'here')];
  const sent = Array.from({ length: 50 }, (_, n) => String(n));
  const answers = sent.map((text) => {
    here.context.send(there.address, note(text));
    return ask({ port: portOf(wire), method: 'POST', path: `/${text}` }, text);
  });
  await there.until('all of it', () => there.received.length === sent.length);
  assert.equal(
    there.received.map(({ message }) => textOf(message)),
    sent,
  );
  for (const [n, { body }] of (await Promise.all(answers)).entries()) assert.is(body, `POST /${n} ${n}`);
});

test.run();
