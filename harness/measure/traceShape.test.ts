import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { traceShape } from './traceShape.ts';

test('jobs that come evenly are neither bursty nor unequal', () => {
  const submitS = Array.from({ length: 601 }, (_, n) => 30 * n);
  const { values, curves } = traceShape({ submitS, sizes: submitS.map(() => 5), sizeUnit: 'bytes' });
  assert.is(values['mean gap (s)'], 30);
  assert.is(values['variation of gaps (standard deviation over mean)'], 0);
  assert.ok((values['burstiness (variance over mean of jobs per minute)'] ?? 1) < 0.01);
  assert.ok(Math.abs((values['largest 1 % of jobs, of all (%)'] ?? 0) - (100 * 7) / 601) < 1e-9);
  assert.is(values['tail index (Hill, largest 5 %)'], undefined);
  assert.equal(curves?.['jobs per hour']?.y, [120, 120, 120, 120, 120, 1]);
});

test('jobs that come in bunches are bursty', () => {
  const submitS = Array.from({ length: 600 }, (_, n) => 600 * Math.floor(n / 60));
  const { values } = traceShape({ submitS, sizes: submitS.map(() => 1), sizeUnit: 'bytes' });
  assert.is(values['median gap (s)'], 0);
  assert.ok((values['burstiness (variance over mean of jobs per minute)'] ?? 0) > 10);
});

test('sizes of a Pareto distribution have its tail index', () => {
  const sizes = Array.from({ length: 20_000 }, (_, n) => (1 - (n + 0.5) / 20_000) ** (-1 / 1.5));
  const { values } = traceShape({ submitS: sizes.map((_, n) => n), sizes, sizeUnit: 'bytes' });
  assert.ok(Math.abs((values['tail index (Hill, largest 5 %)'] ?? 0) - 1.5) < 0.02);
});

test('the median of two gaps is between them', () => {
  const { values } = traceShape({ submitS: [0, 2, 12], sizes: [1, 1, 1], sizeUnit: 'bytes' });
  assert.is(values['median gap (s)'], 6);
});

test('twenty years of hours are counted', () => {
  const { values } = traceShape({ submitS: [0, 1, 20 * 365 * 86_400], sizes: [1, 1, 1], sizeUnit: 'bytes' });
  assert.ok((values['busiest hour over the mean (×)'] ?? 0) > 100_000);
});

test('of two days or more there are means by the hour of the day', () => {
  const submitS = [0, 10, 3_600, 86_400, 2 * 86_400 + 5];
  const { curves } = traceShape({ submitS, sizes: submitS, sizeUnit: 'bytes' });
  assert.equal(curves?.['jobs by hour of the day']?.y.slice(0, 3), [1.5, 0.5, 0]);
  assert.is(
    traceShape({ submitS: [0, 86_400], sizes: [1, 1], sizeUnit: 'bytes' }).curves?.[
      'jobs by hour of the day'
    ],
    undefined,
  );
});

test('of one job there is only to tell what one job has', () => {
  const { values, curves } = traceShape({ submitS: [7], sizes: [3], sizeUnit: 'bytes' });
  assert.is(values.jobs, 1);
  assert.is(values['mean gap (s)'], undefined);
  assert.equal(curves?.['gaps (s)']?.x, []);
  assert.equal(curves?.['gaps by chance (s)']?.x, []);
});

test.run();
