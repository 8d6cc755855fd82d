import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pseudomedian } from './pseudomedian.ts';
import { signedRankInterval, signedRankP } from './signedRank.ts';

const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-12;
const differences = fc.array(fc.integer({ min: -6, max: 6 }), { maxLength: 9 });

/** By going through all signs that the differences could have had. */
function byEnumeration(all: readonly number[]): number {
  const counted = all.filter((one) => one !== 0);
  const sizes = counted.map(Math.abs);
  const rank = (size: number): number =>
    sizes.filter((one) => one < size).length + (sizes.filter((one) => one === size).length + 1) / 2;
  const ranks = sizes.map(rank);
  const total = ranks.reduce((a, b) => a + b, 0);
  const sum = (isPositive: (index: number) => boolean): number => {
    const positive = ranks.filter((_, i) => isPositive(i)).reduce((a, b) => a + b, 0);
    return Math.min(positive, total - positive);
  };
  const seen = sum((i) => (counted[i] as number) > 0);
  const signs = Array.from({ length: 2 ** counted.length }, (_, bits) => sum((i) => (bits >> i) % 2 === 1));
  return signs.filter((one) => one <= seen).length / signs.length;
}

test('the p-value is the part of all signs that are as lopsided, ties and noughts included', () => {
  fc.assert(
    fc.property(differences, (all) => near(signedRankP(all), byEnumeration(all))),
    { numRuns: 200 },
  );
});

test('it does not matter which side is which, nor in which unit', () => {
  fc.assert(
    fc.property(differences, (all) => {
      const p = signedRankP(all);
      return near(p, signedRankP(all.map((one) => -one))) && near(p, signedRankP(all.map((one) => 8 * one)));
    }),
  );
});

test('no p is below 2^(1 - n), and n differences of one sign reach it', () => {
  for (const n of [1, 5, 6, 12, 40])
    assert.ok(near(signedRankP(Array.from({ length: n }, (_, i) => i + 1)), 2 ** (1 - n)));
});

test('the table of Wilcoxon: of 10 pairs a rank sum of 8 is the largest with p up to 0.05', () => {
  const withRarer = (negative: readonly number[]): number =>
    signedRankP(Array.from({ length: 10 }, (_, i) => (negative.includes(i + 1) ? -(i + 1) : i + 1)));
  assert.ok(withRarer([8]) <= 0.05);
  assert.ok(withRarer([9]) > 0.05);
});

test('without differences there is no evidence, and what is no number is an error', () => {
  assert.is(signedRankP([]), 1);
  assert.is(signedRankP([0, 0, 0]), 1);
  assert.throws(() => signedRankP([1, Number.NaN]), /not a number/);
});

test('the pseudomedian moves with its values, and not with an outlier', () => {
  assert.is(pseudomedian([1, 2, 3]), 2);
  assert.is(pseudomedian([101, 102, 103]), 102);
  const calm = pseudomedian([1, 2, 3, 4, 5, 6, 7]);
  assert.ok(Math.abs(pseudomedian([1, 2, 3, 4, 5, 6, 1e6]) - calm) < 1);
});

test('the interval holds exactly those shifts that the test does not reject', () => {
  const values = [0.31, -0.12, 0.47, 0.05, 0.83, 0.29, -0.4, 0.6, 0.11, 0.52];
  for (const alpha of [0.01, 0.05, 0.2]) {
    const [low, high] = signedRankInterval(values, alpha);
    const isRejected = (shift: number): boolean => signedRankP(values.map((one) => one - shift)) <= alpha;
    assert.equal([low - 1e-6, low + 1e-6, high - 1e-6, high + 1e-6].map(isRejected), [
      true,
      false,
      false,
      true,
    ]);
  }
});

test('with too few values the interval holds everything', () => {
  assert.equal(signedRankInterval([1, 2, 3, 4, 5], 0.05), [
    Number.NEGATIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  ]);
  assert.equal(signedRankInterval([], 0.05), [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
});

test.run();
