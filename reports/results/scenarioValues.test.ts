import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { curveOf, estimateOf, scenariosOf, valueNames, valuesBySeed } from './scenarioValues.ts';
import { failedCell, valuesCell } from './testCells.ts';

const curve = (y: number) => ({ x: [0, 1], y: [y, y] });
const cells = [
  valuesCell({ scenario: 'a', seed: 2, values: { 'time (s)': 4 }, curves: { share: curve(2) } }),
  valuesCell({ scenario: 'a', seed: 1, values: { 'time (s)': 3 } }),
  valuesCell({
    scenario: 'a',
    seed: 3,
    values: { 'time (s)': 5, 'more (s)': 1 },
    curves: { share: curve(3) },
  }),
  valuesCell({ scenario: 'b', values: { 'time (s)': Number.NaN } }),
  failedCell('c', 1, 'No memory.'),
];

test('an estimate is the median over the seeds of one scenario', () => {
  assert.equal(estimateOf({ cells }, 'a', 'time (s)'), { value: 4, interval: [3, 5], n: 3 });
  assert.equal(estimateOf({ cells }, 'a', 'more (s)'), { value: 1, interval: null, n: 1 });
  for (const [scenario, value] of [
    ['a', 'no such'],
    ['b', 'time (s)'],
    ['c', 'time (s)'],
    ['d', 'time (s)'],
  ] as const)
    assert.is(estimateOf({ cells }, scenario, value), null);
});

test('of two cells with the same seed the later one counts', () => {
  const again = [...cells, valuesCell({ scenario: 'a', seed: 1, values: { 'time (s)': 30 } })];
  assert.equal(
    [...valuesBySeed(again, 'a', 'time (s)')],
    [
      [1, 30],
      [2, 4],
      [3, 5],
    ],
  );
});

test('a curve is that of the seed, by default of the first that has it', () => {
  assert.equal(curveOf({ cells }, 'a', 'share'), curve(2));
  assert.equal(curveOf({ cells }, 'a', 'share', 3), curve(3));
  assert.is(curveOf({ cells }, 'a', 'share', 1), null);
  assert.is(curveOf({ cells }, 'a', 'no such'), null);
});

test('scenarios and names of values stand in the order of the runs', () => {
  assert.equal(
    scenariosOf(cells).map(({ id, cells: own }) => [id, own.length]),
    [
      ['a', 3],
      ['b', 1],
      ['c', 1],
    ],
  );
  assert.equal(valueNames(cells), ['time (s)', 'more (s)']);
});

test.run();
