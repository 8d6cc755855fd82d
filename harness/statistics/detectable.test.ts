import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { detectableShift } from './detectable.ts';
import { signedRankP } from './signedRank.ts';
import { normalNoise } from './testNoise.ts';

test('a shift of the detectable size is found in about 80 of 100 cases', () => {
  for (const [n, alpha] of [
    [10, 0.02],
    [24, 0.005],
  ] as const) {
    const draw = normalNoise(`detectable ${n}`);
    const times = 600;
    let found = 0;
    let shift = 0;
    for (let i = 0; i < times; i++)
      shift +=
        detectableShift(
          Array.from({ length: n }, () => draw()),
          alpha,
        ) / times;
    for (let i = 0; i < times; i++)
      if (signedRankP(Array.from({ length: n }, () => shift + draw())) <= alpha) found++;
    assert.ok(found > 0.72 * times && found < 0.9 * times, `${found} of ${times} with ${n}`);
  }
});

test('it is in the unit of the differences, and where they stand does not matter', () => {
  const values = [1, 4, 2, 8, 5, 7];
  const shift = detectableShift(values, 0.05);
  assert.ok(
    Math.abs(
      detectableShift(
        values.map((one) => 3 * one + 100),
        0.05,
      ) /
        shift -
        3,
    ) < 1e-9,
  );
});

test('with too few differences nothing can be found', () => {
  assert.is(detectableShift([1, 2, 3, 4, 5], 0.05), Number.POSITIVE_INFINITY);
  assert.is(detectableShift([], 0.05), Number.POSITIVE_INFINITY);
});

test.run();
