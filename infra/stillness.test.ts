import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fixedWorkMs, processorTicks, readTicks } from './stillness.ts';

test('stolen time is the eighth number of all processors, and guests are not counted twice', () => {
  const text = 'cpu  10 20 30 40 50 60 70 80 90 100\ncpu0 1 1 1 1 1 1 1 1 1 1\n';
  assert.equal(readTicks(text), { stolen: 80, all: 360 });
  assert.is(readTicks('intr 1 2 3\n'), undefined);
});

test('this machine has used its processors, and its fixed work takes time', () => {
  assert.ok((processorTicks()?.all ?? 0) > 0);
  assert.ok(fixedWorkMs().every((ms) => ms > 0));
});

test.run();
