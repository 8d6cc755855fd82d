import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readRange } from './byteRange.ts';
import { FileClient, FileServerError } from './fileClient.ts';
import { refusalOf } from './fileRefusal.ts';
import { type FileServer, startFileServer } from './fileServer.ts';
import { isFilePath, isFolderPath, publish, spaceOf } from './storedFile.ts';

interface Setting {
  dir: string;
  server: FileServer;
  client: FileClient;
}

const test = suite<Setting>('file server');
const SECRET = 'correct horse';

test.before.each(async (context) => {
  context.dir = mkdtempSync(join(tmpdir(), 'mesos-lab-files-'));
  context.server = await startFileServer({ dir: context.dir, secret: SECRET, fileBytesMax: 1_000_000 });
  context.client = new FileClient(SECRET);
});
test.after.each(async ({ dir, server, client }) => {
  client.close();
  await server.close();
  rmSync(dir, { recursive: true });
});

const put = (client: FileClient, url: string, text: string): Promise<void> => {
  const bytes = Buffer.from(text);
  return client.put(url, { from: 'memory', bytes, crc32: crc32(bytes) });
};

async function read(client: FileClient, url: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of (await client.get(url)).chunks) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A request made by hand. */
function ask(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string; path?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body, path } = options;
    const all = { authorization: `Bearer ${SECRET}`, ...headers };
    const sent = request(
      url,
      { method, headers: all, ...(path !== undefined && { path }) },
      async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk as Buffer);
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Nothing is left of an upload that was refused. */
function isTidy(dir: string): boolean {
  return readdirSync(join(dir, 'uploads')).length === 0;
}

async function failure(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not fail');
}

test('a file comes back as it was stored, and is gone when it was removed', async ({
  dir,
  server,
  client,
}) => {
  const url = `${server.url}/blocks/mail-00000`;
  await put(client, url, 'hello\n');
  assert.is(await read(client, url), 'hello\n');
  assert.is(readFileSync(join(dir, 'blocks/mail-00000'), 'utf8'), 'hello\n');
  await put(client, url, '');
  assert.is(await read(client, url), '');
  await client.remove(url);
  const error = await failure(client.get(url));
  assert.instance(error, FileServerError);
  assert.is((error as FileServerError).status, 404);
  assert.match(error.message, /no file 'blocks\/mail-00000' here/);
  assert.equal(readdirSync(join(dir, 'blocks')), []);
  assert.ok(isTidy(dir));
});

test('a large file is streamed from a file to a file', async ({ dir, server, client }) => {
  const bytes = Buffer.alloc(900_000, 'abc\n');
  const path = join(dir, 'large');
  writeFileSync(path, bytes);
  const url = `${server.url}/output/f1/job/part-r-00000`;
  await client.put(url, { from: 'file', path, bytes: bytes.length, crc32: crc32(bytes) });
  assert.is(await read(client, url), bytes.toString());
});

test('a range of a file can be had', async ({ server, client }) => {
  const url = `${server.url}/blocks/b`;
  await put(client, url, '0123456789');
  const answer = await ask(url, { headers: { range: 'bytes=2-4' } });
  assert.is(answer.status, 206);
  assert.is(answer.body, '234');
  assert.is(answer.headers['content-range'], 'bytes 2-4/10');
  const beyond = await ask(url, { headers: { range: 'bytes=10-' } });
  assert.is(beyond.status, 416);
});

test('ranges are read as HTTP has them', () => {
  assert.equal(readRange('bytes=0-0', 10), { start: 0, bytes: 1 });
  assert.equal(readRange('bytes=5-', 10), { start: 5, bytes: 5 });
  assert.equal(readRange('bytes=-3', 10), { start: 7, bytes: 3 });
  assert.equal(readRange('bytes=-30', 10), { start: 0, bytes: 10 });
  assert.equal(readRange('bytes=8-99', 10), { start: 8, bytes: 2 });
  for (const bad of [
    'bytes=-',
    'bytes=4-2',
    'bytes=10-',
    'bytes=-0',
    'bytes=1-2,4-5',
    'lines=1-2',
    'bytes=a-b',
  ])
    assert.is(readRange(bad, 10), undefined, bad);
});

test('one partition of a map output can be had, and fails if it is damaged', async ({
  dir,
  server,
  client,
}) => {
  const temporary = join(dir, 'run');
  writeFileSync(temporary, 'aaabb');
  const part = (offset: number, text: string) => ({
    offset,
    bytes: text.length,
    records: 1,
    crc32: crc32(Buffer.from(text)),
  });
  const index = { partitions: [part(0, 'aaa'), part(3, 'bb'), part(5, '')] };
  await publish(dir, temporary, 'intermediate/f1/job/m-7', { type: 'index', index });
  const url = `${server.url}/intermediate/f1/job/m-7`;
  assert.is(await read(client, `${url}?partition=0`), 'aaa');
  assert.is(await read(client, `${url}?partition=1`), 'bb');
  assert.is(await read(client, `${url}?partition=2`), '');
  for (const bad of ['3', '-1', 'x', ''])
    assert.match((await failure(client.get(`${url}?partition=${bad}`))).message, /404 There is no partition/);
  writeFileSync(join(dir, 'intermediate/f1/job/m-7'), 'aaXbb');
  assert.match((await failure(read(client, `${url}?partition=0`))).message, /damaged/);
  assert.is(await read(client, `${url}?partition=1`), 'bb');
});

test('a file is linked as a block, and as the same block once more if the answer was lost', async ({
  dir,
  server,
  client,
}) => {
  await put(client, `${server.url}/output/f1/job/part-r-00000`, 'hello');
  for (let times = 0; times < 2; times++) {
    const { bytes } = await client.link(server.url, 'output/f1/job/part-r-00000', 'part');
    assert.is(bytes, 5);
    assert.is(await read(client, `${server.url}/blocks/part`), 'hello');
    assert.ok(isTidy(dir));
  }
});

test('the files of a job or a framework are removed at once', async ({ dir, server, client }) => {
  for (const job of ['a', 'b']) await put(client, `${server.url}/output/f1/${job}/part-r-00000`, job);
  await client.remove(`${server.url}/output/f1/a`);
  assert.equal(readdirSync(join(dir, 'output/f1')), ['b']);
  await client.remove(`${server.url}/output/f1`);
  assert.equal(readdirSync(join(dir, 'output')), []);
  await client.remove(`${server.url}/output/f1`);
  for (const path of ['output', 'blocks', 'uploads', 'unfinished', ''])
    assert.is((await ask(`${server.url}/${path}`, { method: 'DELETE' })).status, 400, path);
});

test('bytes that do not have their checksum are not stored', async ({ dir, server, client }) => {
  const url = `${server.url}/blocks/b`;
  const error = await failure(client.put(url, { from: 'memory', bytes: Buffer.from('hello'), crc32: 1 }));
  assert.match(error.message, /422 The bytes that came have the CRC-32 3610a686, not 00000001/);
  const odd = await ask(url, { method: 'PUT', body: 'x', headers: { 'x-crc32': 'zz' } });
  assert.is(odd.status, 400);
  assert.is((await ask(url)).status, 404);
  assert.ok(isTidy(dir));
});

test('a stored file that was damaged on disk is noticed by who reads it', async ({ dir, server, client }) => {
  const url = `${server.url}/blocks/b`;
  await put(client, url, 'hello');
  writeFileSync(join(dir, 'blocks/b'), 'hellO');
  assert.match((await failure(read(client, url))).message, /damaged/);
});

test('a file that cannot be opened for want of descriptors is neither gone nor damaged', async ({
  dir,
  server,
  client,
}) => {
  await put(client, `${server.url}/blocks/b`, 'hello');
  const script = `
    import { closeSync, openSync } from 'node:fs';
    import { Agent, request } from 'node:http';
    import { startFileServer } from ${JSON.stringify(import.meta.resolve('./fileServer.ts'))};
    const [dir, secret] = process.argv.slice(1);
    const heard = [];
    const removed = (path) => heard.push('removed ' + path);
    const damaged = (path) => heard.push('damaged ' + path);
    const server = await startFileServer({ dir, secret, watcher: { stored() {}, removed, damaged } });
    const agent = new Agent({ keepAlive: true });
    const headers = { authorization: 'Bearer ' + secret };
    const ask = (method, query) =>
      new Promise((resolve, reject) => {
        const sent = request(server.url + '/blocks/b' + query, { method, agent, headers }, (answer) => {
          answer.resume().once('end', () => resolve(answer.statusCode));
        });
        sent.once('error', reject).end();
      });
    const statuses = [await ask('POST', '?check')];
    const open = [];
    try {
      for (;;) open.push(openSync(dir, 'r'));
    } catch {}
    statuses.push(await ask('POST', '?check'), await ask('GET', ''));
    open.forEach(closeSync);
    statuses.push(await ask('GET', ''));
    agent.destroy();
    await server.close();
    console.log(JSON.stringify({ statuses, heard }));
  `;
  const limited = ['-c', 'ulimit -n 100; exec "$0" "$@"', process.execPath];
  const args = [...limited, '--input-type=module', '-e', script, dir, SECRET];
  const { stdout } = await promisify(execFile)('sh', args);
  assert.equal(JSON.parse(stdout), { statuses: [204, 503, 503, 200], heard: [] });
});

test('who does not know the secret gets nothing', async ({ dir, server, client }) => {
  const url = `${server.url}/blocks/b`;
  await put(client, url, 'hello');
  for (const authorization of [
    '',
    'Bearer',
    'Bearer wrong',
    `Basic ${SECRET}`,
    'Bearer correct horse battery',
  ])
    for (const method of ['GET', 'PUT', 'DELETE'])
      assert.is(
        (await ask(url, { method, headers: { authorization } })).status,
        401,
        `${method} ${authorization}`,
      );
  assert.is(readFileSync(join(dir, 'blocks/b'), 'utf8'), 'hello');
});

test('no path leads out of the folder', async ({ dir, server }) => {
  const outside = join(dir, '..', 'mesos-lab-outside');
  const paths = [
    '/blocks/../../mesos-lab-outside',
    '/blocks/%2e%2e',
    '/blocks/..%2f..%2fx',
    '//etc/passwd',
    '/blocks/a/b',
  ];
  for (const path of [
    ...paths,
    '/blocks/.b.json',
    '/blocks/',
    '/uploads/1',
    '/intermediate/f1/job/m-1/x',
    '/blocks/a%00b',
  ])
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await ask(server.url, { method, path, body: method === 'PUT' ? 'x' : '' });
      assert.ok(answer.status === 400, `${method} ${path}: ${answer.status}`);
    }
  assert.throws(() => statSync(outside));
});

test('only plain names are paths', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 6 }), { maxLength: 4 }), (steps) => {
      const path = ['blocks', ...steps].join('/');
      if (isFilePath(path) || isFolderPath(path))
        assert.match(path, /^[a-z]+(\/[A-Za-z0-9][A-Za-z0-9._-]*)+$/);
    }),
  );
  assert.ok(isFilePath('blocks/a') && isFilePath(`intermediate/${spaceOf('1b2/..:5050-0001')}/job/m-1`));
  assert.not(isFilePath('output/a') || isFolderPath('blocks/a') || isFolderPath('output'));
});

test('uploads are bounded, and must say how long they are', async ({ dir, server }) => {
  const url = `${server.url}/blocks/b`;
  const large = await ask(url, { method: 'PUT', body: 'x'.repeat(1_000_001) });
  assert.is(large.status, 413);
  assert.match(large.body, /larger than the 1000000/);
  const chunked = await ask(url, { method: 'PUT', body: 'x', headers: { 'transfer-encoding': 'chunked' } });
  assert.is(chunked.status, 411);
  assert.is((await ask(url, { method: 'POST', body: 'x' })).status, 405);
  assert.ok(isTidy(dir));
});

test('an upload that breaks off leaves nothing, and does not replace what was there', async ({
  dir,
  server,
  client,
}) => {
  const url = `${server.url}/blocks/b`;
  await put(client, url, 'hello');
  await new Promise<void>((resolve) => {
    const socket = connect(server.port, '127.0.0.1', () => {
      const lines = [
        'PUT /blocks/b HTTP/1.1',
        'host: x',
        `authorization: Bearer ${SECRET}`,
        'content-length: 9',
      ];
      socket.write(`${lines.join('\r\n')}\r\n\r\nhal`, () => socket.destroy());
    });
    socket.on('close', () => resolve());
  });
  // The server takes one request after the other from the event loop: when it answers this one, it has seen
  // the break.
  assert.is(await read(client, url), 'hello');
  await server.close();
  writeFileSync(join(dir, 'uploads', 'left-behind'), 'by a file server that was killed');
  const again = await startFileServer({ dir, secret: SECRET });
  assert.ok(isTidy(dir));
  await again.close();
});

test('an answer that is cut short is noticed', async ({ client }) => {
  const { createServer } = await import('node:net');
  const liar = createServer((socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhal'));
  });
  await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve));
  const address = liar.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  assert.match(
    (await failure(read(client, `http://127.0.0.1:${port}/blocks/b`))).message,
    /broken off|was cut/,
  );
  await new Promise((resolve) => liar.close(resolve));
  assert.match((await failure(client.get(`http://127.0.0.1:${port}/blocks/b`))).message, /ECONNREFUSED/);
});

test('of an explanation that does not end, the beginning is told', async ({ client }) => {
  const { createServer } = await import('node:http');
  const talker = createServer((_, response) => {
    const go = (): void => {
      if (!response.destroyed) response.write('x'.repeat(10_000), go);
    };
    response.writeHead(500);
    go();
  });
  await new Promise<void>((resolve) => talker.listen(0, '127.0.0.1', resolve));
  const address = talker.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const error = await failure(client.get(`http://127.0.0.1:${port}/blocks/b`));
  assert.match(error.message, /500 x{1000}/);
  assert.is((error as FileServerError).explanation?.length, 2048);
  talker.closeAllConnections();
  await new Promise((resolve) => talker.close(resolve));
});

test('what stands beside a file and cannot be put there leaves nothing', async ({ dir, server, client }) => {
  mkdirSync(join(dir, 'blocks', '.b.json', 'x'), { recursive: true });
  assert.match((await failure(put(client, `${server.url}/blocks/b`, 'hello'))).message, /500 /);
  assert.ok(isTidy(dir));
});

test('a full disk is said to be full', () => {
  const full = refusalOf(Object.assign(new Error('write failed'), { code: 'ENOSPC' }));
  assert.is(full.status, 507);
  assert.match(full.message, /disk of this node is full/);
});

test('a file server needs a secret', async ({ dir }) => {
  assert.match((await failure(startFileServer({ dir, secret: '' }))).message, /needs a secret/);
});

test.run();
