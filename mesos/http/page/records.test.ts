import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readRecords } from './records.ts';

const test = suite('records of a stream');

const framed = (texts: readonly string[]): Buffer =>
  Buffer.concat(
    texts.map((text) => {
      const bytes = Buffer.from(text);
      return Buffer.concat([Buffer.from(`${bytes.length}\n`), bytes]);
    }),
  );

test('records come out as they went in, wherever the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), fc.array(fc.nat(50)), (given, cuts) => {
      const texts = given.map((text) => text.toWellFormed());
      const stream = framed(texts);
      const reader = readRecords();
      const found: string[] = [];
      let at = 0;
      for (const cut of [...cuts, stream.length]) {
        found.push(...reader.push(stream.subarray(at, at + cut)));
        at += cut;
      }
      assert.equal(found, texts);
    }),
  );
});

test('how much of a record has come is told until it is whole', () => {
  const reader = readRecords();
  assert.equal(reader.push(Buffer.from('10\nabcd')), []);
  assert.equal(reader.progress, { bytes: 4, ofBytes: 10 });
  assert.equal(reader.push(Buffer.from('efghij')), ['abcdefghij']);
  assert.is(reader.progress, undefined);
});

test('what is no stream of records is refused', () => {
  assert.throws(() => readRecords().push(Buffer.from('{"type"')), /a length was expected/);
  assert.throws(() => readRecords().push(Buffer.from('\n')), /a length was expected/);
  assert.throws(() => readRecords().push(Buffer.from('99999999999\n')), /at most/);
});

test.run();
