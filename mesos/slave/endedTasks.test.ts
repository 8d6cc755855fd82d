import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EndedTasks } from './endedTasks.ts';

test('tasks of two frameworks may have the same id: each is known for what it is', () => {
  const ended = new EndedTasks();
  ended.add('f1', 't');
  assert.ok(ended.has('f1', 't'));
  assert.not(ended.has('f2', 't'));
  ended.add('f2', 't');
  ended.add('f3', 't');
  assert.equal(
    ['f1', 'f2', 'f3', 'f4'].filter((id) => ended.has(id, 't')),
    ['f1', 'f2', 'f3'],
  );
});

test('of frameworks without end that use the same id the latest are known', () => {
  const ended = new EndedTasks();
  for (let n = 0; n < 100; n++) ended.add(`f${n}`, 't');
  assert.ok(ended.has('f99', 't') && ended.has('f90', 't'));
  assert.not(ended.has('f89', 't'));
});

test('at least the last five hundred are known, and at most a thousand', () => {
  const ended = new EndedTasks();
  const known = (): number =>
    Array.from({ length: 5_000 }, (_, n) => ended.has('f', `t${n}`)).filter(Boolean).length;
  for (let n = 0; n < 1_700; n++) {
    ended.add('f', `t${n}`);
    assert.ok(ended.has('f', `t${Math.max(0, n - 499)}`));
  }
  assert.ok(known() <= 1_000);
  assert.not(ended.has('f', 't0'));
});

test('an id that another framework uses again is as young as its latest end', () => {
  const ended = new EndedTasks();
  ended.add('f1', 'old');
  for (let n = 0; n < 700; n++) ended.add('f1', `t${n}`);
  ended.add('f2', 'old');
  for (let n = 700; n < 1_100; n++) ended.add('f1', `t${n}`);
  assert.not(ended.has('f1', 't0'));
  assert.ok(ended.has('f1', 'old') && ended.has('f2', 'old'));
});

test('nothing is left when all is forgotten', () => {
  const ended = new EndedTasks();
  ended.add('f', 't');
  ended.clear();
  assert.not(ended.has('f', 't'));
});

test.run();
