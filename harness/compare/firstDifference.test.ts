import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { firstDifference } from './firstDifference.ts';

const test = suite<{
  compare: (base: string, head: string) => ReturnType<typeof firstDifference>;
  folder: string;
}>('the first difference');
test.before.each((context) => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-difference-'));
  context.folder = folder;
  context.compare = (base, head) => {
    writeFileSync(join(folder, 'base'), base);
    writeFileSync(join(folder, 'head'), head);
    return firstDifference(join(folder, 'base'), join(folder, 'head'));
  };
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

test('is none between histories that are the same', async ({ compare }) => {
  assert.is(await compare('a\nb\n', 'a\nb\n'), null);
  assert.is(await compare('', ''), null);
});

test('is the first line that is another, counted from 1', async ({ compare }) => {
  assert.equal(await compare('a\nb\nc\n', 'a\nx\ny\n'), { line: 2, base: 'b', head: 'x' });
});

test('is where the shorter one ends', async ({ compare }) => {
  assert.equal(await compare('a\nb\n', 'a\n'), { line: 2, base: 'b', head: null });
  assert.equal(await compare('', 'a\n'), { line: 1, base: null, head: 'a' });
});

test('a history that is not there is an error', async ({ folder }) => {
  let message = '';
  await firstDifference(join(folder, 'nothing'), join(folder, 'nothing')).catch((error: Error) => {
    message = error.message;
  });
  assert.match(message, /ENOENT/);
});

test.run();
