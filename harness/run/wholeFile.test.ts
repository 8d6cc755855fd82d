import { execFileSync } from 'node:child_process';
import {
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
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
  await writeWhole(path, 'a text');
  assert.is(readFileSync(path, 'utf8'), 'a text');
  assert.equal(readdirSync(folder), ['a', 'b']);
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

test('what cannot take its place leaves nothing behind', async ({ folder }) => {
  const path = join(folder, 'a');
  mkdirSync(path);
  const error = await writeWhole(path, 'text').catch((error: Error) => error);
  assert.match(error?.message ?? '', /EISDIR|ENOTEMPTY/);
  assert.equal(readdirSync(folder), ['a']);
});

test('folders that lead to it are made', async ({ folder }) => {
  const path = join(folder, 'x', 'y', 'a');
  await writeWhole(path, 'new');
  assert.is(readFileSync(path, 'utf8'), 'new');
});

test('a link stays one, and what it leads to is written', async ({ folder }) => {
  const [path, link] = [join(folder, 'far', 'a'), join(folder, 'link')];
  mkdirSync(join(folder, 'far'));
  writeFileSync(path, 'old');
  symlinkSync(join('far', 'a'), link);
  await writeWhole(link, 'new');
  assert.is(readFileSync(path, 'utf8'), 'new');
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.equal(readdirSync(join(folder, 'far')), ['a']);
});

test('a link that leads nowhere is told, and left', async ({ folder }) => {
  const link = join(folder, 'link');
  symlinkSync('nowhere', link);
  const error = await writeWhole(link, 'new').catch((error: NodeJS.ErrnoException) => error);
  assert.is(error?.code, 'ENOENT');
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.equal(readdirSync(folder), ['link']);
});

test('what is no file, such as a pipe or a device, is written to and stays what it is', async ({
  folder,
}) => {
  const [pipe, link] = [join(folder, 'pipe'), join(folder, 'link')];
  execFileSync('mkfifo', [pipe]);
  symlinkSync(pipe, link);
  // Open for both, nobody waits for the other end.
  const reader = await open(pipe, 'r+');
  try {
    for (const path of [pipe, link]) {
      await writeWhole(path, 'new');
      assert.ok(lstatSync(pipe).isFIFO());
      const { bytesRead, buffer } = await reader.read();
      assert.is(buffer.toString('utf8', 0, bytesRead), 'new');
    }
    assert.ok(lstatSync(link).isSymbolicLink());
  } finally {
    await reader.close();
  }
});

test.run();
