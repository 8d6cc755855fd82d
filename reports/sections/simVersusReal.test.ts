import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ExperimentResult } from '../../harness/result.ts';
import { completedCell, framework, job } from '../results/testCells.ts';
import { simVersusRealSection } from './simVersusReal.ts';

const side = (clock: 'virtual' | 'real', seconds: readonly number[], share: number) =>
  completedCell({
    clock,
    frameworks: [
      {
        ...framework(
          'batch',
          seconds.map((s, n) => job(`batch-${n}`, 'load', 4, s)),
        ),
        meanShareWhileBusy: share,
      },
    ],
  });

const result = (cells: ExperimentResult['cells']): ExperimentResult => ({
  experiment: { id: 'sim-versus-real', title: '', question: '', paper: '' },
  ...{ cells, claims: [], caveats: [], left: [] },
});

const findings = (cells: ExperimentResult['cells']): readonly string[] =>
  simVersusRealSection(result(cells)).map(({ finding }) => finding.replaceAll('\u00a0', ' '));

test('sides that are near each other agree', () => {
  const [shares = '', times = ''] = findings([
    side('virtual', [10, 10, 10], 0.5),
    side('real', [10.2, 10.5, 10.9], 0.51),
  ]);
  assert.match(shares, /\+1.0 points: the sides agree/);
  assert.match(times, /Of 3 jobs, half took at least 5.0% longer for real; the farthest is 9.0% off/);
  assert.match(times, /the sides agree \(.*interval of the median is 2\.0% to 9\.0%/);
});

test('sides that are far apart differ', () => {
  const [shares = '', times = ''] = findings([
    side('virtual', [10, 10, 10], 0.5),
    side('real', [12, 13, 14], 0.6),
  ]);
  assert.match(shares, /the sides differ/);
  assert.match(times, /the sides differ/);
});

test('where chance decides on which side of the limit the median is, that is said', () => {
  const [, times = ''] = findings([side('virtual', [10, 10, 10], 0.5), side('real', [10.2, 10.5, 12], 0.5)]);
  assert.match(times, /it is not clear whether the sides agree/);
});

test('with one side alone nothing is said, and nothing is thrown', () => {
  for (const finding of findings([side('virtual', [10], 0.5)])) assert.match(finding, /one of the two sides/);
});

test.run();
