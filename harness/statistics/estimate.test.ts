import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { estimateMedian } from './estimate.ts';

test('with fewer than three values there is no interval', () => {
  assert.equal(estimateMedian([4], { seed: 1 }), { value: 4, interval: null, n: 1 });
});

test('equal values have an interval of no width', () => {
  assert.equal(estimateMedian([3, 3, 3], { seed: 1 }), { value: 3, interval: [3, 3], n: 3 });
});

test('an outlier does not move the median', () => {
  const values = [10, 11, 12, 13, 1000];
  assert.is(estimateMedian(values, { seed: 1 }).value, 12);
});

test('no values are an error', () => {
  assert.throws(() => estimateMedian([], { seed: 1 }), /at least one/);
});

test.run();
