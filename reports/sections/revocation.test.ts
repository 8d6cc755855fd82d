import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CellResult, Check } from '../../harness/result.ts';
import { failedCell, valuesCell } from '../results/testCells.ts';
import { revocationSection } from './revocation.ts';

const resultOf = (cells: readonly CellResult[]) => ({
  experiment: { id: 'revocation', title: '', question: '', paper: '' },
  cells,
  claims: [],
  caveats: [],
  left: [],
});
const findingOf = (cells: readonly CellResult[], topic: string): string =>
  revocationSection(resultOf(cells)).find(({ id }) => id === topic)?.finding ?? '';

const cell = (scenario: string, minutes: number, waitS: number, lost = 0, revoked = 0) =>
  valuesCell({
    scenario,
    parameters: { 'task length (min)': minutes, 'revoked after (s)': 5, 'grace (s)': 10 },
    values: {
      'newcomer time to its share (s)': waitS,
      'newcomer time to its share (% of a task)': waitS / minutes / 0.6,
      'work lost (task-s)': lost,
      'revoked (tasks)': revoked,
    },
  });
const CELLS = [
  cell('1min-never', 1, 15),
  cell('1min-revoked', 1, 14, 100, 10),
  cell('10min-never', 10, 150),
  cell('10min-revoked', 10, 14, 12_000, 100),
];

test('the wait is told for the longest tasks, and where revocation gains nothing', () => {
  const finding = findingOf(CELLS, 'wait').replaceAll('\u00a0', ' ');
  assert.match(
    finding,
    'With tasks of 10 min the newcomer waited 2 min 30 s without revocation, and 14.0 s with it',
  );
  assert.match(finding, '25 to 25% of a task');
  assert.match(finding, 'With tasks of 1 min revocation gains nothing.');
});

test('scenarios that failed or were not run are not told of as waits without a number', () => {
  const failed = (id: string) => failedCell(id, 1, 'out of memory');
  const after = (patience: number) => {
    const { provenance, ...rest } = cell(`after-${patience}s`, 10, 9 + patience, 100);
    return { ...rest, provenance: { ...provenance, parameters: { 'revoked after (s)': patience } } };
  };
  const some = [
    ...CELLS,
    cell('60min-never', 60, 900),
    failed('60min-revoked'),
    after(1),
    after(30),
    failed('after-120s'),
  ];
  assert.match(
    findingOf(some, 'wait').replaceAll('\u00a0', ' '),
    'With tasks of 10 min the newcomer waited 2 min',
  );
  assert.match(findingOf([failed('1min-never'), ...CELLS.slice(1, 2)], 'wait'), /^Nothing was measured\.$/);
  assert.match(findingOf(some, 'delay'), 'With 30 s: 39 s to its share');
  for (const { finding } of revocationSection(resultOf(some))) assert.not.match(finding, /NaN|Infinity/);
});

test('the cost is told by the task', () => {
  const finding = findingOf(CELLS, 'cost').replaceAll('\u00a0', ' ');
  assert.match(finding, '100 tasks of 10 min were ended, and 3 h 20 min of work were lost with them: 20.0%');
});

test('promises are kept if every check of every run has passed, and broken by one', () => {
  const check = (verdict: Check['verdict']): Check => ({
    id: 'grace-kept',
    claim: 'A sentence.',
    verdict,
    detail: 'it was ended after 1 ms',
  });
  const checked = (verdict: Check['verdict']) => CELLS.map((one) => ({ ...one, checks: [check(verdict)] }));
  assert.match(findingOf(checked('passed'), 'promises'), 'No framework lost one');
  assert.match(findingOf(checked('failed'), 'promises'), /failed; the first: it was ended after 1 ms/);
  assert.match(findingOf(CELLS, 'promises'), 'Nothing was checked.');
});

test('without results nothing is claimed', () => {
  for (const { finding } of revocationSection(resultOf([]))) assert.match(finding, /^Nothing was \w+\.$/);
});

test.run();
