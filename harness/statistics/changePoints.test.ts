import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seededRandom } from '../../mesos/runtime/random.ts';
import { changePoints } from './changePoints.ts';

/** Noise of about ±1, roughly normal. */
function noise(seed: string, length: number): readonly number[] {
  const random = seededRandom(seed);
  const one = () => Array.from({ length: 12 }, () => random.uniform()).reduce((a, b) => a + b) - 6;
  return Array.from({ length }, one);
}

const indices = (series: readonly number[], options = {}) =>
  changePoints(series, options).map(({ index }) => index);

test('a step of a series without noise is found where it is', () => {
  assert.equal(changePoints([5, 5, 5, 5, 8, 8, 8]), [{ index: 4, before: 5, after: 8, p: 0 }]);
  assert.equal(indices([1, 1, 1, 2, 2, 2, 2, 1, 1, 1]), [3, 7]);
});

test('a step of six deviations in noise is found within a value, up and down', () => {
  for (let seed = 0; seed < 30; seed++)
    for (const height of [6, -6]) {
      const at = 8 + seed;
      const found = indices(noise(`step ${seed}`, 60).map((x, n) => 100 + x + (n >= at ? height : 0)));
      assert.is(found.length, 1, `${seed}: ${found}`);
      assert.ok(Math.abs((found[0] ?? 0) - at) <= 1, `${seed}: ${found} for ${at}`);
    }
});

test('a short excursion between two levels that are the same is found on both sides', () => {
  assert.equal(indices(noise('excursion', 60).map((x, n) => x + (n >= 20 && n < 30 ? 8 : 0))), [20, 30]);
});

/** Noise of which every tenth value is ten times as far out. */
function outliers(seed: string, length: number): readonly number[] {
  const random = seededRandom(`outliers ${seed}`);
  return noise(seed, length).map((x) => (random.uniform() < 0.1 ? 10 * x : x));
}

const LENGTHS = [10, 20, 40, 80, 150, 300] as const;

for (const [name, make] of [
  ['normal noise', noise],
  ['noise with outliers', outliers],
] as const)
  test(`${name} alone has a change in fewer than 3 series of 100, however long it is`, () => {
    for (const length of LENGTHS) {
      let alarms = 0;
      for (let run = 0; run < 200; run++)
        if (indices(make(`${run} of ${length}`, length)).length > 0) alarms++;
      // With a chance of 1 in 100 for each there would be more in one of 2,000 tests.
      assert.ok(alarms <= 6, `${alarms} of 200 with ${length} values`);
    }
  });

test('a step of 5% in noise of 2% is found among 40 values, within two of where it is, and nothing beside it', () => {
  for (const at of [8, 12, 20, 28, 32]) {
    let found = 0;
    let others = 0;
    for (let run = 0; run < 100; run++) {
      const series = noise(`power ${at} ${run}`, 40).map((x, n) => 100 + 2 * x + (n >= at ? 5 : 0));
      const all = indices(series);
      if (all.some((index) => Math.abs(index - at) <= 2)) found++;
      if (all.length > 1) others++;
    }
    assert.ok(found >= 90, `${found} of 100 found at ${at}`);
    assert.ok(others <= 5, `${others} of 100 have a change beside the one at ${at}`);
  }
});

test('several steps of a long series are found, each once', () => {
  let exact = 0;
  for (let run = 0; run < 20; run++) {
    const series = noise(`several ${run}`, 300).map(
      (x, n) => 100 + 2 * x + (n >= 60 ? 6 : 0) - (n >= 150 ? 12 : 0) + (n >= 270 ? 8 : 0),
    );
    const found = indices(series);
    if (found.length === 3) exact++;
    for (const at of [60, 150, 270])
      assert.ok(
        found.some((index) => Math.abs(index - at) <= 3),
        `${at} in ${found}`,
      );
  }
  assert.ok(exact >= 19, `${exact} of 20`);
});

test('the same series has the same changes, with the same chances', () => {
  const series = noise('again', 60).map((x, n) => x + (n >= 30 ? 2 : 0));
  assert.equal(changePoints(series), changePoints(series));
  assert.is(changePoints(series).length, 1);
});

test('changes do not depend on unit, zero point or direction of time', () => {
  const step = fc.record({ seed: fc.nat(), at: fc.integer({ min: 5, max: 35 }) });
  fc.assert(
    fc.property(step, ({ seed, at }) => {
      const series = noise(`${seed}`, 40).map((x, n) => x + (n >= at ? 6 : 0));
      const found = indices(series);
      assert.equal(indices(series.map((x) => 4 * x)), found);
      assert.equal(
        indices(series.toReversed()).map((n) => 40 - n),
        found.toReversed(),
      );
    }),
    { numRuns: 50, seed: 1 },
  );
});

test('a change that is too small to count is none', () => {
  const series = Array.from({ length: 40 }, (_, n) => (n < 20 ? 100 : 101) + (n % 2) * 0.1);
  assert.equal(indices(series), [20]);
  assert.equal(indices(series, { effectMin: 0.02 }), []);
});

test('of a few values nothing is known', () => {
  for (const series of [[], [1], [1, 2], [1, 1, 9, 9, 9]]) assert.equal(changePoints(series), []);
});

test('a series that is too long, or has values that are none, is an error', () => {
  assert.throws(() => changePoints(Array(2001).fill(1)), /at most 2000/);
  assert.throws(() => changePoints([1, Number.NaN]), /no numbers/);
});

test.run();
