import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { median, quantile, quantiles } from './quantile.ts';

const sample = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 });
const close = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a));

test('quantiles are those of R type 7', () => {
  assert.equal(quantiles([1, 2, 3, 4], [0, 0.25, 0.5, 0.75, 1]), [1, 1.75, 2.5, 3.25, 4]);
  assert.ok(close(quantile([10, 0, 5], 0.9), 9));
  assert.is(median([7]), 7);
});

test('a quantile at k / (n - 1) is the k-th smallest value', () => {
  fc.assert(
    fc.property(sample, fc.nat(), (values, index) => {
      const k = index % values.length;
      const p = values.length === 1 ? 0.5 : k / (values.length - 1);
      const sorted = [...values].sort((a, b) => a - b);
      return close(quantile(values, p), sorted[k] as number);
    }),
  );
});

test('quantiles grow with p, lie within the range, and do not depend on the order', () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(sample, unit, unit, (values, p, q) => {
      const [low, high] = quantiles(values, [Math.min(p, q), Math.max(p, q)]) as [number, number];
      assert.ok(low <= high + 1e-6);
      assert.ok(low >= Math.min(...values) && high <= Math.max(...values));
      assert.is(quantile(values, p), quantile([...values].reverse(), p));
    }),
  );
});

test('half of the values are on either side of the median', () => {
  fc.assert(
    fc.property(sample, (values) => {
      const middle = median(values);
      assert.ok(values.filter((value) => value <= middle).length * 2 >= values.length);
      assert.ok(values.filter((value) => value >= middle).length * 2 >= values.length);
    }),
  );
});

test('no values, values that are no numbers and a p outside 0 to 1 are errors', () => {
  assert.throws(() => median([]), /at least one/);
  assert.throws(() => median([1, Number.NaN]), /not numbers/);
  assert.throws(() => quantile([1], 1.1), /from 0 to 1/);
});

test.run();
