/** Offsets of clocks: the truth is always within the error that is told. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { offsetOf, preciseClock } from './clock.ts';

test('whatever the ways there and back take, the offset is within the error', () => {
  const way = fc.double({ min: 0, max: 1_000, noNaN: true });
  const offset = fc.integer({ min: -1e6, max: 1e6 });
  fc.assert(
    fc.property(offset, fc.array(fc.tuple(way, way), { minLength: 1 }), (trueMs, ways) => {
      const rounds = ways.map(([there, back], index) => {
        const askedMs = index * 10_000;
        return { askedMs, theirsMs: askedMs + there + trueMs, answeredMs: askedMs + there + back };
      });
      const { offsetMs, errorMs } = offsetOf(rounds);
      assert.ok(Math.abs(offsetMs - trueMs) <= errorMs, `${offsetMs} ± ${errorMs}, not ${trueMs}`);
      const quickest = Math.min(...ways.map(([there, back]) => there + back));
      assert.ok(errorMs <= quickest / 2 + 0.02, 'more rounds make it no worse than the quickest');
    }),
  );
});

test('rounds that miss each other by the last digit of a number all count', () => {
  const exact = { askedMs: 0, theirsMs: 0.1, answeredMs: 0 };
  const rounded = { askedMs: 10, theirsMs: 10.1, answeredMs: 10 };
  assert.not.equal(exact.theirsMs - exact.askedMs, rounded.theirsMs - rounded.askedMs);
  const slow = { askedMs: 20, theirsMs: 20.1, answeredMs: 120 };
  const { offsetMs, errorMs } = offsetOf([exact, rounded, slow]);
  assert.ok(Math.abs(offsetMs - 0.1) < 1e-9 && errorMs < 0.011, `${offsetMs} ± ${errorMs}`);
});

test('when a clock is set meanwhile, the last round counts', () => {
  const before = { askedMs: 0, theirsMs: 0.5, answeredMs: 1 };
  const after = { askedMs: 10, theirsMs: 5_010.5, answeredMs: 11 };
  assert.is(Math.round(offsetOf([before, after]).offsetMs), 5_000);
});

test('the precise clock agrees with the system', () => {
  const now = preciseClock();
  const before = Date.now();
  const between = now();
  const after = Date.now();
  assert.ok(between > before - 1 && between < after + 2, `${before} ${between} ${after}`);
});

test.run();
