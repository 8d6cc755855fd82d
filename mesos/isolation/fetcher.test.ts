import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Uri } from '../protocol/entities.ts';
import { type FetchOptions, fetchAll } from './fetcher.ts';
import { until } from './testContainers.ts';

interface World {
  folder: string;
  sandbox: string;
  /** Where things are fetched from. */
  store: string;
  servers: Server[];
  fetch(uris: readonly Uri[], more?: Partial<FetchOptions>): Promise<void>;
  serve(listener: RequestListener): Promise<string>;
  /** What a fetch that fails says. */
  complaint(uri: Uri, more?: Partial<FetchOptions>): Promise<string>;
}

const test = suite<World>('fetcher');

test.before.each((world) => {
  world.folder = mkdtempSync(join(tmpdir(), 'fetcher-'));
  world.sandbox = join(world.folder, 'sandbox');
  world.store = join(world.folder, 'store');
  for (const folder of [world.sandbox, world.store]) mkdirSync(folder);
  world.servers = [];
  world.fetch = (uris, more = {}) =>
    fetchAll({ uris, sandbox: world.sandbox, signal: new AbortController().signal, ...more });
  world.serve = async (listener) => {
    const server = createServer(listener);
    world.servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  world.complaint = (uri, more) =>
    world.fetch([uri], more).then(
      () => assert.unreachable(`${uri.value} was fetched`) as never,
      ({ message }: Error) => message,
    );
});
test.after.each(({ folder, servers }) => {
  for (const server of servers) server.close().closeAllConnections();
  rmSync(folder, { recursive: true });
});

const unexpected = (): void => assert.unreachable('it was fetched');
const mode = (file: string): number => statSync(file).mode & 0o777;

test('files of this machine are copied, with the right to execute them', async ({
  fetch,
  store,
  sandbox,
}) => {
  writeFileSync(join(store, 'plain'), 'a');
  writeFileSync(join(store, 'tool'), 'b', { mode: 0o755 });
  writeFileSync(join(store, 'with space'), 'c');
  writeFileSync(join(store, 'script'), 'd');
  await fetch([
    { value: join(store, 'plain') },
    { value: join(store, 'tool') },
    { value: `file://${store}/with%20space` },
    { value: `file://${store}/script`, executable: true, outputFile: 'bin/deep/run' },
  ]);
  assert.equal(readdirSync(sandbox).sort(), ['bin', 'plain', 'tool', 'with space']);
  assert.is(readFileSync(join(sandbox, 'with space'), 'utf8'), 'c');
  assert.is(mode(join(sandbox, 'plain')) & 0o111, 0);
  assert.is(mode(join(sandbox, 'tool')) & 0o111, 0o111);
  assert.is(mode(join(sandbox, 'bin/deep/run')) & 0o111, 0o111);
});

test('files of web servers are downloaded, through redirects, and named without their query', async ({
  fetch,
  serve,
  sandbox,
}) => {
  const at = await serve((request, response) => {
    const n = Number(request.url?.slice(1));
    if (n > 0) response.writeHead(302, { location: n === 1 ? '/data.bin' : `/${n - 1}` }).end();
    else response.end(`of ${request.url}`);
  });
  await fetch([{ value: `${at}/data.bin?version=2` }, { value: `${at}/5`, outputFile: 'five' }]);
  assert.equal(readdirSync(sandbox).sort(), ['data.bin', 'five']);
  assert.is(readFileSync(join(sandbox, 'data.bin'), 'utf8'), 'of /data.bin?version=2');
  assert.is(readFileSync(join(sandbox, 'five'), 'utf8'), 'of /data.bin');
});

const MAKE = [
  ['a.tar', 'tar -cf a.tar in'],
  ['a.tar.gz', 'tar -czf a.tar.gz in'],
  ['a.tgz', 'tar -czf a.tgz in'],
  ['a.tar.bz2', 'tar -cjf a.tar.bz2 in'],
  ['a.tbz2', 'tar -cjf a.tbz2 in'],
  ['a.tar.xz', 'tar -cJf a.tar.xz in'],
  ['a.txz', 'tar -cJf a.txz in'],
  ['a.zip', 'zip -qr a.zip in'],
] as const;

for (const [name, line] of MAKE) {
  const program = line.split(' ')[0] as string;
  const helper = /bz2/.test(name) ? 'bzip2' : /xz/.test(name) ? 'xz' : program;
  const hasAll = [program, helper].every((each) => spawnSync('which', [each]).status === 0);
  (hasAll ? test : test.skip)(`${name} is extracted unless one does not want it`, async (world) => {
    const { fetch, store, sandbox } = world;
    mkdirSync(join(store, 'in'));
    writeFileSync(join(store, 'in/it'), 'content');
    assert.is(spawnSync('sh', ['-c', line], { cwd: store }).status, 0);
    const value = join(store, name);
    await fetch([{ value, extract: false, outputFile: `kept/${name}` }]);
    await fetch([{ value, executable: true, outputFile: `run/${name}` }]);
    assert.not(existsSync(join(sandbox, 'in')));
    await fetch([{ value }]);
    assert.is(readFileSync(join(sandbox, 'in/it'), 'utf8'), 'content');
    assert.equal(readdirSync(sandbox).sort(), [name, 'in', 'kept', 'run'].sort());
  });
}

test('a single file that is compressed is extracted beside itself', async ({
  fetch,
  store,
  sandbox,
  complaint,
}) => {
  writeFileSync(join(store, 'data'), 'content');
  assert.is(spawnSync('gzip', ['data'], { cwd: store }).status, 0);
  await fetch([{ value: join(store, 'data.gz') }]);
  assert.is(readFileSync(join(sandbox, 'data'), 'utf8'), 'content');
  writeFileSync(join(store, 'zeros'), Buffer.alloc(100_000));
  assert.is(spawnSync('gzip', ['zeros'], { cwd: store }).status, 0);
  assert.match(
    await complaint({ value: join(store, 'zeros.gz') }, { bytesMax: 99_999 }),
    /^The URI '.*zeros.gz' cannot be fetched: it cannot be extracted: it is longer than 99999 bytes$/,
  );
});

test('an archive that is none is told, with what the program says', async ({ store, complaint }) => {
  for (const name of ['a.tar.gz', 'a.zip', 'a.gz']) {
    writeFileSync(join(store, name), 'nothing of the kind');
    assert.match(
      await complaint({ value: join(store, name) }),
      /^The URI '.*' cannot be fetched: it cannot be extracted: \S+/,
    );
  }
});

test('a program that is missing is told', async ({ store, complaint, folder }) => {
  writeFileSync(join(store, 'a.zip'), '');
  const { PATH } = process.env;
  process.env.PATH = folder;
  const said = await complaint({ value: join(store, 'a.zip') }).finally(() => {
    process.env.PATH = PATH;
  });
  assert.match(said, /there is no program 'unzip'; install it on the slave$/);
});

test('what cannot be fetched is told, with the URI and why', async ({ store, complaint, serve }) => {
  const at = await serve((request, response) => {
    switch (request.url) {
      case '/loop':
        return response.writeHead(302, { location: '/loop' }).end();
      case '/file':
        return response.writeHead(302, { location: 'file:///etc/passwd' }).end();
      case '/odd':
        return response.writeHead(302, { location: 'http://[' }).end();
      case '/big':
        return response.end('0123456789');
      case '/short':
        response.writeHead(200, { 'content-length': '100' }).write('x');
        return response.destroy();
      default:
        return response.writeHead(404).end();
    }
  });
  spawnSync('mkfifo', [join(store, 'pipe')]);
  const dead = `http://127.0.0.1:1/x`;
  for (const [value, why] of [
    [join(store, 'none'), /ENOENT: no such file/],
    [store, /it is not a file/],
    [join(store, 'pipe'), /it is not a file/],
    ['/dev/zero', /it is not a file/],
    [`${at}/none`, /the server answered 404 Not Found/],
    [`${at}/loop`, /sends one on more than 5 times/],
    [`${at}/file`, /sends one to file:, which servers may not/],
    [`${at}/odd`, /something that is no URI/],
    [`${at}/big`, /it is longer than 9 bytes/],
    [`${at}/short`, /\w/],
    [dead, /ECONNREFUSED|bad port/],
    ['hdfs://host/x', /neither an absolute path nor a file, http or https URI/],
    ['relative/path', /neither an absolute path/],
    ['file://host/x', /host/],
    ['http://me:secret@host/x', /password in it/],
  ] as const) {
    const said = await complaint({ value }, { bytesMax: 9 });
    assert.ok(said.startsWith(`The URI '${value}' cannot be fetched: `), said);
    assert.match(said, why);
  }
});

test('a server that falls silent is given up', async ({ complaint, serve }) => {
  const at = await serve((request, response) => {
    if (request.url === '/half') response.writeHead(200).write('half of it');
  });
  for (const path of ['never', 'half'])
    assert.match(await complaint({ value: `${at}/${path}` }, { stallMs: 40 }), /nothing came .* for 0.04 s$/);
});

test('a fetch can be aborted, in a download and in an extraction', async ({
  fetch,
  serve,
  store,
  sandbox,
}) => {
  const abort = new AbortController();
  const { signal } = abort;
  const at = await serve((_request, response) => {
    response.writeHead(200).write('half of it');
    abort.abort();
  });
  await fetch([{ value: `${at}/x` }, { value: '/etc/hostname' }], { signal }).then(unexpected, () => {});
  assert.equal(readdirSync(sandbox), []);
  // A tar that never ends stands in the way of the right one.
  writeFileSync(join(store, 'a.tar'), '');
  writeFileSync(join(store, 'tar'), '#!/bin/sh\nexec > started; sleep 1000');
  chmodSync(join(store, 'tar'), 0o755);
  const { PATH } = process.env;
  process.env.PATH = `${store}:${PATH}`;
  const second = new AbortController();
  const ended = fetch([{ value: join(store, 'a.tar') }], { signal: second.signal }).then(
    unexpected,
    () => {},
  );
  await until(() => existsSync(join(sandbox, 'started')));
  process.env.PATH = PATH;
  second.abort();
  await ended;
});

test('nothing is fetched to where an archive leads out of the sandbox', async ({
  store,
  sandbox,
  complaint,
  fetch,
}) => {
  writeFileSync(join(store, 'it'), 'content');
  symlinkSync(store, join(sandbox, 'out'));
  assert.match(
    await complaint({ value: join(store, 'it'), outputFile: 'out/new/file' }),
    /the folder .*\/out cannot be made$/,
  );
  symlinkSync(join(store, 'it'), join(sandbox, 'link'));
  writeFileSync(join(store, 'other'), 'other');
  await fetch([{ value: join(store, 'other'), outputFile: 'link' }]);
  assert.is(readFileSync(join(store, 'it'), 'utf8'), 'content');
  symlinkSync(join(store, 'it'), join(sandbox, 'zipped'));
  writeFileSync(join(store, 'zipped.gz'), gzipSync('zipped'));
  await fetch([{ value: join(store, 'zipped.gz') }]);
  assert.is(readFileSync(join(sandbox, 'zipped'), 'utf8'), 'zipped');
  for (const name of ['.fetched-0', '.extracted']) {
    symlinkSync(join(store, 'it'), join(sandbox, name));
    assert.match(await complaint({ value: join(store, 'zipped.gz') }), /EEXIST/);
  }
  assert.is(readFileSync(join(store, 'it'), 'utf8'), 'content');
  assert.equal(readdirSync(store).sort(), ['it', 'other', 'zipped.gz']);
});

test('whatever the names, nothing is written outside the sandbox', async ({
  folder,
  store,
  sandbox,
  fetch,
}) => {
  writeFileSync(join(store, 'it'), 'content');
  const piece = fc.constantFrom(
    '..',
    '.',
    '',
    'a',
    '%2e%2e',
    '%2F',
    '\0',
    '\n',
    '\\',
    'ü',
    '-rf',
    ' ',
    'it',
    '~',
  );
  const path = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join('/'));
  const uri = fc.record({
    prefix: fc.constantFrom('', '/', 'file://', `${store}/`, `file://${store}/`, 'http://127.0.0.1:1/'),
    path,
    outputFile: fc.option(path, { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(uri, async ({ prefix, path, outputFile }) => {
      const value = `${prefix}${path}`;
      const said = await fetch([{ value, ...(outputFile !== undefined && { outputFile }) }]).catch(
        (e: Error) => e.message,
      );
      if (said !== undefined) assert.ok(said.startsWith(`The URI '${value}' cannot be fetched: `), said);
      assert.equal(readdirSync(folder).sort(), ['sandbox', 'store']);
      assert.equal(readdirSync(store), ['it']);
      rmSync(sandbox, { recursive: true });
      mkdirSync(sandbox);
    }),
    { seed: 7, numRuns: 300 },
  );
});

test.run();
