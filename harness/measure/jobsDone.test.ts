import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dominantShares } from './dominantShares.ts';
import { fold } from './fold.ts';
import { jobsDone } from './jobsDone.ts';
import { tasksHeld } from './tasksHeld.ts';
import { frameworkRegistered, jobFinished, jobSubmitted, launched, updated, writer } from './testHistory.ts';

test('jobs are counted when they have finished, by group', () => {
  const write = writer('scheduler@f:1');
  const lines = [
    write(0, jobSubmitted('a-1', 'j1', 0)),
    write(0, jobSubmitted('a-2', 'j1', 0)),
    write(0, jobSubmitted('b', 'j1', 0)),
    write(10_000, jobFinished('a-1', 'j1')),
    write(30_000, jobFinished('a-2', 'j1')),
    write(30_000, jobSubmitted('a-2', 'j2', 30_000)),
  ];
  assert.equal(fold(lines, jobsDone({ a: ['a-1', 'a-2'], b: ['b'] })()).values, {
    'a jobs done (count)': 2,
    'a job, mean (s)': 20,
    'b jobs done (count)': 0,
  });
});

/** `a` has 2 of 10 CPUs and 50 of 100 MiB from 0 to 4 s, then 4 CPUs and 20 MiB. */
function history() {
  const write = writer('master@m:1');
  return [
    write(0, frameworkRegistered('f1', 'a')),
    write(0, launched('t1', 'f1', 's1', { cpus: 2, mem: 50 })),
    write(4_000, updated('t1', 'f1', 's1', 'TASK_FINISHED')),
    write(4_000, launched('t2', 'f1', 's1', { cpus: 4, mem: 20 })),
    write(4_000, launched('t3', 'f1', 's1', { mem: 0 })),
  ];
}

test('the dominant share is that of the resource of which most is held', () => {
  const measure = dominantShares({
    frameworks: ['a', 'b'],
    cluster: { cpus: 10, mem: 100 },
    untilMs: 6_000,
    spans: { early: { fromMs: 0, toMs: 4_000 }, late: { fromMs: 4_000, toMs: 6_000 } },
  })();
  const { values, curves = {} } = fold(history(), measure);
  assert.equal(values, {
    'dominant share of a, early (%)': 50,
    'dominant share of b, early (%)': 0,
    'dominant share of a, late (%)': 40,
    'dominant share of b, late (%)': 0,
  });
  assert.equal(curves['dominant share of a (%)'], {
    x: [0.5, 1.5, 2.5, 3.5, 4.5, 5.5],
    y: [50, 50, 50, 50, 40, 40],
  });
  assert.equal(curves['CPUs of a (%)']?.y, [20, 20, 20, 20, 40, 40]);
});

test('tasks that run in the end are compared with what should run', () => {
  const { values, checks = [] } = fold(history(), tasksHeld({ a: 2, b: 1 })());
  assert.equal(values, { 'tasks of a (count)': 2, 'tasks of b (count)': 0 });
  assert.equal(
    checks.map(({ verdict }) => verdict),
    ['passed', 'failed'],
  );
});

test.run();
