import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeData, type TaskInfo } from '../../mesos/protocol/entities.ts';
import { readData, type TaskData, TaskReportSchema, type TrackerData } from './taskData.ts';
import { createTaskTrackerModel, modelledLengthMs } from './taskTrackerModel.ts';
import { TestSlave } from './testCluster.ts';

const MODEL = { type: 'model', setUpMs: 0, mapMs: 1000, remoteMapMs: 1500, reduceMs: 4000, cv: 0 } as const;
const TRACKER: TrackerData = { space: 'f1', seed: 7, nodes: {}, memoryPerTaskBytes: 1, outputReplication: 1 };
const EXECUTOR = {
  executorId: 'tasktracker',
  name: 'x',
  command: { shell: true, value: 'x', arguments: [], environment: {} },
  resources: {},
  data: encodeData(TRACKER),
};

function taskInfo(taskId: string, data: TaskData): TaskInfo {
  return { name: taskId, taskId, slaveId: 's', resources: {}, executor: EXECUTOR, data: encodeData(data) };
}

function map(index: number, host: string, program: TaskData['program'] = MODEL): TaskInfo {
  const block = { id: `b${index}`, bytes: 64, hosts: [host] };
  return taskInfo(`m${index}`, { type: 'map', jobId: 'j', index, program, block, reduces: 1 });
}

const newSlave = (): TestSlave => new TestSlave(createTaskTrackerModel(), 'here', EXECUTOR);
const states = (slave: TestSlave): string[] =>
  slave.reported.map(({ taskId, state }) => `${taskId} ${state}`);

test('a local map, a remote map and a reduce take the times of their model, all at once', () => {
  const slave = newSlave();
  slave.executor.launchTask(map(0, 'here'));
  slave.executor.launchTask(map(1, 'there'));
  slave.executor.launchTask(
    taskInfo('r0', { type: 'reduce', jobId: 'j', index: 0, program: MODEL, hosts: [], mapHosts: [] }),
  );
  assert.equal(states(slave), ['m0 TASK_RUNNING', 'm1 TASK_RUNNING', 'r0 TASK_RUNNING']);
  slave.clock.advance(999);
  assert.is(slave.reported.length, 3);
  slave.clock.advance(1);
  assert.is(states(slave).at(-1), 'm0 TASK_FINISHED');
  slave.clock.advance(500);
  assert.is(states(slave).at(-1), 'm1 TASK_FINISHED');
  slave.clock.advance(2500);
  assert.is(states(slave).at(-1), 'r0 TASK_FINISHED');
  const reports = slave.reported.slice(3).map(({ data }) => readData(TaskReportSchema, data));
  assert.equal(reports.slice(0, 2), [
    { locality: 'local', inputBytes: 64, outputBytes: 0 },
    { locality: 'remote', inputBytes: 64, outputBytes: 0 },
  ]);
});

test('a killed task ends at once, and only once', () => {
  const slave = newSlave();
  slave.executor.launchTask(map(0, 'here'));
  slave.executor.launchTask(map(1, 'here'));
  slave.executor.killTask('m0');
  slave.executor.killTask('m0');
  slave.executor.killTask('unknown');
  slave.executor.shutdown();
  slave.clock.advance(10_000);
  assert.equal(states(slave).slice(2), ['m0 TASK_KILLED', 'm1 TASK_KILLED']);
});

test('a task with real work is refused', () => {
  const slave = newSlave();
  slave.executor.launchTask(map(0, 'here', { type: 'wordcount' }));
  assert.equal(slave.reported, [
    {
      taskId: 'm0',
      state: 'TASK_FAILED',
      message: 'A modelled TaskTracker runs only tasks of a modelled program.',
    },
  ]);
});

test('lengths have the mean and the coefficient of variation of their model', () => {
  const model = { ...MODEL, cv: 0.5 };
  const lengths = Array.from({ length: 20_000 }, (_, index) =>
    modelledLengthMs(1, { jobId: 'j', type: 'map', index }, model, 'local'),
  );
  const mean = lengths.reduce((a, b) => a + b) / lengths.length;
  const variance = lengths.reduce((a, b) => a + (b - mean) ** 2, 0) / lengths.length;
  assert.ok(Math.abs(mean - 1000) < 15, `mean ${mean}`);
  assert.ok(Math.abs(Math.sqrt(variance) / mean - 0.5) < 0.02, `cv ${Math.sqrt(variance) / mean}`);
  assert.ok(Math.min(...lengths) > 0);
});

test('a task is equally lucky wherever and whenever it runs, and another seed gives it other luck', () => {
  const model = { ...MODEL, cv: 0.5 };
  const length = (seed: number, index: number, locality: 'local' | 'remote' = 'local'): number =>
    modelledLengthMs(seed, { jobId: 'j', type: 'map', index }, model, locality);
  assert.is(length(1, 0), length(1, 0));
  assert.ok(Math.abs(length(1, 0, 'remote') / length(1, 0) - 1.5) < 1e-12);
  assert.is.not(length(1, 0), length(2, 0));
  assert.is.not(length(1, 0), length(1, 1));
});

test.run();
