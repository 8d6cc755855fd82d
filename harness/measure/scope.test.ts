import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { taskKey } from './scope.ts';

const keyOf = (by: string, taskId: string, frameworkId: string): string =>
  taskKey({
    t: 0,
    seq: 0,
    by,
    event: 'task-updated',
    taskId,
    frameworkId,
    slaveId: 's',
    state: 'TASK_RUNNING',
  });

test('a task has one key, whichever master tells of it, and none that another has', () => {
  for (const round of [1, 2]) {
    const keys = [
      keyOf('master@m1', 't', 'f'),
      keyOf('master@m1', 't', 'g'),
      keyOf('master@m1', 'u', 'f'),
      keyOf('standalone@f1', 't', 'f'),
      keyOf('standalone@f2', 't', 'f'),
    ];
    assert.is(new Set(keys).size, keys.length, `round ${round}`);
    assert.is(keyOf('master@m2', 't', 'f'), keys[0]);
    assert.is(keyOf('master@m1', 't', 'f'), keys[0]);
  }
});

test('keys stay the same when there were more tasks than are remembered', () => {
  const keys = (): string[] => Array.from({ length: 1500 }, (_, n) => keyOf('master@m', `t${n}`, 'f'));
  const before = keys();
  assert.is(new Set(before).size, before.length);
  assert.equal(keys(), before);
});

test.run();
