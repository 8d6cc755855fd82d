import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CellResult, ClockKind } from '../../harness/result.ts';
import { type ClockRuns, clockRuns, fullPairs, whyNoPair } from './clockRuns.ts';
import { completedCell, failedCell, framework, valuesCell } from './testCells.ts';

function runsOf(clock: ClockKind, cells: readonly CellResult[]): ClockRuns {
  return clockRuns(clock, { cells, claims: [] });
}

test('cells of other clocks and other scenarios are left out', () => {
  const runs = runsOf('virtual', [
    completedCell({ frameworks: [framework('a', [])] }),
    completedCell({ clock: 'real', frameworks: [framework('b', [])] }),
    valuesCell({ scenario: 'lottery' }),
    failedCell('lottery', 1, 'no memory'),
  ]);
  assert.is(runs.completed.length, 1);
  assert.equal(runs.frameworks, ['a']);
  assert.is(runs.cells.length, 1);
});

test('the first seed with both systems is shown', () => {
  const runs = runsOf('virtual', [
    completedCell({ seed: 3 }),
    completedCell({ seed: 3, system: 'static' }),
    completedCell({ seed: 2 }),
    completedCell({ seed: 2, system: 'static' }),
    completedCell({ seed: 1 }),
  ]);
  assert.is(runs.shown?.seed, 2);
  assert.equal(
    fullPairs(runs).map(({ seed }) => seed),
    [2, 3],
  );
});

test('without a pair, half of one is shown', () => {
  const runs = runsOf('virtual', [completedCell({ seed: 4 }), failedCell('static', 4, 'no memory')]);
  assert.is(runs.shown?.seed, 4);
  assert.is(runs.shown?.static, null);
});

test('of two runs with the same seed the later one counts', () => {
  const runs = runsOf('virtual', [completedCell({ meanCpus: 0.1 }), completedCell({ meanCpus: 0.2 })]);
  assert.is(runs.shown?.mesos?.utilisation.meanCpus, 0.2);
});

test('what is missing is said in words', () => {
  assert.is(whyNoPair(runsOf('real', [])), 'No run was planned for this clock.');
  assert.is(
    whyNoPair(runsOf('virtual', [completedCell(), failedCell('static', 1, 'no memory')])),
    'No run on static partitions completed. Seed 1 failed: no memory',
  );
  assert.is(
    whyNoPair(runsOf('virtual', [completedCell({ seed: 1 }), completedCell({ seed: 2, system: 'static' })])),
    'No seed has completed on both systems.',
  );
  assert.is(whyNoPair(runsOf('virtual', [completedCell(), completedCell({ system: 'static' })])), null);
});

test.run();
