import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as jute from './jute.ts';
import { readHead, readOwner, readWatchPath, readWelcome } from './protocol.ts';

/** Cuts bytes at these places. */
function cut(whole: Buffer, places: readonly number[]): readonly Buffer[] {
  const ends = [...places.map((place) => place % (whole.length + 1)), whole.length].sort((a, b) => a - b);
  return ends.map((end, index) => whole.subarray(index === 0 ? 0 : ends[index - 1], end));
}

const records = fc.array(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  { maxLength: 10 },
);

test('frames are the same however the bytes arrive', () => {
  fc.assert(
    fc.property(records, fc.array(fc.nat(), { maxLength: 20 }), (sent, places) => {
      const split = jute.frameSplitter();
      const stream = Buffer.concat(sent.map((record) => jute.frame(record)));
      const received = cut(stream, places).flatMap((chunk) => split(chunk));
      assert.is(received.length, sent.length);
      assert.ok(received.every((record, index) => record.equals(sent[index] ?? Buffer.alloc(0))));
    }),
  );
});

test('a frame that is too long is refused as soon as its length is known', () => {
  for (const length of [-1, -(2 ** 31), 1025, 2 ** 31 - 1])
    assert.throws(
      () => jute.frameSplitter(1024)(jute.int(length)),
      (error: Error) => error instanceof jute.MalformedError,
    );
  assert.is(jute.frameSplitter(1024)(jute.bytes(Buffer.alloc(1024))).length, 1);
});

test('many small pieces of a long frame take no more than a linear time', () => {
  const split = jute.frameSplitter();
  const stream = jute.bytes(Buffer.alloc(jute.FRAME_BYTES_MAX));
  let frames = 0;
  for (let at = 0; at < stream.length; at += 16) frames += split(stream.subarray(at, at + 16)).length;
  assert.is(frames, 1);
});

test('what was written is read', () => {
  fc.assert(
    fc.property(
      fc.tuple(
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        fc.boolean(),
        fc.string({ unit: 'grapheme' }),
        fc.array(fc.string()),
      ),
      ([int, long, bool, text, texts]) => {
        const reader = new jute.JuteReader(
          jute.record(
            jute.int(int),
            jute.long(long),
            jute.bool(bool),
            jute.text(text),
            jute.list(texts.map(jute.text)),
          ),
        );
        assert.equal(
          [reader.int(), reader.long(), reader.bool(), reader.text(), reader.texts(), reader.left],
          [int, long, bool, text, texts, 0],
        );
      },
    ),
  );
});

test('any bytes are either read or refused as malformed', () => {
  const reads = [
    readWelcome,
    ...[readHead, readWatchPath, readOwner].map(
      (read) => (bytes: Buffer) => read(new jute.JuteReader(bytes)),
    ),
    (bytes: Buffer) => new jute.JuteReader(bytes).texts(),
    (bytes: Buffer) => jute.frameSplitter(1024)(bytes),
  ];
  // Lengths that lie are what matters, so most bytes are those of such lengths.
  const byte = fc.oneof(fc.constantFrom(0, 1, 4, 0x7f, 0xff), fc.nat(255));
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 80 }), (bytes) => {
      for (const read of reads)
        try {
          read(Buffer.from(bytes));
        } catch (error) {
          assert.instance(error, jute.MalformedError);
        }
    }),
    { numRuns: 2_000 },
  );
});

test.run();
