import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { writeNew } from './newFile.ts';

const test = suite<{ folder: string }>('new files');

test.before.each((world) => {
  world.folder = mkdtempSync(join(tmpdir(), 'new-file-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

/** Files of this process that are open, in a folder. */
function openIn(folder: string): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return target.startsWith(folder) ? [target] : [];
    } catch {
      return [];
    }
  });
}

test('what is written is there, and the file closed', async ({ folder }) => {
  const path = join(folder, 'it');
  await writeNew(path, (file) => pipeline(['one', ', ', 'two'], file));
  assert.is(readFileSync(path, 'utf8'), 'one, two');
  assert.equal(openIn(folder), []);
});

test('where writing fails, the file has been made and closed: nothing comes after', async ({ folder }) => {
  const path = join(folder, 'it');
  const failing = async function* (): AsyncGenerator<string> {
    yield 'some';
    throw new Error('the source is gone');
  };
  const { message } = await writeNew(path, (file) => pipeline(failing(), file)).then(
    () => assert.unreachable() as never,
    (error: Error) => error,
  );
  assert.is(message, 'the source is gone');
  assert.ok(existsSync(path));
  assert.equal(openIn(folder), []);
});

test('nothing is written over, nor through a link', async ({ folder }) => {
  const path = join(folder, 'link');
  symlinkSync(join(folder, 'target'), path);
  await writeNew(path, (file) => pipeline(['text'], file)).then(
    () => assert.unreachable('it was written'),
    ({ code }: NodeJS.ErrnoException) => assert.is(code, 'EEXIST'),
  );
  assert.equal(readdirSync(folder), ['link']);
});

test.run();
