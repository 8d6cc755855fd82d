import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { convergence } from './convergence.ts';
import { cpuShares } from './cpuShares.ts';
import { fold } from './fold.ts';
import { fullNodes } from './fullNodes.ts';
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
import { timesUp, waits } from './waits.ts';

const SLOT = { cpus: 1 };

/** Two slaves; `a` has one of two slots of the first from 0, `b` both of the second from 10; `a` takes the other slot of the first at 50. */
function history() {
  const write = writer('master@m:1');
  return [
    write(0, slaveRegistered('s1', { cpus: 2 })),
    write(0, slaveRegistered('s2', { cpus: 2 })),
    write(0, frameworkRegistered('f1', 'a')),
    write(0, frameworkRegistered('f2', 'b')),
    write(0, launched('t1', 'f1', 's1', SLOT)),
    write(10, launched('t1', 'f2', 's2', SLOT)),
    write(10, launched('t2', 'f2', 's2', SLOT)),
    write(50, launched('t2', 'f1', 's1', SLOT)),
    write(80, updated('t1', 'f1', 's1', 'TASK_FINISHED')),
    write(80, updated('t1', 'f1', 's1', 'TASK_FINISHED')),
    write(100, updated('t1', 'f2', 's2', 'TASK_FINISHED')),
  ];
}

test('shares are means over the span, of all groups and of each', () => {
  const groupOf = (framework: string, host: string): string | undefined =>
    host === 'host-of-s2' ? framework : undefined;
  const all = cpuShares({
    groups: ['a', 'b'],
    groupOf: (framework) => framework,
    cpus: 4,
    span: { fromMs: 0, toMs: 100 },
    expected: { a: { percent: 32.5, giveOrTake: 0.1 }, b: { percent: 40, giveOrTake: 0.1 } },
    least: 80,
  })();
  const { values, checks = [] } = fold(history(), all);
  assert.is(values['CPUs of a (%)'], 32.5);
  assert.is(values['CPUs of b (%)'], 45);
  assert.is(values['CPUs in use (%)'], 77.5);
  assert.equal(
    checks.map(({ id, verdict }) => [id, verdict]),
    [
      ['share-of-a', 'passed'],
      ['share-of-b', 'failed'],
      ['waste-is-bounded', 'failed'],
    ],
  );
  const some = cpuShares({ groups: ['a', 'b'], groupOf, cpus: 2, span: { fromMs: 10, toMs: 100 } })();
  assert.equal(fold(history(), some).values['CPUs of b (%)'], 100);
  assert.equal(some.result().values['CPUs of a (%)'], 0);
});

test('a slave is full of long tasks while all of its slots have one', () => {
  const measure = fullNodes({
    framework: 'a',
    slots: 2,
    slaves: 2,
    span: { fromMs: 0, toMs: 100 },
    longFraction: 0.5,
  })();
  const { values } = fold(history(), measure);
  assert.is(values['slaves full of long tasks (%)'], 15);
  assert.is(values['long tasks (%)'], 32.5);
  assert.is(values['slaves full of long tasks by the paper (%)'], 25);
});

test('it has converged when all slots are with those that prefer them, and it must within the longest task', () => {
  const prefers = (framework: string, host: string): boolean =>
    host === `host-of-${framework === 'a' ? 's1' : 's2'}`;
  const what = { prefers, slots: 4, fromMs: 0, meanTaskMs: 100, longest: 0.5 };
  const { values, checks = [], curves = {} } = fold(history(), convergence(what)());
  assert.is(values['converged after (T)'], 0.5);
  assert.is(checks[0]?.verdict, 'passed');
  const { x = [], y = [] } = curves['slots with those that prefer them (%)'] ?? {};
  assert.is(x.length, y.length);
  assert.is(y[0], 25);
  assert.is(y[30], 100);
  assert.is(fold(history(), convergence({ ...what, longest: 0.4 })()).checks?.[0]?.verdict, 'failed');
  assert.is(fold(history(), convergence({ ...what, slots: 5 })()).checks?.[0]?.verdict, 'failed');
});

test('waits are those of the jobs of the span', () => {
  const write = writer('scheduler@f:1');
  const lines = [
    write(0, jobSubmitted('a', 'early', 0)),
    write(5_000, jobStarted('a', 'early')),
    write(10_000, jobSubmitted('a', 'one', 10_000)),
    write(12_000, jobStarted('a', 'one')),
    write(20_000, jobSubmitted('a', 'two', 20_000)),
    write(21_000, jobFinished('a', 'one')),
    write(24_000, jobStarted('a', 'two')),
    write(30_000, jobSubmitted('a', 'three', 30_000)),
  ];
  const { values } = fold(lines, waits('a', { fromMs: 10_000, toMs: 40_000 })());
  assert.equal(values, {
    'jobs of a (count)': 3,
    'jobs of a that never started (count)': 1,
    'wait of a, mean (s)': 3,
    'wait of a, 95th percentile (s)': 3.9,
    'job of a, mean (s)': 11,
  });
});

test('tasks whose time was up are counted, and one that ran for longer is found', () => {
  const write = writer('master@m:1');
  const upAt = (t: number) => [
    write(0, frameworkRegistered('f1', 'a')),
    write(0, launched('t1', 'f1', 's1', SLOT)),
    write(t, {
      ...updated('t1', 'f1', 's1', 'TASK_FAILED'),
      reason: 'REASON_MAX_COMPLETION_TIME_REACHED',
    } as never),
  ];
  const seen = fold(upAt(1_000), timesUp(['a', 'b'], 1_000)());
  assert.is(seen.values['tasks of a whose time was up (count)'], 1);
  assert.is(seen.values['tasks of b whose time was up (count)'], 0);
  assert.is(seen.checks?.[0]?.verdict, 'passed');
  assert.is(fold(upAt(1_100), timesUp(['a'], 1_000)()).checks?.[0]?.verdict, 'failed');
});

test.run();
