import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { FullPair } from './clockRuns.ts';
import { jobTimeS, kindsOfJobs, medianJobTime, pairedJobs, sums } from './jobTimes.ts';
import { completedCell, framework, job } from './testCells.ts';

/** A pair of cells: each job with its seconds on Mesos and on its static partition. */
function pair(
  seed: number,
  jobs: readonly (readonly [string, string, number, number | null, number | null])[],
): FullPair {
  const of = (column: 3 | 4) => [
    framework(
      'a',
      jobs.map((one) => job(one[0], one[1], one[2], one[column])),
    ),
  ];
  return {
    seed,
    mesos: completedCell({ seed, frameworks: of(3) }),
    static: completedCell({ seed, system: 'static', frameworks: of(4) }),
  };
}

test('a job time counts from the intended submission', () => {
  assert.is(jobTimeS(job('j', 'k', 1, 25)), 25);
  assert.is(jobTimeS(job('j', 'k', 1, null)), null);
  assert.is(jobTimeS({ ...job('j', 'k', 1, 25), outcome: 'failed' }), null);
});

test('jobs are paired by their id, and only if they finished on both systems', () => {
  const paired = pairedJobs(
    pair(1, [
      ['one', 'k', 1, 10, 20],
      ['two', 'k', 1, null, 20],
      ['three', 'k', 1, 10, null],
      ['four', 'k', 1, 40, 20],
    ]),
    'a',
  );
  assert.equal(
    paired.map(({ id, speedUp }) => [id, speedUp]),
    [
      ['one', 2],
      ['four', 0.5],
    ],
  );
});

test('sums add up the paired jobs only, and say how many they are', () => {
  const found = sums(
    [
      pair(1, [
        ['one', 'k', 1, 10, 30],
        ['two', 'k', 1, 20, 30],
        ['three', 'k', 1, null, 30],
      ]),
    ],
    'a',
  );
  assert.is(found?.pairedJobs, 2);
  assert.is(found?.jobs, 3);
  assert.is(found?.mesosS.value, 30);
  assert.is(found?.staticS.value, 60);
  assert.is(found?.speedUp.value, 2);
  assert.is(sums([], 'a'), null);
  assert.is(sums([pair(1, [])], 'a'), null);
});

test('a speed-up by kind is the mean of the ratios of single jobs, not the ratio of the means', () => {
  const [kind] = kindsOfJobs(
    [
      pair(1, [
        ['one', 'k', 1, 10, 40],
        ['two', 'k', 1, 100, 100],
      ]),
    ],
    'a',
  );
  assert.is(kind?.speedUp.value, 2.5);
  assert.is(kind?.jobs, 2);
});

test('the same kind with another number of tasks is another row, smallest first', () => {
  const kinds = kindsOfJobs(
    [
      pair(1, [
        ['one', 'k', 50, 10, 40],
        ['two', 'k', 1, 10, 10],
        ['three', 'j', 50, 10, 10],
      ]),
    ],
    'a',
  );
  assert.equal(
    kinds.map(({ kind, tasks }) => [kind, tasks]),
    [
      ['k', 1],
      ['j', 50],
      ['k', 50],
    ],
  );
});

test('over several seeds the median of the seeds counts, and each job is one mark', () => {
  const [kind] = kindsOfJobs(
    [
      pair(1, [['one', 'k', 1, 10, 10]]),
      pair(2, [['one', 'k', 1, 10, 30]]),
      pair(3, [['one', 'k', 1, 10, 20]]),
    ],
    'a',
  );
  assert.equal(kind?.speedUp, { value: 2, interval: [1, 3], n: 3 });
  assert.equal(kind?.ratios, [2]);
});

test('a median of job times tells of how many jobs it is', () => {
  const cell = completedCell({
    frameworks: [framework('a', [job('1', 'k', 1, 5), job('2', 'k', 1, 9), job('3', 'k', 1, null)])],
  });
  assert.equal(medianJobTime(cell, 'a'), { valueS: 7, jobs: 2 });
  assert.is(medianJobTime(cell, 'b'), null);
});

test.run();
