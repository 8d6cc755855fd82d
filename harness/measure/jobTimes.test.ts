import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { jobTimes } from './jobTimes.ts';
import {
  frameworkRegistered,
  jobFinished,
  jobStarted,
  jobSubmitted,
  launched,
  slaveRegistered,
  updated,
  writer,
} from './testHistory.ts';

const line = writer('master');

test('job times count from the intended submission, and CPUs until the last job ended', () => {
  const measure = jobTimes();
  for (const one of [
    line(0, slaveRegistered('slave', { cpus: 4, mem: 1024 })),
    line(0, frameworkRegistered('framework', 'small-jobs')),
    line(500, jobSubmitted('small-jobs', 'first', 0)),
    line(500, jobSubmitted('small-jobs', 'second', 500)),
    line(2_000, jobStarted('small-jobs', 'first')),
    line(2_000, launched('task', 'framework', 'slave', { cpus: 2, mem: 512 })),
    line(6_000, updated('task', 'framework', 'slave', 'TASK_FINISHED')),
    line(6_000, jobFinished('small-jobs', 'first')),
    line(8_000, jobFinished('small-jobs', 'second')),
    line(90_000, slaveRegistered('late', { cpus: 4, mem: 1024 })),
  ])
    measure.observe(one);
  const { values, curves } = measure.result();
  assert.is(values['mean job time, small-jobs (s)'], 6.75);
  assert.is(values['mean wait, small-jobs (s)'], 2);
  assert.is(values['last job ended (s)'], 8);
  assert.is(values['CPUs in use (%)'], 12.5);
  assert.equal(curves?.['job times, small-jobs (s)'], { x: [6, 7.5], y: [0.5, 1] });
});

test('the median is the middle, and 95% of the times are where 95 of 100 lie below', () => {
  const measure = jobTimes();
  const submitted = (n: number) => line(0, jobSubmitted('f', `${n}`, 0));
  const seconds = Array.from({ length: 101 }, (_, n) => n);
  for (const n of seconds) measure.observe(submitted(n));
  for (const n of seconds) measure.observe(line(1_000 * n, jobFinished('f', `${n}`)));
  const { values } = measure.result();
  assert.is(values['median job time, f (s)'], 50);
  assert.is(values['95 % of job times, f (s)'], 95);
  for (const [end, middle] of [
    [3_000, 3],
    [5_000, 4],
  ] as const) {
    measure.observe(line(0, jobSubmitted(`g${middle}`, 'a', 0)));
    measure.observe(line(0, jobSubmitted(`g${middle}`, 'b', 0)));
    measure.observe(line(3_000, jobFinished(`g${middle}`, 'a')));
    measure.observe(line(end, jobFinished(`g${middle}`, 'b')));
    assert.is(measure.result().values[`median job time, g${middle} (s)`], middle);
  }
});

test('a framework whose jobs never ended has no job times, and one whose jobs never started no wait', () => {
  const measure = jobTimes();
  measure.observe(line(0, slaveRegistered('slave', { cpus: 1 })));
  measure.observe(line(0, jobSubmitted('f', 'job', 0)));
  const { values } = measure.result();
  assert.equal(Object.keys(values), ['CPUs in use (%)', 'last job ended (s)']);
});

test.run();
