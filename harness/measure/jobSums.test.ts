import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CPU_USE, MEMORY_USE } from '../../reports/paper/macro.ts';
import { jobSums, meanOf, sumOf, waitOf } from './jobSums.ts';
import { largestShares } from './largestShares.ts';
import { regained } from './regained.ts';
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
import { use } from './use.ts';

test('sums, means by kind and waits count from the intended submission, aliases with whom they stand for', () => {
  const write = writer('framework@f:1');
  const measure = jobSums({ 'hadoop-small': 'hadoop' })();
  for (const line of [
    write(1000, jobSubmitted('hadoop', 'a', 900)),
    write(2000, jobStarted('hadoop', 'a')),
    write(3000, jobSubmitted('hadoop-small', 'b', 3000)),
    write(4000, jobStarted('hadoop-small', 'b')),
    write(4900, jobFinished('hadoop', 'a')),
    write(5000, jobFinished('hadoop-small', 'b')),
  ])
    measure.observe(line);
  assert.equal(measure.result().values, {
    [sumOf('hadoop')]: 6,
    [waitOf('hadoop')]: 1.05,
    [meanOf('hadoop', 'kind of a', 2)]: 4,
    [meanOf('hadoop', 'kind of b', 2)]: 2,
  });
});

test('jobs that failed or never ended took no time that could be compared, and then there is no sum', () => {
  const write = writer('framework@f:1');
  for (const last of [
    [],
    [write(9000, { event: 'job-finished', framework: 'hadoop', jobId: 'b', outcome: 'failed' })],
  ]) {
    const measure = jobSums()();
    for (const line of [
      write(1000, jobSubmitted('hadoop', 'a', 1000)),
      write(1000, jobSubmitted('hadoop', 'b', 1000)),
      write(2000, jobSubmitted('spark', 'c', 2000)),
      write(4000, jobFinished('hadoop', 'a')),
      write(4000, jobFinished('spark', 'c')),
      ...last,
    ])
      measure.observe(line);
    assert.equal(measure.result().values, {
      [meanOf('hadoop', 'kind of a', 2)]: 3,
      [sumOf('spark')]: 2,
      [meanOf('spark', 'kind of c', 2)]: 2,
    });
  }
});

/** Two slaves of their own masters, which call their frameworks the same. */
function partitions() {
  const [one, two, slave] = [writer('a@f1:1'), writer('b@f2:1'), writer('slave@host-of-s2:1')];
  const task = { cpus: 1, mem: 100 };
  return [
    one(0, slaveRegistered('s1', { cpus: 2, mem: 1000 })),
    one(0, frameworkRegistered('f', 'first')),
    two(0, slaveRegistered('s2', { cpus: 2, mem: 1000 })),
    two(0, frameworkRegistered('f', 'second')),
    two(1000, jobSubmitted('second', 'j', 1000)),
    two(2000, launched('t', 'f', 's2', task)),
    slave(2000, { event: 'executor-started', frameworkId: 'f', executorId: 'e', slaveId: 's2' }),
    one(2000, launched('t', 'f', 's1', { cpus: 2, mem: 100 })),
    two(6000, updated('t', 'f', 's2', 'TASK_FINISHED')),
    slave(7000, { event: 'executor-exited', frameworkId: 'f', executorId: 'e', slaveId: 's2', status: 0 }),
    one(9000, updated('t', 'f', 's1', 'TASK_FINISHED')),
  ];
}

test('use is the mean over a window from the first submission on, of the whole cluster, with executors', () => {
  const measure = use({ windowS: 10, cpuUsedPerHeld: 0.5, executorMiB: { second: 200 } })();
  for (const line of partitions()) measure.observe(line);
  const { values, curves } = measure.result();
  // (4 s of 1 CPU and 7 s of 2) / 10 s / 4 CPUs, of which a half is used.
  assert.ok(Math.abs((values[CPU_USE] ?? 0) - 22.5) < 1e-9, `${values[CPU_USE]}`);
  // (4 s and 7 s of 100 MiB, 5 s of 200 MiB) / 10 s / 2,000 MiB.
  assert.ok(Math.abs((values[MEMORY_USE] ?? 0) - 10.5) < 1e-9, `${values[MEMORY_USE]}`);
  assert.equal(curves?.[CPU_USE]?.x, [10]);
});

test('the largest share is of the whole cluster', () => {
  const measure = largestShares()();
  for (const line of partitions()) measure.observe(line);
  assert.equal(measure.result().values, {
    'largest share of first (%)': 50,
    'largest share of second (%)': 25,
  });
});

test('what held nothing and then a quarter took the time between, each time anew', () => {
  const write = writer('master@m:1');
  const measure = regained(['first'])();
  const task = { cpus: 1, mem: 1 };
  const lines = [
    write(0, slaveRegistered('s1', { cpus: 8, mem: 1000 })),
    write(0, frameworkRegistered('f', 'first')),
    write(0, frameworkRegistered('g', 'second')),
    // A quarter after 3 s.
    write(1000, launched('a', 'f', 's1', task)),
    write(1500, launched('x', 'g', 's1', task)),
    write(4000, launched('b', 'f', 's1', task)),
    write(5000, launched('c', 'f', 's1', task)),
    write(6000, updated('c', 'f', 's1', 'TASK_FINISHED')),
    write(6000, updated('b', 'f', 's1', 'TASK_FINISHED')),
    write(6500, launched('d', 'f', 's1', task)),
    write(7000, updated('d', 'f', 's1', 'TASK_FINISHED')),
    write(7000, updated('a', 'f', 's1', 'TASK_FINISHED')),
    // And after 1 s.
    write(9000, launched('e', 'f', 's1', task)),
    write(10_000, launched('h', 'f', 's1', task)),
  ];
  for (const line of lines) measure.observe(line);
  assert.equal(measure.result().values, {
    'from nothing to a quarter, first, mean (s)': 2,
    'from nothing to a quarter, first, median (s)': 2,
  });
});

test.run();
