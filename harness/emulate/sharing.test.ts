import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { RunTask } from '../../mesos/protocol/slave.ts';
import { sharing, sharingOrders } from './sharing.ts';

const runTask = (n: number): RunTask => ({
  type: 'RUN_TASK',
  frameworkId: 'f',
  frameworkInfo: { user: 'u', name: 'framework', id: 'f' },
  task: {
    name: 'task',
    taskId: `task.${n}`,
    slaveId: `s${n}`,
    resources: { cpus: 1 },
    executor: {
      executorId: 'e',
      name: 'load',
      command: { shell: false, value: 'x', arguments: [], environment: {} },
      resources: {},
    },
  },
});

test('two slaves keep once what is the same of what they are told', () => {
  const shared = sharingOrders();
  const [first, second] = [1, 2].map((n) => shared(runTask(n), `s${n}`));
  assert.equal([first, second], [runTask(1), runTask(2)]);
  assert.is(first?.frameworkInfo, second?.frameworkInfo);
  assert.is(first?.task.executor, second?.task.executor);
  assert.is(first?.task.resources, second?.task.resources);
});

test('what differs is not mixed up', () => {
  const shared = sharing();
  assert.is.not(shared({ cpus: 1 }), shared({ cpus: 2 }));
});

test.run();
