import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { detectableShift, differencesToDetect } from './detectable.ts';
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

test('as many differences as are said to be enough would have seen the shift', () => {
  const draw = normalNoise('enough');
  const differences = Array.from({ length: 24 }, () => draw());
  const seen = detectableShift(differences, 0.01);
  assert.is(differencesToDetect(differences, 0.01, seen * 1.0001), 24);
  const [half, tenth] = [2, 10].map((part) => differencesToDetect(differences, 0.01, seen / part) ?? 0);
  // Four times as many see half of it; of few, each counts a little more.
  assert.ok(Math.abs((half ?? 0) / (4 * 24) - 1) < 0.15, `${half}`);
  assert.ok(Math.abs((tenth ?? 0) / (100 * 24) - 1) < 0.15, `${tenth}`);
});

test('it takes as many as a test at that level needs, however little they spread', () => {
  assert.is(differencesToDetect([1, 1, 1], 1 / 128, 0.1), 8);
  assert.is(differencesToDetect([1], 0.05, 1), undefined);
});

test('with too few differences nothing can be found', () => {
  assert.is(detectableShift([1, 2, 3, 4, 5], 0.05), Number.POSITIVE_INFINITY);
  assert.is(detectableShift([], 0.05), Number.POSITIVE_INFINITY);
});

test.run();
