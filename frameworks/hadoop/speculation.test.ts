import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { encodeData, type TaskInfo } from '../../mesos/protocol/entities.ts';
import type { HadoopConfig } from './job.ts';
import { type Speculation, SpeculationSchema } from './speculation.ts';
import { events, farJob, finish, ids, job, MODEL, type Run, start } from './testJobs.ts';
import { startVirtual, type VirtualHadoop } from './testVirtual.ts';

const policy = (value: object): Speculation => v.parse(SpeculationSchema, value);
const LATE = policy({ policy: 'late', ageMinMs: 1_000, intervalMs: 500 });
const HADOOP = policy({ policy: 'hadoop', ageMinMs: 1_000, intervalMs: 500 });

/** Tells the progress of tasks on a slave. */
const tell = (run: Run, slaveId: string, progress: Readonly<Record<string, number>>): void =>
  run.master.scheduler.frameworkMessage(slaveId, 'tasktracker', encodeData({ progress }));

/** Four maps on four hosts, of which that on `a` goes at a tenth of the speed of the others; two seconds later. */
function withStraggler(speculation: Speculation, more: Partial<HadoopConfig> = {}) {
  const run = start([farJob('j', 4)], { speculation, ...more });
  const launched = run.master.offer({ a: 1, b: 1, c: 1, d: 1 });
  const [slow, ...others] = ['a', 'b', 'c', 'd'].map((host) => launched[host]?.[0] as TaskInfo);
  run.master.clock.advance(1_900);
  tell(run, 's-a', { j_m_0_0: 0.05 });
  for (const [n, host] of ['b', 'c', 'd'].entries()) tell(run, `s-${host}`, { [`j_m_${n + 1}_0`]: 0.5 });
  run.master.clock.advance(100);
  return { run, slow: slow as TaskInfo, others };
}

for (const [name, speculation] of [
  ['late', LATE],
  ['hadoop', HADOOP],
] as const) {
  test(`${name}: a task that is far behind gets one copy, on another host, and the first to finish wins`, () => {
    const { run, slow, others } = withStraggler(speculation);
    assert.is(run.master.needs.at(-1), true);
    assert.equal(run.master.offer({ a: 1 }).a, [], 'not beside itself');
    const [copy] = run.master.offer({ e: 4 }).e ?? [];
    assert.is(copy?.taskId, 'j_m_0_1');
    assert.is(run.master.needs.at(-1), false);
    run.master.clock.advance(10_000);
    assert.is(run.master.needs.at(-1), false, 'there is one copy only');
    finish(run, copy as TaskInfo, { locality: 'remote', inputBytes: 7 });
    assert.equal(run.master.killed, ['j_m_0_0']);
    finish(run, slow, { inputBytes: 8 });
    for (const task of others) finish(run, task, { inputBytes: 1 });
    assert.is(run.summary?.jobs[0]?.outcome, 'finished');
    assert.is(run.summary?.jobs[0]?.counters?.mapInputBytes, 10, 'the loser is not counted');
    assert.is(run.summary?.jobs[0]?.counters?.speculativeAttempts, 1);
    assert.is(run.summary?.jobs[0]?.counters?.killedAttempts, 1);
    assert.is(events(run, 'block-read').length, 4);
  });

  test(`${name}: when its first attempt wins, the copy is killed`, () => {
    const { run, slow } = withStraggler(speculation);
    const [copy] = run.master.offer({ e: 1 }).e ?? [];
    finish(run, slow);
    assert.equal(run.master.killed, ['j_m_0_1']);
    run.master.update(copy as TaskInfo, 'TASK_KILLED');
    assert.equal(run.master.offer({ e: 9 }).e, [], 'nothing has to run again');
  });

  test(`${name}: when one attempt fails, the other goes on; when both do, the task runs again`, () => {
    const { run, slow } = withStraggler(speculation, { failuresPerTaskMax: 3 });
    const [copy] = run.master.offer({ e: 1 }).e ?? [];
    run.master.update(slow, 'TASK_FAILED', { message: 'bad disk' });
    assert.equal(run.master.offer({ f: 9 }).f, []);
    run.master.update(copy as TaskInfo, 'TASK_LOST', { reason: 'REASON_SLAVE_REMOVED' });
    assert.equal(ids(run.master.offer({ f: 9 }).f), ['j_m_0_2']);
  });

  test(`${name}: tasks that are all as fast get no copies`, () => {
    const run = start([farJob('j', 4)], { speculation });
    run.master.offer({ a: 2, b: 2 });
    for (let n = 1; n <= 9; n += 1) {
      run.master.clock.advance(1_000);
      tell(run, 's-a', { j_m_0_0: n / 10, j_m_2_0: n / 10 });
      tell(run, 's-b', { j_m_1_0: n / 10, j_m_3_0: n / 10 });
    }
    assert.is(run.master.needs.at(-1), false);
  });
}

test('no copies are made while tasks of the job wait, nor before a task has run for long enough', () => {
  const run = start([farJob('j', 3)], { speculation: LATE });
  run.master.offer({ a: 1, b: 1 });
  tell(run, 's-b', { j_m_1_0: 0.9 });
  run.master.clock.advance(2_000);
  assert.equal(ids(run.master.offer({ c: 1 }).c), ['j_m_2_0']);
  tell(run, 's-c', { j_m_2_0: 0.9 });
  run.master.clock.advance(400);
  assert.equal(run.master.offer({ d: 1 }).d, []);
  run.master.clock.advance(100);
  assert.equal(ids(run.master.offer({ d: 1 }).d), ['j_m_0_1']);
});

test('late: no copy goes to a slow node, and none is made that would end later than its task', () => {
  const { run } = withStraggler(LATE);
  tell(run, 's-b', { j_m_1_0: 0.1 });
  run.master.clock.advance(500);
  // Of four nodes the slowest quarter is that of the straggler; of eight it would be two.
  assert.equal(run.master.offer({ a: 9 }).a, []);
  const almost = start([farJob('j', 4)], { speculation: LATE });
  const [, ...others] = almost.master.offer({ a: 4 }).a ?? [];
  almost.master.clock.advance(900);
  for (const task of others) finish(almost, task);
  almost.master.clock.advance(600);
  tell(almost, 's-a', { j_m_0_0: 0.7 });
  almost.master.clock.advance(500);
  assert.equal(almost.master.offer({ e: 9 }).e, [], '0.9 s are left, and a copy takes as long');
  almost.master.clock.advance(1_000);
  assert.equal(ids(almost.master.offer({ e: 9 }).e), ['j_m_0_1'], 'now it seems stuck');
});

test('copies take no more than their part of the slots', () => {
  const run = start([farJob('j', 30)], {
    speculation: { ...LATE, policy: 'late', shareMax: 0.1 } as Speculation,
  });
  run.master.offer({ a: 5, b: 25 });
  run.master.clock.advance(1_900);
  const half = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`j_m_${n}_0`, 0.5]));
  tell(run, 's-b', half);
  run.master.clock.advance(500);
  assert.is(run.master.offer({ c: 30 }).c?.length, 3);
  run.master.clock.advance(5_000);
  assert.equal(run.master.offer({ c: 30 }).c, []);
});

test('reduces get copies, too, and a map whose output is lost runs again though its loser is still being killed', () => {
  const run = start([farJob('j', 2, { reduces: 2 })], { speculation: LATE });
  const launched = run.master.offer({ a: 1, b: 1 });
  const [slow, fast] = [launched.a?.[0] as TaskInfo, launched.b?.[0] as TaskInfo];
  run.master.clock.advance(1_000);
  finish(run, fast);
  run.master.clock.advance(1_500);
  const [copy] = run.master.offer({ c: 1 }).c ?? [];
  finish(run, copy as TaskInfo);
  run.master.scheduler.slaveLost('s-c');
  const [again] = run.master.offer({ d: 1 }).d ?? [];
  assert.is(again?.taskId, 'j_m_0_2');
  finish(run, slow);
  assert.equal(run.master.offer({ d: 9 }).d, [], 'what was told to end does not count');
  finish(run, again as TaskInfo);
  const reduces = run.master.offer({ d: 1, e: 1 });
  run.master.clock.advance(1_000);
  finish(run, reduces.d?.[0] as TaskInfo);
  run.master.clock.advance(1_500);
  assert.equal(ids(run.master.offer({ f: 1 }).f), ['j_r_1_1']);
});

test('a loser is told again to end when it seems not to have heard it', () => {
  const { run, slow } = withStraggler(LATE);
  const [copy] = run.master.offer({ e: 1 }).e ?? [];
  finish(run, copy as TaskInfo);
  run.master.scheduler.disconnected();
  run.master.scheduler.registered('hadoop-1');
  run.master.update(slow, 'TASK_RUNNING');
  assert.equal(run.master.killed, ['j_m_0_0', 'j_m_0_0', 'j_m_0_0']);
});

// --- in virtual time ---

const SPREAD = Array.from({ length: 40 }, (_, n) => [`node${(n % 10) + 1}`, `node${((n + 3) % 10) + 1}`]);
const LENGTHS = { ...MODEL, mapMs: 30_000, remoteMapMs: 30_000, reduceMs: 30_000, cv: 0.1 } as const;
const STEADY = new Array<number>(10).fill(1);
/** One of ten nodes takes eight times as long. */
const LAME = STEADY.with(4, 1 / 8);

/** A job of 40 maps and 10 reduces on 20 slots. */
function runJob(
  system: 'mesos' | 'standalone',
  speeds: readonly number[],
  speculation: object,
): { readonly run: VirtualHadoop; readonly ms: number; readonly copies: number } {
  const run = startVirtual({
    system,
    speeds,
    cpus: 2,
    jobs: [job('j', SPREAD, { reduces: 10, program: LENGTHS })],
    config: { speculation: policy(speculation) },
  });
  const [summary] = run.end().jobs;
  assert.is(summary?.outcome, 'finished');
  assert.equal(run.broken(), []);
  const counters = summary?.counters;
  assert.is(counters?.localMaps as number, 40 - (counters?.remoteMaps as number), 'each map counts once');
  assert.is(run.seen('block-read').length, 40);
  return { run, ms: run.jobMs('j'), copies: counters?.speculativeAttempts as number };
}

for (const system of ['mesos', 'standalone'] as const)
  test(`a slow node makes a job on ${system} long, and copies make it short again`, () => {
    const off = runJob(system, LAME, { policy: 'off' });
    const steady = runJob(system, STEADY, { policy: 'off' });
    assert.ok(off.ms > 2.5 * steady.ms, `${off.ms} and ${steady.ms} ms`);
    for (const name of ['late', 'hadoop']) {
      const { ms, copies } = runJob(system, LAME, { policy: name, ageMinMs: 10_000 });
      assert.ok(ms < 0.65 * off.ms, `${name}: ${ms} instead of ${off.ms} ms`);
      assert.ok(copies >= 2 && copies <= 8, `${name}: ${copies} copies`);
    }
  });

test('without a slow node copies change nothing', () => {
  const off = runJob('mesos', STEADY, { policy: 'off' });
  // That of Hadoop takes tasks of a later wave for slow ones, unless it waits for as long as they take.
  for (const [name, ageMinMs] of [
    ['late', 10_000],
    ['hadoop', 60_000],
  ] as const) {
    const { ms, copies } = runJob('mesos', STEADY, { policy: name, ageMinMs });
    assert.is(copies, 0, name);
    // Messages of progress take part in the chance of the network.
    assert.ok(Math.abs(ms - off.ms) < 1, `${name}: ${ms} and ${off.ms} ms`);
  }
});

test('attempts that straggle by chance are overtaken by their copies', () => {
  const program = { ...LENGTHS, straggling: { probability: 0.05, slowdown: 10 } };
  const [off, late] = [{ policy: 'off' }, { policy: 'late', ageMinMs: 10_000 }].map((speculation) => {
    const run = startVirtual({
      system: 'mesos',
      speeds: STEADY,
      cpus: 2,
      jobs: [job('j', [...SPREAD, ...SPREAD], { program })],
      config: { speculation: policy(speculation) },
    });
    run.end();
    assert.equal(run.broken(), []);
    return run.jobMs('j');
  }) as [number, number];
  assert.ok(off > 300_000, `${off} ms`);
  assert.ok(late < off / 1.5, `${late} instead of ${off} ms`);
});

test.run();
