/** Files of sandboxes over HTTP, against a real slave behind a real port. */
import { once } from 'node:events';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { tidyUp, within } from '../runtime/testProbe.ts';
import { runTask, testTask } from '../slave/testSlave.ts';
import { authenticator } from './authentication.ts';
import { testSlaveServer } from './testSlaveServer.ts';

type Slave = Awaited<ReturnType<typeof testSlaveServer>>;

interface World {
  workDir: string;
  /** The sandbox of an executor that lives. */
  sandbox: string;
  slave: Slave;
}

const test = suite<World>('files over HTTP');

test.before.each(async (world) => {
  const workDir = mkdtempSync(join(tmpdir(), 'lab-files-http-'));
  const slave = await testSlaveServer({ server: { workDir } });
  await slave.report('REGISTER_SLAVE');
  slave.order(runTask(testTask('t1')));
  const { containerId } = await slave.container();
  const sandbox = join(workDir, 'slaves/S0/frameworks/f/executors/e/runs', containerId);
  mkdirSync(sandbox, { recursive: true });
  writeFileSync(join(sandbox, 'stdout'), 'hello, world\n', { mode: 0o640 });
  Object.assign(world, { workDir, slave, sandbox });
});
test.after.each(async ({ workDir }) => {
  await tidyUp();
  rmSync(workDir, { recursive: true });
});

const query = (path: string, more = ''): string => `path=${encodeURIComponent(path)}${more}`;

/** Waits until what came of an answer ends with this. */
async function until(answer: IncomingMessage, end: string): Promise<void> {
  let came = '';
  answer.on('data', (piece: Buffer) => {
    came += piece.toString('latin1');
  });
  while (!came.endsWith(end)) await within(`'${end}', and not '${came}'`, once(answer, 'data'));
}

test('a folder is listed as `ls -l` would', async ({ slave, sandbox }) => {
  mkdirSync(join(sandbox, 'sub'), { mode: 0o755 });
  const answer = await slave.ask(`/files/browse?${query(sandbox)}`);
  assert.is(answer.status, 200);
  assert.is(answer.headers['content-type'], 'application/json');
  const [stdout, sub] = JSON.parse(answer.body);
  const { username } = userInfo();
  assert.equal(
    { ...stdout, mtime: undefined, gid: undefined },
    {
      path: `${sandbox}/stdout`,
      size: 13,
      nlink: 1,
      mode: '-rw-r-----',
      uid: username,
      mtime: undefined,
      gid: undefined,
    },
  );
  assert.ok(Math.abs(stdout.mtime * 1000 - Date.now()) < 60_000);
  assert.match(sub.mode, /^drwx/);
  const short = sandbox.slice(sandbox.indexOf('/frameworks'));
  const listed = JSON.parse((await slave.ask(`/slave(1)/files/browse?${query(short)}`)).body);
  assert.is(listed[0].path, `${short}/stdout`);
});

test('parts of a file are read', async ({ slave, sandbox }) => {
  const read = async (more: string): Promise<unknown> =>
    JSON.parse((await slave.ask(`/files/read?${query(join(sandbox, 'stdout'), more)}`)).body);
  assert.equal(await read('&offset=7&length=5'), { offset: 7, data: 'world', length: 5 });
  assert.equal(await read('&offset=0'), { offset: 0, data: 'hello, world\n', length: 13 });
  for (const end of ['', '&offset=-1', '&offset=-1&length=10', '&offset=13', '&offset=9007199254740991'])
    assert.equal(await read(end), { offset: 13, data: '', length: 0 }, end);
  assert.equal(await read('&offset=0&length=0'), { offset: 0, data: '', length: 0 });
});

test('at most 64 KiB are read at a time', async ({ slave, sandbox }) => {
  writeFileSync(join(sandbox, 'large'), 'x'.repeat(200_000));
  const answer = await slave.ask(`/files/read?${query(join(sandbox, 'large'), '&offset=10&length=150000')}`);
  const { offset, data } = JSON.parse(answer.body);
  assert.equal([offset, data.length], [10, 65_536]);
});

test('characters are not cut, and what is no text is still told', async ({ slave, sandbox }) => {
  writeFileSync(join(sandbox, 'text'), 'aé€😀b');
  const read = async (offset: number, length: number): Promise<unknown> =>
    JSON.parse(
      (await slave.ask(`/files/read?${query(join(sandbox, 'text'), `&offset=${offset}&length=${length}`)}`))
        .body,
    );
  let text = '';
  for (let offset = 0; ; ) {
    const part = (await read(offset, 4)) as { data: string; length: number };
    if (part.length === 0) break;
    text += part.data;
    offset += part.length;
  }
  assert.is(text, 'aé€😀b');
  assert.equal(await read(1, 1), { offset: 1, data: '\ufffd', length: 1 });
  writeFileSync(join(sandbox, 'text'), Buffer.from([0xff, 0, 0x41, 0x80]));
  assert.equal(await read(0, 9), { offset: 0, data: '\ufffd\0A\ufffd', length: 4 });
});

test('questions that make no sense are refused', async ({ slave, sandbox, workDir }) => {
  const stdout = join(sandbox, 'stdout');
  writeFileSync(join(workDir, 'executor_key'), 'key');
  symlinkSync(join(workDir, 'executor_key'), join(sandbox, 'key'));
  for (const [path, status, body] of [
    ['/files/read', 400, /Expecting 'path=value' in query/],
    ['/files/browse?path=', 400, /Expecting 'path=value' in query/],
    [`/files/read?${query(stdout, '&offset=x')}`, 400, /Failed to parse offset/],
    [`/files/read?${query(stdout, '&offset=1e99')}`, 400, /Failed to parse offset/],
    [`/files/read?${query(stdout, '&offset=99999999999999999999')}`, 400, /Failed to parse offset/],
    [`/files/read?${query(stdout, '&offset=0&length=-2')}`, 400, /Failed to parse length/],
    [`/files/read?${query(sandbox)}`, 400, /is not a file/],
    [`/files/browse?${query(stdout)}`, 400, /is not a folder/],
    [`/files/download?${query(`${sandbox}/nothing`)}`, 404, /nothing/],
    [`/files/follow?${query('/etc/passwd')}`, 404, /no sandbox/],
    [`/files/read?${query(join(workDir, 'executor_key'))}`, 404, /no sandbox/],
    [`/files/read?${query(`${sandbox}/../../../../../../../../executor_key`)}`, 404, /no sandbox/],
    [`/files/download?${query(join(sandbox, 'key'))}`, 403, /leads out of its sandbox/],
    [`/files/read?${query(stdout, '&jsonp=alert(1)//')}`, 400, /name of a JavaScript function/],
  ] as const) {
    const answer = await slave.ask(path);
    assert.is(answer.status, status, path);
    assert.match(answer.body, body);
  }
  assert.is((await slave.ask(`/files/read?${query(stdout)}`, { method: 'POST' })).status, 405);
});

test('a file is downloaded whole, as bytes, under its name', async ({ slave, sandbox }) => {
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, n) => (n * n) % 256));
  writeFileSync(join(sandbox, 'größe "1".bin'), bytes);
  const answer = await slave.open(`/files/download?${query(join(sandbox, 'größe "1".bin'))}`);
  assert.is(answer.headers['content-type'], 'application/octet-stream');
  assert.is(answer.headers['x-content-type-options'], 'nosniff');
  assert.is(answer.headers['content-length'], '300000');
  assert.is(
    answer.headers['content-disposition'],
    `attachment; filename="gr__e _1_.bin"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%221%22.bin`,
  );
  const pieces: Buffer[] = [];
  for await (const piece of answer) pieces.push(piece);
  assert.ok(Buffer.concat(pieces).equals(bytes));
  const head = await slave.ask(`/files/download?${query(join(sandbox, 'stdout'))}`, { method: 'HEAD' });
  assert.equal([head.headers['content-length'], head.body], ['13', '']);
  await untilClosed(slave, sandbox);
});

/** Files of a folder that this process, the slave's, holds open. */
function openIn(folder: string): number {
  const paths = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return paths.filter((path) => path.startsWith(folder)).length;
}

async function untilClosed(slave: Slave, folder: string): Promise<void> {
  while (openIn(folder) > 0) await slave.ask('/health');
}

test('a reader that does not read makes nobody read ahead, and leaves nothing open', async ({
  slave,
  sandbox,
}) => {
  const size = 50 << 20;
  writeFileSync(join(sandbox, 'huge'), '');
  truncateSync(join(sandbox, 'huge'), size);
  const before = process.memoryUsage.rss();
  const answer = await slave.open(`/files/download?${query(join(sandbox, 'huge'))}`);
  answer.pause();
  // What has been read waits in buffers of bounded size.
  for (let n = 0; n < 20; n++) await slave.ask('/health');
  assert.ok(process.memoryUsage.rss() - before < size / 2);
  assert.is(openIn(sandbox), 1);
  answer.destroy();
  await untilClosed(slave, sandbox);
});

test('who leaves before the answer comes leaves nothing open either', async ({ slave, sandbox }) => {
  for (let n = 0; n < 50; n++) {
    const socket = connect(slave.port, '127.0.0.1');
    const path = `/files/${n % 2 === 0 ? 'download' : 'follow'}?${query(join(sandbox, 'stdout'))}`;
    await new Promise<void>((resolve) =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`, () => resolve()),
    );
    // At different moments of what goes on at the other end, which is in this process.
    for (let turns = 0; turns < n % 10; turns++) await new Promise(setImmediate);
    socket.destroy();
  }
  await untilClosed(slave, sandbox);
  const all = await Promise.all(
    Array.from({ length: 256 }, () => slave.open(`/files/follow?${query(join(sandbox, 'stdout'))}`)),
  );
  assert.ok(all.every(({ statusCode }) => statusCode === 200));
  for (const one of all) one.destroy();
});

test('a file is followed while it grows, until its executor ends', async ({ slave, sandbox }) => {
  const file = join(sandbox, 'stdout');
  const answer = await slave.open(`/files/follow?${query(file, '&offset=7')}`);
  assert.is(answer.headers['content-type'], 'text/plain; charset=utf-8');
  await until(answer, 'world\n');
  appendFileSync(file, 'one');
  await until(answer, 'one');
  truncateSync(file);
  appendFileSync(file, 'anew');
  await until(answer, 'anew');
  appendFileSync(file, 'last');
  const ended = within('the end of the file', once(answer, 'end'));
  (await slave.container()).end();
  await until(answer, 'last');
  await ended;
  assert.is(readFileSync(file, 'utf8'), 'anewlast');
});

test('a follower may begin at the end, before there is anything, and may leave', async ({
  slave,
  sandbox,
}) => {
  const file = join(sandbox, 'stdout');
  const answer = await slave.open(`/files/follow?${query(file, '&offset=-1')}`);
  appendFileSync(file, 'more');
  await until(answer, 'more');
  writeFileSync(join(sandbox, 'stderr'), '');
  const silent = await slave.open(`/files/follow?${query(join(sandbox, 'stderr'))}`);
  silent.destroy();
  answer.destroy();
  // Both places are free again, so that the most that there are can be taken.
  const all = await Promise.all(
    Array.from({ length: 256 }, () => slave.open(`/files/follow?${query(join(sandbox, 'stderr'))}`)),
  );
  assert.ok(all.every(({ statusCode }) => statusCode === 200));
  const refused = await slave.ask(`/files/follow?${query(file)}`);
  assert.is(refused.status, 503);
  for (const one of all) one.destroy();
  await untilClosed(slave, sandbox);
});

test("the pages of the slave's master may read, those of others not", async ({ slave, sandbox }) => {
  const path = `/files/read?${query(join(sandbox, 'stdout'), '&offset=0')}`;
  const own = `http://127.0.0.1:${slave.port}`;
  const ask = (headers: Readonly<Record<string, string>>, method = 'GET') =>
    slave.ask(path, { method, headers });
  // The master of these tests lives in the slave's process, so that its origin is the slave's, but for the name.
  const master = `http://localhost:${slave.port}`;
  const friendly = await ask({ Origin: master, 'Sec-Fetch-Site': 'same-site' });
  assert.equal([friendly.status, friendly.headers['access-control-allow-origin']], [200, master]);
  assert.is(friendly.headers.vary, 'Origin');
  assert.is(friendly.headers['access-control-allow-credentials'], undefined);
  for (const origin of [
    'http://evil.example',
    `http://evil.example:${slave.port}`,
    `https://localhost:${slave.port}`,
    'http://localhost:1',
    'null',
  ]) {
    const { status, headers } = await ask({ Origin: origin, 'Sec-Fetch-Site': 'cross-site' });
    assert.equal([status, headers['access-control-allow-origin']], [403, undefined], origin);
  }
  const preflight = await ask({ Origin: master, 'Access-Control-Request-Method': 'GET' }, 'OPTIONS');
  assert.equal([preflight.status, preflight.headers['access-control-allow-headers']], [204, 'Authorization']);
  assert.is((await ask({ Origin: 'http://evil.example' }, 'OPTIONS')).status, 403);
  assert.is((await ask({ Origin: own })).status, 200);
  const post = {
    method: 'POST',
    headers: { Origin: master, 'Content-Type': 'application/json' },
    body: '{}',
  };
  assert.is((await slave.ask('/api/v1/executor', post)).status, 403);
});

test("scripts that the master's page loads, and links, are let through; scripts of others are not", async ({
  slave,
  sandbox,
}) => {
  const path = `/files/read?${query(join(sandbox, 'stdout'), '&offset=0&jsonp=angular.callbacks._1')}`;
  const script = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'script' };
  const ask = (headers: Readonly<Record<string, string>>) => slave.ask(path, { headers });
  const own = await ask({ ...script, Referer: `http://localhost:${slave.port}/` });
  assert.is(own.body, '/**/angular.callbacks._1({"offset":0,"data":"hello, world\\n","length":13});');
  assert.is(own.headers['content-type'], 'text/javascript');
  assert.is((await ask({ ...script, Referer: 'http://evil.example/' })).status, 403);
  assert.is((await ask(script)).status, 403);
  const link = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' };
  assert.is((await ask(link)).status, 200);
});

test('where people must authenticate, files are for nobody else', async ({ sandbox, workDir }) => {
  const authenticate = authenticator({ credentials: [{ principal: 'ann', secret: 's' }] });
  const slave = await testSlaveServer({ server: { workDir, authenticate } });
  const path = `/files/browse?${query(sandbox)}`;
  assert.is((await slave.ask(path)).status, 401);
  const basic = `Basic ${Buffer.from('ann:s').toString('base64')}`;
  assert.is((await slave.ask(path, { headers: { Authorization: basic } })).status, 200);
  assert.is((await slave.ask('/health')).status, 200);
  const origin = `http://localhost:${slave.port}`;
  await slave.report('REGISTER_SLAVE');
  const asked = await slave.ask(path, { headers: { Origin: origin } });
  // So that the page can tell that it must ask for a password.
  assert.equal([asked.status, asked.headers['access-control-allow-origin']], [401, origin]);
});

test('without authentication a slave answers to its own names only, and to addresses', async ({
  workDir,
}) => {
  const slave = await testSlaveServer({ server: { workDir, hosts: new Set(['node']) } });
  for (const [host, status] of [
    ['node:5051', 200],
    ['127.0.0.1', 200],
    ['[::1]:5051', 200],
    ['evil.example', 403],
    ['127.0.0.1.evil.example', 403],
  ] as const)
    assert.is((await slave.ask('/version', { headers: { Host: host } })).status, status, host);
});

test.run();
