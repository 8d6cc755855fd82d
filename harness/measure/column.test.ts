import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column } from './column.ts';

test('a column keeps what was set last for each number, in whatever order they come', () => {
  const column = new Column<string>();
  column.set(1_000, 'far');
  column.set(2, 'near');
  column.set(1_000, 'farther');
  assert.is(column.get(1_000), 'farther');
  assert.is(column.get(2), 'near');
});

test('nothing is known of a number that was not set, before or behind the others', () => {
  const column = new Column<string>();
  assert.is(column.get(0), undefined);
  column.set(5, 'five');
  assert.is(column.get(4), undefined);
  assert.is(column.get(6), undefined);
});

test.run();
