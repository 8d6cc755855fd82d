import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HADOOP_SET_UP_MS, STATIC_SLOTS } from './facebook.ts';
import { LARGE_MAP_MS, LARGE_STATIC_S, largeBatch } from './largeBatch.ts';
import { meanSecondsByBin, runOnPartition } from './partition.ts';
import { localFraction } from './staticReads.ts';

test('the mix is a chain of 10 jobs of 2,400 maps', () => {
  const jobs = largeBatch();
  assert.is(jobs.length, 10);
  assert.equal(jobs[0]?.submission, { when: 'at', ms: 0 });
  for (const [index, job] of jobs.entries()) {
    assert.is(job.maps, 2400);
    if (index > 0) assert.equal(job.submission, { when: 'after', jobId: jobs[index - 1]?.id, delayMs: 0 });
  }
});

test('25 waves of maps after the set-up take the static time of Table 5 within 3%', () => {
  const seconds = (HADOOP_SET_UP_MS + Math.ceil(2400 / STATIC_SLOTS) * LARGE_MAP_MS) / 1000;
  assert.ok(Math.abs(seconds / LARGE_STATIC_S - 1) < 0.03, `${seconds}`);
});

test('with ragged waves, 96 slots take the static time of Table 5 within 1.5%', () => {
  const run = runOnPartition(largeBatch(), { slots: STATIC_SLOTS, seed: 1 });
  const seconds = meanSecondsByBin([run]).get(0) ?? 0;
  assert.ok(Math.abs(seconds / LARGE_STATIC_S - 1) < 0.015, `${seconds}`);
});

test('5.8 of 93 nodes hold a replica of 17.6% of the blocks, as in figure 8', () => {
  assert.ok(Math.abs(localFraction(93 / 16, 93, 3) - 0.176) < 0.0005);
});

test.run();
