import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ExperimentResult } from '../../harness/result.ts';
import { failedCell, valuesCell } from '../results/testCells.ts';
import { durationsSection } from './durations.ts';

const NOTHING: ExperimentResult = {
  experiment: { id: 'durations', title: '', question: '', paper: '' },
  claims: [],
  caveats: [],
  cells: [],
  left: [],
};

const cell = (likeness: number, medianS: number, distance: number) =>
  valuesCell({
    scenario: `likeness-${likeness}`,
    parameters: { 'likeness of a job’s tasks': likeness },
    values: { 'median job (s)': medianS, 'KS distance, jobs (fraction)': distance },
  });

test('the likeness that is nearest to the paper’s curve is named', () => {
  const [, jobs] = durationsSection({
    ...NOTHING,
    cells: [cell(1, 30, 0.3), cell(0, 190, 0.2), cell(0.5, 80, 0.1)],
  });
  assert.match(jobs?.finding ?? '', /Nearest .* likeness of 0\.5 half of the jobs take at most 80\.0\u00a0s/);
});

test('likenesses of which no run came to its end are left out', () => {
  const [, jobs] = durationsSection({
    ...NOTHING,
    cells: [failedCell('likeness-0', 1, 'no memory'), cell(0.5, 80, 0.1), cell(1, 30, 0.3)],
  });
  assert.not.match(jobs?.finding ?? '', 'nothing in common');
  assert.match(jobs?.finding ?? '', /equally long, .*: with a likeness of 1 half/);
  assert.not.match(JSON.stringify(jobs), 'NaN');
});

test('a report without runs says so, and still shows the paper’s curve', () => {
  const [lengths, jobs] = durationsSection(NOTHING);
  assert.match(lengths?.finding ?? '', /No jobs were drawn/);
  assert.is(jobs?.finding, 'No jobs were run.');
  assert.is(lengths?.figures[0]?.state, 'drawn');
});

test.run();
