import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  FIGURE_5D_SMALL_S,
  RIGID_STATIC_S,
  rigidMix,
  SLOW_NODE_SPEED,
  TORQUE_ITERATION_MS,
} from './rigid.ts';

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

test('with one job of four on the slow node, both kinds take the static time of Table 5 on average', () => {
  for (const size of ['large', 'small'] as const) {
    const job = rigidMix().find(({ kind }) => kind.startsWith(size));
    assert.ok(job);
    const { workMs } = job.model;
    const meanMs = TORQUE_ITERATION_MS + (3 * workMs + workMs / SLOW_NODE_SPEED) / 4;
    assert.ok(Math.abs(meanMs / 1000 / RIGID_STATIC_S[size] - 1) < 0.001, size);
  }
});

test('the slow node is as slow as the two long bars of figure 5d are longer than the four short ones', () => {
  const [short, long] = [FIGURE_5D_SMALL_S.filter((s) => s < 250), FIGURE_5D_SMALL_S.filter((s) => s > 250)];
  assert.is(short.length, 4);
  assert.is(long.length, 2);
  const ratio = short.reduce((sum, s) => sum + s, 0) / 4 / (long.reduce((sum, s) => sum + s, 0) / 2);
  assert.ok(Math.abs(SLOW_NODE_SPEED - ratio) < 0.001);
});

test.run();
