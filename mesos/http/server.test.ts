import { createConnection } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { within } from '../runtime/testProbe.ts';
import { startWire } from '../runtime/wire.ts';
import { type AuthenticationOptions, authenticator } from './authentication.ts';
import { type Endpoint, json, type Refusal, text } from './exchange.ts';
import { type HttpOptions, type HttpServer, httpServer } from './server.ts';
import { askAt } from './testMaster.ts';

const test = suite('an HTTP server');

const LONG = 'x'.repeat(5000);

async function withServer(
  endpoints: Readonly<Record<string, Endpoint>>,
  run: (port: number, log: readonly string[], server: HttpServer) => Promise<void>,
  more: Partial<HttpOptions> & {
    readonly authentication?: AuthenticationOptions;
    readonly certificateName?: string;
  } = {},
): Promise<void> {
  const log: string[] = [];
  const server: HttpServer = httpServer({
    endpoints: new Map(Object.entries(endpoints)),
    prefixes: ['/master'],
    authenticate: authenticator(more.authentication ?? {}),
    isPublic: (path) => path === '/health',
    log: (line) => log.push(line),
    ...more,
  });
  const wire = await startWire({
    listen: { host: '127.0.0.1', port: 0 },
    onHttp: ({ socket }) => server.take(socket, more.certificateName),
    log: (line) => log.push(line),
  });
  try {
    await run(Number(wire.identity.split(':')[1]), log, server);
  } finally {
    server.close();
    await wire.close();
  }
}

/** Sends bytes, and resolves with all that came back until the other end closed. */
function converse(port: number, ...pieces: readonly string[]): Promise<string> {
  const talk = new Promise<string>((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(heard));
    for (const piece of pieces) socket.write(piece, 'latin1');
  });
  return within('the end of a connection', talk);
}

const HELLO: Readonly<Record<string, Endpoint>> = {
  '/hello': ({ query }) => json({ hello: query.get('name') }),
  '/long': () => text(200, LONG),
  '/echo': async ({ body }) => text(200, (await body()).toString('utf8')),
  '/broken': () => {
    throw new TypeError('a bug');
  },
  '/health': () => text(200, 'well'),
};

test('finds endpoints with and without the prefix of the process, whatever the query', () =>
  withServer(HELLO, async (port) => {
    for (const path of ['/hello?name=x', '/master/hello?name=x&y'])
      assert.is((await askAt(port, { method: 'GET', path })).text, '{"hello":"x"}');
    assert.is((await askAt(port, { method: 'GET', path: '/mastery/hello' })).status, 404);
    assert.is((await askAt(port, { method: 'GET', path: '/nothing' })).text, 'There is nothing at /nothing');
  }));

test('packs long answers for those who take it', () =>
  withServer(HELLO, async (port) => {
    const headers = { 'accept-encoding': 'gzip, deflate' };
    const packed = await askAt(port, { method: 'GET', path: '/long', headers });
    assert.is(packed.headers['content-encoding'], 'gzip');
    assert.is(gunzipSync(packed.body).toString(), LONG);
    assert.is((await askAt(port, { method: 'GET', path: '/long' })).text, LONG);
    assert.is(
      (await askAt(port, { method: 'GET', path: '/hello', headers })).headers['content-encoding'],
      undefined,
    );
  }));

test('packs nothing for those who refuse it', () =>
  withServer(HELLO, async (port) => {
    const packing = async (accepted: string): Promise<string | undefined> => {
      const headers = { 'accept-encoding': accepted };
      return (await askAt(port, { method: 'GET', path: '/long', headers })).headers['content-encoding'];
    };
    for (const accepted of ['identity, gzip;q=0', 'gzip; q=0.000, deflate', 'br'])
      assert.is(await packing(accepted), undefined);
    for (const accepted of ['GZIP', 'br;q=1.0, gzip;q=0.8', 'gzip;q=0.05'])
      assert.is(await packing(accepted), 'gzip');
  }));

test('answers HEAD without a body', () =>
  withServer(HELLO, async (port) => {
    const { headers, text: body } = await askAt(port, { method: 'HEAD', path: '/long' });
    assert.is(headers['content-length'], '5000');
    assert.is(body, '');
  }));

test('keeps a bug to itself, and goes on', () =>
  withServer(HELLO, async (port, log) => {
    const { status, text: body } = await askAt(port, { method: 'GET', path: '/broken' });
    assert.is(status, 500);
    assert.not.match(body, 'a bug');
    assert.match(log.join(), 'TypeError: a bug');
    assert.is((await askAt(port, { method: 'GET', path: '/health' })).status, 200);
  }));

test('takes bodies up to its bound, sized or in chunks, and refuses larger ones', () =>
  withServer(
    HELLO,
    async (port) => {
      const ask = (body: string, headers = {}) => askAt(port, { path: '/echo', body, headers });
      assert.is((await ask('a'.repeat(100))).text, 'a'.repeat(100));
      assert.is((await ask('a'.repeat(100), { 'transfer-encoding': 'chunked' })).text, 'a'.repeat(100));
      assert.is((await ask('a'.repeat(101))).status, 413);
      assert.is((await ask('a'.repeat(1e6), { 'transfer-encoding': 'chunked' })).status, 413);
      // Not only when it has come.
      const announced = 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n';
      assert.match(await converse(port, announced), /^HTTP\/1\.1 413 /);
    },
    { bodyBytesMax: 100 },
  ));

test('refuses a body that is packed, and says so', () =>
  withServer(HELLO, async (port) => {
    const ask = (coding: string) =>
      askAt(port, { path: '/echo', body: 'a', headers: { 'content-encoding': coding } });
    const { status, text } = await ask('gzip');
    assert.is(status, 415);
    assert.is(text, "A body with 'Content-Encoding: gzip' is not taken; send it as it is");
    assert.is((await ask('identity')).status, 200);
  }));

test('holds no more of all requests together than it should', () =>
  withServer(
    HELLO,
    async (port) => {
      const half = createConnection(port, '127.0.0.1');
      half.write(`POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n${'a'.repeat(700)}`);
      let status = 200;
      while (status === 200) ({ status } = await askAt(port, { path: '/echo', body: 'a'.repeat(400) }));
      assert.is(status, 503);
      assert.is((await askAt(port, { path: '/echo', body: 'a'.repeat(200) })).status, 200);
      half.destroy();
      while (status === 503) ({ status } = await askAt(port, { path: '/echo', body: 'a'.repeat(400) }));
      assert.is(status, 200);
    },
    { bodiesBytesMax: 1000 },
  ));

test('takes no body that breaks off for a whole one', () => {
  const came = Promise.withResolvers<string>();
  const endpoint: Endpoint = async ({ body }) => {
    const told = body().then(
      (whole) => `whole: ${whole}`,
      (error: Refusal) => `${error.status} ${error.message}`,
    );
    came.resolve(await told);
    return text(200, '');
  };
  return withServer({ '/take': endpoint }, async (port) => {
    const half = createConnection(port, '127.0.0.1');
    half.write('POST /take HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf', () => half.destroy());
    assert.is(await within('the end of the body', came.promise), '400 The request broke off');
  });
});

test('answers who sends a body that nobody reads, and ends the connection, be it sized or in chunks', () =>
  withServer(HELLO, async (port) => {
    for (const body of ['Content-Length: 9\r\n\r\nhalf', 'Transfer-Encoding: chunked\r\n\r\n9\r\nhalf'])
      assert.match(
        await converse(port, `POST /nothing HTTP/1.1\r\nHost: x\r\n${body}`),
        /^HTTP\/1\.1 404 (?:.+\r\n)+Connection: close\r\n/,
      );
  }));

test('gives up senders that take too long, with their heads or their bodies', () =>
  withServer(
    HELLO,
    async (port) => {
      const head = 'POST /echo HTTP/1.1\r\nHost: x\r\n';
      assert.match(await converse(port, head), /^HTTP\/1\.1 408 /);
      assert.match(await converse(port, `${head}Content-Length: 9\r\n\r\nabc`), /^HTTP\/1\.1 408 /);
    },
    { requestTimeoutMs: 100 },
  ));

test('refuses what is no HTTP, and heads without end', () =>
  withServer(HELLO, async (port) => {
    assert.match(await converse(port, 'GET / SOMETHING/7.7\r\n\r\n'), /^HTTP\/1\.1 400 /);
    const endless = `GET / HTTP/1.1\r\nHost: x\r\n${'a: b\r\n'.repeat(10_000)}\r\n`;
    assert.match(await converse(port, endless), /^HTTP\/1\.1 431 /);
  }));

test('says nothing of it in the midst of an answer', () =>
  withServer({ '/held': () => ({ takeOver: (response) => void response.write('whole') }) }, async (port) => {
    const socket = createConnection(port, '127.0.0.1').setEncoding('latin1');
    let heard = '';
    socket.on('data', (piece) => {
      heard += piece;
      if (heard.includes('whole')) socket.write('\0\0\0\r\n\r\n');
    });
    socket.write('GET /held HTTP/1.1\r\nHost: x\r\n\r\n');
    await within('the end of a connection', new Promise((resolve) => socket.once('close', resolve)));
    assert.match(heard, /whole\r\n$/);
  }));

test('serves several requests on a connection, one after the other', () =>
  withServer(HELLO, async (port) => {
    const ask = 'GET /health HTTP/1.1\r\nHost: x\r\n';
    const heard = await converse(port, `${ask}\r\n${ask}\r\n${ask}Connection: close\r\n\r\n`);
    assert.is(heard.match(/HTTP\/1\.1 200/g)?.length, 3);
  }));

test('that is closed ends connections, those that wait for more and those in the midst of an answer', () => {
  const held: Endpoint = () => ({ takeOver: (response) => void response.write('whole') });
  return withServer({ ...HELLO, '/held': held }, async (port, _log, server) => {
    const ends = [];
    for (const path of ['/health', '/held']) {
      const socket = createConnection(port, '127.0.0.1');
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await within('an answer', new Promise((resolve) => socket.once('data', resolve)));
      ends.push(new Promise((resolve) => socket.once('close', resolve)));
    }
    server.close();
    await within('the ends of connections', Promise.all(ends));
  });
});

test('knows who shows a certificate by the name in it', () =>
  withServer(
    { '/who': ({ principal }) => json({ principal }) },
    async (port) =>
      assert.is((await askAt(port, { method: 'GET', path: '/who' })).text, '{"principal":"node1"}'),
    { authentication: { byCertificate: true }, certificateName: 'node1' },
  ));

test('asks who one is, but not for what is public', () =>
  withServer(
    HELLO,
    async (port) => {
      const refused = await askAt(port, { method: 'GET', path: '/hello' });
      assert.is(refused.status, 401);
      assert.is(refused.headers['www-authenticate'], 'Bearer realm="mesos"');
      assert.is((await askAt(port, { method: 'GET', path: '/health' })).status, 200);
      const headers = { authorization: 'Bearer t' };
      assert.is((await askAt(port, { method: 'GET', path: '/hello', headers })).status, 200);
    },
    { authentication: { tokens: [{ principal: 'p', secret: 't' }] } },
  ));

test('lets no page of another site speak for who looks at it', () =>
  withServer(
    HELLO,
    async (port) => {
      const status = async (headers: Readonly<Record<string, string>>) =>
        (await askAt(port, { method: 'GET', path: '/hello', headers })).status;
      assert.is(await status({}), 200);
      assert.is(await status({ origin: `http://127.0.0.1:${port}` }), 200);
      assert.is(await status({ origin: 'http://evil.example' }), 403);
      assert.is(await status({ origin: 'null' }), 403);
      assert.is(await status({ 'sec-fetch-site': 'cross-site' }), 403);
      assert.is(await status({ host: `evil.example:${port}` }), 403);
      // Its own names, and addresses, which cannot lead elsewhere.
      for (const host of ['Master.Example', `master.example:${port}`, '10.0.0.1', `[fd00::1]:${port}`])
        assert.is(await status({ host }), 200, host);
      // Somebody follows a link.
      const from = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
      assert.is(await status({ ...from, 'sec-fetch-dest': 'document' }), 200);
      assert.is(await status({ ...from, 'sec-fetch-dest': 'iframe' }), 403);
      assert.is(await status({ ...from, 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'document' }), 403);
    },
    { hosts: new Set(['127.0.0.1', 'master.example']) },
  ));

test('sends all pieces of an answer, and of HEAD none', () => {
  let ends = 0;
  async function* pieces(): AsyncIterable<string> {
    try {
      yield 'one ';
      yield 'two';
    } finally {
      ends++;
    }
  }
  const headers = { 'Content-Type': 'text/plain' };
  return withServer({ '/pieces': () => ({ pieces: pieces(), headers }) }, async (port) => {
    const whole = await within('an answer', askAt(port, { method: 'GET', path: '/pieces' }));
    assert.equal([whole.text, whole.headers['content-type'], ends], ['one two', 'text/plain', 1]);
    const head = await within('an answer', askAt(port, { method: 'HEAD', path: '/pieces' }));
    assert.equal([head.text, head.headers['content-type'], ends], ['', 'text/plain', 1]);
  });
});

test('sends pieces no faster than they are taken', () => {
  let made = 0;
  let ended: (() => void) | undefined;
  const isEnded = new Promise<void>((resolve) => {
    ended = resolve;
  });
  async function* pieces(): AsyncIterable<string> {
    try {
      for (; made < 10_000; made++) yield 'y'.repeat(65_536);
    } finally {
      ended?.();
    }
  }
  return withServer({ '/pieces': () => ({ pieces: pieces(), headers: {} }) }, async (port) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.write('GET /pieces HTTP/1.1\r\nHost: x\r\n\r\n');
    await new Promise((resolve) => socket.once('readable', resolve));
    assert.ok((await askAt(port, { method: 'GET', path: '/none' })).status === 404);
    assert.ok(made < 5_000, `${made} pieces were made for a reader that takes none`);
    socket.destroy();
    await within('the end of the pieces', isEnded);
  });
});

test.run();
