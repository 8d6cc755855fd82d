import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DRF_PAPER } from '../../reports/paper/drf.ts';
import { mean } from '../statistics/mean.ts';
import { drf } from './drf.ts';
import { failed, found } from './testFound.ts';

/** Those of the experiment: where machines swap, a single one may be a tenth off. */
const SEEDS = [1, 2, 3];

test('the example of the DRF paper comes out as there', async () => {
  assert.equal(failed(await found(drf, 'example')), []);
});

for (const [policy, kind, what] of [
  ['slots-3', 'small', 'lengths of tasks'],
  ['slots-3', 'large', 'lengths of tasks'],
  ['slots-5', 'large', 'what swapping costs'],
] as const)
  test(`${what}: ${kind} jobs take as long as the paper’s with ${policy}, on which that is calibrated`, async () => {
    const times: number[] = [];
    for (const seed of SEEDS)
      times.push((await found(drf, policy, seed)).values[`${kind} job, mean (s)`] ?? 0);
    const [ours, paper] = [mean(times), DRF_PAPER[policy]?.[`${kind}S`] ?? 0];
    assert.ok(Math.abs(ours / paper - 1) < 0.07, `${ours} s instead of ${paper} s`);
  });

test('dominant shares are equal where both jobs need most of the same resource and it can be had evenly', async () => {
  const { values } = await found(drf, 'dynamic');
  const of = (job: number): number => values[`dominant share of job-${job}, minutes 4 to 6 (%)`] ?? 0;
  assert.ok(Math.abs(of(1) - of(2)) < 4, `${of(1)} and ${of(2)}`);
});

test.run();
