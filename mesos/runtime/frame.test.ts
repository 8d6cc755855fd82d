import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeFrame, type Envelope, encodeFrame, isEnvelope, joinFrames } from './frame.ts';

const envelope = fc
  .tuple(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme' }))
  .map(([to, from, message]): Envelope => [to, from, { type: 'ERROR', message }]);

test('joined frames hold the envelopes of each, in order', () => {
  const batches = fc.array(fc.array(envelope, { minLength: 1, maxLength: 5 }), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(batches, (all) => {
      const frames = all.map(encodeFrame);
      const byteLength = frames.reduce((sum, frame) => sum + frame.length, 0);
      assert.equal(decodeFrame(joinFrames(frames, byteLength)), all.flat());
    }),
  );
});

test('what is no JSON array is no frame', () => {
  for (const junk of ['', '{', '{}', '7', 'null', '"[]"', '[1', '\u0000\u0001'])
    assert.is(decodeFrame(Buffer.from(junk)), undefined, junk);
});

test('an envelope names two actors', () => {
  assert.ok(isEnvelope(['to', 'from', {}]));
  for (const junk of [
    null,
    7,
    [],
    ['to'],
    ['to', 'from'],
    ['to', 'from', {}, 1],
    ['', 'from', {}],
    ['to', 1, {}],
  ])
    assert.not(isEnvelope(junk), JSON.stringify(junk));
  assert.not(isEnvelope(['to', 'from@elsewhere:1', {}]));
  assert.not(isEnvelope(['to', 'x'.repeat(256), {}]));
});

test.run();
