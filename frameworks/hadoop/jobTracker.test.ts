import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TaskInfo } from '../../mesos/protocol/entities.ts';
import { readData, TaskDataSchema, TrackerDataSchema } from './taskData.ts';
import { COMMAND, farJob, finish, ids, job, MODEL, start } from './testJobs.ts';

test('maps go where their blocks are', () => {
  const run = start([job('j', [['a'], ['b'], ['c'], ['a', 'b'], ['c']])]);
  const launched = run.master.offer({ a: 1, b: 2, c: 2 });
  assert.equal(ids(launched.a), ['j_m_0_0']);
  assert.equal(ids(launched.b), ['j_m_1_0', 'j_m_3_0']);
  assert.equal(ids(launched.c), ['j_m_2_0', 'j_m_4_0']);
});

test('a JobTracker that takes the place of another gives no id that its predecessor may have given', () => {
  const run = start([job('j', [['a']])], { incarnation: 37 });
  assert.equal(ids(run.master.offer({ a: 1 }).a), ['j_m_0_0_11']);
});

test('without delay scheduling a slot that is not beside any block takes a map all the same', () => {
  const run = start([job('j', [['a'], ['b']])]);
  assert.equal(ids(run.master.offer({ z: 1 }).z), ['j_m_0_0']);
  assert.equal(ids(run.master.offer({ b: 4 }).b), ['j_m_1_0']);
});

test('a job spreads over the slaves that are offered together', () => {
  const hosts = ['a', 'b', 'c', 'd'];
  const run = start([job('j', [hosts, hosts, hosts, hosts])]);
  const launched = run.master.offer({ a: 4, b: 4, c: 4, d: 4 });
  assert.equal(
    hosts.map((host) => launched[host]?.length),
    [1, 1, 1, 1],
  );
});

test('what a task is told is its block, its program and its number', () => {
  const run = start([job('j', [['a']], { reduces: 2 })]);
  const [task] = run.master.offer({ a: 1 }).a ?? [];
  assert.equal(readData(TaskDataSchema, task?.data), {
    type: 'map',
    jobId: 'j',
    index: 0,
    program: MODEL,
    block: { id: 'j-0', bytes: 100, hosts: ['a'] },
    reduces: 2,
  });
  assert.is(task?.executor.executorId, 'tasktracker');
  assert.is(readData(TrackerDataSchema, task?.executor.data)?.space, 'fhadoop-1');
  assert.equal(task?.resources, { cpus: 1 });
});

test('the TaskTracker has to fit beside the first task on a slave', () => {
  const executor = { name: 'x', command: COMMAND, resources: { cpus: 0.5 } };
  const run = start([farJob('j', 10)], { executor });
  assert.is(run.master.offer({ a: 2 }).a?.length, 2, 'the executor is there already');
  const offer = { id: 'x', frameworkId: 'f', slaveId: 's', hostname: 'h', attributes: {}, executorIds: [] };
  run.master.scheduler.resourceOffers([{ ...offer, resources: { cpus: 2 } }]);
  assert.is(run.master.replies.at(-1)?.tasks.length, 1);
  run.master.scheduler.resourceOffers([{ ...offer, resources: { cpus: 0.4 } }]);
  assert.is(run.master.replies.at(-1)?.tasks.length, 0);
});

test('the job with the fewest running tasks is served first', () => {
  const run = start([farJob('big', 20), farJob('small', 3, { submission: { when: 'at', ms: 100 } })]);
  assert.is(run.master.offer({ a: 4 }).a?.length, 4);
  run.master.clock.advance(100);
  assert.equal(ids(run.master.offer({ b: 3 }).b), ['small_m_0_0', 'small_m_1_0', 'small_m_2_0']);
  assert.equal(ids(run.master.offer({ c: 1 }).c), ['big_m_4_0']);
});

test('two jobs that have room for all end up with equal shares', () => {
  const run = start([farJob('x', 50), farJob('y', 50)]);
  const launched = ids(run.master.offer({ a: 10 }).a);
  assert.is(launched.filter((id) => id.startsWith('x')).length, 5);
  assert.is(launched.filter((id) => id.startsWith('y')).length, 5);
});

test('fairness comes before locality: a job below its share takes a slot beside the data of another', () => {
  const run = start([
    job('rich', [['a'], ['a'], ['a']]),
    farJob('poor', 1, { submission: { when: 'at', ms: 1 } }),
  ]);
  run.master.offer({ a: 1 });
  run.master.clock.advance(1);
  assert.equal(ids(run.master.offer({ a: 1 }).a), ['poor_m_0_0']);
});

test('with delay scheduling a job lets a slot pass, and the next job that has its data there takes it', () => {
  const jobs = [job('first', [['b']]), job('second', [['a']])];
  const run = start(jobs, { localityWaitMs: 5000 });
  assert.equal(ids(run.master.offer({ a: 1 }).a), ['second_m_0_0']);
  assert.equal(ids(run.master.offer({ b: 1 }).b), ['first_m_0_0']);
});

test('a job that has waited for as long as it may takes any slot, until it finds a local one again', () => {
  const run = start([job('j', [['a'], ['a'], ['a'], ['a'], ['b']])], { localityWaitMs: 5000 });
  const refused = (): number | undefined => run.master.replies.at(-1)?.filters.refuseSeconds;
  run.master.clock.advance(60_000);
  assert.equal(run.master.offer({ z: 1 }).z, [], 'waiting begins with the first slot that is passed over');
  assert.is(refused(), 1, 'it is offered again soon');
  run.master.clock.advance(4700);
  assert.equal(run.master.offer({ z: 1 }).z, []);
  assert.ok(Math.abs((refused() ?? 0) - 0.3) < 1e-9, 'and just when the wait is over');
  run.master.clock.advance(300);
  assert.equal(ids(run.master.offer({ z: 2 }).z), ['j_m_0_0', 'j_m_1_0']);
  assert.equal(ids(run.master.offer({ b: 1 }).b), ['j_m_4_0'], 'a local one');
  assert.equal(run.master.offer({ z: 1 }).z, [], 'now it waits again');
});

test('reduces start when all maps have finished, and are told where the map outputs are', () => {
  const run = start([job('j', [['a'], ['b'], ['a']], { reduces: 2, program: { type: 'wordcount' } })]);
  const launched = run.master.offer({ a: 2, b: 1, c: 4 });
  const maps = [...(launched.a ?? []), ...(launched.b ?? [])];
  assert.equal(launched.c, []);
  assert.is(run.master.needs.at(-1), false, 'there is nothing to launch while the maps run');
  for (const map of maps.slice(1)) finish(run, map);
  assert.is(run.master.needs.at(-1), false);
  finish(run, maps[0] as TaskInfo);
  assert.is(run.master.needs.at(-1), true);
  const { c: reduces = [] } = run.master.offer({ c: 4 });
  assert.equal(ids(reduces), ['j_r_0_0', 'j_r_1_0']);
  const data = readData(TaskDataSchema, reduces[1]?.data);
  assert.ok(data?.type === 'reduce');
  if (data?.type === 'reduce') {
    assert.is(data.index, 1);
    assert.equal(
      data.mapHosts.map((place) => data.hosts[place]),
      ['a', 'b', 'a'],
    );
  }
  for (const reduce of reduces) finish(run, reduce);
  assert.is(run.summary?.jobs[0]?.outcome, 'finished');
  assert.ok(run.master.stopped);
});

test('the history tells when jobs were submitted, started and finished, and where blocks were read', () => {
  const run = start([job('j', [['a']], { submission: { when: 'at', ms: 50 } })]);
  run.master.clock.advance(70);
  const [task] = run.master.offer({ a: 1 }).a ?? [];
  run.master.clock.advance(30);
  finish(run, task as TaskInfo, { locality: 'remote', inputBytes: 77 });
  const about = { framework: 'h', jobId: 'j' };
  assert.equal(run.master.history, [
    { event: 'job-submitted', ...about, kind: 'test', tasks: 1, intendedMs: 50, t: 50 },
    { event: 'job-started', ...about, t: 70 },
    { event: 'block-read', ...about, taskId: 'j_m_0_0', locality: 'remote', bytes: 77, t: 100 },
    { event: 'job-finished', ...about, outcome: 'finished', t: 100 },
  ]);
});

test('half of the set-up of a modelled job passes before its first map, half after its last task', () => {
  const run = start([farJob('j', 1, { program: { ...MODEL, setUpMs: 20_000 } })]);
  assert.equal(run.master.offer({ a: 1 }).a, []);
  run.master.clock.advance(9_999);
  assert.equal(run.master.offer({ a: 1 }).a, []);
  run.master.clock.advance(1);
  const [task] = run.master.offer({ a: 1 }).a ?? [];
  finish(run, task as TaskInfo);
  run.master.clock.advance(9_999);
  assert.is(run.summary, undefined);
  run.master.clock.advance(1);
  assert.is(run.summary?.jobs[0]?.outcome, 'finished');
});

test('a job is submitted a while after another has ended, even after one that failed', () => {
  const follower = farJob('next', 1, { submission: { when: 'after', jobId: 'first', delayMs: 1000 } });
  const run = start([follower, farJob('first', 1)], { failuresPerTaskMax: 1 });
  const [task] = run.master.offer({ a: 4 }).a ?? [];
  run.master.clock.advance(500);
  run.master.update(task as TaskInfo, 'TASK_FAILED', { message: 'no' });
  run.master.clock.advance(999);
  assert.equal(run.master.offer({ a: 4 }).a, []);
  run.master.clock.advance(1);
  assert.equal(ids(run.master.offer({ a: 4 }).a), ['next_m_0_0']);
  const submitted = run.master.history.filter(({ event }) => event === 'job-submitted');
  assert.equal(
    submitted.map(({ t }) => t),
    [0, 1500],
  );
});

test('offers are wanted while there is something to run, and not else', () => {
  const run = start([farJob('j', 2), farJob('k', 1, { submission: { when: 'at', ms: 100 } })]);
  const { needs } = run.master;
  assert.equal(needs, [false, true]);
  run.master.offer({ a: 1 });
  assert.is(needs.at(-1), true);
  run.master.offer({ a: 1 });
  assert.equal(needs, [false, true, false]);
  run.master.clock.advance(100);
  assert.equal(needs, [false, true, false, true]);
});

test('a new job is not kept waiting by slaves that others refused', () => {
  const run = start([farJob('j', 1), farJob('k', 1, { submission: { when: 'at', ms: 100 } })], {
    localityWaitMs: 5000,
  });
  run.master.offer({ a: 1 });
  const before = run.master.needs.length;
  run.master.clock.advance(100);
  assert.equal(run.master.needs.slice(before), [true]);
});

test('a slave without room for another task is refused until it has more', () => {
  const run = start([farJob('j', 10)]);
  const refused = (): number | undefined => run.master.replies.at(-1)?.filters.refuseSeconds;
  run.master.offer({ a: 1.5 });
  assert.is(refused(), 600, 'what is left beside one task');
  run.master.offer({ a: 0.5 });
  assert.is(refused(), 600);
  run.master.offer({ b: 20 });
  assert.is(refused(), undefined, 'the default, when there is room but no work');
});

test.run();
