import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ExperimentResult } from '../../harness/result.ts';
import { valuesCell } from '../results/testCells.ts';
import { overheadSection } from './overhead.ts';

const EXPERIMENT: ExperimentResult = {
  experiment: { id: 'overhead', title: '', question: '', paper: '' },
  ...{ claims: [], caveats: [], cells: [], left: [] },
};

const findingOf = (samples: Readonly<Record<string, readonly number[]>>): string => {
  const cells = [{ ...valuesCell({ scenario: 'jobs', values: {} }), samples }];
  return overheadSection({ ...EXPERIMENT, cells })[0]?.finding ?? '';
};

test('a job’s overhead is told in time and in processor time, and what a job costs that does nothing as a part of the paper’s', () => {
  const finding = findingOf({
    'LINPACK overhead (%)': [1, 2, 3],
    'LINPACK overhead, processors (%)': [0.5, 0.5, 0.5],
    'fixed cost (ms)': [50, 51, 52],
  });
  assert.match(finding, /^Through Mesos, LINPACK took 2\.0 % longer .* and 0\.5 % more processor time/);
  assert.match(
    finding,
    /took 51 ms longer .*: 0\.10 % of LINPACK’s 50\.9 s and 0\.03 % of WordCount’s 160 s/,
  );
});

test('without processor time only the time is told', () => {
  const finding = findingOf({ 'WordCount overhead (%)': [3, 3, 3] });
  assert.match(finding, /^Through Mesos, WordCount took 3\.0 % longer/);
  assert.not.match(finding, /processor/);
});

test.run();
