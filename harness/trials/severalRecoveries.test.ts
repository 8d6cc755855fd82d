import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Findings } from '../experiments/experiment.ts';
import { severalRecoveries } from './severalRecoveries.ts';

const recovery = (mttrS: number, afterElectionS: number, missing = 0): Findings => ({
  values: { 'MTTR (s)': mttrS, 'election to all back (s)': afterElectionS },
  curves: { launches: { x: [0], y: [mttrS] } },
  checks: [
    {
      id: 'all-back',
      claim: 'All come back.',
      verdict: missing === 0 ? 'passed' : 'failed',
      detail: `${missing} are missing`,
    },
  ],
});

test('each recovery is a sample, values are medians, and curves are those of the middle one', () => {
  const { values, samples, curves, checks, limited } = severalRecoveries(
    [recovery(3, 0.2), recovery(1, 0.4), recovery(2, 0.3)],
    undefined,
  );
  assert.equal(samples, { 'MTTR (s)': [3, 1, 2], 'election to all back (s)': [0.2, 0.4, 0.3] });
  assert.equal(values, { 'MTTR (s)': 2, 'election to all back (s)': 0.3 });
  assert.equal(curves, { launches: { x: [0], y: [2] } });
  assert.equal(
    checks?.map(({ verdict, detail }) => [verdict, detail]),
    [['passed', 'after each of 3 kills']],
  );
  assert.is(limited, undefined);
});

test('one recovery from which somebody is missing fails the check, and a stage that it did not reach has fewer samples', () => {
  const { 'MTTR (s)': _, ...others } = recovery(0, 0.2).values;
  const { samples, checks } = severalRecoveries(
    [recovery(2, 0.3), { ...recovery(0, 0.2, 4), values: others }],
    undefined,
  );
  assert.equal(samples?.['MTTR (s)'], [2]);
  assert.equal(
    checks?.map(({ verdict, detail }) => [verdict, detail]),
    [['failed', 'after kill 2: 4 are missing']],
  );
});

test('a machine that was full limits what its part of the time to recovery is large enough to show', () => {
  const limitOf = (mttrS: number, busyPart: number): string | undefined =>
    severalRecoveries([recovery(mttrS, 0.5)], [busyPart]).limited;
  assert.match(limitOf(1.5, 0.99) ?? '', /33% of the time to recovery.* 99% busy/);
  assert.is(limitOf(1.5, 0.7), undefined);
  assert.is(limitOf(11, 0.99), undefined);
});

test.run();
