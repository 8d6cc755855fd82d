import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { processorTicks, readTicks, takenByOthers } from './stillness.ts';

const OWN = '7 (a ) name) R 1 1 1 0 -1 4194304 100 0 0 0 1 2 3 4 20 0 1 0 5723187';

test('what is idle is the fourth and fifth number of all processors, and guests are not counted twice', () => {
  const text = 'cpu  10 20 30 40 50 60 70 80 90 100\ncpu0 1 1 1 1 1 1 1 1 1 1\n';
  assert.equal(readTicks(text, OWN), { all: 360, idle: 90, own: 10 });
  assert.is(readTicks('intr 1 2 3\n', OWN), undefined);
});

test('what was neither idle nor ours went to others', () => {
  const before = { all: 1000, idle: 500, own: 100 };
  assert.is(takenByOthers(before, { all: 1200, idle: 550, own: 150 }), 0.5);
  assert.is(takenByOthers(before, { all: 1200, idle: 600, own: 201 }), 0);
  assert.is(takenByOthers(before, before), 0);
});

test('this machine has used its processors, and so have we', () => {
  const ticks = processorTicks();
  assert.ok((ticks?.all ?? 0) > 0);
  assert.ok((ticks?.own ?? 0) > 0);
});

test.run();
