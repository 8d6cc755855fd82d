/** Versions of a small project of its own, checked out for real. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type CheckoutPlace, checkOut, commitOf, copyWorkingTree } from './worktree.ts';

interface Repository extends CheckoutPlace {
  readonly folder: string;
  /** Writes a version; its commit. */
  commit(text: string): string;
  git(...args: readonly string[]): string;
}

const test = suite<Repository>('checkouts');
test.before.each((context) => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-checkouts-'));
  const project = join(folder, 'project');
  mkdirSync(join(project, 'node_modules'), { recursive: true });
  const as = ['-c', 'user.name=test', '-c', 'user.email=test@example.org'];
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', project, ...as, ...args], { encoding: 'utf8' }).trim();
  git('init', '--quiet');
  writeFileSync(join(project, 'package-lock.json'), '{}');
  writeFileSync(join(project, '.gitignore'), 'node_modules\n');
  const commit = (text: string): string => {
    writeFileSync(join(project, 'code'), text);
    git('add', '--all');
    git('commit', '--quiet', '--message', text);
    return git('rev-parse', 'HEAD');
  };
  Object.assign(context, { folder, project, cache: join(folder, 'cache'), keptMax: 3, git, commit });
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const code = (folder: string): string => readFileSync(join(folder, 'code'), 'utf8');

test('a name that is no commit is none, and where there are no commits that is said', async ({
  folder,
  project,
  commit,
}) => {
  const made = commit('new');
  assert.is(await commitOf('HEAD', project), made);
  assert.is(await commitOf('no-such-thing', project), undefined);
  const why = (name: string, where: string): Promise<string> =>
    commitOf(name, where).then(String, (error: Error) => error.message);
  assert.match(await why('HEAD', folder), /^no commits can be looked up in .*: fatal: not a git repository/);
  const { PATH } = process.env;
  process.env.PATH = folder;
  try {
    assert.match(await why('HEAD', project), /: git is needed for that, and is not there: install it$/);
  } finally {
    process.env.PATH = PATH;
  }
});

test('an older version stands beside the newer, with the packages of the project', async (place) => {
  const [old, recent] = [place.commit('old'), place.commit('recent')];
  const base = await checkOut(old, 'base', place);
  const head = await checkOut(recent, 'head', place);
  assert.is(code(base), 'old');
  assert.is(code(head), 'recent');
  assert.is(code(place.project), 'recent');
  assert.is(realpathSync(join(base, 'node_modules')), realpathSync(join(place.project, 'node_modules')));
  assert.not((await checkOut(old, 'control', place)) === base);
});

test('one that was changed or is not whole is made anew, also when the cache was cleared', async (place) => {
  const commit = place.commit('sound');
  const folder = await checkOut(commit, 'base', place);
  writeFileSync(join(folder, 'code'), 'damaged');
  assert.is(code(await checkOut(commit, 'base', place)), 'sound');
  rmSync(join(folder, '.git'));
  assert.is(code(await checkOut(commit, 'base', place)), 'sound');
  rmSync(place.cache, { recursive: true });
  assert.is(code(await checkOut(commit, 'base', place)), 'sound');
});

test('a working tree is copied as it stands, with changes and new files, and what becomes of it later does not count', async (place) => {
  place.commit('committed');
  writeFileSync(join(place.project, 'code'), 'changed');
  writeFileSync(join(place.project, 'new'), 'new');
  writeFileSync(join(place.project, 'program'), '', { mode: 0o755 });
  mkdirSync(join(place.project, 'folder'));
  writeFileSync(join(place.project, 'folder', 'deep'), 'deep');
  symlinkSync('folder', join(place.project, 'link'));
  // Another repository, which is no part of this one.
  execFileSync('git', ['init', '--quiet', join(place.project, 'nested')]);
  const copy = await copyWorkingTree('base', place);
  writeFileSync(join(place.project, 'code'), 'changed again');
  assert.is(code(copy), 'changed');
  assert.is(readFileSync(join(copy, 'new'), 'utf8'), 'new');
  assert.is(statSync(join(copy, 'program')).mode & 0o777, 0o755);
  assert.is(readFileSync(join(copy, 'folder', 'deep'), 'utf8'), 'deep');
  assert.is(readlinkSync(join(copy, 'link')), 'folder');
  assert.is(realpathSync(join(copy, 'node_modules')), realpathSync(join(place.project, 'node_modules')));
});

test('the same working tree is copied once for each use, and what was damaged is copied anew', async (place) => {
  place.commit('committed');
  const base = await copyWorkingTree('base', place);
  assert.is(await copyWorkingTree('base', place), base);
  assert.not((await copyWorkingTree('control', place)) === base);
  writeFileSync(join(base, 'code'), 'damaged');
  assert.is(code(await copyWorkingTree('base', place)), 'committed');
  writeFileSync(join(place.project, 'code'), 'another');
  assert.not((await copyWorkingTree('base', place)) === base);
  assert.is(readdirSync(place.cache).filter((name) => name.endsWith('.part')).length, 0);
});

test('only the last are kept, and git forgets the others', async (place) => {
  const commits = Array.from({ length: 5 }, (_, n) => place.commit(`version ${n}`));
  let last = '';
  for (const commit of commits) last = await checkOut(commit, 'base', place);
  assert.ok(existsSync(last));
  assert.is(readdirSync(place.cache).length, 3);
  assert.is(place.git('worktree', 'list').split('\n').length, 4);
});

test.run();
