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

test.run();
