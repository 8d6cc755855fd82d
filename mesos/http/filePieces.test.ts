import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Clock, happen } from '../runtime/actor.ts';
import { followedFile, type Pieces, wholeFile } from './filePieces.ts';

interface World {
  folder: string;
  path: string;
  handle: FileHandle;
  /** How often it was told that a file is closed. */
  closings: number;
}

const test = suite<World>('files in pieces');

/** More than two pieces. */
const TEXT = 'abcdefghij'.repeat(15_000);

test.before.each(async (world) => {
  const folder = mkdtempSync(join(tmpdir(), 'file-pieces-'));
  const path = join(folder, 'file');
  writeFileSync(path, TEXT);
  Object.assign(world, { folder, path, handle: await open(path), closings: 0 });
});
test.after.each(({ folder }) => {
  rmSync(folder, { recursive: true });
});

async function textOf(pieces: Pieces): Promise<string> {
  return Buffer.concat(await Array.fromAsync(pieces)).toString();
}

/** Has it been closed? */
const isClosed = ({ handle }: World): boolean => handle.fd === -1;

test('a file comes whole, in pieces, and is closed once', async (world) => {
  const pieces = await Array.fromAsync(wholeFile(world.handle, TEXT.length, () => world.closings++));
  assert.is(Buffer.concat(pieces).toString(), TEXT);
  assert.is(pieces.length, 3);
  assert.equal([isClosed(world), world.closings], [true, 1]);
});

test('of a file that has grown as much comes as was announced', async (world) => {
  appendFileSync(world.path, 'more');
  assert.is(await textOf(wholeFile(world.handle, TEXT.length, () => world.closings++)), TEXT);
});

test('a file that became shorter is an error, for its size was announced; it is closed', async (world) => {
  truncateSync(world.path, 100_000);
  const error = await textOf(wholeFile(world.handle, TEXT.length, () => world.closings++)).catch(
    ({ message }) => message,
  );
  assert.is(error, 'the file became shorter while it was sent');
  assert.equal([isClosed(world), world.closings], [true, 1]);
});

test('who leaves in the middle closes the file', async (world) => {
  for await (const piece of wholeFile(world.handle, TEXT.length, () => world.closings++)) {
    assert.is(piece.length, 1 << 16);
    break;
  }
  assert.equal([isClosed(world), world.closings], [true, 1]);
});

/** A clock that does something in each wait, and ends it. */
function waits(...happenings: readonly (() => void)[]): Pick<Clock, 'after'> {
  const left = [...happenings];
  return {
    after: (_delay, due) => {
      left.shift()?.();
      queueMicrotask(() => happen(due));
      return { cancel: () => undefined };
    },
  };
}

test('a file is followed from an offset, through what is added, to what was written last', async (world) => {
  let isOver = false;
  const clock = waits(
    () => appendFileSync(world.path, ' and more'),
    () => undefined,
    () => {
      appendFileSync(world.path, ' at last');
      isOver = true;
    },
  );
  const options = { clock, offset: TEXT.length - 3, isOver: () => isOver, closed: () => world.closings++ };
  assert.is(await textOf(followedFile(world.handle, options)), 'hij and more at last');
  assert.equal([isClosed(world), world.closings], [true, 1]);
});

test('a followed file that becomes shorter is read again from its start', async (world) => {
  let isOver = false;
  const clock = waits(() => {
    truncateSync(world.path, 5);
    isOver = true;
  });
  const options = { clock, offset: TEXT.length - 1, isOver: () => isOver, closed: () => world.closings++ };
  assert.is(await textOf(followedFile(world.handle, options)), 'jabcde');
});

test('who leaves while nothing comes closes the file', async (world) => {
  let leave = (): unknown => undefined;
  const options = {
    ...{ clock: waits(() => leave()), offset: TEXT.length },
    ...{ isOver: () => false, closed: () => world.closings++ },
  };
  const iterator = followedFile(world.handle, options)[Symbol.asyncIterator]();
  leave = () => iterator.return?.();
  assert.is((await iterator.next()).done, true);
  assert.equal([isClosed(world), world.closings], [true, 1]);
});

test.run();
