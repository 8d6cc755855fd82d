import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DRF_PAPER } from '../../reports/paper/drf.ts';
import { drf } from './drf.ts';
import { failed, found } from './testFound.ts';

test('the example of the DRF paper comes out as there', async () => {
  assert.equal(failed(await found(drf, 'example')), []);
});

test('task lengths give the job times of the paper with three slots, on which they are calibrated', async () => {
  const { values } = await found(drf, 'slots-3');
  const paper = DRF_PAPER['slots-3'];
  assert.ok(paper !== undefined);
  for (const [kind, seconds] of [
    ['small', paper.smallS],
    ['large', paper.largeS],
  ] as const) {
    const ours = values[`${kind} job, mean (s)`] ?? 0;
    assert.ok(Math.abs(ours / seconds - 1) < 0.05, `${kind}: ${ours} s instead of ${seconds} s`);
  }
});

test('dominant shares are equal where both jobs need most of the same resource and it can be had evenly', async () => {
  const { values } = await found(drf, 'dynamic');
  const of = (job: number): number => values[`dominant share of job-${job}, minutes 4 to 6 (%)`] ?? 0;
  assert.ok(Math.abs(of(1) - of(2)) < 4, `${of(1)} and ${of(2)}`);
});

test.run();
