import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CellResult } from '../../harness/result.ts';
import { valuesCell } from '../results/testCells.ts';
import { criticsSection } from './critics.ts';

const resultOf = (cells: readonly CellResult[]) => ({
  experiment: { id: 'critics', title: '', question: '', paper: '' },
  cells,
  claims: [],
  caveats: [],
  left: [],
});
const findingOf = (cells: readonly CellResult[], topic: string): string =>
  (criticsSection(resultOf(cells)).find(({ id }) => id === topic)?.finding ?? '').replaceAll('\u00a0', ' ');

test('how many seeds there are is left to the charts, for it is the user who says so', () => {
  for (const { caveat } of criticsSection(resultOf([]))) assert.not.match(caveat, /seeds?\b/);
});

test('slow schedulers: the fastest and the slowest are compared, and what helps', () => {
  const cell = (remedy: string, decisionS: number, waitS: number, finished: number) =>
    valuesCell({
      scenario: `slow-${decisionS}s-${remedy}`,
      parameters: { 'service decision (s)': decisionS, 'the master': remedy },
      values: {
        'batch attempt after (s)': waitS,
        'batch busy (%)': waitS / 10,
        'batch abandoned (%)': 0.5,
        'service started (%)': finished,
      },
    });
  const cells = [
    cell('none', 0.1, 10, 70),
    cell('none', 100, 500, 20),
    cell('rescind', 100, 90, 0),
    cell('limit', 100, 12, 15),
  ];
  const finding = findingOf(cells, 'slow-schedulers');
  assert.match(finding, 'batch jobs wait 8 min 20 s instead of 10.0 s');
  assert.match(finding, 'busy 50.0% of the time instead of 1.0%');
  assert.match(finding, 'With a limit on unanswered offers they wait 12.0 s.');
  assert.match(finding, 'gone by then: 0% of its jobs get a task, instead of 20%');
  const without = findingOf(cells.slice(0, 2), 'slow-schedulers');
  assert.match(without, 'batch jobs wait 8 min 20 s instead of 10.0 s');
  assert.not.match(without, /NaN|limit|rescinds/);
});

test('refusals: those that get too little are counted', () => {
  const cell = (refusedS: number, idle: number, share: number) =>
    valuesCell({
      scenario: `refuse-${refusedS}s-${idle}`,
      parameters: { 'refused for (s)': refusedS, 'idle frameworks': idle },
      values: { 'hungry share (%)': share },
    });
  const finding = findingOf([cell(5, 4, 60), cell(5, 8, 12), cell(5, 16, 7), cell(60, 8, 80)], 'refusals');
  assert.match(finding, 'less than 25% of it in 2 of 4 cases');
  assert.match(finding, 'With the usual 5 s, 8 idle frameworks are enough: 12.0%.');
});

test('gangs: a deadlock is told by what sits in offers', () => {
  const cell = (gangs: number, patienceS: number, rescindS: number, held: number) =>
    valuesCell({
      scenario: `gangs-${gangs}-patience-${patienceS}s-${rescindS}`,
      parameters: { gangs, 'patience (s)': patienceS, 'rescinded after (s)': rescindS },
      values: { 'in offers (%)': held, 'finished an hour (jobs)': held > 90 ? 1 : 50 },
    });
  const cells = [cell(2, 5, 0, 1), cell(4, 100_000, 0, 99), cell(4, 100_000, 30, 98)];
  const finding = findingOf(cells, 'gangs');
  assert.match(finding, 'In 2 of 3 cases more than 90% of the cluster sit in offers');
  assert.match(finding, 'Of 1 case in which endless patience ends like that, rescinding offers saves 0');
});

test('task lengths: what was not run is not told', () => {
  const cell = (scenario: string, useful: number) =>
    valuesCell({ scenario, values: { 'useful (%)': useful } });
  const cells = [cell('task-1s-start-3s-gather-0s', 25), cell('task-1s-start-0s-gather-1s', 50)];
  const finding = findingOf(cells, 'task-lengths');
  assert.match(finding, /^A master that gathers .*: 50\.0% of the time are work\.$/);
  assert.match(
    findingOf([...cells, cell('task-60s-start-3s-gather-0s', 95)], 'task-lengths'),
    /^If a task takes 3 s to start, 25\.0% are left with tasks of 1 s, and 95\.0% with tasks of a minute\. A master/,
  );
});

test('grain: of a pause only that was run both ways', () => {
  const cell = (grain: string, pauseS: number) =>
    valuesCell({
      scenario: `${grain}-pause-${pauseS}s`,
      parameters: { grain, 'pause (s)': pauseS },
      values: { 'short-jobs job time (s)': 18, 'spark job time (s)': 300 },
    });
  const finding = findingOf([cell('fine', 1), cell('coarse', 1), cell('fine', 30)], 'grain');
  assert.match(finding, 'With pauses of 1 s short jobs take 18.0 s');
  assert.not.match(finding, /30 s|NaN/);
  assert.is(findingOf([cell('fine', 1)], 'grain'), 'Nothing was measured.');
});

test('without results nothing is claimed', () => {
  assert.not.match(JSON.stringify(criticsSection(resultOf([]))), /Infinity|NaN/);
  for (const { finding } of criticsSection(resultOf([]))) assert.is(finding, 'Nothing was measured.');
});

test.run();
