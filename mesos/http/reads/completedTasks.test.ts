import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CompletedSnapshot, CompletedTasks } from './completedTasks.ts';

const task = (n: number, size = 0) => ({ json: `{"id":"t${n}","more":"${'x'.repeat(size)}"}`, started: n });
const ids = (snapshot: CompletedSnapshot): readonly string[] => {
  const text = [...snapshot.pieces()].map((piece) => Buffer.from(piece).toString('latin1')).join('');
  const all = JSON.parse(`[${text.slice(1)}]`) as { id: string }[];
  return all.map(({ id }) => id);
};
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `t${from + i}`);

test('the latest thousand are kept, the first to end first', () => {
  const tasks = new CompletedTasks();
  assert.equal([...tasks.snapshot().pieces()], []);
  for (let n = 0; n < 2500; n++) {
    tasks.add(task(n));
    assert.is(tasks.size, Math.min(n + 1, 1000));
    if (n % 97 === 0 || n > 2400) assert.equal(ids(tasks.snapshot()), range(Math.max(0, n - 999), n + 1));
  }
});

test('one by one they are the same as all together', () => {
  const tasks = new CompletedTasks();
  for (let n = 0; n < 1234; n++) tasks.add(task(n));
  const snapshot = tasks.snapshot();
  assert.equal(
    [...snapshot].map(({ json }) => JSON.parse(json).id),
    ids(snapshot),
  );
  assert.equal(
    [...snapshot].map(({ started }) => `t${started}`),
    ids(snapshot),
  );
});

test('a snapshot stays as it was', () => {
  const tasks = new CompletedTasks();
  for (let n = 0; n < 300; n++) tasks.add(task(n));
  const snapshot = tasks.snapshot();
  for (let n = 300; n < 3000; n++) tasks.add(task(n));
  assert.equal(ids(snapshot), range(0, 300));
});

test('large ones are kept in smaller numbers', () => {
  const tasks = new CompletedTasks();
  for (let n = 0; n < 100; n++) tasks.add(task(n, 1 << 20));
  assert.ok(tasks.size < 10 && tasks.size > 3, `${tasks.size}`);
  assert.is(ids(tasks.snapshot()).at(-1), 't99');
  tasks.add(task(100, 20 << 20));
  assert.equal(ids(tasks.snapshot()), ['t100']);
});

test.run();
