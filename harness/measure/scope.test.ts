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
  const keys = [
    keyOf('master@m1', 't', 'f'),
    keyOf('master@m1', 't', 'g'),
    keyOf('master@m1', 'u', 'f'),
    keyOf('standalone@f1', 't', 'f'),
    keyOf('standalone@f2', 't', 'f'),
  ];
  assert.is(new Set(keys).size, keys.length);
  assert.is(keyOf('master@m2', 't', 'f'), keys[0]);
});

test.run();
