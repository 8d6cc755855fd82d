import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { clockRuns } from '../results/clockRuns.ts';
import { completedCell, framework, job } from '../results/testCells.ts';
import { speedUpFinding, timelineFinding } from './runFindings.ts';

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

test('a framework that Mesos made slower is said to have lost, not gained', () => {
  const found = (onMesos: readonly [number, number]): string => {
    const cells = [
      completedCell({
        system: 'mesos',
        frameworks: onMesos.map((s, n) => framework(`f${n}`, [job('j', 'scan', 2, s)])),
      }),
      completedCell({
        system: 'static',
        frameworks: onMesos.map((_, n) => framework(`f${n}`, [job('j', 'scan', 2, 10)])),
      }),
    ];
    return speedUpFinding(clockRuns('virtual', { cells, claims: [] }));
  };
  assert.match(found([5, 20]), 'on Mesos, the largest gain; those of f1 took 0.50×, the largest loss.');
  assert.match(found([12.5, 20]), 'on Mesos, the smallest loss; those of f1 took 0.50×, the largest loss.');
  assert.match(found([4, 5]), 'on Mesos, the largest gain; those of f1 took 2.00×, the smallest gain.');
});

test.run();
