import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeData } from '../../mesos/protocol/entities.ts';
import { readData, type TaskData, TaskDataSchema, writeData } from './taskData.ts';

const jobData = (job: number) =>
  ({ jobId: `j${job}`, program: { type: 'textsearch', pattern: 'é' } }) as const;
const ownData = (index: number) =>
  ({ type: 'map', index, block: { id: `b${index}`, bytes: 1, hosts: ['node1'] }, reduces: 2 }) as const;
const written = (job: number, index: number): string =>
  writeData(JSON.stringify(jobData(job)), ownData(index));
const read = (data: string): TaskData | undefined => readData(TaskDataSchema, data);

test('tasks of many jobs, in any order, are told what their job is told and what is their own', () => {
  for (const index of [0, 1])
    for (let job = 0; job < 100; job++)
      assert.equal(read(written(job, index)), { ...jobData(job), ...ownData(index) });
});

test('what the tasks of a job are told alike is read once', () => {
  const [one, other] = [read(written(1, 0)), read(written(1, 1))];
  assert.is(one?.program, other?.program);
  assert.is.not(one?.program, read(written(2, 0))?.program);
});

test('a task that is told all at once is told the same', () => {
  const task = { ...jobData(1), ...ownData(0) };
  assert.equal(read(encodeData(task)), task);
});

test('what is cut off, or is no task at all, is not read', () => {
  const data = written(1, 0);
  for (const bad of [undefined, '', 'x', encodeData(null), encodeData({ type: 'map' }), data.slice(0, -8)])
    assert.is(readData(TaskDataSchema, bad), undefined);
  assert.is(read(writeData('null', ownData(0))), undefined);
  assert.is(read(writeData('{', ownData(0))), undefined);
  assert.is(read(writeData(JSON.stringify(jobData(1)), { ...ownData(0), index: -1 })), undefined);
});

test.run();
