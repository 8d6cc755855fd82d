import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { frameRecord, readRecords } from './recordIo.ts';

const test = suite('RecordIO');

test('records come out as they went in, however the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 15 }), { minLength: 1, maxLength: 30 }),
      (records, cuts) => {
        const stream = Buffer.concat(records.map((record) => frameRecord(record) as Uint8Array));
        const reader = readRecords(100);
        const read: Buffer[] = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const end = at + (cuts[i % cuts.length] as number);
          read.push(...reader.push(stream.subarray(at, end)));
          at = end;
        }
        assert.equal(
          read.map((record) => record.toString('hex')),
          records.map((record) => Buffer.from(record).toString('hex')),
        );
      },
    ),
    { seed: 1 },
  );
});

test('text is framed as text', () => {
  assert.is(frameRecord('{"type":"HEARTBEAT"}'), '20\n{"type":"HEARTBEAT"}');
});

test('a stream of something else is refused', () => {
  assert.throws(() => readRecords(100).push(Buffer.from('<html>')), /not made of records/);
  assert.throws(() => readRecords(100).push(Buffer.from('\n\n')), /not made of records/);
  assert.throws(() => readRecords(100).push(Buffer.from('99999999999999')), /not made of records/);
});

test('a record that is longer than allowed is refused when it is announced', () => {
  assert.throws(() => readRecords(100).push(Buffer.from('101\n')), /101 bytes/);
});

test.run();
