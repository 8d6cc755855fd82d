import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeData, type TaskInfo } from '../../mesos/protocol/entities.ts';
import type { HadoopConfig, HadoopJob } from './job.ts';
import type { Journal, JournalRecord } from './journal.ts';
import { openJournalFile } from './journalFile.ts';
import { readData, TaskDataSchema } from './taskData.ts';
import { farJob, finish, ids, job, type Run, start } from './testJobs.ts';

/** What two JobTrackers share, one after the other. */
function memoryJournal(): Journal & { readonly records: JournalRecord[] } {
  const records: JournalRecord[] = [];
  return { records, load: () => [...records], append: (record) => void records.push(record) };
}

const WORDCOUNT = { program: { type: 'wordcount' }, reduces: 2 } as const;
const begin = (jobs: readonly HadoopJob[], journal: Journal, more: Partial<HadoopConfig> = {}): Run =>
  start(jobs, more, { journal });
const NEXT = { incarnation: 37 };
const part = (name: string, host: string) => ({ part: { name, hosts: [host] } });

test('who takes the place of a JobTracker keeps the maps that have finished, and its reduces are told where they are', () => {
  const journal = memoryJournal();
  const jobs = [job('j', [['a'], ['b'], ['c']], WORDCOUNT)];
  const first = begin(jobs, journal);
  const { a, b } = first.master.offer({ a: 1, b: 1 });
  first.master.update(a?.[0] as TaskInfo, 'TASK_FAILED');
  const [again] = first.master.offer({ e: 1 }).e ?? [];
  finish(first, again as TaskInfo, { counters: { seen: 5 } });
  finish(first, b?.[0] as TaskInfo, { counters: { seen: 6 } });
  const next = begin(jobs, journal, NEXT);
  const launched = next.master.offer({ a: 9, b: 9, c: 9 });
  assert.equal([...ids(launched.a), ...ids(launched.b), ...ids(launched.c)], ['j_m_2_0_11']);
  finish(next, launched.c?.[0] as TaskInfo, { counters: { seen: 7 } });
  const { d: reduces = [] } = next.master.offer({ d: 9 });
  const data = readData(TaskDataSchema, reduces[0]?.data);
  assert.ok(data?.type === 'reduce');
  if (data?.type === 'reduce') {
    assert.equal(
      data.mapHosts.map((place) => data.hosts[place]),
      ['e', 'b', 'c'],
    );
    assert.equal(data.mapAttempts, { 0: '1', 2: '0_11' });
  }
  for (const reduce of reduces) finish(next, reduce);
  assert.is(next.summary?.jobs[0]?.outcome, 'finished');
  assert.equal(next.summary?.jobs[0]?.userCounters, { seen: 18 });
});

test('map outputs that are gone with their slave are made again together, as soon as one is missed', () => {
  const journal = memoryJournal();
  const jobs = [job('j', [['a'], ['a'], ['a'], ['b']], WORDCOUNT)];
  const first = begin(jobs, journal);
  const { a = [], b = [] } = first.master.offer({ a: 3, b: 1 });
  for (const map of [...a, ...b]) finish(first, map);
  const next = begin(jobs, journal, NEXT);
  const [reduce] = next.master.offer({ b: 1 }).b ?? [];
  next.master.update(reduce as TaskInfo, 'TASK_FAILED', {
    data: encodeData({ unfetchable: { map: 0, host: 'a' } }),
  });
  assert.equal(ids(next.master.offer({ b: 9 }).b).sort(), ['j_m_0_0_11', 'j_m_1_0_11', 'j_m_2_0_11']);
});

test('what was lost with a slave is not taken to be there by the next JobTracker: maps run again, and parts are made again', () => {
  const journal = memoryJournal();
  const jobs = [
    farJob('one', 2),
    farJob('two', 0, { input: [{ outputOf: 'one' }] }),
    job('three', [['a'], ['b']], WORDCOUNT),
  ];
  const first = begin(jobs, journal);
  const { a = [], b = [] } = first.master.offer({ a: 2, b: 2 });
  const all = [...a, ...b];
  for (const [id, hosts] of [
    ['one_m_0_0', ['a', 'b']],
    ['one_m_1_0', ['a']],
  ] as const)
    finish(first, all.find(({ taskId }) => taskId === id) as TaskInfo, {
      part: { name: `part-m-0000${id[6]}`, hosts: [...hosts] },
    });
  for (const { taskId, ...task } of all) if (taskId.startsWith('three_m')) finish(first, { taskId, ...task });
  first.master.scheduler.slaveLost('s-a');
  const next = begin(jobs, journal, NEXT);
  const { c = [] } = next.master.offer({ c: 9 });
  assert.equal(ids(c).sort(), ['one_m_1_0_11', 'three_m_0_0_11']);
  const [again] = c.filter(({ taskId }) => taskId.startsWith('one'));
  finish(next, again as TaskInfo, part('part-m-00001', 'c'));
  const { d = [] } = next.master.offer({ d: 9 });
  const blocks = d.flatMap(({ data }) => {
    const task = readData(TaskDataSchema, data);
    return task?.type === 'map' ? [task.block.hosts] : [];
  });
  assert.equal(blocks, [['b'], ['c']]);
});

test('a copy of a part on a slave that was lost before its task had finished is not there for the next JobTracker either', () => {
  const journal = memoryJournal();
  const jobs = [farJob('one', 1), farJob('two', 1)];
  const first = begin(jobs, journal);
  const { a = [] } = first.master.offer({ a: 1, b: 0 });
  first.master.clock.advance(5);
  first.master.scheduler.slaveLost('s-b');
  finish(first, a[0] as TaskInfo, { part: { name: 'part-m-00000', hosts: ['a', 'b'] } });
  const next = begin(jobs, journal, NEXT);
  assert.equal(
    next.ended.flatMap(({ parts }) => parts.map(({ hosts }) => hosts)),
    [['a']],
  );
});

test('parts that went while there was no JobTracker are made again when they are missed, and that is no failure of who reads them', () => {
  const journal = memoryJournal();
  const jobs = [
    farJob('one', 1, { reduces: 3 }),
    farJob('two', 1, { side: [{ name: 'side', outputOf: 'one' }] }),
  ];
  const first = begin(jobs, journal);
  const [map] = first.master.offer({ a: 1 }).a ?? [];
  finish(first, map as TaskInfo);
  const hosts = ['a', 'b', 'c'] as const;
  for (const [n, host] of hosts.entries()) {
    const [reduce] = first.master.offer({ [host]: 1 })[host] ?? [];
    finish(first, reduce as TaskInfo, part(`part-r-0000${n}`, host));
  }
  const next = begin(jobs, journal, { ...NEXT, failuresPerTaskMax: 2 });
  /** Lets job `one` work until the reader is launched. */
  const reader = (remade: string): TaskInfo => {
    for (let round = 0; round < 3; round += 1)
      for (const task of next.master.offer({ d: 9 }).d ?? []) {
        if (task.taskId.startsWith('two')) return task;
        finish(next, task, part(remade, 'd'));
      }
    throw new Error('the reader is not launched');
  };
  for (const [n, host] of hosts.entries()) {
    const unreadable = { jobId: 'one', part: `part-r-0000${n}`, hosts: [host] };
    const task = reader(`part-r-0000${n - 1}`);
    next.master.update(task, 'TASK_FAILED', { data: encodeData({ unreadable }) });
  }
  finish(next, reader('part-r-00002'), part('part-m-00000', 'd'));
  assert.equal(
    next.summary?.jobs.map(({ outcome }) => outcome),
    ['finished', 'finished'],
  );
});

test('jobs that have ended have ended; what writes output runs again in others', () => {
  const journal = memoryJournal();
  const jobs = [
    farJob('done', 1),
    farJob('broken', 1),
    farJob('half', 2),
    farJob('next', 1, { submission: { when: 'after', jobId: 'done', delayMs: 0 } }),
  ];
  const first = begin(jobs, journal, { failuresPerTaskMax: 1 });
  const [done, broken, half] = first.master.offer({ a: 3 }).a ?? [];
  finish(first, done as TaskInfo, part('part-m-00000', 'a'));
  first.master.update(broken as TaskInfo, 'TASK_FAILED', { message: 'bad disk' });
  finish(first, half as TaskInfo, part('part-m-00000', 'a'));
  const next = begin(jobs, journal, NEXT);
  assert.equal(
    next.control.jobs().map(({ id, phase }) => `${id} ${phase}`),
    ['done finished', 'broken failed', 'half waiting', 'next waiting'],
  );
  assert.match(next.control.jobs()[1]?.message ?? '', /bad disk/);
  assert.equal(next.ended.find(({ id }) => id === 'done')?.parts, [
    { name: 'part-m-00000', hosts: ['a'], bytes: 10 },
  ]);
  assert.equal(ids(next.master.offer({ a: 9 }).a).sort(), [
    'half_m_0_0_11',
    'half_m_1_0_11',
    'next_m_0_0_11',
  ]);
});

test('jobs that were handed in while the first ran are there, and another job of the same name begins anew', () => {
  const journal = memoryJournal();
  const first = begin([farJob('j', 1, { reduces: 1 })], journal, { keepRunning: true });
  first.control.submit(farJob('more', 1));
  first.control.submit(farJob('gone', 1));
  first.control.delete('gone');
  for (const task of first.master.offer({ a: 1 }).a ?? []) finish(first, task);
  const next = begin([farJob('j', 2, { reduces: 1 })], journal, { ...NEXT, keepRunning: true });
  assert.equal(
    next.control.jobs().map(({ id, phase }) => `${id} ${phase}`),
    ['j waiting', 'more waiting', 'gone deleted'],
  );
  assert.equal(ids(next.master.offer({ a: 9 }).a).sort(), ['j_m_0_0_11', 'j_m_1_0_11', 'more_m_0_0_11']);
});

test('what was still to come is so for the next JobTracker too: followers follow, what is held is held', () => {
  const journal = memoryJournal();
  const jobs = ['never', 'noon'].map((id) => farJob(id, 1, { submission: { when: 'at', ms: 60_000 } }));
  const first = begin(jobs, journal, { keepRunning: true });
  const afterJ = { submission: { when: 'after', jobId: 'j', delayMs: 0 } } as const;
  for (const one of [farJob('j', 1), farJob('next', 1, afterJ), farJob('held', 1), farJob('free', 1)])
    first.control.submit(one);
  for (const id of ['held', 'free', 'noon']) first.control.hold(id);
  first.control.release('free');
  first.control.delete('never');
  const later = begin(jobs, journal, { ...NEXT, keepRunning: true });
  const phases = (run: Run) => run.control.jobs().map(({ id, phase }) => `${id} ${phase}`);
  assert.equal(phases(later), phases(first));
  assert.equal(phases(later).slice(0, 2), ['never deleted', 'noon held']);
  const { a = [] } = later.master.offer({ a: 9 });
  assert.equal(ids(a).sort(), ['free_m_0_0_11', 'j_m_0_0_11']);
  const last = begin(jobs, journal, { incarnation: 38, keepRunning: true });
  assert.equal(phases(last), phases(first));
  const { a: anew = [] } = last.master.offer({ a: 9 });
  assert.equal(ids(anew).sort(), ['free_m_0_0_12', 'j_m_0_0_12']);
  for (const task of anew) finish(last, task, part('part-m-00000', 'a'));
  last.control.release('held');
  assert.equal(ids(last.master.offer({ a: 9 }).a).sort(), ['held_m_0_0_12', 'next_m_0_0_12']);
  last.control.release('noon');
  assert.equal(ids(last.master.offer({ a: 9 }).a), []);
  last.master.clock.advance(60_000);
  assert.equal(ids(last.master.offer({ a: 9 }).a), ['noon_m_0_0_12']);
});

test('a job that is handed in again after it was forgotten is a new one for the next JobTracker too', () => {
  const journal = memoryJournal();
  const first = begin([], journal, { keepRunning: true });
  const others = Array.from({ length: 1_000 }, (_, n) => `other${n}`);
  for (const id of ['again', ...others]) {
    first.control.submit(farJob(id, 1));
    first.control.delete(id);
  }
  first.control.submit(farJob('again', 1));
  const next = begin([], journal, { ...NEXT, keepRunning: true });
  assert.is(next.control.jobs().find(({ id }) => id === 'again')?.phase, 'waiting');
});

test('what another framework did is not taken for its own', () => {
  const journal = memoryJournal();
  const jobs = [farJob('j', 2, { reduces: 1 })];
  const first = begin(jobs, journal);
  for (const task of first.master.offer({ a: 2 }).a ?? []) finish(first, task);
  for (const [n, record] of journal.records.entries())
    if (record.kind === 'began') journal.records[n] = { ...record, space: 'fother' };
  assert.is(begin(jobs, journal).master.offer({ a: 9 }).a?.length, 2);
});

test('what was deleted stays so, whatever the framework that comes next', () => {
  const journal = memoryJournal();
  const first = begin([], journal, { keepRunning: true });
  first.control.submit(farJob('unwanted', 1));
  first.control.delete('unwanted');
  for (const [n, record] of journal.records.entries())
    if (record.kind === 'began') journal.records[n] = { ...record, space: 'fother' };
  const next = begin([], journal, { keepRunning: true });
  assert.is(next.control.jobs()[0]?.phase, 'deleted');
});

test('two JobTrackers never have the same journal', () => {
  const dir = mkdtempSync(join(tmpdir(), 'journal-'));
  try {
    const path = join(dir, 'deeper', 'journal');
    const fail = (error: Error): void => assert.unreachable(error.message);
    const first = openJournalFile(path, fail);
    assert.throws(() => openJournalFile(path, fail), /journal is in use by another/);
    first.close();
    openJournalFile(path, fail).close();
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('a journal on disk gives back what was appended; what was cut short is left out', () => {
  const dir = mkdtempSync(join(tmpdir(), 'journal-'));
  try {
    const path = join(dir, 'journal');
    const fail = (error: Error): void => assert.unreachable(error.message);
    const first = openJournalFile(path, fail);
    assert.equal(first.load(), []);
    const began = { kind: 'began', space: 'f1' } as const;
    const ended = { kind: 'job-ended', jobId: 'j', outcome: 'finished' } as const;
    first.append(began);
    first.close();
    appendFileSync(path, '{"kind":"job-en');
    const second = openJournalFile(path, fail);
    assert.equal(second.load(), [began]);
    second.append(ended);
    second.close();
    const third = openJournalFile(path, fail);
    assert.equal(third.load(), [began, ended]);
    third.close();
    writeFileSync(path, 'something else\n');
    assert.throws(
      () => openJournalFile(path, fail),
      /journal cannot be read: line 1 is no JSON; name another file/,
    );
    mkdirSync(join(dir, 'folder'));
    assert.throws(() => openJournalFile(join(dir, 'folder'), fail), /cannot be read: EISDIR/);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test.run();
