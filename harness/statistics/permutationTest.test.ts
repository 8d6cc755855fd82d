import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { permutationTest } from './permutationTest.ts';

/** How much the second half is above the first. */
const rise = (values: Float64Array): number =>
  values.reduce((sum, value, n) => sum + (2 * n < values.length ? -value : value), 0);

test('the chance is that which counting all orders gives', () => {
  // Of the 20 ways to choose three of six values one has the largest three at the end, and four have at least 1 + 5 + 6.
  assert.ok(Math.abs(permutationTest(Float64Array.of(1, 2, 3, 4, 5, 6), rise, 0.001) - 1 / 20) < 0.02);
  assert.ok(Math.abs(permutationTest(Float64Array.of(1, 2, 4, 3, 5, 6), rise, 0.001) - 2 / 20) < 0.04);
});

test('what no order reaches has the smallest chance that so many orders can tell, never 0', () => {
  const values = Float64Array.from({ length: 40 }, (_, n) => n);
  assert.is(permutationTest(values, rise, 0.01), 1 / 1000);
});

test('values that are all the same are no evidence', () => {
  assert.is(permutationTest(new Float64Array(10).fill(7), rise, 0.01), 1);
});

test.run();
