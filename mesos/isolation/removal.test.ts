import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { removeFolder } from './removal.ts';

const test = suite<{ folder: string; victim: string }>('removal of a folder');

test.before.each((world) => {
  world.folder = mkdtempSync(join(tmpdir(), 'removal-'));
  world.victim = join(world.folder, 'victim');
  mkdirSync(join(world.victim, 'inner'), { recursive: true });
  writeFileSync(join(world.victim, 'inner/precious'), '');
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const isUnhurt = (victim: string): boolean => existsSync(join(victim, 'inner/precious'));

test('files, folders and what may not be read go', async ({ folder }) => {
  const own = join(folder, 'own');
  mkdirSync(join(own, 'a/b/c'), { recursive: true });
  for (const name of ['x', 'a/y', 'a/b/c/z', '-rf *']) writeFileSync(join(own, name), name);
  chmodSync(join(own, 'a/b'), 0o000);
  chmodSync(join(own, 'a/y'), 0o000);
  chmodSync(own, 0o500);
  await removeFolder(own);
  assert.equal(readdirSync(folder), ['victim']);
});

test('links go, what they lead to stays', async ({ folder, victim }) => {
  const own = join(folder, 'own');
  mkdirSync(join(own, 'a'), { recursive: true });
  symlinkSync(victim, join(own, 'absolute'));
  symlinkSync('../../victim/inner', join(own, 'a/relative'));
  symlinkSync('/nowhere', join(own, 'a/dangling'));
  symlinkSync('..', join(own, 'a/up'));
  await removeFolder(own);
  assert.equal(readdirSync(folder), ['victim']);
  assert.ok(isUnhurt(victim));
});

test('a link in the place of the folder itself goes, what it leads to stays', async ({ folder, victim }) => {
  symlinkSync(victim, join(folder, 'own'));
  await removeFolder(join(folder, 'own'));
  assert.equal(readdirSync(folder), ['victim']);
  assert.ok(isUnhurt(victim));
});

test('somebody who swaps folders for links meanwhile gains nothing', async ({ folder, victim }) => {
  const own = join(folder, 'own');
  const [wide, deep] = [60, 5];
  for (let n = 0; n < wide; n++) {
    const path = join(own, `${n}`, ...Array.from({ length: deep }, () => 'd'));
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'inner'), '');
  }
  const removal = removeFolder(own);
  let isDone = false;
  void removal.then(() => {
    isDone = true;
  });
  for (let n = 0; !isDone; n = (n + 7) % wide) {
    const path = join(own, `${n}`, 'd');
    try {
      rmSync(path, { recursive: true, force: true });
      symlinkSync(victim, path);
    } catch {
      // The removal was faster.
    }
    await new Promise(setImmediate);
  }
  await removal;
  assert.ok(isUnhurt(victim));
  assert.not(existsSync(own));
});

test('depth costs no more open files than a few', async ({ folder }) => {
  // Deeper than paths may be long: made and removed in steps.
  const own = join(folder, 'own');
  mkdirSync(own);
  const cwd = process.cwd();
  try {
    process.chdir(own);
    for (let n = 0; n < 1_000; n++) {
      mkdirSync('d');
      process.chdir('d');
    }
  } finally {
    process.chdir(cwd);
  }
  await removeFolder(own);
  assert.not(existsSync(own));
});

test('what is not there needs no removal', async ({ folder }) => {
  await removeFolder(join(folder, 'nothing'));
  await removeFolder(join(folder, 'no/thing'));
});

test.run();
