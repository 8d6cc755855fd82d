import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

function run(pattern: string) {
  const env = { ...process.env, NO_COLOR: '1' };
  return spawnSync(process.execPath, [MAIN, pattern], { encoding: 'utf8', env });
}

test('the tests of a folder, or of a file, can be run without the others', () => {
  const { status, stdout } = run('statistics/quantile');
  assert.is(status, 0);
  assert.equal(stdout.match(/\S+\.test\.ts/g), ['harness/statistics/quantile.test.ts']);
  assert.match(stdout, /Total: +[1-9]/);
});

test('a pattern may name two folders; what is no test is not run in either', () => {
  const { status, stdout } = run('statistics/quantile|harness/statistics/mean');
  assert.is(status, 0);
  assert.equal(stdout.match(/\S+\.ts$/gm)?.sort(), [
    'harness/statistics/mean.test.ts',
    'harness/statistics/quantile.test.ts',
  ]);
});

test('a pattern may be the whole path of a file', () => {
  const { status, stdout } = run('harness/statistics/mean.test.ts');
  assert.is(status, 0);
  assert.equal(stdout.match(/\S+\.ts$/gm), ['harness/statistics/mean.test.ts']);
});

test('a pattern that names no tests has not passed', () => {
  const { status, stderr } = run('no/such/folder');
  assert.is(status, 1);
  assert.match(stderr, "no file with tests has a path that matches 'no/such/folder'");
});

test.run();
