import { Readable } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ReadingPace } from './readingPace.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Sources of ten pieces, each of which takes 4 ms to read; and how many of each have been read. */
function reading(...names: readonly string[]) {
  let nowMs = 0;
  const pace = new ReadingPace(() => nowMs);
  const read: Record<string, number> = {};
  for (const name of names) {
    read[name] = 0;
    const source = Readable.from(Array.from({ length: 10 }, (_, n) => n));
    source.on('data', (piece: number) =>
      pace.read(source, () => {
        nowMs += 4;
        assert.is(piece, read[name]);
        read[name] = piece + 1;
      }),
    );
  }
  return read;
}

test('a turn of the event loop reads for some ten milliseconds; the rest comes later, in order and whole', async () => {
  const read = reading('link');
  const each: number[] = [];
  for (let before = 0; before < 10; before = read.link as number) {
    await nextTurn();
    const now = (read.link as number) - before;
    if (now > 0) each.push(now);
  }
  assert.equal(each, [3, 3, 3, 1]);
});

test('of several links each is read a little in every turn, and none waits for another to be done', async () => {
  const read = reading('one', 'other');
  for (let turn = 0; turn < 3; turn++) await nextTurn();
  assert.ok((read.one as number) > 0 && (read.other as number) > 0, JSON.stringify(read));
  assert.ok((read.one as number) < 10 && (read.other as number) < 10, JSON.stringify(read));
});

test.run();
