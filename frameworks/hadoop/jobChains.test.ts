import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeData, type TaskInfo } from '../../mesos/protocol/entities.ts';
import type { HadoopJob } from './job.ts';
import { readData, type TaskData, TaskDataSchema, type TaskFailure } from './taskData.ts';
import { events, farJob, finish, ids, MODEL, type Run, start } from './testJobs.ts';

/** A job of so many maps and reduces that reads others. */
const reader = (id: string, sources: readonly string[], more: Partial<HadoopJob> = {}): HadoopJob =>
  farJob(id, 0, { reduces: 1, input: sources.map((outputOf) => ({ outputOf })), ...more });

const dataOf = (task: TaskInfo): TaskData => readData(TaskDataSchema, task.data) as TaskData;

/** Ends a task that wrote a part of the output, on these hosts. */
function write(run: Run, task: TaskInfo, hosts: readonly string[]): void {
  const { type, index } = dataOf(task);
  const name = `part-${type === 'map' ? 'm' : 'r'}-${String(index).padStart(5, '0')}`;
  finish(run, task, { outputBytes: 7, part: { name, hosts: [...hosts], crc32: 5 } });
}

/** Offers one host, and ends all that it is given: maps of jobs with reduces, and tasks that write there. */
function work(run: Run, host: string, cpus = 10): string[] {
  const tasks = run.master.offer({ [host]: cpus })[host] ?? [];
  for (const task of tasks) {
    const data = dataOf(task);
    if (data.type === 'map' && data.reduces > 0) finish(run, task);
    else write(run, task, [host]);
  }
  return ids(tasks);
}

const lose = (run: Run, host: string): void => run.master.scheduler.slaveLost(`s-${host}`);
const outcomes = (run: Run): string[] => run.ended.map(({ id, outcome }) => `${id} ${outcome}`);

test('a job begins when all that it reads is written, with a map for each part, beside it', () => {
  const run = start([
    reader('third', ['one', 'two'], { side: [{ name: 'w', outputOf: 'one' }] }),
    farJob('one', 1, { reduces: 2 }),
    farJob('two', 1),
  ]);
  const first = run.master.offer({ a: 4 }).a ?? [];
  assert.equal(ids(first), ['one_m_0_0', 'two_m_0_0']);
  finish(run, first[0] as TaskInfo);
  write(run, first[1] as TaskInfo, ['a', 'b']);
  assert.equal(outcomes(run), ['two finished']);
  const second = run.master.offer({ c: 4 }).c ?? [];
  assert.equal(ids(second), ['one_r_0_0', 'one_r_1_0']);
  for (const task of second) write(run, task, ['c']);
  assert.equal(outcomes(run), ['two finished', 'one finished']);
  const third = run.master.offer({ c: 2, b: 1 });
  assert.equal(ids(third.c), ['third_m_0_0', 'third_m_1_0'], 'beside what reduces wrote');
  assert.equal(ids(third.b), ['third_m_2_0'], 'beside what a map wrote, and was copied');
  const [map] = third.b as [TaskInfo];
  assert.equal(dataOf(map), {
    ...{ type: 'map', jobId: 'third', index: 2, program: dataOf(map).program, reduces: 1, outputOf: 'two' },
    block: { id: 'part-m-00000', bytes: 7, hosts: ['a', 'b'], crc32: 5 },
    side: [
      {
        ...{ name: 'w', outputOf: 'one' },
        parts: [0, 1].map((n) => ({ id: `part-r-0000${n}`, bytes: 7, hosts: ['c'], crc32: 5 })),
      },
    ],
  });
  const submitted = events(run, 'job-submitted') as readonly {
    readonly jobId: string;
    readonly tasks: number;
  }[];
  assert.equal(
    submitted.map(({ jobId, tasks }) => `${jobId} ${tasks}`),
    ['one 3', 'two 1', 'third 4'],
  );
});

test('what a lost slave held of an earlier job is made again, and only that, before its readers go on', () => {
  const run = start([farJob('one', 2, { reduces: 2 }), reader('two', ['one'])]);
  const maps = run.master.offer({ a: 1, b: 1 });
  finish(run, maps.a?.[0] as TaskInfo);
  finish(run, maps.b?.[0] as TaskInfo);
  const reduces = run.master.offer({ a: 1, b: 1 });
  write(run, reduces.a?.[0] as TaskInfo, ['a']);
  write(run, reduces.b?.[0] as TaskInfo, ['b']);
  assert.equal(outcomes(run), ['one finished']);
  lose(run, 'a');
  // The map that ran on a runs again, for the reduce whose output was there.
  assert.equal(work(run, 'c'), ['one_m_0_1']);
  assert.equal(work(run, 'c'), ['one_r_0_1']);
  assert.equal(outcomes(run), ['one finished', 'one finished']);
  const launched = run.master.offer({ c: 1, b: 1 });
  assert.equal([ids(launched.c), ids(launched.b)], [['two_m_0_0'], ['two_m_1_0']]);
  assert.equal(
    [launched.c, launched.b].map((tasks) => {
      const data = dataOf(tasks?.[0] as TaskInfo);
      return data.type === 'map' && data.block.hosts;
    }),
    [['c'], ['b']],
  );
});

test('with two replicas of the output nothing has to be made again when one slave is lost', () => {
  const run = start([farJob('one', 1), reader('two', ['one'])]);
  write(run, run.master.offer({ a: 1 }).a?.[0] as TaskInfo, ['a', 'b']);
  lose(run, 'a');
  const [map] = run.master.offer({ b: 1 }).b as [TaskInfo];
  assert.is(map.taskId, 'two_m_0_0');
  const data = dataOf(map);
  assert.equal(data.type === 'map' && data.block.hosts, ['b']);
});

test('what nobody needs any more is not made again', () => {
  const run = start([farJob('one', 1), reader('two', ['one'])]);
  assert.equal(work(run, 'a'), ['one_m_0_0']);
  assert.equal(work(run, 'b'), ['two_m_0_0']);
  lose(run, 'a');
  assert.equal(work(run, 'c'), ['two_r_0_0'], 'the reduce fetches from b');
  assert.equal(outcomes(run), ['one finished', 'two finished']);
});

test('a chain that has lost everything is made again from its beginning', () => {
  const side = (outputOf: string) => ({ side: [{ name: 'weights', outputOf }] });
  const run = start([
    farJob('s0', 1, { reduces: 1 }),
    farJob('s1', 1, { reduces: 1, ...side('s0') }),
    farJob('s2', 1, { reduces: 1, ...side('s1') }),
  ]);
  for (const step of ['s0', 's1']) {
    assert.equal(work(run, 'a'), [`${step}_m_0_0`]);
    assert.equal(work(run, 'a'), [`${step}_r_0_0`]);
  }
  lose(run, 'a');
  const again: string[] = [];
  for (let round = 0; round < 6; round += 1) again.push(...work(run, 'b'));
  assert.equal(again, ['s0_m_0_1', 's0_r_0_1', 's1_m_0_1', 's1_r_0_1', 's2_m_0_0', 's2_r_0_0']);
  assert.ok(run.summary?.jobs.every(({ outcome }) => outcome === 'finished'));
  // The summary has where the output is now.
  assert.equal(
    run.summary?.jobs.map(({ parts }) => parts[0]?.hosts),
    [['b'], ['b'], ['b']],
  );
});

test('offers are wanted again when what was lost is there again, after a clean-up that takes time', () => {
  const program = { ...MODEL, setUpMs: 100 };
  const run = start([farJob('one', 1, { program }), reader('two', ['one'])]);
  run.master.clock.advance(50);
  assert.equal(work(run, 'a'), ['one_m_0_0']);
  run.master.clock.advance(50);
  lose(run, 'a');
  assert.equal(work(run, 'b'), ['one_m_0_1']);
  assert.is(run.master.needs.at(-1), false);
  run.master.clock.advance(50);
  assert.is(run.master.needs.at(-1), true);
  assert.equal(work(run, 'b'), ['two_m_0_0']);
});

/** A task could not read the part that job `one` wrote from any of these hosts; some may have said that they do not have it. */
function miss(run: Run, task: TaskInfo, hosts: string[], more: { readonly goneFrom?: string[] } = {}): void {
  const unreadable = { jobId: 'one', part: 'part-m-00000', hosts, ...more };
  const data = encodeData({ unreadable } satisfies TaskFailure);
  run.master.update(task, 'TASK_FAILED', { message: 'missed', data });
}

/** Launches the one task that is pending, on this host. */
const only = (run: Run, host: string, id: string): TaskInfo => {
  const [task] = run.master.offer({ [host]: 1 })[host] ?? [];
  assert.is(task?.taskId, id);
  return task as TaskInfo;
};

test('a part that one node cannot read is a failure of its own, and is made again, elsewhere, when a second one cannot', () => {
  const run = start([farJob('one', 1), reader('two', ['one'])]);
  run.master.offer({ a: 0, b: 0, c: 0 });
  assert.equal(work(run, 'a'), ['one_m_0_0']);
  miss(run, only(run, 'b', 'two_m_0_0'), ['a']);
  assert.equal(work(run, 'b'), [], 'b is avoided');
  miss(run, only(run, 'c', 'two_m_0_1'), ['a']);
  assert.equal(work(run, 'a'), [], 'a is avoided');
  assert.equal(work(run, 'c'), ['one_m_0_1']);
  // Old news: it is on c now.
  miss(run, only(run, 'd', 'two_m_0_2'), ['a']);
  assert.equal(work(run, 'd'), ['two_m_0_3']);
  assert.equal(work(run, 'b'), ['two_r_0_0']);
  assert.equal(
    run.ended.map(({ id, counters }) => `${id} ${counters?.failures}`),
    ['one 0', 'one 1', 'two 1'],
  );
});

test('who says that a part is not there is believed at once', () => {
  const run = start([farJob('one', 1), reader('two', ['one'])]);
  run.master.offer({ a: 0, b: 0, c: 0 });
  work(run, 'a');
  miss(run, only(run, 'b', 'two_m_0_0'), ['a'], { goneFrom: ['a'] });
  assert.equal(work(run, 'c'), ['one_m_0_1']);
  miss(run, only(run, 'c', 'two_m_0_1'), ['c']);
  assert.equal(work(run, 'b'), ['one_m_0_2'], 'it was on the node of the reader');
  assert.equal(work(run, 'b'), ['two_m_0_2']);
});

test('a part with two replicas is lost when nobody can read either', () => {
  const run = start([farJob('one', 1), reader('two', ['one'])]);
  run.master.offer({ a: 0, b: 0, c: 0, d: 0, e: 0 });
  write(run, only(run, 'a', 'one_m_0_0'), ['a', 'b']);
  miss(run, only(run, 'c', 'two_m_0_0'), ['a', 'b'], { goneFrom: ['b'] });
  miss(run, only(run, 'd', 'two_m_0_1'), ['a', 'b']);
  // Of b only one has said that.
  miss(run, only(run, 'e', 'two_m_0_2'), ['a', 'b']);
  assert.equal(work(run, 'c'), ['one_m_0_1']);
});

test('where there is no second node, one is believed when a task says it again that waited a minute for another place', () => {
  const run = start([farJob('one', 1), reader('two', ['one'])]);
  run.master.offer({ a: 0, b: 0 });
  work(run, 'a');
  miss(run, only(run, 'b', 'two_m_0_0'), ['a']);
  assert.equal(work(run, 'b'), []);
  run.master.clock.advance(60_000);
  miss(run, only(run, 'b', 'two_m_0_1'), ['a']);
  assert.equal(work(run, 'b'), ['one_m_0_1']);
  assert.equal(work(run, 'b'), ['two_m_0_2']);
});

test('a job whose input is made again and again, and cannot be read, fails with a sentence', () => {
  const run = start([farJob('one', 1), reader('two', ['one'])], { failuresPerTaskMax: 2 });
  run.master.offer({ a: 0, b: 0, c: 0 });
  work(run, 'a');
  miss(run, only(run, 'b', 'two_m_0_0'), ['a'], { goneFrom: ['a'] });
  work(run, 'c');
  miss(run, only(run, 'b', 'two_m_0_1'), ['c'], { goneFrom: ['c'] });
  assert.is(
    run.summary?.jobs[1]?.message,
    "map 0 of job 'one', whose output it reads, failed 2 times, at last on c: what it wrote cannot be read from there",
  );
});

test('a job whose input failed, or cannot be made again, fails with a sentence', () => {
  const failing = start([farJob('one', 1), reader('two', ['one']), reader('three', ['two'])], {
    failuresPerTaskMax: 1,
  });
  failing.master.update(failing.master.offer({ a: 1 }).a?.[0] as TaskInfo, 'TASK_FAILED', { message: 'no' });
  assert.equal(
    failing.summary?.jobs.map(({ message }) => message),
    [
      'map 0 failed once, at last on a: no',
      "job 'one', whose output it reads, has failed",
      "job 'two', whose output it reads, has failed",
    ],
  );
  const lost = start([farJob('one', 1), reader('two', ['one'])], { failuresPerTaskMax: 1 });
  work(lost, 'a');
  lose(lost, 'a');
  lost.master.update(lost.master.offer({ b: 1 }).b?.[0] as TaskInfo, 'TASK_FAILED', { message: 'no' });
  assert.equal(outcomes(lost), ['one finished', 'one failed', 'two failed']);
  assert.match(lost.summary?.jobs[1]?.message ?? '', /output of job 'one'.* could not be made again/);
});

test('a job waits for its input also when it is submitted later, and tells for which', () => {
  const run = start([farJob('one', 1)], { keepRunning: true });
  run.control.submit(reader('two', ['one']));
  assert.match(run.control.jobs()[1]?.message ?? '', /waits for the output of job 'one'/);
  work(run, 'a');
  assert.is(run.control.jobs()[1]?.tasks.total, 2);
  assert.throws(
    () => run.control.submit(reader('x', ['y'])),
    /'x' reads the output of job 'y', which is not known/,
  );
  work(run, 'a');
  work(run, 'a');
  // Long after: what has ended can still be read, and made again.
  run.control.submit(reader('three', ['two']));
  lose(run, 'a');
  const again: string[] = [];
  for (let round = 0; round < 6; round += 1) again.push(...work(run, 'b'));
  assert.equal(again, ['one_m_0_1', 'two_m_0_1', 'two_r_0_1', 'three_m_0_0', 'three_r_0_0']);
});

test.run();
