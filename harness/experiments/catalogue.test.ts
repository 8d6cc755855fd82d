import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EXPERIMENTS } from './catalogue.ts';

test('every experiment has an id of its own', () => {
  assert.is(new Set(EXPERIMENTS.map(({ id }) => id)).size, EXPERIMENTS.length);
});

test('the static partitions of every experiment use all of its slaves, and none twice', () => {
  for (const { id, virtual, real } of EXPERIMENTS)
    for (const scenario of [virtual, real])
      assert.is(
        scenario.frameworks.reduce((sum, { partition }) => sum + partition, 0),
        scenario.slaves,
        id,
      );
});

test('every framework of an experiment has a name of its own, for its history goes by it', () => {
  for (const { virtual, real } of EXPERIMENTS)
    for (const { frameworks } of [virtual, real])
      assert.is(new Set(frameworks.map(({ name }) => name)).size, frameworks.length);
});

test.run();
