import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { writeWhole } from './wholeFile.ts';

const test = suite<{ folder: string }>('whole file');

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'mesos-lab-whole-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

test('the old file is as it was until the new one takes its place', async ({ folder }) => {
  const [path, other] = [join(folder, 'a'), join(folder, 'b')];
  writeFileSync(path, 'old');
  linkSync(path, other);
  await writeWhole(path, (file) => file.appendFile('new'));
  assert.equal([readFileSync(path, 'utf8'), readFileSync(other, 'utf8')], ['new', 'old']);
});

test('one that was not written whole is not there, and nothing is left of it', async ({ folder }) => {
  const path = join(folder, 'a');
  const error = await writeWhole(path, async (file) => {
    await file.appendFile('ne');
    throw new Error('no space');
  }).catch((error: Error) => error);
  assert.is(error?.message, 'no space');
  assert.equal(readdirSync(folder), []);
});

test('folders that lead to it are made', async ({ folder }) => {
  const path = join(folder, 'x', 'y', 'a');
  await writeWhole(path, (file) => file.appendFile('new'));
  assert.is(readFileSync(path, 'utf8'), 'new');
});

test.run();
