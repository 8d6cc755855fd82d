import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seededRandom } from '../../mesos/runtime/random.ts';
import { bootstrapInterval, medianInterval } from './bootstrap.ts';
import { mean } from './mean.ts';

const sample = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 20 });

test('the same seed gives the same interval and another seed another', () => {
  const values = [3, 1, 4, 1.5, 9, 2.6, 5.3];
  const run = (seed: number) => bootstrapInterval(values, mean, { seed, resamples: 50 });
  assert.equal(run(1), run(1));
  assert.not.equal(run(1), run(2));
});

test('an interval of the median lies within the sample and is ordered', () => {
  fc.assert(
    fc.property(sample, fc.nat(), (values, seed) => {
      const [low, high] = medianInterval(values, { seed, resamples: 40 });
      return low <= high && low >= Math.min(...values) && high <= Math.max(...values);
    }),
    { numRuns: 50 },
  );
});

test('equal values have an interval of no width', () => {
  assert.equal(medianInterval([5, 5, 5, 5], { seed: 1 }), [5, 5]);
});

test('a shift of the sample shifts the interval', () => {
  const values = [1, 2, 4, 8, 16];
  const [low, high] = medianInterval(values, { seed: 3 });
  assert.equal(
    medianInterval(
      values.map((value) => value + 100),
      { seed: 3 },
    ),
    [low + 100, high + 100],
  );
});

test('of a mean, it is as wide as normal theory says: 1.96 deviations over root n on either side', () => {
  const random = seededRandom('sample');
  const values = Array.from({ length: 400 }, () => random.uniform());
  const [low, high] = bootstrapInterval(values, mean, { seed: 1 });
  const expected = (2 * 1.96 * Math.sqrt(1 / 12)) / Math.sqrt(400);
  assert.ok(Math.abs((high - low) / expected - 1) < 0.1, `${high - low} against ${expected}`);
  assert.ok(low < mean(values) && mean(values) < high);
});

test('it holds the true median of 30 draws about 95 times of 100', () => {
  const random = seededRandom('coverage');
  let held = 0;
  for (let run = 0; run < 400; run++) {
    const values = Array.from({ length: 30 }, () => random.uniform());
    const [low, high] = medianInterval(values, { seed: run, resamples: 300 });
    if (low <= 0.5 && 0.5 <= high) held++;
  }
  assert.ok(held >= 0.91 * 400 && held <= 0.99 * 400, `${held} of 400`);
});

test('more confidence makes it wider', () => {
  const values = [1, 2, 3, 5, 8, 13, 21, 34];
  const [low, high] = bootstrapInterval(values, mean, { seed: 1, confidence: 0.99 });
  const [lowLess, highLess] = bootstrapInterval(values, mean, { seed: 1, confidence: 0.5 });
  assert.ok(low < lowLess && highLess < high);
});

test('an empty sample is an error', () => {
  assert.throws(() => medianInterval([], { seed: 1 }), /at least one/);
});

test.run();
