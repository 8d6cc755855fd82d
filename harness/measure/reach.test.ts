import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fold } from './fold.ts';
import { reach } from './reach.ts';
import { frameworkRegistered, jobSubmitted, launched, updated, writer } from './testHistory.ts';

const master = writer('master@m:5050');
const TASK = { cpus: 1, mem: 10 };
const LINES = [
  master(0, frameworkRegistered('fn', 'new')),
  master(0, frameworkRegistered('fo', 'other')),
  master(1_000, launched('x', 'fo', 's', TASK)),
  master(10_000, jobSubmitted('new', 'job', 10_000)),
  master(12_000, launched('a', 'fn', 's', TASK)),
  master(13_000, updated('a', 'fn', 's', 'TASK_LOST')),
  master(14_000, launched('b', 'fn', 's', TASK)),
  master(15_000, launched('c', 'fn', 's', TASK)),
  master(21_000, launched('d', 'fn', 's', TASK)),
];

test('a framework has its share when its tasks hold it for the first time, counted from when it first wanted something', () => {
  const { values, curves } = fold(
    LINES,
    reach('new', { share: { cpus: 2, mem: 20 }, ofMs: 50_000, curve: true }),
  );
  assert.equal(values, {
    'new time to its share (s)': 5,
    'new time to its share (% of a task)': 10,
  });
  assert.equal(curves, { 'new (CPUs)': { x: [0, 2, 3, 4, 5, 10], y: [0, 1, 0, 1, 2, 2] } });
});

test('one that never has it has no such value', () => {
  assert.equal(fold(LINES, reach('new', { share: { cpus: 9 }, ofMs: 1, curve: false })), { values: {} });
});

test.run();
