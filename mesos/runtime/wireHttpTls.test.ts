/** HTTP/1 on the port of the links, with certificates. */
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { request } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CHALLENGE } from './link/link.ts';
import { testAuthority } from './testCertificates.ts';
import { ask, httpBehind, plainConnection } from './testHttp.ts';
import { endLater, listening, note, silent, startLog, startProbe, tidyUp, within } from './testProbe.ts';
import type { WireRuntime } from './wire.ts';

test.after.each(tidyUp);

const authority = testAuthority();
const MASTER = authority.issue('master');
const { ca } = authority;
const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

function portOf(wire: WireRuntime): number {
  return Number(wire.identity.split(':')[1]);
}

/** Begins TLS with what protocols to choose from; none: without a choice. */
async function secure(wire: WireRuntime, ALPNProtocols?: readonly string[]): Promise<TLSSocket> {
  const choice = ALPNProtocols === undefined ? {} : { ALPNProtocols: [...ALPNProtocols] };
  const socket = connect({ port: portOf(wire), host: '127.0.0.1', ca, ...choice });
  endLater(() => socket.destroy());
  await within('TLS to begin', once(socket, 'secureConnect'));
  return socket;
}

/** The path of a gRPC call, answered by the gRPC server with its content type. */
async function contentTypeOverHttp2(socket: TLSSocket): Promise<unknown> {
  const session = connectHttp2('http://127.0.0.1', { createConnection: () => socket });
  endLater(() => session.destroy());
  session.on('error', () => {});
  const headers = {
    ':method': 'POST',
    ':path': CHALLENGE,
    'content-type': 'application/grpc',
    te: 'trailers',
  };
  const call = session.request(headers);
  call.on('error', () => {});
  call.end();
  const [answer] = await within('an answer over HTTP/2', once(call, 'response'));
  return answer['content-type'];
}

test('one port serves links and HTTP with TLS, and HTTP is told what each certificate says', async () => {
  const { onHttp, connections } = httpBehind();
  const wire = await listening({ onHttp, tls: MASTER });
  const there = startProbe(wire, 'there');
  const here = startProbe(await silent({ tls: authority.issue('slave1') }), 'here');
  here.context.send(there.address, note('there'));
  await there.until('the message', () => there.received.length === 1);
  assert.is(there.context.principalOf(here.address), 'slave1');

  const port = portOf(wire);
  for (const own of [
    authority.issue('alice').own,
    undefined,
    testAuthority().issue('mallory').own,
    authority.issue('late', { days: -1 }).own,
  ]) {
    const { status, body } = await ask({ port, method: 'POST', ca, ...own }, 'hi', request);
    assert.equal([status, body], [200, 'POST / hi']);
  }
  const inClear = await ask({ port });
  assert.equal([inClear.status, inClear.body], [403, 'this process speaks TLS; ask with https://\n']);
  assert.equal(
    connections.map(({ certificate }) => ('why' in certificate ? certificate.why : certificate)),
    [
      { is: 'good', name: 'alice' },
      { is: 'absent' },
      'its certificate is not signed by the authority that the other end trusts; give both the same',
      'its certificate has expired; make a new one',
    ],
  );
  here.context.send(there.address, note('again'));
  await there.until('the message', () => there.received.length === 2);
});

test('who can speak HTTP/1 over TLS gets it, and who asks for HTTP/2 alone gets that', async () => {
  const { onHttp, connections } = httpBehind();
  const wire = await listening({ onHttp, tls: MASTER });
  for (const choice of [['http/1.1'], ['h2', 'http/1.1'], ['http/1.1', 'h2']]) {
    const socket = await secure(wire, choice);
    assert.is(socket.alpnProtocol, 'http/1.1');
    const client = plainConnection(portOf(wire), socket);
    socket.write(GET);
    await client.until('GET /');
  }
  assert.is(connections.length, 3);
  const socket = await secure(wire, ['h2']);
  assert.is(socket.alpnProtocol, 'h2');
  assert.is(await contentTypeOverHttp2(socket), 'application/grpc');
  assert.is(connections.length, 3);
});

test('what was agreed on is held to', async () => {
  const { onHttp, connections } = httpBehind();
  const wire = await listening({ onHttp, tls: MASTER, timeouts: { helloTimeoutMs: 500 } });
  const asHttp2 = await secure(wire, ['h2']);
  const http2 = plainConnection(portOf(wire), asHttp2);
  asHttp2.write(GET);
  assert.not.match(await http2.closed(), 'GET /');
  assert.is(connections.length, 0);
  const asHttp1 = await secure(wire, ['http/1.1']);
  const http1 = plainConnection(portOf(wire), asHttp1);
  asHttp1.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  assert.match(await http1.closed(), /^HTTP\/1\.1 400 /);
});

test('where nothing was agreed on, the first bytes tell, wherever they are cut', async () => {
  const { onHttp, connections } = httpBehind();
  const wire = await listening({ onHttp, tls: MASTER });
  for (let at = 1; at <= 5; at++) {
    const socket = await secure(wire);
    assert.is(socket.alpnProtocol, false);
    const client = plainConnection(portOf(wire), socket);
    socket.write(GET.slice(0, at));
    // By the time that this is answered, the first piece has long been read.
    await ask({ port: portOf(wire), ca }, '', request);
    socket.write(GET.slice(at));
    await client.until('GET /');
  }
  assert.is(connections.length, 10);
  // HTTP/2 over TLS must be agreed on (RFC 9113 §3.3): node's server says so.
  const socket = await secure(wire);
  const client = plainConnection(portOf(wire), socket);
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  assert.match(await client.closed(), /^HTTP\/1\.0 403 .*Missing ALPN Protocol/s);
  assert.is(connections.length, 10);
});

test('who gets through TLS and says nothing is shown out, whatever was agreed on', async () => {
  const { onHttp, connections } = httpBehind();
  const log = startLog();
  const timeouts = { helloTimeoutMs: 300 };
  const wire = await listening({ onHttp, tls: MASTER, timeouts, log: log.write });
  const ends: Promise<string>[] = [];
  for (const choice of [['http/1.1'], ['h2'], undefined])
    ends.push(plainConnection(portOf(wire), await secure(wire, choice)).closed());
  await Promise.all(ends);
  assert.match(log.lines.join('\n'), 'it connected but sent no proper hello');
  assert.is(connections.length, 0);
});

test('with TLS, too, connections are counted, and those that are gone make room', async () => {
  const { onHttp, connections } = httpBehind();
  const wire = await listening({ onHttp, tls: MASTER, limits: { httpConnectionsMax: 1 } });
  const port = portOf(wire);
  for (let n = 0; n < 3; n++) {
    const socket = await secure(wire, ['http/1.1']);
    const client = plainConnection(port, socket);
    socket.write(GET);
    await client.until('GET /');
    const refused = await ask({ port, ca, method: 'POST' }, 'x'.repeat(1_000_000), request);
    assert.equal(refused, { status: 503, body: '1 connections with HTTP are open\n' });
    const gone = once(connections[n]?.socket ?? socket, 'close');
    socket.destroy();
    await within('the end of the connection', gone);
  }
  assert.is(connections.length, 3);
});

test('a large stream over TLS arrives whole, and closing ends what is left', async () => {
  const { onHttp, connections } = httpBehind((asked, answer) => {
    if (asked.url === '/long') answer.end('x'.repeat(20_000_000));
    else answer.write('first');
  });
  const wire = await listening({ onHttp, tls: MASTER });
  const { body } = await ask({ port: portOf(wire), path: '/long', ca }, '', request);
  assert.is(body.length, 20_000_000);
  const socket = await secure(wire, ['http/1.1']);
  const client = plainConnection(portOf(wire), socket);
  socket.write(GET);
  await client.until('first');
  await within('the end of closing', wire.close());
  await client.closed();
  assert.ok(connections.every(({ socket }) => socket.destroyed));
});

test('who speaks HTTP over TLS where there is none is told so', async () => {
  const wire = await listening({ tls: MASTER });
  const { status, body } = await ask({ port: portOf(wire), ca }, '', request);
  assert.equal([status, body], [404, 'this process serves no HTTP\n']);
});

test.run();
