import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Distribution, sampler } from './distribution.ts';
import { seededUniform } from './random.ts';

const draws = (distribution: Distribution, count: number): readonly number[] =>
  Array.from({ length: count }, sampler(distribution, seededUniform('draws')));
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b) / values.length;

test('means and deviations are those that are asked for, and nothing is negative', () => {
  for (const [distribution, expectedMean, expectedDeviation] of [
    [{ type: 'constant', value: 7 }, 7, 0],
    [{ type: 'uniform', min: 1, max: 4 }, 2.5, 3 / Math.sqrt(12)],
    [{ type: 'exponential', mean: 30 }, 30, 30],
    [{ type: 'normal', mean: 30, deviation: 10 }, 30, 10],
    [{ type: 'log-normal', mean: 23, cv: 0.5 }, 23, 11.5],
    [{ type: 'log-normal', mean: 23, cv: 0 }, 23, 0],
  ] as const) {
    const values = draws(distribution, 20_000);
    const average = mean(values);
    const deviation = Math.sqrt(mean(values.map((value) => (value - average) ** 2)));
    assert.ok(Math.abs(average - expectedMean) < 0.03 * expectedMean, `${distribution.type}: ${average}`);
    assert.ok(
      Math.abs(deviation - expectedDeviation) <= 0.05 * expectedDeviation,
      `${distribution.type}: ${deviation}`,
    );
    assert.ok(Math.min(...values) >= 0);
  }
});

test('a trace gives its values in order, again and again, from where it is to begin', () => {
  const trace: Distribution = { type: 'trace', values: [1, 2, 3] };
  assert.equal(draws(trace, 5), [1, 2, 3, 1, 2]);
  const later = sampler(trace, seededUniform(1), 4);
  assert.equal([later(), later()], [2, 3]);
});

test('the same seed draws the same', () => {
  assert.equal(draws({ type: 'exponential', mean: 1 }, 9), draws({ type: 'exponential', mean: 1 }, 9));
});

test.run();
