import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { EventCounts } from './counts.ts';

const line = (event: object): HistoryLine => ({ t: 7, seq: 1, by: 'master@host:1', ...event }) as HistoryLine;
const elected = line({ event: 'master-elected', masterId: 'm' });

test('events are counted by name, updates of tasks by name and state', () => {
  const counts = new EventCounts();
  for (const state of ['TASK_RUNNING', 'TASK_RUNNING', 'TASK_FINISHED'])
    counts.count(line({ event: 'task-updated', taskId: 't', frameworkId: 'f', slaveId: 's', state }));
  counts.count(elected);
  assert.equal(counts.all, {
    'task-updated/TASK_RUNNING': 2,
    'task-updated/TASK_FINISHED': 1,
    'master-elected': 1,
  });
});

test('a mark is told when it is reached, and only then', () => {
  const counts = new EventCounts([
    { event: 'master-elected', count: 2 },
    { event: 'master-elected', count: 3 },
  ]);
  const told = [elected, elected, elected, elected].map((each) => counts.count(each)?.count);
  assert.equal(told, [undefined, 2, 3, undefined]);
});

test.run();
