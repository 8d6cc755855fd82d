import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ExperimentResult } from '../../harness/result.ts';
import { valuesCell } from '../results/testCells.ts';
import { traceSection } from './trace.ts';

const NOTHING: ExperimentResult = {
  experiment: { id: 'trace', title: '', question: '', paper: '' },
  claims: [],
  caveats: [],
  cells: [],
  left: [],
};

test('without a file the section says how to give one', () => {
  const [only] = traceSection(NOTHING);
  assert.equal(only?.again, ['npx lab run trace --input FILE']);
});

test('the findings tell of bursts, tails and gains', () => {
  const cells = [
    valuesCell({
      scenario: 'shape',
      values: {
        jobs: 1_200,
        'span (h)': 24,
        'burstiness (variance over mean of jobs per minute)': 7.5,
        'tail index (Hill, largest 5 %)': 0.6,
      },
    }),
    valuesCell({
      scenario: 'mesos',
      parameters: { tasks: 5_000 },
      values: { 'mean job time, large-jobs (s)': 100, 'CPUs in use (%)': 50 },
    }),
    valuesCell({
      scenario: 'static',
      values: { 'mean job time, large-jobs (s)': 150, 'CPUs in use (%)': 40 },
    }),
  ];
  const [shape, runs] = traceSection({ ...NOTHING, cells });
  assert.match(
    shape?.finding ?? '',
    /1,200\u00a0jobs in 24 hours\. .* 7\.50 times .* bursts.* tail index is 0\.600, so heavy/,
  );
  assert.match(runs?.finding ?? '', /large-jobs take 1\.50× as long on static partitions/);
  assert.match(runs?.tables[0]?.html ?? '', /5,000/);
});

test('a tail index says what it means, whatever it is', () => {
  const findingWith = (tail: number): string => {
    const values = { jobs: 9, 'span (h)': 1, 'tail index (Hill, largest 5 %)': tail };
    const cells = [valuesCell({ scenario: 'shape', values })];
    return traceSection({ ...NOTHING, cells })[0]?.finding ?? '';
  };
  assert.match(findingWith(1.5), '1.50, a heavy tail.');
  assert.match(findingWith(5.57), '5.57, no heavy tail.');
});

test.run();
