import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { clockRuns } from '../results/clockRuns.ts';
import { completedCell } from '../results/testCells.ts';
import { timelineFinding } from './runFindings.ts';

test('of slaves that are left out of a timeline the finding says nothing, and says so', () => {
  const found = (slavesLeftOut: number): string => {
    const timeline = {
      ...{ slots: [1, 1], slavesLeftOut, tasks: 3, pauseS: 0, frameworks: ['a', 'b'] },
      ...{ slave: [0, 0, 1], slot: [0, 0, 0], framework: [0, 1, 0], fromS: [0, 1, 0], toS: [1, 2, 1] },
    };
    return timelineFinding(clockRuns('virtual', { cells: [{ ...completedCell(), timeline }], claims: [] }));
  };
  assert.is(found(0), 'On Mesos, 1 of 2\u00a0slaves ran tasks of more than one framework.');
  assert.is(found(54), 'On Mesos, 1 of the 2\u00a0slaves shown ran tasks of more than one framework.');
});

test.run();
