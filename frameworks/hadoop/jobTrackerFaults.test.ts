import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeData, type TaskInfo } from '../../mesos/protocol/entities.ts';
import type { TaskFailure } from './taskData.ts';
import { events, farJob, finish, ids, job, start } from './testJobs.ts';

test('a failed task runs again, and the job fails with the reason when it has failed too often', () => {
  const run = start([farJob('j', 2), farJob('k', 1)], { failuresPerTaskMax: 3 });
  const [first, other] = run.master.offer({ a: 3 }).a ?? [];
  assert.equal(ids([first as TaskInfo, other as TaskInfo]), ['j_m_0_0', 'k_m_0_0']);
  run.master.update(first as TaskInfo, 'TASK_FAILED', { message: 'bad disk' });
  for (const id of ['j_m_0_1', 'j_m_0_2']) {
    const [again] = run.master.offer({ b: 1 }).b ?? [];
    assert.is(again?.taskId, id);
    run.master.update(again as TaskInfo, 'TASK_FAILED', { message: 'bad disk' });
  }
  assert.equal(run.master.killed, ['j_m_1_0'], 'what still runs of the job is killed');
  assert.equal(events(run, 'job-finished'), [
    {
      event: 'job-finished',
      framework: 'h',
      jobId: 'j',
      outcome: 'failed',
      message: 'map 0 failed 3 times, at last on b: bad disk',
      t: 0,
    },
  ]);
  assert.equal(run.master.offer({ b: 4 }).b, []);
  finish(run, other as TaskInfo);
  assert.equal(
    run.summary?.jobs.map(({ outcome }) => outcome),
    ['failed', 'finished'],
  );
  assert.equal(
    run.ended.map(({ id }) => id),
    ['j', 'k'],
  );
});

test('a task that failed on a node runs next on another one, as Hadoop has it, unless none comes in a minute', () => {
  const run = start([job('j', [['a', 'b']])], { failuresPerTaskMax: 9 });
  const { master } = run;
  assert.equal(master.offer({ b: 0, c: 0 }).b, []);
  const failOn = (host: string, id: string): void => {
    const [task] = master.offer({ [host]: 1 })[host] ?? [];
    assert.is(task?.taskId, id);
    master.update(task as TaskInfo, 'TASK_FAILED', { message: 'bad disk' });
  };
  failOn('a', 'j_m_0_0');
  assert.equal(master.offer({ a: 2 }).a, [], 'it is local there, but failed');
  failOn('b', 'j_m_0_1');
  master.clock.advance(59_999);
  assert.equal(master.offer({ a: 2, b: 2 }), { a: [], b: [] });
  master.clock.advance(1);
  failOn('b', 'j_m_0_2');
  failOn('c', 'j_m_0_3');
  // It has failed on all that there are.
  failOn('c', 'j_m_0_4');
  failOn('a', 'j_m_0_5');
});

test('a task that waits for another node lets others of its job go first, and reduces wait for theirs too', () => {
  const run = start([job('j', [['a'], ['a']], { reduces: 2 })]);
  const { master } = run;
  master.offer({ b: 0 });
  const [first, second] = master.offer({ a: 2 }).a ?? [];
  master.update(first as TaskInfo, 'TASK_FAILED', { message: 'bad disk' });
  assert.equal(master.offer({ a: 1 }).a, []);
  finish(run, second as TaskInfo);
  const [again] = master.offer({ b: 1 }).b ?? [];
  assert.is(again?.taskId, 'j_m_0_1');
  finish(run, again as TaskInfo);
  const [reduce] = master.offer({ a: 1 }).a ?? [];
  assert.is(reduce?.taskId, 'j_r_0_0');
  master.update(reduce as TaskInfo, 'TASK_FAILED', { message: 'bad disk' });
  assert.equal(ids(master.offer({ a: 2 }).a), ['j_r_1_0']);
  assert.equal(ids(master.offer({ b: 2 }).b), ['j_r_0_1']);
});

test('a task that is lost or killed through no fault of its own runs again as often as it takes', () => {
  const run = start([farJob('j', 1)], { failuresPerTaskMax: 1 });
  for (let n = 0; n < 5; n += 1) {
    const [task] = run.master.offer({ a: 1 }).a ?? [];
    assert.is(task?.taskId, `j_m_0_${n}`);
    const reason = n % 2 === 0 ? 'REASON_SLAVE_REMOVED' : 'REASON_INVALID_OFFERS';
    run.master.update(task as TaskInfo, n === 4 ? 'TASK_KILLED' : 'TASK_LOST', { reason });
  }
  const [task] = run.master.offer({ a: 1 }).a ?? [];
  run.master.update(task as TaskInfo, 'TASK_RUNNING');
  run.master.update(task as TaskInfo, 'TASK_LOST', { reason: 'REASON_EXECUTOR_TERMINATED' });
  assert.match(
    run.summary?.jobs[0]?.message ?? '',
    /map 0 failed once, at last on a: REASON_EXECUTOR_TERMINATED/,
  );
});

test('a task that comes to a TaskTracker which is ending has not failed, and its slave is left alone for a second', () => {
  const run = start([farJob('j', 1)], { failuresPerTaskMax: 1 });
  const { master } = run;
  const [task] = master.offer({ a: 1 }).a ?? [];
  master.update(task as TaskInfo, 'TASK_LOST', { reason: 'REASON_EXECUTOR_TERMINATED' });
  assert.is(run.summary, undefined);
  assert.equal(master.offer({ a: 1 }).a, []);
  assert.equal(master.replies.at(-1)?.filters, { refuseSeconds: 1 });
  master.clock.advance(1_000);
  assert.equal(ids(master.offer({ a: 1 }).a), ['j_m_0_1']);
});

test('maps that finished on a slave run again when it is lost, as long as reduces need them', () => {
  const run = start([job('j', [['a'], ['b']], { reduces: 2, program: { type: 'wordcount' } })]);
  const maps = run.master.offer({ a: 1, b: 1 });
  for (const task of [...(maps.a ?? []), ...(maps.b ?? [])]) finish(run, task);
  const [first, second] = run.master.offer({ c: 2 }).c ?? [];
  finish(run, first as TaskInfo);
  run.master.scheduler.slaveLost('s-a');
  const again = run.master.offer({ c: 2 }).c ?? [];
  assert.equal(ids(again), ['j_m_0_1']);
  assert.is(run.summary, undefined);
  finish(run, again[0] as TaskInfo);
  finish(run, second as TaskInfo);
  assert.is(run.summary?.jobs[0]?.outcome, 'finished');
});

test('a finished job does not mind the loss of a slave, nor does a job whose output is elsewhere too', () => {
  const run = start([job('j', [['a'], ['a']])]);
  const [first, second] = run.master.offer({ a: 2 }).a ?? [];
  finish(run, first as TaskInfo, { part: { name: 'part-m-00000', hosts: ['a', 'b'] } });
  run.master.scheduler.slaveLost('s-a');
  assert.equal(run.master.offer({ c: 2 }).c, []);
  finish(run, second as TaskInfo, { part: { name: 'part-m-00001', hosts: ['b'] } });
  assert.equal(run.summary?.jobs[0]?.parts, [
    { name: 'part-m-00000', hosts: ['b'], bytes: 10 },
    { name: 'part-m-00001', hosts: ['b'], bytes: 10 },
  ]);
});

test('a part of the output that only the lost slave held is made again', () => {
  const run = start([job('j', [['a'], ['b']])]);
  const { a, b } = run.master.offer({ a: 1, b: 1 });
  finish(run, a?.[0] as TaskInfo, { part: { name: 'part-m-00000', hosts: ['a'] } });
  run.master.scheduler.slaveLost('s-a');
  const again = run.master.offer({ c: 1 }).c ?? [];
  assert.equal(ids(again), ['j_m_0_1']);
  finish(run, again[0] as TaskInfo, { part: { name: 'part-m-00000', hosts: ['c'] } });
  finish(run, b?.[0] as TaskInfo, { part: { name: 'part-m-00001', hosts: ['b'] } });
  assert.equal(
    run.summary?.jobs[0]?.parts.map(({ hosts }) => hosts),
    [['c'], ['b']],
  );
});

test('a task that put its part on a slave that is lost before it finishes has it only on the others', () => {
  const run = start([job('j', [['a'], ['a']])]);
  const [first, second] = run.master.offer({ a: 2, b: 1 }).a ?? [];
  run.master.clock.advance(5);
  run.master.scheduler.slaveLost('s-b');
  finish(run, first as TaskInfo, { part: { name: 'part-m-00000', hosts: ['a', 'b'] } });
  // What it puts there later is there.
  run.master.update(second as TaskInfo, 'TASK_FAILED');
  run.master.clock.advance(5);
  const [again] = run.master.offer({ c: 1 }).c ?? [];
  finish(run, again as TaskInfo, { part: { name: 'part-m-00001', hosts: ['c', 'b'] } });
  assert.equal(
    run.summary?.jobs[0]?.parts.map(({ hosts }) => hosts),
    [['a'], ['c', 'b']],
  );
});

test('a map whose output is gone runs again, and then the reduce that missed it', () => {
  const run = start([job('j', [['a'], ['b']], { reduces: 1, program: { type: 'wordcount' } })], {
    failuresPerTaskMax: 2,
  });
  const { a, b } = run.master.offer({ a: 1, b: 1 });
  finish(run, a?.[0] as TaskInfo);
  finish(run, b?.[0] as TaskInfo);
  const missed = (host: string) => ({
    message: 'gone',
    data: encodeData({ unfetchable: { map: 1, host, isGone: true } } satisfies TaskFailure),
  });
  const [reduce] = run.master.offer({ c: 1 }).c ?? [];
  run.master.update(reduce as TaskInfo, 'TASK_FAILED', missed('b'));
  const [again] = run.master.offer({ c: 4 }).c ?? [];
  assert.is(again?.taskId, 'j_m_1_1');
  finish(run, again as TaskInfo);
  const [second] = run.master.offer({ c: 1 }).c ?? [];
  assert.is(second?.taskId, 'j_r_0_1');
  run.master.update(second as TaskInfo, 'TASK_FAILED', missed('b'));
  const [third] = run.master.offer({ c: 1 }).c ?? [];
  assert.is(third?.taskId, 'j_r_0_2', 'old news: the map has run elsewhere since');
  run.master.update(third as TaskInfo, 'TASK_FAILED', missed('c'));
  assert.match(
    run.summary?.jobs[0]?.message ?? '',
    /map 1 failed 2 times, at last on c: no reduce can fetch/,
  );
});

test('updates that come twice, late or for unknown tasks change nothing', () => {
  const run = start([farJob('j', 2)]);
  const [first, second] = run.master.offer({ a: 2 }).a ?? [];
  run.master.update(first as TaskInfo, 'TASK_RUNNING');
  run.master.update(first as TaskInfo, 'TASK_RUNNING');
  finish(run, first as TaskInfo);
  finish(run, first as TaskInfo);
  run.master.update(first as TaskInfo, 'TASK_FAILED');
  assert.is(run.summary, undefined);
  assert.is(events(run, 'block-read').length, 1);
  run.master.update(first as TaskInfo, 'TASK_RUNNING');
  assert.equal(run.master.killed, ['j_m_0_0'], 'a task that was given up and still runs is killed');
  finish(run, second as TaskInfo);
  assert.is(run.summary?.jobs[0]?.counters?.localMaps, 2);
});

test('a report that cannot be read counts as a failure', () => {
  const run = start([farJob('j', 1)], { failuresPerTaskMax: 1 });
  const [task] = run.master.offer({ a: 1 }).a ?? [];
  run.master.update(task as TaskInfo, 'TASK_FINISHED', { data: 'bm90IEpTT04=' });
  assert.match(run.summary?.jobs[0]?.message ?? '', /sent no report that can be read/);
});

test('after the master was lost, tasks that nothing is heard of are asked for until something is', () => {
  const run = start([farJob('j', 3)]);
  const tasks = run.master.offer({ a: 3 }).a ?? [];
  const { master } = run;
  master.scheduler.disconnected();
  master.scheduler.registered('hadoop-1');
  assert.equal(master.reconciled, [ids(tasks)]);
  assert.is(master.needs.at(-1), false);
  master.update(tasks[0] as TaskInfo, 'TASK_RUNNING');
  master.clock.advance(5_000);
  assert.equal(master.reconciled.at(-1), ['j_m_1_0', 'j_m_2_0']);
  finish(run, tasks[1] as TaskInfo);
  master.update(tasks[2] as TaskInfo, 'TASK_LOST', { reason: 'REASON_RECONCILIATION' });
  assert.is(master.needs.at(-1), true);
  const asked = master.reconciled.length;
  master.clock.advance(120_000);
  assert.is(master.reconciled.length, asked);
  assert.equal(ids(master.offer({ b: 1 }).b), ['j_m_2_1']);
  assert.is(events(run, 'job-submitted').length, 1, 'jobs are not submitted again');
});

test('a framework without jobs ends at once; one that the master refuses says so for every job', () => {
  assert.equal(start([]).summary?.jobs, []);
  const run = start([farJob('j', 1), farJob('k', 1, { submission: { when: 'at', ms: 5 } })]);
  run.master.scheduler.error('Framework failed over');
  assert.equal(
    run.summary?.jobs.map(({ outcome, message }) => [outcome, message]),
    [
      ['failed', 'Framework failed over'],
      ['failed', 'Framework failed over'],
    ],
  );
  run.master.clock.advance(10);
  assert.is(events(run, 'job-submitted').length, 1);
});

test.run();
