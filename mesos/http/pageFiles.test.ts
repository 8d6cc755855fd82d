import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pageFiles } from './pageFiles.ts';
import { type Reply, withMaster } from './testMaster.ts';

const test = suite('the files of the page');

const get = { method: 'GET' } as const;
const paths = [...pageFiles({ originOf: () => undefined }).keys()];
const policyOf = ({ headers }: Reply): string => `${headers['content-security-policy']}`;

test('every module is JavaScript, and all that it imports is served too', () =>
  withMaster(async ({ ask }) => {
    for (const path of paths.filter((one) => /\.(ts|js)$/.test(one))) {
      const { status, headers, text } = await ask({ ...get, path });
      assert.is(status, 200, path);
      assert.is(headers['content-type'], 'text/javascript; charset=utf-8');
      const imports = [...text.matchAll(/^(?:import|export)\b[^'"`;]*?\bfrom\s*(["'])([^"']+)\1/gm)];
      for (const [, , target = ''] of imports)
        assert.ok(
          paths.includes(new URL(target, `http://page${path}`).pathname),
          `${path} imports ${target}`,
        );
      assert.not.match(text, /\bprocess\.env\b|sourceMappingURL/);
    }
  }));

test('the page uses nothing of the rest but types', () => {
  const folder = join(import.meta.dirname, 'page');
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts') || name.includes('.test.')) continue;
    const depth = name.split('/').length;
    const found = readFileSync(join(folder, name), 'utf8').matchAll(
      /^import (?!type\b)[^;]*? from '(\.[^']+)'/gm,
    );
    for (const [, target = ''] of found)
      assert.ok(target.split('../').length <= depth, `${name} imports ${target}`);
  }
});

test('the document names its modules, so that they are fetched at once', () =>
  withMaster(async ({ ask }) => {
    const { headers, text } = await ask({ ...get, path: '/' });
    assert.is(headers['content-type'], 'text/html; charset=utf-8');
    const named = [...text.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, path = '']) => path);
    assert.ok(named.includes('/page/views/overview.ts') && named.includes('/page/lib/preact.js'));
    assert.not.ok(named.includes('/page/worker.ts'));
    for (const path of named) assert.ok(paths.includes(path), path);
    assert.not.match(text, /<script(?![^>]*\bsrc=)|<style|\bon\w+=|style="/);
  }));

test('the document may do nothing but run its own scripts and ask its own master', () =>
  withMaster(async ({ ask }) => {
    const answer = await ask({ ...get, path: '/master/' });
    assert.is(
      policyOf(answer),
      "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data:; " +
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    assert.is(answer.headers['x-frame-options'], 'DENY');
    assert.is(answer.headers['cross-origin-resource-policy'], 'same-origin');
    assert.is(answer.headers['x-content-type-options'], 'nosniff');
    assert.is(answer.headers['referrer-policy'], 'no-referrer');
  }));

test('the document of sandboxes may ask one slave beside, and only one that is there', () =>
  withMaster(async ({ ask, addSlave, window }) => {
    const slave = await addSlave();
    const [id = ''] = window.reign?.books.slaves.keys() ?? [];
    const origin = `http://${slave.identity}`;
    assert.match(
      policyOf(await ask({ ...get, path: `/sandbox?slave=${id}` })),
      `connect-src 'self' ${origin};`,
    );
    for (const path of ['/sandbox', '/sandbox?slave=http://evil.example.org'])
      assert.match(policyOf(await ask({ ...get, path })), "connect-src 'self';");
  }));

test('a file is asked for anew each time; one that has not changed is not sent again', () =>
  withMaster(async ({ ask }) => {
    const { headers } = await ask({ ...get, path: '/page/main.ts' });
    assert.is(headers['cache-control'], 'no-cache');
    const tag = `${headers.etag}`;
    const again = await ask({ ...get, path: '/page/main.ts', headers: { 'If-None-Match': `"x", W/${tag}` } });
    assert.equal([again.status, again.body.length, again.headers.etag], [304, 0, tag]);
    const other = await ask({ ...get, path: '/page/main.ts', headers: { 'If-None-Match': '"x"' } });
    assert.is(other.status, 200);
  }));

test('files are sent packed to those who take them so', () =>
  withMaster(async ({ ask }) => {
    const path = '/page/lib/preact.js';
    const plain = await ask({ ...get, path });
    const packed = await ask({ ...get, path, headers: { 'Accept-Encoding': 'br, gzip' } });
    assert.is(packed.headers['content-encoding'], 'gzip');
    for (const { headers } of [plain, packed]) assert.is(headers.vary, 'Accept-Encoding');
    assert.ok(packed.body.length < plain.body.length);
    assert.is(gunzipSync(packed.body).toString(), plain.text);
  }));

test('files are read, and nothing else', () =>
  withMaster(async ({ ask }) => {
    const { status, headers } = await ask({ path: '/page/main.ts' });
    assert.equal([status, headers.allow], [405, 'GET, HEAD']);
    const head = await ask({ method: 'HEAD', path: '/page/main.ts' });
    assert.equal([head.status, head.body.length], [200, 0]);
  }));

test('tests, settings and what is above the folder are not served', () =>
  withMaster(async ({ ask }) => {
    for (const path of [
      '/page/records.test.ts',
      '/page/testEvents.ts',
      '/page/tsconfig.json',
      '/page/../pageFiles.ts',
      '/page/%2e%2e/pageFiles.ts',
      '/page/index.html',
    ])
      assert.is((await ask({ ...get, path })).status, 404, path);
  }));

test('who has to say who they are may read the page, and nothing of the cluster', () =>
  withMaster(
    async ({ ask }) => {
      assert.is((await ask({ ...get, path: '/' })).status, 200);
      assert.is((await ask({ ...get, path: '/page/main.ts' })).status, 200);
      for (const path of ['/offers', '/state', '/why-no-offers'])
        assert.is((await ask({ ...get, path })).status, 401);
    },
    { authentication: { secret: 'open sesame' } },
  ));

test.run();
