import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TaskInfo } from '../../mesos/protocol/entities.ts';
import { farJob, finish, ids, type Run, start } from './testJobs.ts';

/** An instance that goes on when its jobs have ended. */
const service = (jobs: Parameters<typeof start>[0] = []): Run => start(jobs, { keepRunning: true });
const phases = (run: Run): string[] => run.control.jobs().map(({ id, phase }) => `${id} ${phase}`);
const after = (jobId: string, delayMs = 0) => ({ submission: { when: 'after', jobId, delayMs } }) as const;

test('an instance that keeps running waits for jobs, runs them, and wants nothing in between', () => {
  const run = service();
  assert.not.ok(run.master.stopped);
  assert.equal(run.master.needs, [false]);
  run.master.clock.advance(1_000);
  run.control.submit(farJob('j', 1, { submission: { when: 'at', ms: 500 } }));
  assert.equal(phases(run), ['j waiting']);
  assert.is(run.control.jobs()[0]?.message, 'its time has not come');
  run.master.clock.advance(500);
  assert.is(run.master.needs.at(-1), true);
  const [task] = run.master.offer({ a: 1 }).a ?? [];
  assert.is(run.master.needs.at(-1), false);
  run.master.clock.advance(250);
  finish(run, task as TaskInfo);
  assert.is(run.ended[0]?.outcome, 'finished');
  const { counters: _, ...status } = run.control.jobs()[0] ?? {};
  assert.equal(status, {
    id: 'j',
    kind: 'test',
    phase: 'finished',
    submittedMs: 1_500,
    startedMs: 1_500,
    endedMs: 1_750,
    tasks: { total: 1, running: 0, finished: 1 },
    needs: { slot: { cpus: 1 } },
  });
  assert.not.ok(run.master.stopped);
  assert.is(run.summary, undefined);
});

test('TaskTrackers that have nothing to do end, unless a job comes soon', () => {
  const run = service([farJob('j', 1)]);
  const { master, control } = run;
  finish(run, master.offer({ a: 1 }).a?.[0] as TaskInfo);
  master.clock.advance(4_999);
  control.submit(farJob('k', 1));
  master.clock.advance(60_000);
  assert.equal(master.shutDown, []);
  finish(run, master.offer({ b: 1 }).b?.[0] as TaskInfo);
  assert.equal(master.shutDown, []);
  master.clock.advance(5_000);
  assert.equal(master.shutDown, ['s-a', 's-b']);
});

test('jobs wait for others, also for such that have ended', () => {
  const run = service([farJob('first', 1)]);
  const { master, control } = run;
  control.submit(farJob('second', 1, after('first', 1_000)));
  assert.equal(phases(run), ['first waiting', 'second waiting']);
  assert.is(control.jobs()[1]?.message, "it is submitted when job 'first' has ended");
  finish(run, master.offer({ a: 9 }).a?.[0] as TaskInfo);
  assert.equal(master.offer({ a: 9 }).a, []);
  control.submit(farJob('third', 1, after('first')));
  assert.equal(ids(master.offer({ a: 9 }).a), ['third_m_0_0']);
  master.clock.advance(1_000);
  assert.equal(ids(master.offer({ a: 9 }).a), ['second_m_0_0']);
});

test('a job that is held is not started until it is released', () => {
  const run = service([farJob('j', 1), farJob('later', 1, { submission: { when: 'at', ms: 100 } })]);
  const { master, control } = run;
  for (const id of ['j', 'later']) control.hold(id);
  assert.equal(phases(run), ['j held', 'later held']);
  assert.is(master.needs.at(-1), false, 'nothing is wanted for it');
  master.clock.advance(100);
  assert.equal(master.offer({ a: 9 }).a, []);
  control.release('later');
  assert.is(master.needs.at(-1), true);
  assert.equal(ids(master.offer({ a: 9 }).a), ['later_m_0_0']);
  assert.equal(phases(run), ['j held', 'later running']);
  control.release('j');
  assert.equal(ids(master.offer({ a: 9 }).a), ['j_m_0_0']);
});

test('a deleted job ends with its tasks, and what they still do counts for nothing', () => {
  const run = service([farJob('j', 2), farJob('next', 1, after('j'))]);
  const { master, control } = run;
  const [first, second] = master.offer({ a: 2 }).a ?? [];
  finish(run, first as TaskInfo);
  control.delete('j');
  assert.equal(master.killed, ['j_m_1_0']);
  assert.equal(phases(run), ['j deleted', 'next waiting']);
  assert.equal(control.jobs()[0]?.tasks, { total: 2, running: 0, finished: 1 });
  assert.is(master.needs.at(-1), true, 'who waited for its end goes on');
  finish(run, second as TaskInfo);
  master.update(second as TaskInfo, 'TASK_KILLED');
  assert.equal(
    run.ended.map(({ id, outcome, message }) => [id, outcome, message]),
    [['j', 'deleted', 'it was deleted']],
  );
  control.delete('next');
  assert.equal(master.offer({ a: 9 }).a, []);
  assert.is(master.needs.at(-1), false);
});

test('a job that was deleted before its time is never submitted', () => {
  const run = start([farJob('j', 1), farJob('later', 1, { submission: { when: 'at', ms: 100 } })]);
  run.control.delete('later');
  run.master.clock.advance(1_000);
  finish(run, run.master.offer({ a: 9 }).a?.[0] as TaskInfo);
  assert.equal(
    run.summary?.jobs.map(({ id, outcome }) => [id, outcome]),
    [
      ['j', 'finished'],
      ['later', 'deleted'],
    ],
  );
  assert.is(run.master.history.filter(({ event }) => event === 'job-submitted').length, 1);
  assert.throws(() => run.control.submit(farJob('more', 1)), /has ended and takes no more jobs/);
});

test('what cannot be done is refused with a sentence', () => {
  const run = service([farJob('j', 1)]);
  const { master, control } = run;
  assert.throws(() => control.submit(farJob('j', 1)), /There is a job 'j' already; give this one another id/);
  assert.throws(() => control.submit(farJob('k', 1, after('x'))), /waits for job 'x', which is not known/);
  assert.throws(() => control.submit(farJob('k', 1, after('k'))), /waits for job 'k', which is not known/);
  assert.throws(
    () => control.submit(farJob('k', 1, { program: { type: 'wordcount' } })),
    /needs at least one reduce/,
  );
  for (const refused of [control.delete, control.hold, control.release])
    assert.throws(() => refused('x'), /There is no job 'x' here/);
  const [task] = master.offer({ a: 1 }).a ?? [];
  assert.throws(() => control.hold('j'), /Job 'j' runs already; only a job that waits/);
  finish(run, task as TaskInfo);
  for (const refused of [control.delete, control.hold, control.release])
    assert.throws(() => refused('j'), /Job 'j' has ended already/);
});

test('of the jobs of an instance that goes on for ever, those that ended long ago are forgotten', () => {
  const run = service();
  for (let n = 0; n < 1_010; n += 1) {
    run.control.submit(farJob(`j${n}`, 1));
    run.control.delete(`j${n}`);
  }
  assert.is(run.control.jobs().length, 1_000);
  assert.is(run.control.jobs()[0]?.id, 'j10');
});

test.run();
