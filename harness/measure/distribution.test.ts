import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cumulative, fractionAt, ksCritical, ksDistance } from './distribution.ts';

/** The logarithm of values is uniform from 1 to 100. */
const KNOWN = { x: [1, 10, 100], y: [0, 0.5, 1] };

test('a known curve is read on a logarithmic axis, and is flat beyond its ends', () => {
  assert.is(fractionAt(KNOWN, 0.5), 0);
  assert.is(fractionAt(KNOWN, 1), 0);
  assert.ok(Math.abs(fractionAt(KNOWN, Math.sqrt(10)) - 0.25) < 1e-12);
  assert.is(fractionAt(KNOWN, 10), 0.5);
  assert.is(fractionAt(KNOWN, 1_000), 1);
});

test('the distance of one value is what is missing above or below it', () => {
  assert.is(ksDistance([10], KNOWN), 0.5);
  assert.is(ksDistance([1], KNOWN), 1);
});

test('values at the middles of equal fractions are as near as so many can be', () => {
  const values = Array.from({ length: 50 }, (_, n) => 100 ** ((n + 0.5) / 50));
  assert.ok(Math.abs(ksDistance(values, KNOWN) - 0.01) < 1e-9);
});

test('the distance that 100 values exceed once in 100 samples is 0.163', () => {
  assert.is(ksCritical(100, 100).toFixed(3), '0.163');
});

test('a sample’s curve goes up to 1 and has at most 200 points', () => {
  const { x, y } = cumulative(Array.from({ length: 1_000 }, (_, n) => 1_000 - n));
  assert.is(x.length, 200);
  assert.is(x.at(-1), 1_000);
  assert.is(y.at(-1), 1);
  assert.is(y[0], 0.005);
  assert.is(x[0], 5);
});

test.run();
