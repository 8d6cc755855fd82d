import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { press } from './press.ts';
import type { Production } from './sheet.ts';

const PIECE = 'x'.repeat(128 << 10);

/** Writes so many full sheets; counts how often it is begun, and its turns. */
function counted(sheets: number): { readonly production: Production; begun: number; turns: number } {
  const state = {
    begun: 0,
    turns: 0,
    production: function* (sheet) {
      state.begun++;
      for (let n = 0; n < sheets; n++) {
        sheet.write(PIECE);
        state.turns++;
        yield;
      }
      sheet.write('end');
    } as Production,
  };
  return state;
}

async function textOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  return (await bytesOf(pieces)).toString('latin1');
}

async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

/** Lets the event loop go round until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  for (let n = 0; !isSo(); n++) {
    if (n > 10_000) throw new Error('it never came to be');
    await new Promise(setImmediate);
  }
}

test('those who ask for the same before it has begun get one copy; who asks later gets what was written later', async () => {
  const own = press();
  const first = counted(3);
  const second = counted(3);
  const readers = [1, 2, 3].map(() => textOf(own.copy('a', first.production)));
  await until(() => first.turns > 0);
  const later = [1, 2].map(() => textOf(own.copy('a', second.production)));
  assert.is(second.begun, 0);
  const texts = await Promise.all([...readers, ...later]);
  assert.is(first.begun, 1);
  assert.is(second.begun, 1);
  assert.equal(new Set(texts), new Set([`${PIECE.repeat(3)}end`]));
});

test('what is asked for under different keys takes turns', async () => {
  const own = press();
  const a = counted(20);
  const b = counted(20);
  const both = [own.copy('a', a.production), own.copy('b', b.production)].map(textOf);
  await until(() => a.turns >= 10);
  assert.ok(Math.abs(a.turns - b.turns) <= 1, `${a.turns} and ${b.turns}`);
  await Promise.all(both);
});

test('nothing is written before somebody reads, and no more once all readers have gone', async () => {
  const own = press();
  const made = counted(1000);
  const copy = own.copy('a', made.production);
  await new Promise(setImmediate);
  assert.is(made.begun, 0);
  const reader = copy[Symbol.asyncIterator]();
  await reader.next();
  await reader.return?.();
  const { turns } = made;
  for (let n = 0; n < 20; n++) await new Promise(setImmediate);
  assert.ok(made.turns <= turns + 1, 'it is written on and on');
});

test('it is not written further than the fastest reader lets it, and others do not wait for that', async () => {
  const own = press({ aheadBytesMax: 4 * PIECE.length });
  const made = counted(100);
  const slow = own.copy('a', made.production)[Symbol.asyncIterator]();
  await slow.next();
  await until(() => made.turns >= 4);
  for (let n = 0; n < 20; n++) await new Promise(setImmediate);
  assert.ok(made.turns < 10, `${made.turns} sheets`);
  const other = counted(5);
  assert.is((await textOf(own.copy('a', other.production))).length, 5 * PIECE.length + 3);
  let bytes = PIECE.length;
  for (let next = await slow.next(); next.done !== true; next = await slow.next()) bytes += next.value.length;
  assert.is(bytes, 100 * PIECE.length + 3);
});

test('if too much waits, the reader for whom most waits is dropped, and the others go on', async () => {
  const own = press({ waitingBytesMax: 10 * PIECE.length });
  const made = counted(50);
  const copy = own.copy('a', made.production);
  const slow = copy[Symbol.asyncIterator]();
  const quick = textOf(copy);
  await slow.next();
  assert.is((await quick).length, 50 * PIECE.length + 3);
  assert.is(own.dropped, 1);
  const error = await slow.next().then(
    () => undefined,
    (reason: Error) => reason.message,
  );
  assert.match(error ?? '', /too slow/);
});

test('a production that fails breaks the copies off, and the press goes on', async () => {
  const own = press();
  const failing: Production = function* (sheet) {
    sheet.write('begin');
    yield;
    throw new Error('no more');
  };
  const error = await textOf(own.copy('a', failing)).catch((reason: Error) => reason.message);
  assert.is(error, 'no more');
  assert.is(await textOf(own.copy('a', counted(0).production)), 'end');
});

test('a compressed copy is the same, and is made once for all who want it', async () => {
  const own = press();
  const made = counted(10);
  const copies = [1, 2].map(() => bytesOf(own.copy('a', made.production, 'gzip')));
  const plain = textOf(own.copy('a', made.production));
  const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = await Promise.all(copies);
  assert.is(gunzipSync(first).toString('latin1'), await plain);
  assert.ok(first.equals(second));
  assert.is(made.begun, 1);
});

test.run();
