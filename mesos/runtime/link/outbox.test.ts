import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeFrame, type Envelope } from '../frame.ts';
import { Outbox } from './outbox.ts';

const envelope = (message: string): Envelope => ['to', 'from', { type: 'ERROR', message }];
const LIMITS = { frameTargetBytes: 300, frameBytesMax: 1000, refused: () => {} };

test('what is added comes out in order, in frames near the target, and the bytes add up', () => {
  const steps = fc.array(fc.oneof(fc.constant('seal'), fc.constant('take'), fc.string({ maxLength: 400 })));
  fc.assert(
    fc.property(steps, (all) => {
      const outbox = new Outbox(LIMITS);
      const added: string[] = [];
      const taken: unknown[] = [];
      const take = (): boolean => {
        const bytesBefore = outbox.bytes;
        const frame = outbox.take();
        if (frame === undefined) return false;
        const envelopes = decodeFrame(frame.bytes) ?? [];
        assert.is(envelopes.length, frame.envelopes);
        assert.ok(frame.bytes.length <= 300 || frame.bytes.length <= bytesBefore);
        assert.ok(outbox.bytes < bytesBefore);
        for (const each of envelopes) taken.push((each as Envelope)[2]);
        return true;
      };
      for (const step of all)
        if (step === 'seal') outbox.seal();
        else if (step === 'take') take();
        else {
          added.push(step);
          outbox.add(envelope(step));
          assert.is(outbox.envelopes, added.length - taken.length);
        }
      outbox.seal();
      while (take());
      assert.is(outbox.bytes, 0);
      assert.is(outbox.envelopes, 0);
      assert.equal(
        taken,
        added.map((message) => ({ type: 'ERROR', message })),
      );
    }),
  );
});

test('within a turn, no more than 256 envelopes wait uncounted', () => {
  const outbox = new Outbox(LIMITS);
  for (let n = 0; n < 255; n++) outbox.add(envelope('x'));
  assert.is(outbox.bytes, 0);
  outbox.add(envelope('x'));
  assert.ok(outbox.bytes > 0);
});

test('an envelope larger than a frame is refused, its neighbours are not', () => {
  const refused: string[] = [];
  const outbox = new Outbox({ ...LIMITS, refused: (_, reason) => refused.push(reason) });
  for (const text of ['a', 'x'.repeat(2000), 'b']) outbox.add(envelope(text));
  outbox.seal();
  assert.is(refused.length, 1);
  assert.match(refused[0] ?? '', /bytes, more than the 1000 of a frame/);
  assert.is(outbox.envelopes, 2);
});

test('an envelope that is no JSON is refused, its neighbours are not', () => {
  const refused: Envelope[] = [];
  const outbox = new Outbox({ ...LIMITS, refused: (each) => refused.push(each) });
  const circular = envelope('x') as [string, string, Envelope[2] & { self?: unknown }];
  circular[2].self = circular;
  outbox.add(envelope('a'));
  outbox.add(circular);
  outbox.seal();
  assert.equal(refused.length, 1);
  assert.is(outbox.envelopes, 1);
});

test('clearing says how many envelopes are dropped', () => {
  const outbox = new Outbox(LIMITS);
  for (let n = 0; n < 300; n++) outbox.add(envelope('x'));
  assert.is(outbox.clear(), 300);
  assert.is(outbox.bytes, 0);
  assert.is(outbox.take(), undefined);
});

test.run();
