import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { localities, localMaps } from './locality.ts';
import { blockRead, writer } from './testHistory.ts';

const line = writer('scheduler');
/** Real clocks count from 1970. */
const START_MS = 1_800_000_000_000;
const LINES = [
  line(START_MS + 1_000, blockRead('a', 'a1', 'local')),
  line(START_MS + 9_000, blockRead('a', 'a2', 'local')),
  line(START_MS + 9_500, blockRead('b', 'b1', 'remote')),
  line(START_MS + 31_000, blockRead('b', 'b2', 'remote')),
];

test('blocks are counted by framework and by where they came from', () => {
  const measure = localities();
  for (const one of LINES) measure.observe(one);
  assert.equal(
    [...measure.result()],
    [
      ['a', { local: 2, remote: 0 }],
      ['b', { local: 0, remote: 2 }],
    ],
  );
});

test('local maps are a percentage of all, and a curve with no points where no map ended', () => {
  const measure = localMaps();
  for (const one of LINES) measure.observe(one);
  const { values, curves } = measure.result();
  assert.equal(values, { 'local maps (%)': 50 });
  const curve = curves?.['local maps (%)'];
  assert.equal(curve?.x, [5, 35]);
  assert.equal(curve?.y.map(Math.round), [67, 0]);
});

test.run();
