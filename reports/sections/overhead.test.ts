import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ExperimentResult } from '../../harness/result.ts';
import { valuesCell } from '../results/testCells.ts';
import { overheadSection } from './overhead.ts';
import type { Topic } from './topic.ts';

const EXPERIMENT: ExperimentResult = {
  experiment: { id: 'overhead', title: '', question: '', paper: '' },
  ...{ claims: [], caveats: [], cells: [], left: [] },
};

type Samples = Readonly<Record<string, readonly number[]>>;

const topicOf = (samples: Samples, limitedValues = {}): Topic | undefined => {
  const cells = [{ ...valuesCell({ scenario: 'jobs', values: {}, limitedValues }), samples }];
  return overheadSection({ ...EXPERIMENT, cells })[0];
};
const findingOf = (samples: Samples): string => (topicOf(samples)?.finding ?? '').replaceAll('\u00a0', ' ');

test('a job’s overhead is told in time and in processor time, and what a job costs that does nothing as a part of the paper’s', () => {
  const finding = findingOf({
    'LINPACK overhead (%)': [1, 2, 3],
    'LINPACK overhead, processors (%)': [-0.5, -0.5, -0.5],
    'fixed cost (ms)': [50, 51, 52],
  });
  assert.match(
    finding,
    /^Mesos changed the time of LINPACK by \+2\.0% \[\+1\.0, \+3\.0; 75% sure\] and the processor time by −0\.5%/,
  );
  assert.match(finding, /took 51 ms longer .*: 0\.10% of LINPACK’s 50\.9 s and 0\.03% of WordCount’s 160 s/);
  assert.not.match(finding, /machine’s doing/);
});

test('without processor time only the time is told', () => {
  const finding = findingOf({ 'WordCount overhead (%)': [3, 3, 3] });
  assert.match(finding, /^Mesos changed the time of WordCount by \+3\.0% \[[^\]]*\]\./);
  assert.not.match(finding, /processor/);
});

test('of a job whose pairs tell of the machine it is said, and of that alone', () => {
  const samples = { 'LINPACK overhead (%)': [1, 2, 3], 'WordCount overhead (%)': [1, 2, 3] };
  const finding = topicOf(samples, { 'WordCount overhead (%)': 'Pairs differ.' })?.finding ?? '';
  assert.match(
    finding,
    /LINPACK by [^[]*\[[^\]]*\]\. .*WordCount by [^[]*\[[^\]]*\], which is the machine’s doing/,
  );
});

test('how many pairs of runs there were stands below the chart', () => {
  const [figure] = topicOf({ 'LINPACK overhead (%)': [1, 2, 3, 4] })?.figures ?? [];
  if (figure?.state !== 'drawn') throw new Error('there is no chart');
  assert.is(figure.notes[0], 'Medians over 4\u00a0paired runs.');
  assert.is(figure.datasets[0]?.columns.find(({ field }) => field === 'n')?.title, 'paired runs');
});

test('an interval of four pairs is not called one of 95%: not in the chart, its table or the finding', () => {
  const topic = topicOf({ 'LINPACK overhead (%)': [1, 2, 3, 4] });
  const [figure] = topic?.figures ?? [];
  if (figure?.state !== 'drawn') throw new Error('there is no chart');
  assert.is(figure.key.find(({ mark }) => mark === 'whisker')?.label, '87.5% interval');
  assert.is(figure.datasets[0]?.columns.find(({ field }) => field === 'low')?.title, '87.5% interval from');
  assert.match(topic?.finding ?? '', /\[\+1\.0, \+4\.0; 87\.5% sure\]/);
});

test.run();
