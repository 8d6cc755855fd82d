import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeFolder } from './folder.ts';

const test = suite<{ folder: string }>('folder');

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'lab-folder-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

test('is made with those that lead to it, and may be there already', ({ folder }) => {
  const deep = join(folder, 'a', 'b', 'c');
  for (let times = 0; times < 2; times++) makeFolder(deep);
  assert.ok(statSync(deep).isDirectory());
});

test('where none can be made, the file system’s error says so at once', ({ folder }) => {
  assert.throws(() => makeFolder('/proc/none/deeper'), /ENOENT.*mkdir '\/proc\/none'/);
  writeFileSync(join(folder, 'file'), '');
  assert.throws(() => makeFolder(join(folder, 'file', 'under')), /ENOTDIR/);
  assert.throws(() => makeFolder(join(folder, 'file')), /EEXIST/);
  symlinkSync(join(folder, 'nowhere'), join(folder, 'link'));
  assert.throws(() => makeFolder(join(folder, 'link')), /EEXIST/);
});

test.run();
