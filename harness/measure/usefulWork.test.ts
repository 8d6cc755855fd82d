import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fold } from './fold.ts';
import { launched, slaveRegistered, updated, writer } from './testHistory.ts';
import { usefulWork } from './usefulWork.ts';

const master = writer('master@m:5050');
const TASK = { cpus: 1, mem: 1 };

test('of a task that takes 5 s for 4 s of work, four fifths are useful, as far as it is in the window', () => {
  const lines = [
    master(0, slaveRegistered('s', { cpus: 2, mem: 2 })),
    master(0, launched('t', 'f', 's', TASK)),
    master(5_000, updated('t', 'f', 's', 'TASK_FINISHED')),
    master(5_000, launched('u', 'f', 's', TASK)),
    master(10_000, updated('u', 'f', 's', 'TASK_FINISHED')),
  ];
  const of = (fromMs: number, toMs: number) =>
    fold(lines, usefulWork({ cpus: 1, workMs: 4_000 }, { fromMs, toMs })).values;
  assert.equal(of(0, 10_000), { 'useful (%)': 40, 'tasks (tasks)': 2 });
  assert.equal(of(0, 5_000), { 'useful (%)': 40, 'tasks (tasks)': 1 });
  assert.equal(of(8_000, 12_000), { 'useful (%)': 20, 'tasks (tasks)': 1 });
});

test('what did not finish was no use', () => {
  const lines = [
    master(0, slaveRegistered('s', TASK)),
    master(0, launched('t', 'f', 's', TASK)),
    master(5_000, updated('t', 'f', 's', 'TASK_KILLED')),
    master(5_000, launched('u', 'f', 's', TASK)),
  ];
  const { values } = fold(lines, usefulWork({ cpus: 1, workMs: 4_000 }, { fromMs: 0, toMs: 10_000 }));
  assert.equal(values, { 'useful (%)': 0, 'tasks (tasks)': 0 });
});

test.run();
