import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type EndedTasks, hasEnded, NONE_ENDED, withEnded } from './endedTasks.ts';

const endedOf = (tasks: readonly (readonly [framework: string, task: string])[]): EndedTasks =>
  tasks.reduce((ended, [frameworkId, taskId]) => withEnded(ended, frameworkId, taskId), NONE_ENDED);

test('tasks of two frameworks may have the same id: each is known for what it is', () => {
  const ended = endedOf([
    ['f1', 't'],
    ['f3', 't'],
  ]);
  assert.equal(
    ['f1', 'f2', 'f3'].filter((id) => hasEnded(ended, id, 't')),
    ['f1', 'f3'],
  );
  assert.not(hasEnded(endedOf([['f', '1t']]), 'f1', 't'));
});

test('the last eight are known', () => {
  const ended = endedOf(Array.from({ length: 100 }, (_, n) => ['f', `t${n}`]));
  const known = Array.from({ length: 200 }, (_, n) => n).filter((n) => hasEnded(ended, 'f', `t${n}`));
  assert.equal(
    known,
    Array.from({ length: 8 }, (_, n) => 92 + n),
  );
});

test('a task whose end is told again takes no place of another', () => {
  const ended = endedOf([['f', 't'], ...Array.from({ length: 20 }, () => ['f', 'u'] as const)]);
  assert.ok(hasEnded(ended, 'f', 't'));
  assert.is(ended.length, 2);
});

test('ids that differ little are not taken for each other', () => {
  const prints = new Set<number | undefined>();
  for (let f = 0; f < 100; f++)
    for (let t = 0; t < 1_000; t++)
      prints.add(withEnded(NONE_ENDED, `2026-0-${f}`, `task-${t}.${f % 10}`)[0]);
  assert.is(prints.size, 100_000);
});

test.run();
