import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { deviation, mean } from './mean.ts';

const positive = fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 30 });
const close = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));

test('means of known samples', () => {
  assert.is(mean([1, 2, 6]), 3);
  assert.ok(close(deviation([2, 4, 4, 4, 5, 5, 7, 9]), Math.sqrt(32 / 7)));
});

test('deviations sum to nothing around the mean', () => {
  fc.assert(
    fc.property(positive, (values) => {
      const centre = mean(values);
      return Math.abs(values.reduce((sum, value) => sum + value - centre, 0)) < 1e-6;
    }),
  );
});

test('samples that are too small are errors', () => {
  assert.throws(() => mean([]), /at least one/);
  assert.throws(() => deviation([1]), /at least two/);
});

test.run();
