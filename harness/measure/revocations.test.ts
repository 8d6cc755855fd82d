import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HistoryEvent, HistoryLine } from '../../mesos/protocol/history.ts';
import { fold } from './fold.ts';
import { revocations } from './revocations.ts';
import { frameworkRegistered, jobSubmitted, launched, updated, writer } from './testHistory.ts';

const TASK = { cpus: 1 };
const revoked = (taskId: string, frameworkId: string, forFrameworkId: string): HistoryEvent => ({
  event: 'task-revoked',
  ...{ taskId, frameworkId, slaveId: 's', forFrameworkId },
  graceMs: 10_000,
});

/** `rich` has three tasks and is guaranteed one; `poor` is guaranteed two and wants two. */
function history(more: readonly (readonly [t: number, event: HistoryEvent])[]): readonly HistoryLine[] {
  const master = writer('master@m:5050');
  return [
    master(0, frameworkRegistered('fr', 'rich')),
    master(0, frameworkRegistered('fp', 'poor')),
    master(0, jobSubmitted('rich', 'job', 0)),
    ...['a', 'b', 'c'].map((task) => master(1_000, launched(task, 'fr', 's', TASK))),
    master(5_000, jobSubmitted('poor', 'job', 5_000)),
    ...more.map(([t, event]) => master(t, event)),
  ];
}

const result = (more: readonly (readonly [t: number, event: HistoryEvent])[], graceUsed = 0) =>
  fold(history(more), revocations({ guarantees: { rich: { cpus: 1 }, poor: { cpus: 2 } }, graceUsed }));
const failed = (more: readonly (readonly [t: number, event: HistoryEvent])[], graceUsed = 0) =>
  (result(more, graceUsed).checks ?? []).flatMap(({ id, verdict }) => (verdict === 'failed' ? [id] : []));

test('what has run in vain is lost; what finishes in its grace is not', () => {
  const lines = [
    [6_000, revoked('a', 'fr', 'fp')],
    [6_000, revoked('b', 'fr', 'fp')],
    [9_000, updated('a', 'fr', 's', 'TASK_FINISHED')],
    [11_000, updated('b', 'fr', 's', 'TASK_KILLED')],
  ] as const;
  assert.equal(result(lines).values, {
    'revoked (tasks)': 2,
    'revoked for poor (tasks)': 2,
    'revoked from rich (tasks)': 2,
    'revoked from poor (tasks)': 0,
    'work lost (task-s)': 10,
    'finished in their grace (tasks)': 1,
  });
  assert.equal(failed(lines), []);
});

test('who has no more than it is guaranteed must lose nothing, and tasks that are to end count no more', () => {
  const lines = ['a', 'b', 'c'].map((task) => [6_000, revoked(task, 'fr', 'fp')] as const);
  assert.equal(failed(lines.slice(0, 2)), []);
  assert.equal(failed(lines), ['guarantees-kept']);
});

test('nothing is revoked for one that has no tasks to launch, or has its share', () => {
  const launches = ['x', 'y'].map((task) => [5_500, launched(task, 'fp', 's', TASK)] as const);
  assert.equal(failed([...launches, [6_000, revoked('a', 'fr', 'fp')]]), ['revoked-on-demand']);
  // A task of its own that was lost is to run again.
  const lost = [5_600, updated('x', 'fp', 's', 'TASK_LOST')] as const;
  assert.equal(failed([...launches, lost, [6_000, revoked('a', 'fr', 'fp')]]), []);
});

test('a task has its grace, and no more', () => {
  const ends = (t: number) =>
    [
      [6_000, revoked('a', 'fr', 'fp')],
      [t, updated('a', 'fr', 's', 'TASK_KILLED')],
    ] as const;
  assert.equal(failed(ends(6_100)), []);
  assert.equal(failed(ends(6_100), 0.9), ['grace-kept']);
  assert.equal(failed(ends(15_000), 0.9), []);
  assert.equal(failed(ends(17_500)), ['grace-kept']);
});

test.run();
