import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { estimateMean, estimateMedian, studentQuantile975 } from './estimate.ts';

/** P(|T| <= t) for Student's T by Simpson's rule on its density, normalised numerically. */
function within(t: number, degrees: number): number {
  const density = (x: number): number => (1 + (x * x) / degrees) ** (-(degrees + 1) / 2);
  const integral = (from: number, to: number): number => {
    const parts = 20_000;
    const h = (to - from) / parts;
    let sum = density(from) + density(to);
    for (let i = 1; i < parts; i++) sum += density(from + i * h) * (i % 2 === 1 ? 4 : 2);
    return (sum * h) / 3;
  };
  return integral(0, t) / integral(0, 400);
}

test('the mean has its Student interval: 1, 2, 3 is 2 with 2 ± 2.484', () => {
  const { value, interval, n } = estimateMean([1, 2, 3]);
  assert.is(value, 2);
  assert.is(n, 3);
  assert.ok(interval);
  assert.ok(Math.abs(interval[0] - (2 - 4.3027 / Math.sqrt(3))) < 1e-9);
  assert.ok(Math.abs(interval[1] - (2 + 4.3027 / Math.sqrt(3))) < 1e-9);
});

test("quantiles of Student's t hold 95 % of its density", () => {
  for (const degrees of [2, 3, 5, 8, 10, 11, 15, 29, 60])
    assert.ok(Math.abs(within(studentQuantile975(degrees), degrees) - 0.95) < 2e-4, `${degrees} degrees`);
});

test('with fewer than three values there is no interval', () => {
  assert.equal(estimateMean([4, 6]), { value: 5, interval: null, n: 2 });
  assert.equal(estimateMedian([4], { seed: 1 }), { value: 4, interval: null, n: 1 });
});

test('equal values have an interval of no width', () => {
  assert.equal(estimateMean([3, 3, 3]), { value: 3, interval: [3, 3], n: 3 });
  assert.equal(estimateMedian([3, 3, 3], { seed: 1 }), { value: 3, interval: [3, 3], n: 3 });
});

test('an outlier moves the mean and not the median', () => {
  const values = [10, 11, 12, 13, 1000];
  assert.is(estimateMedian(values, { seed: 1 }).value, 12);
  assert.ok(estimateMean(values).value > 200);
});

test('no values are an error', () => {
  assert.throws(() => estimateMean([]), /at least one/);
  assert.throws(() => estimateMedian([], { seed: 1 }), /at least one/);
});

test.run();
