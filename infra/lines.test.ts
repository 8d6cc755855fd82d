/** Lines of processes: as they were written, however they come in pieces, and bounded. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LINE_LENGTH_MAX, lineBook, lineCutter } from './lines.ts';
import type { ProcessExit } from './machine.ts';

function cut(pieces: readonly Buffer[]): readonly string[] {
  const lines: string[] = [];
  const cutter = lineCutter((line) => lines.push(line));
  for (const piece of pieces) cutter.add(piece);
  cutter.end();
  return lines;
}

test('lines are the same however they come in pieces', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'é', '🙂', ' ') });
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(20)), (lines, sizes) => {
      const bytes = Buffer.from(lines.map((each) => `${each}\n`).join(''));
      const pieces: Buffer[] = [];
      let at = 0;
      for (const size of sizes) {
        pieces.push(bytes.subarray(at, at + size));
        at += size;
      }
      pieces.push(bytes.subarray(at));
      assert.equal(cut(pieces), lines);
    }),
  );
});

test('a last line without an end is a line; one that never ends is told in parts', () => {
  assert.equal(cut([Buffer.from('one\r\n\ntwo')]), ['one', '', 'two']);
  const endless = 'x'.repeat(2 * LINE_LENGTH_MAX + 5);
  assert.equal(
    cut([Buffer.from(endless)]).map(({ length }) => length),
    [LINE_LENGTH_MAX, LINE_LENGTH_MAX, 5],
  );
  assert.is(cut([Buffer.from(`${endless}\n`)]).join(''), endless);
});

/** What a wait came to: the line, or why there is none. */
function outcome(wait: Promise<RegExpExecArray>): Promise<string> {
  return wait.then(
    ({ input }) => input,
    ({ message }: Error) => message,
  );
}

test('who waits for a line gets it, or is told that the process ended or took too long, and what it said last', async () => {
  const { promise: exited, resolve } = Promise.withResolvers<ProcessExit>();
  const book = lineBook('server', exited);
  assert.is(
    await outcome(book.waitForLine(/^ready$/, 1)),
    'server wrote no line that matches /^ready$/ within 0.001 s; it said nothing',
  );
  for (const line of ['one', 'two', 'three', 'four']) book.add(line);
  assert.is(
    await outcome(book.waitForLine(/^ready$/, 1)),
    'server wrote no line that matches /^ready$/ within 0.001 s; it said: two | three | four',
  );
  const waits = [1, Number.POSITIVE_INFINITY, undefined].map((limitMs) =>
    outcome(book.waitForLine(/^ready/, limitMs)),
  );
  book.add('ready now');
  assert.equal(await Promise.all(waits), Array(3).fill('ready now'));
  assert.is(await outcome(book.waitForLine(/^o/)), 'one', 'it has been written already');
  const never = outcome(book.waitForLine(/^never$/));
  resolve({ code: 5, signal: null });
  assert.is(await never, 'server ended (exit code 5): ready now');
});

test.run();
