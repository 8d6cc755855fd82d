import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { poissonArrivals } from './arrivals.ts';
import { seededUniform } from './random.ts';
import { solverMix, TEXT_MIX_DEFAULTS, textMix } from './small.ts';

test('every job reads blocks that the data set has', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const { dataSet, jobs } = textMix({ seed, blocks: 12 });
    for (const { input } of jobs) {
      assert.ok(input.blocks >= 1 && input.firstBlock >= 0);
      assert.ok(input.firstBlock + input.blocks <= dataSet.blocks);
    }
  }
});

test('the stream has jobs of all sizes, small ones most, the largest over the whole data set', () => {
  const { jobs } = textMix();
  assert.is(jobs.length, TEXT_MIX_DEFAULTS.jobs);
  assert.ok(jobs.filter((job) => job.input.blocks <= 2).length > jobs.length / 2);
  assert.ok(jobs.some((job) => job.input.blocks === TEXT_MIX_DEFAULTS.blocks));
  assert.ok(jobs.some((job) => job.program.type === 'wordcount' && job.reduces > 0));
});

test('the same seed draws the same stream, in order of submission, ids all different', () => {
  assert.equal(textMix({ seed: 4 }), textMix({ seed: 4 }));
  assert.not.equal(textMix({ seed: 4 }), textMix({ seed: 5 }));
  const { jobs } = textMix({ seed: 4, spanMs: 9000 });
  const times = jobs.map((job) => (job.submission.when === 'at' ? job.submission.ms : Number.NaN));
  assert.equal(
    times,
    times.toSorted((a, b) => a - b),
  );
  assert.is(times.at(-1), 9000);
  assert.is(new Set(jobs.map((job) => job.id)).size, jobs.length);
});

test('rigid jobs are spread over the span', () => {
  assert.equal(
    solverMix({ jobs: 3, spanMs: 10_000 }).map((job) => job.submission),
    [
      { when: 'at', ms: 0 },
      { when: 'at', ms: 5000 },
      { when: 'at', ms: 10_000 },
    ],
  );
  assert.equal(solverMix({ jobs: 1 })[0]?.submission, { when: 'at', ms: 0 });
});

test('arrivals of none and of one job are well-defined', () => {
  assert.equal(poissonArrivals(0, 100, seededUniform(1)), []);
  assert.equal(poissonArrivals(1, 100, seededUniform(1)), [0]);
  assert.equal(poissonArrivals(2, 100, seededUniform(1)), [0, 100]);
});

test.run();
