import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { deviation, geometricMean, mean } from './mean.ts';

const positive = fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 30 });
const close = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));

test('means of known samples', () => {
  assert.is(mean([1, 2, 6]), 3);
  assert.ok(close(geometricMean([1, 4, 16]), 4));
  assert.ok(close(deviation([2, 4, 4, 4, 5, 5, 7, 9]), Math.sqrt(32 / 7)));
});

test('the geometric mean of inverses is the inverse of the geometric mean', () => {
  fc.assert(
    fc.property(positive, (values) =>
      close(geometricMean(values.map((value) => 1 / value)) * geometricMean(values), 1),
    ),
  );
});

test('the geometric mean is never above the arithmetic one', () => {
  fc.assert(fc.property(positive, (values) => geometricMean(values) <= mean(values) * (1 + 1e-12)));
});

test('deviations sum to nothing around the mean', () => {
  fc.assert(
    fc.property(positive, (values) => {
      const centre = mean(values);
      return Math.abs(values.reduce((sum, value) => sum + value - centre, 0)) < 1e-6;
    }),
  );
});

test('empty samples, and values that are not positive for the geometric mean, are errors', () => {
  assert.throws(() => mean([]), /at least one/);
  assert.throws(() => geometricMean([]), /at least one/);
  assert.throws(() => geometricMean([1, 0]), /greater than 0/);
  assert.throws(() => deviation([1]), /at least two/);
});

test.run();
