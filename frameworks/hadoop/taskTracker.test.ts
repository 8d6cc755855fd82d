/** One TaskTracker, with its threads and with file servers to read from. */
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { encodeData, type TaskInfo } from '../../mesos/protocol/entities.ts';
import type { Block } from '../files/block.ts';
import {
  ProgressSchema,
  readData,
  type TaskData,
  TaskDataSchema,
  TaskFailureSchema,
  TaskReportSchema,
  type TrackerData,
} from './taskData.ts';
import { createTaskTracker } from './taskTracker.ts';
import { TestSlave } from './testCluster.ts';
import { COMMAND } from './testJobs.ts';
import { assertTidy, onNodes, SECRET, type Setting } from './testNodes.ts';

const test = onNodes('a TaskTracker');

/** A TaskTracker on host a, and a map that reads a block from somewhere. */
function mapOn(
  setting: Setting,
  block: Block,
  nodes = setting.nodes,
  more: Partial<TrackerData> = {},
): { slave: TestSlave; task: TaskInfo } {
  const tracker = {
    ...more,
    space: 'ftest',
    seed: 0,
    nodes,
    memoryPerTaskBytes: 1 << 20,
    outputReplication: 1,
  };
  const executor = {
    executorId: 'tasktracker',
    name: 'x',
    command: COMMAND,
    resources: {},
    data: encodeData(tracker),
  };
  const data: TaskData = {
    type: 'map',
    jobId: 'job',
    index: 0,
    program: { type: 'wordcount' },
    block,
    reduces: 1,
  };
  const task = { name: 't', taskId: 't', slaveId: 's', resources: {}, executor, data: encodeData(data) };
  const slave = new TestSlave(createTaskTracker({ secret: SECRET }), 'a', executor);
  return { slave, task };
}

test('a TaskTracker tells the progress of its tasks as long as they run, if that is asked for', async (setting) => {
  const { slave, task } = mapOn(setting, setting.blocks[0] as Block);
  const told = mapOn(setting, setting.blocks[0] as Block, setting.nodes, { progressMs: 500 });
  for (const each of [slave, told.slave]) {
    each.executor.launchTask(each === slave ? task : told.task);
    each.clock.advance(1_200);
    await each.wait('t', 'TASK_FINISHED');
    each.clock.advance(60_000);
    each.executor.shutdown();
  }
  assert.equal(slave.messages, []);
  assert.is(told.slave.messages.length, 2);
  for (const message of told.slave.messages)
    assert.ok(v.is(ProgressSchema, message), JSON.stringify(message));
});

test('a killed task stops in the middle and removes its unfinished files', async (setting) => {
  // A file server that sends half a block and then nothing: the map waits in the middle of its input.
  const half = Promise.withResolvers<void>();
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-length': 1000 });
    response.write('half a block\n', () => half.resolve());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const nodes = { ...setting.nodes, slow: { url, dir: '/nowhere' } };
  const { slave, task } = mapOn(setting, { id: 'b', bytes: 1000, hosts: ['slow'] }, nodes);
  slave.executor.launchTask(task);
  await half.promise;
  assert.ok(existsSync(join(setting.dir, 'a', 'unfinished', 'ftest', 't')));
  slave.executor.killTask('t');
  await slave.wait('t', 'TASK_KILLED');
  assert.equal(
    slave.reported.map(({ state }) => state),
    ['TASK_RUNNING', 'TASK_KILLED'],
  );
  assertTidy(setting);
  slave.executor.shutdown();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('what a killed TaskTracker left behind goes when the next one starts', async (setting) => {
  const left = join(setting.dir, 'a', 'unfinished', 'ftest');
  const { slave, task } = mapOn(setting, setting.blocks[0] as Block);
  writeFileSync(join(setting.dir, 'a', 'uploads', 'other'), 'not of this framework');
  slave.executor.launchTask(task);
  const ended = await slave.wait('t', 'TASK_FINISHED');
  assert.is(readData(TaskReportSchema, ended.data)?.inputBytes, setting.blocks[0]?.bytes);
  writeFileSync(join(left, 'spill'), 'x');
  mapOn(setting, setting.blocks[0] as Block);
  assert.not(existsSync(left));
  assert.ok(existsSync(join(setting.dir, 'a', 'uploads', 'other')));
  slave.executor.shutdown();
});

test('a block that nobody has fails the task, with all that was tried', async (setting) => {
  const { slave, task } = mapOn(setting, { id: 'missing', bytes: 5, hosts: ['a', 'b', 'unknown'] });
  slave.executor.launchTask(task);
  const { message } = await slave.wait('t', 'TASK_FAILED');
  assert.match(message ?? '', /^Block 'missing' cannot be read: a: ENOENT.*; b: GET .*404 There is no file/);
  slave.executor.shutdown();
});

test('a part that nobody has fails the task, and who said so is told', async (setting) => {
  const nodes = { ...setting.nodes, c: { url: 'http://127.0.0.1:1', dir: '/nowhere' } };
  const { slave, task } = mapOn(setting, { id: 'part-m-00000', bytes: 5, hosts: ['b', 'c'] }, nodes);
  const data = encodeData({ ...readData(TaskDataSchema, task.data), outputOf: 'one' });
  slave.executor.launchTask({ ...task, data });
  const { message, data: failure } = await slave.wait('t', 'TASK_FAILED');
  assert.match(message ?? '', /^Of the output of job 'one': .*b: GET .*404.*; c: GET .*ECONNREFUSED/);
  assert.equal(readData(TaskFailureSchema, failure), {
    unreadable: { jobId: 'one', part: 'part-m-00000', hosts: ['b', 'c'], goneFrom: ['b'] },
  });
  slave.executor.shutdown();
});

test('a TaskTracker that lacks something says what', async (setting) => {
  const refusal = (secret: string, hostname: string, data: string | undefined): string => {
    const { task } = mapOn(setting, setting.blocks[0] as Block);
    const { data: _, ...rest } = task.executor;
    const executor = data === undefined ? rest : { ...rest, data };
    const slave = new TestSlave(createTaskTracker({ secret }), hostname, executor);
    slave.executor.launchTask(task);
    return slave.reported[0]?.message ?? '';
  };
  const { data } = mapOn(setting, setting.blocks[0] as Block).task.executor;
  assert.match(refusal('', 'a', data), /no secret for the file servers; set HADOOP_FILE_SECRET/);
  assert.match(refusal(SECRET, 'z', data), /'z' is not among the nodes/);
  assert.match(refusal(SECRET, 'a', undefined), /data of the TaskTracker cannot be read/);
});

test('an executor answers while its tasks are at work', async (setting) => {
  const { slave, task } = mapOn(setting, setting.blocks[0] as Block);
  slave.executor.launchTask(task);
  assert.equal(slave.reported, [{ taskId: 't', state: 'TASK_RUNNING' }], 'at once');
  slave.executor.killTask('t');
  await slave.wait('t', 'TASK_KILLED');
  slave.executor.shutdown();
});

test.run();
