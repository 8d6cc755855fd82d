import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { throughQuantiles } from './quantiles.ts';

test('given quantiles come back, and those between are on straight lines of a logarithmic axis', () => {
  const value = throughQuantiles([
    [0, 1],
    [0.5, 10],
    [1, 1_000],
  ]);
  assert.is(value(0), 1);
  assert.is(value(0.5), 10);
  assert.is(value(1), 1_000);
  assert.ok(Math.abs(value(0.75) - 100) < 1e-9);
});

test('quantiles that do not rise, or do not reach from 0 to 1, are refused', () => {
  const refused = (...quantiles: [number, number][]): void =>
    assert.throws(
      () => throughQuantiles(quantiles),
      (error: unknown) => error instanceof RangeError,
    );
  refused([0, 1], [0.5, 3], [0.5, 4], [1, 5]);
  refused([0, 1], [0.5, 3], [1, 2]);
  refused([0, 0], [1, 2]);
  refused([0.1, 1], [1, 2]);
  refused([0, 1], [0.9, 2]);
  refused();
});

test.run();
