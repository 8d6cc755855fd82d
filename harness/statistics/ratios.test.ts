import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pair, speedUps } from './ratios.ts';

const time = fc.double({ min: 0.1, max: 1000, noNaN: true });
const pairs = fc.array(fc.record({ base: time, other: time }), { minLength: 1, maxLength: 20 });
const close = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));

test('of sums and of jobs, by hand: 10/5 and 30/60', () => {
  const ups = speedUps(
    [
      { base: 10, other: 5 },
      { base: 30, other: 60 },
    ],
    { seed: 1 },
  );
  assert.ok(close(ups.ofSums.value, 40 / 65));
  assert.ok(close(ups.meanOfRatios.value, (2 + 0.5) / 2));
  assert.ok(close(ups.geometric.value, 1));
  assert.is(ups.geometric.n, 2);
  assert.equal(
    ups.meanOfRatios.interval.map((bound) => Math.round(bound * 10) / 10),
    [0.5, 2],
  );
});

test('twice as fast for every job is twice as fast in every way, without doubt', () => {
  fc.assert(
    fc.property(fc.array(time, { minLength: 1, maxLength: 20 }), (times) => {
      const ups = speedUps(
        times.map((other) => ({ base: 2 * other, other })),
        { seed: 1, resamples: 20 },
      );
      for (const { value, interval } of [ups.ofSums, ups.meanOfRatios, ups.geometric])
        for (const number of [value, ...interval]) assert.ok(close(number, 2));
    }),
    { numRuns: 30 },
  );
});

test('swapping the systems inverts the geometric mean and the ratio of sums', () => {
  fc.assert(
    fc.property(pairs, (list) => {
      const there = speedUps(list, { seed: 1, resamples: 2 });
      const back = speedUps(
        list.map(({ base, other }) => ({ base: other, other: base })),
        { seed: 1, resamples: 2 },
      );
      return (
        close(there.geometric.value * back.geometric.value, 1) &&
        close(there.ofSums.value * back.ofSums.value, 1)
      );
    }),
    { numRuns: 50 },
  );
});

test('jobs are paired by id, and those without a counterpart are counted', () => {
  const base = new Map([
    ['a', 1],
    ['b', 2],
    ['c', 3],
    ['zero', 0],
  ]);
  const other = new Map([
    ['c', 30],
    ['a', 10],
    ['d', 40],
    ['zero', 1],
  ]);
  assert.equal(pair(base, other), {
    pairs: [
      { base: 1, other: 10 },
      { base: 3, other: 30 },
    ],
    unpaired: 3,
  });
});

test('no pairs, or times that are not positive, are errors', () => {
  assert.throws(() => speedUps([], { seed: 1 }), /at least one/);
  assert.throws(() => speedUps([{ base: 1, other: 0 }], { seed: 1 }), /greater than 0/);
});

test.run();
