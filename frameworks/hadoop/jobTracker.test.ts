import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeData, type TaskInfo } from '../../mesos/protocol/entities.ts';
import { type HadoopConfig, type HadoopJob, readHadoopConfig } from './job.ts';
import type { HadoopSummary, JobSummary } from './jobSummary.ts';
import { createJobTracker } from './jobTracker.ts';
import { readData, TaskDataSchema, type TaskReport, TrackerDataSchema } from './taskData.ts';
import { TestMaster } from './testCluster.ts';

const COMMAND = { shell: true, value: 'run', arguments: [], environment: {} };
const MODEL = { type: 'model', setUpMs: 0, mapMs: 10, remoteMapMs: 20, reduceMs: 30, cv: 0 } as const;

/** A job with one map for each of these lists of hosts. */
function job(id: string, hosts: readonly (readonly string[])[], more: Partial<HadoopJob> = {}): HadoopJob {
  return {
    id,
    kind: 'test',
    submission: { when: 'at', ms: 0 },
    input: hosts.map((holders, n) => ({ id: `${id}-${n}`, bytes: 100, hosts: [...holders] })),
    reduces: 0,
    program: MODEL,
    ...more,
  };
}

/** A job of so many maps whose blocks are nowhere near. */
const farJob = (id: string, maps: number, more: Partial<HadoopJob> = {}): HadoopJob =>
  job(id, new Array<string[]>(maps).fill(['elsewhere']), more);

interface Run {
  readonly master: TestMaster;
  readonly ended: JobSummary[];
  summary: HadoopSummary | undefined;
}

function start(jobs: readonly HadoopJob[], more: Partial<HadoopConfig> = {}): Run {
  const config = {
    ...readHadoopConfig({ name: 'h', jobs, slot: { cpus: 1 }, executor: { command: COMMAND } }),
    ...more,
  };
  const ended: JobSummary[] = [];
  let summary: HadoopSummary | undefined;
  const master = new TestMaster(
    createJobTracker(config, {
      onDone: (all) => {
        summary = all;
      },
      onJobEnded: (one) => ended.push(one),
    }),
  );
  return {
    master,
    ended,
    get summary() {
      return summary;
    },
  };
}

const ids = (tasks: readonly TaskInfo[] | undefined): string[] => (tasks ?? []).map(({ taskId }) => taskId);

function finish(run: Run, task: TaskInfo, more: Partial<TaskReport> = {}): void {
  const report: TaskReport = { locality: 'local', inputBytes: 100, outputBytes: 10, ...more };
  run.master.update(task, 'TASK_FINISHED', { data: encodeData(report) });
}

const events = (run: Run, name: string): readonly unknown[] =>
  run.master.history.filter(({ event }) => event === name);

test('maps go where their blocks are', () => {
  const run = start([job('j', [['a'], ['b'], ['c'], ['a', 'b'], ['c']])]);
  const launched = run.master.offer({ a: 1, b: 2, c: 2 });
  assert.equal(ids(launched.a), ['j_m_0_0']);
  assert.equal(ids(launched.b), ['j_m_1_0', 'j_m_3_0']);
  assert.equal(ids(launched.c), ['j_m_2_0', 'j_m_4_0']);
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

test('with delay scheduling a job lets a slot pass, which goes to the next job that has its data there', () => {
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

test('a task that is lost or killed through no fault of its own runs again as often as it takes', () => {
  const run = start([farJob('j', 1)], { failuresPerTaskMax: 1 });
  for (let n = 0; n < 5; n += 1) {
    const [task] = run.master.offer({ a: 1 }).a ?? [];
    assert.is(task?.taskId, `j_m_0_${n}`);
    const reason = n % 2 === 0 ? 'REASON_SLAVE_REMOVED' : 'REASON_INVALID_OFFERS';
    run.master.update(task as TaskInfo, n === 4 ? 'TASK_KILLED' : 'TASK_LOST', { reason });
  }
  const [task] = run.master.offer({ a: 1 }).a ?? [];
  run.master.update(task as TaskInfo, 'TASK_LOST', { reason: 'REASON_EXECUTOR_TERMINATED' });
  assert.match(
    run.summary?.jobs[0]?.message ?? '',
    /map 0 failed once, at last on a: REASON_EXECUTOR_TERMINATED/,
  );
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

test('a map whose output cannot be fetched runs again, and then the reduce that missed it', () => {
  const run = start([job('j', [['a'], ['b']], { reduces: 1, program: { type: 'wordcount' } })], {
    failuresPerTaskMax: 2,
  });
  const { a, b } = run.master.offer({ a: 1, b: 1 });
  finish(run, a?.[0] as TaskInfo);
  finish(run, b?.[0] as TaskInfo);
  const missed = (host: string) => ({ message: 'gone', data: encodeData({ unfetchable: { map: 1, host } }) });
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
