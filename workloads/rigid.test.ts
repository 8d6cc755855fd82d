import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawLength } from './partition.ts';
import { seededUniform } from './random.ts';
import { meanOfLargest, RIGID_CV, RIGID_STATIC_S, rigidMix, spreadFor } from './rigid.ts';

test('there are 2 large and 6 small jobs of 24 ranks, first the large ones', () => {
  const jobs = rigidMix();
  assert.equal(
    jobs.map((job) => job.kind.split(' ')[0]),
    ['large', 'large', 'small', 'small', 'small', 'small', 'small', 'small'],
  );
  assert.ok(jobs.every((job) => job.ranks === 24));
  assert.equal(
    jobs.map((job) => (job.submission.when === 'at' ? job.submission.ms / 1000 : null)),
    [0, 60, 360, 420, 1200, 1230, 1260, 1290],
  );
});

test('the slowest of 24 ranks takes the static time of Table 5 on average, within 1 %', () => {
  const uniform = seededUniform(1);
  for (const size of ['large', 'small'] as const) {
    const job = rigidMix().find(({ kind }) => kind.startsWith(size));
    assert.ok(job);
    let totalMs = 0;
    for (let run = 0; run < 2000; run++) {
      const ranks = Array.from({ length: 24 }, () => drawLength(job.model.workMs, job.model.cv, uniform));
      totalMs += Math.max(...ranks);
    }
    assert.ok(Math.abs(totalMs / 2000 / 1000 / RIGID_STATIC_S[size] - 1) < 0.01, size);
  }
});

test('the largest of one draw has the mean of a draw, and of more a larger one', () => {
  assert.ok(Math.abs(meanOfLargest(1, 0.3) - 1) < 1e-3);
  assert.ok(meanOfLargest(24, 0.3) > meanOfLargest(12, 0.3));
  assert.ok(Math.abs(meanOfLargest(24, 0.01) - (1 + 0.01 * 1.948)) < 1e-3, 'E[max of 24 normals] = 1.948');
  assert.ok(Math.abs(spreadFor(meanOfLargest(24, 0.2), 24) - 0.2) < 1e-3);
  assert.ok(RIGID_CV > 0 && RIGID_CV < 0.1);
});

test.run();
