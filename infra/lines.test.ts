/** Lines of processes: as they were written, however they come in pieces, and bounded. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LINE_LENGTH_MAX, lineCutter } from './lines.ts';

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

test.run();
