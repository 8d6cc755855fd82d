import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { writeWhole } from './store.ts';

const test = suite<{ folder: string }>('what is kept of a run');

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'store-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

test('a file is written under a name that no other command takes, and is whole when it has its own', ({
  folder,
}) => {
  const path = join(folder, 'report.json');
  mkdirSync(`${path}.part`);
  writeWhole(path, 'one');
  writeWhole(path, 'two');
  assert.is(readFileSync(path, 'utf8'), 'two');
  assert.equal(readdirSync(folder).sort(), ['report.json', 'report.json.part']);
});

test('what cannot be kept leaves nothing behind', ({ folder }) => {
  const path = join(folder, 'report.json');
  mkdirSync(path);
  assert.throws(() => writeWhole(path, 'text'), /EISDIR|ENOTEMPTY/);
  assert.equal(readdirSync(folder), ['report.json']);
});

test.run();
