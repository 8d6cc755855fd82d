/** What a version is held against, in a small project of its own. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultBaseline } from './baseline.ts';

const test = suite<{ folder: string; git: (...args: readonly string[]) => string }>('the baseline');

test.before.each((context) => {
  const folder = mkdtempSync(join(tmpdir(), 'baseline-'));
  const as = ['-c', 'user.name=test', '-c', 'user.email=test@example.org'];
  context.folder = folder;
  context.git = (...args) => execFileSync('git', ['-C', folder, ...as, ...args], { encoding: 'utf8' }).trim();
  context.git('init', '--quiet');
  for (const n of [1, 2, 3]) context.git('commit', '--quiet', '--allow-empty', '--message', `${n}`);
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

test('is the commit before the head, whichever that is', ({ folder, git }) => {
  assert.is(defaultBaseline('HEAD', folder), git('rev-parse', 'HEAD~1'));
  assert.is(defaultBaseline('.', folder), git('rev-parse', 'HEAD~1'));
  assert.is(defaultBaseline('HEAD~1', folder), git('rev-parse', 'HEAD~2'));
});

test('is the latest tag before the head, if there is one', ({ folder, git }) => {
  git('tag', 'v1', 'HEAD~2');
  git('tag', 'v2', 'HEAD~1');
  assert.is(defaultBaseline('HEAD', folder), 'v2');
  assert.is(defaultBaseline('v2', folder), 'v1');
});

test('is nothing before the first commit', ({ folder }) => {
  assert.is(defaultBaseline('HEAD~2', folder), undefined);
});

test.run();
