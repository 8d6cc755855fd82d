import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TaskInfo, TaskStatus } from '../protocol/entities.ts';
import type { TaskState } from '../protocol/tasks.ts';
import { KnownTasks } from './knownTasks.ts';

const task = (taskId: string): TaskInfo => ({
  name: taskId,
  taskId,
  slaveId: 's',
  resources: { cpus: 1 },
  executor: {
    executorId: 'e',
    name: 'e',
    command: { shell: false, value: 'e', arguments: [], environment: {} },
    resources: {},
  },
});
const status = (taskId: string, state: TaskState): TaskStatus => ({
  taskId,
  state,
  source: 'SOURCE_SLAVE',
  slaveId: 's',
  timestamp: 0,
});

test('a task is asked for until something is heard of it', () => {
  const tasks = new KnownTasks();
  tasks.launched(task('a'));
  tasks.launched(task('b'));
  assert.equal(tasks.asked(), []);
  tasks.askForAll();
  assert.is(tasks.heard(status('a', 'TASK_RUNNING')), 'tell');
  assert.equal(tasks.asked(), [{ taskId: 'b', slaveId: 's' }]);
  assert.is(tasks.heard(status('b', 'TASK_LOST')), 'tell');
  assert.equal(tasks.asked(), []);
});

test('a task that was lost and comes back is killed, and its end is not told again', () => {
  const tasks = new KnownTasks();
  tasks.launched(task('a'));
  tasks.heard(status('a', 'TASK_LOST'));
  assert.is(tasks.heard(status('a', 'TASK_RUNNING')), 'kill');
  assert.is(tasks.heard(status('a', 'TASK_KILLED')), 'drop');
});

test('a task that is to be killed is killed again when it turns out to run still', () => {
  const tasks = new KnownTasks();
  tasks.launched(task('a'));
  tasks.killed('a');
  assert.is(tasks.heard(status('a', 'TASK_RUNNING')), 'tell-and-kill');
  assert.is(tasks.heard(status('a', 'TASK_KILLED')), 'tell');
});

test('tasks of a predecessor become known by being heard of', () => {
  const tasks = new KnownTasks();
  assert.is(tasks.heard(status('old', 'TASK_RUNNING')), 'tell');
  tasks.askForAll();
  assert.equal(tasks.asked(), [{ taskId: 'old', slaveId: 's' }]);
});

test('an id that is used again is a new task', () => {
  const tasks = new KnownTasks();
  tasks.launched(task('a'));
  tasks.heard(status('a', 'TASK_FINISHED'));
  tasks.launched(task('a'));
  assert.is(tasks.heard(status('a', 'TASK_RUNNING')), 'tell');
});

test.run();
