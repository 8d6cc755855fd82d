import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { confidence, estimate, isSame, mean, median, prolonged } from './estimate.ts';

/**
 * How often the interval of n values holds the true median: all 2^n ways to lie below or above it, equally
 * likely.
 */
function coverage(n: number): number {
  const [low, high] = estimate(Array.from({ length: n }, (_, index) => index))?.interval ?? [0, 0];
  const held = Array.from({ length: 2 ** n }, (_, code) => {
    const below = Array.from({ length: n }, (_, at) => Math.floor(code / 2 ** at) % 2).reduce(
      (sum, bit) => sum + bit,
      0,
    );
    return below > low && below <= high;
  }).filter(Boolean);
  return held.length / 2 ** n;
}

test('no values, no estimate', () => {
  assert.is(estimate([]), null);
});

test('one and two values have a median but no interval', () => {
  assert.equal(estimate([4]), { value: 4, interval: null, n: 1 });
  assert.equal(estimate([4, 6]), { value: 5, interval: null, n: 2 });
});

test('three to five values span the smallest and the largest', () => {
  assert.equal(estimate([3, 1, 2]), { value: 2, interval: [1, 3], n: 3 });
  assert.equal(estimate([5, 1, 4, 2, 3])?.interval, [1, 5]);
});

test('the interval holds the true median in 95 of 100 samples as soon as six values allow it', () => {
  assert.is(coverage(3), 0.75);
  assert.is(coverage(4), 0.875);
  assert.is(coverage(5), 0.9375);
  assert.equal([3, 4, 5].map(confidence), [3, 4, 5].map(coverage));
  assert.equal([6, 7, 100].map(confidence), [0.95, 0.95, 0.95]);
  for (const n of [6, 7, 8, 9, 10, 11, 12, 13, 14, 15]) assert.ok(coverage(n) >= 0.95, `${n} values`);
});

test('an interval of three to five values, prolonged, holds the median of usual distributions in about 95 of 100 samples', () => {
  /** All samples of n of so many quantiles, equally likely. */
  const held = (n: number, count: number, quantile: (part: number) => number): number => {
    const values = Array.from({ length: count }, (_, index) => quantile((index + 0.5) / count));
    const centre = quantile(0.5);
    const codes = Array.from({ length: count ** n }, (_, code) => code);
    const holds = codes.filter((code) => {
      const sample = Array.from(
        { length: n },
        (_, at) => values[Math.floor(code / count ** at) % count] ?? Number.NaN,
      );
      const [low, high] = prolonged([Math.min(...sample), Math.max(...sample)], n);
      return low <= centre && centre <= high;
    });
    return holds.length / codes.length;
  };
  const shapes = {
    even: (part: number) => part,
    exponential: (part: number) => -Math.log(1 - part),
    logistic: (part: number) => Math.log(part / (1 - part)),
  };
  for (const [shape, quantile] of Object.entries(shapes))
    for (const [n, count] of [
      [3, 40],
      [4, 16],
      [5, 10],
    ] as const) {
      const part = held(n, count, quantile);
      assert.ok(part > 0.925 && part < 0.985, `${shape}, ${n} values: ${part}`);
    }
  assert.equal(prolonged([1, 2], 6), [1, 2]);
});

test('values are all the same only if none can lie outside the interval', () => {
  assert.ok(isSame({ interval: [2, 2], n: 8 }) && isSame({ interval: [2, 2], n: 1 }));
  assert.not(isSame({ interval: [2, 2], n: 9 }));
  assert.not(isSame({ interval: [1, 2], n: 3 }) || isSame({ interval: null, n: 3 }));
});

test('it is no wider than it must be', () => {
  const interval = (n: number) => estimate(Array.from({ length: n }, (_, index) => index + 1))?.interval;
  assert.equal(interval(8), [1, 8]);
  assert.equal(interval(9), [2, 8]);
  assert.equal(interval(20), [6, 15]);
  assert.equal(interval(100), [40, 61]);
});

test('the order of the values does not matter, and the interval holds the median', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 3, maxLength: 40 }),
      (values) => {
        const one = estimate(values);
        assert.equal(estimate(values.toReversed()), one);
        assert.ok(one?.interval && one.interval[0] <= one.value && one.value <= one.interval[1]);
      },
    ),
  );
});

test('median and mean are what they are called', () => {
  assert.is(median([1, 2, 10]), 2);
  assert.is(median([1, 2, 4, 10]), 3);
  assert.is(mean([1, 2, 6]), 3);
});

test.run();
