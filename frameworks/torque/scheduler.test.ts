import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TorqueConfig } from './config.ts';
import type { TorqueJob } from './job.ts';
import { createTorqueScheduler } from './scheduler.ts';
import type { TorqueSummary } from './summary.ts';
import type { TestCluster } from './testCluster.ts';

import { clusterOf, configOf, HOUR, job, launch, MINUTE } from './testJobs.ts';

const eventTimes = (cluster: TestCluster, event: string, jobId: string): readonly number[] =>
  cluster.history.flatMap((e) => (e.event === event && 'jobId' in e && e.jobId === jobId ? [e.t] : []));

test('a job starts when all its ranks run, and not before', () => {
  const cluster = clusterOf([2, 1]);
  launch(cluster, configOf([job('j', 4)], { hoardTimeoutMs: HOUR }));
  cluster.runFor(MINUTE);
  assert.is(cluster.tasks('torque', 'TASK_RUNNING').length, 3, 'gathers what there is');
  assert.equal(eventTimes(cluster, 'job-started', 'j'), []);
  const roomier = clusterOf([2, 1, 1]);
  const outcome = launch(roomier, configOf([job('j', 4)]));
  assert.ok(roomier.runUntil(() => eventTimes(roomier, 'job-started', 'j').length > 0, MINUTE));
  assert.is(roomier.tasks('torque', 'TASK_RUNNING').length, 4);
  assert.ok(roomier.runUntil(outcome.done, MINUTE));
});

test('a scheduler that takes the place of another gives no id that its predecessor may have given', () => {
  const idsOf = (incarnation: number): readonly string[] => {
    const cluster = clusterOf([2]);
    launch(cluster, configOf([job('j', 2)], { incarnation }));
    cluster.runUntil(() => cluster.tasks('torque', 'TASK_RUNNING').length === 2, MINUTE);
    return cluster.tasks('torque', 'TASK_RUNNING');
  };
  assert.equal(idsOf(0), ['j-1-0', 'j-1-1']);
  assert.equal(idsOf(37), ['j-1-0-11', 'j-1-1-11']);
});

test('all ranks are released together at the end, with their executors', () => {
  const cluster = clusterOf([4]);
  const outcome = launch(cluster, configOf([job('j', 4, 0, 10_000, 0.5), job('later', 1, MINUTE)]));
  cluster.runUntil(() => cluster.tasks('torque', 'TASK_FINISHED').length > 0, MINUTE);
  cluster.runFor(5);
  assert.is(cluster.tasks('torque', 'TASK_FINISHED').length, 4);
  cluster.runFor(5);
  assert.is(cluster.executors('torque'), 0);
  const [startMs] = eventTimes(cluster, 'job-started', 'j');
  const [endMs] = eventTimes(cluster, 'job-finished', 'j');
  assert.ok(cluster.runUntil(outcome.done, HOUR));
  const result = outcome.summary?.jobs[0]?.result;
  assert.is(result?.type, 'model');
  if (result?.type !== 'model') throw new Error('unreachable');
  assert.ok(result.jobMs > result.ownMs * 0.999);
  assert.ok(
    Math.abs((endMs as number) - (startMs as number) - result.jobMs) < 10,
    'as long as the slowest rank',
  );
});

test('takes no more slots than the queue needs, and wants no offers when it is empty', () => {
  const cluster = clusterOf([8, 8]);
  const outcome = launch(cluster, configOf([job('a', 3), job('b', 4, 2 * MINUTE)]));
  cluster.runFor(5000);
  assert.is(cluster.held('torque'), 3);
  assert.is(cluster.needsOffers('torque'), false, 'while the job runs');
  cluster.runFor(MINUTE);
  assert.is(cluster.held('torque'), 0);
  assert.is(cluster.needsOffers('torque'), false, 'while the queue is empty');
  const { offers } = cluster;
  cluster.runFor(50_000);
  assert.is(cluster.offers, offers);
  cluster.runFor(14_000);
  assert.is(cluster.held('torque'), 4, 'the next job is served though its offers were refused before');
  assert.ok(cluster.runUntil(outcome.done, HOUR));
});

test('records when a job was meant to be submitted, when it started and when it ended', () => {
  const cluster = clusterOf([4]);
  const after: TorqueJob = { ...job('b', 2), submission: { when: 'after', jobId: 'a', delayMs: 7000 } };
  const outcome = launch(cluster, configOf([job('a', 2, 3000), after]));
  assert.ok(cluster.runUntil(outcome.done, HOUR));
  const submitted = cluster.history.flatMap((e) => (e.event === 'job-submitted' ? [e] : []));
  const [aEndedMs] = eventTimes(cluster, 'job-finished', 'a');
  assert.equal(
    submitted.map(({ jobId, tasks, intendedMs, t }) => ({ jobId, tasks, intendedMs, t })),
    [
      { jobId: 'a', tasks: 2, intendedMs: 3001, t: 3001 },
      { jobId: 'b', tasks: 2, intendedMs: (aEndedMs as number) + 7000, t: (aEndedMs as number) + 7000 },
    ],
  );
  const jobs = outcome.summary?.jobs ?? [];
  assert.equal(
    jobs.map(({ id, outcome }) => [id, outcome]),
    [
      ['a', 'finished'],
      ['b', 'finished'],
    ],
  );
  assert.is(jobs[0]?.startedMs, eventTimes(cluster, 'job-started', 'a')[0]);
  assert.is(jobs[0]?.endedMs, aEndedMs);
});

test('gives back slots that do not become a whole gang in time, and tries again later', () => {
  const cluster = clusterOf([3]);
  launch(cluster, configOf([job('j', 4)]));
  cluster.runFor(5000);
  assert.is(cluster.held('torque'), 3);
  assert.ok(cluster.runUntil(() => cluster.held('torque') === 0, 10_000));
  assert.is(cluster.needsOffers('torque'), false, 'while it waits');
  assert.ok(
    cluster.runUntil(() => cluster.held('torque') === 3, 30_000),
    'tries again',
  );
});

test('two frameworks that each hold half of what the other needs do not block each other for ever', () => {
  for (let seed = 0; seed < 20; seed++) {
    const cluster = clusterOf([2, 2, 2, 2], { seed });
    const a = launch(cluster, configOf([job('ja', 6)], { name: 'a' }));
    const b = launch(cluster, configOf([job('jb', 6)], { name: 'b' }));
    cluster.runFor(3000);
    assert.is(cluster.held('a') + cluster.held('b'), 8, 'both hoard');
    assert.ok(
      cluster.runUntil(() => a.done() && b.done(), 10 * MINUTE),
      `seed ${seed}`,
    );
    assert.is(a.summary?.jobs[0]?.outcome, 'finished');
    assert.is(b.summary?.jobs[0]?.outcome, 'finished');
  }
});

test('a rank that crashes takes the whole job with it, which then runs again', () => {
  const cluster = clusterOf([2, 2]);
  const outcome = launch(cluster, configOf([job('j', 4)]));
  cluster.runUntil(() => eventTimes(cluster, 'job-started', 'j').length === 1, MINUTE);
  cluster.runFor(3000);
  cluster.crashExecutor(cluster.tasks('torque', 'TASK_RUNNING')[2] as string);
  cluster.runFor(10);
  assert.is(cluster.tasks('torque', 'TASK_RUNNING').length, 0, 'the others are killed');
  assert.is(cluster.tasks('torque', 'TASK_KILLED').length, 3);
  assert.ok(cluster.runUntil(outcome.done, MINUTE));
  assert.is(eventTimes(cluster, 'job-started', 'j').length, 2);
  const [summary] = outcome.summary?.jobs ?? [];
  assert.is(summary?.outcome, 'finished');
  assert.is(summary?.failures, 1);
});

test('a job that fails too often has failed, with the reason, and others go on', () => {
  const cluster = clusterOf([4]);
  const follower: TorqueJob = { ...job('next', 2), submission: { when: 'after', jobId: 'j', delayMs: 1 } };
  const outcome = launch(cluster, configOf([job('j', 3), follower], { attemptsMax: 2 }));
  for (const attempt of [1, 2]) {
    cluster.runUntil(() => eventTimes(cluster, 'job-started', 'j').length === attempt, MINUTE);
    cluster.runFor(1000);
    cluster.crashExecutor(cluster.tasks('torque', 'TASK_RUNNING')[1] as string);
    cluster.runFor(10);
  }
  assert.ok(cluster.runUntil(outcome.done, MINUTE));
  const [failed, next] = outcome.summary?.jobs ?? [];
  assert.is(failed?.outcome, 'failed');
  const why = "rank 1 of job 'j' on s0 failed: TASK_FAILED, REASON_EXECUTOR_TERMINATED (attempt 2 of 2)";
  assert.is(failed?.message, why);
  assert.is(next?.outcome, 'finished');
  const finished = cluster.history.flatMap((e) => (e.event === 'job-finished' ? [e] : []));
  assert.equal(
    finished.map((e) => e.outcome),
    ['failed', 'finished'],
  );
  assert.is(finished[0]?.message, why);
});

test('a slave that is lost while a gang gathers costs a slot, not an attempt', () => {
  const cluster = clusterOf([2, 2, 1]);
  const outcome = launch(cluster, configOf([job('j', 5)], { hoardTimeoutMs: MINUTE }));
  cluster.runUntil(() => cluster.held('torque') === 5, MINUTE);
  const replaced = clusterOf([2, 2, 2]);
  const second = launch(replaced, configOf([job('j', 4)], { attemptsMax: 1 }));
  replaced.runUntil(() => replaced.held('torque') === 4, MINUTE);
  replaced.loseSlave(0);
  assert.ok(replaced.runUntil(second.done, MINUTE));
  assert.is(second.summary?.jobs[0]?.outcome, 'finished');
  assert.is(second.summary?.jobs[0]?.failures, 0);
  assert.ok(cluster.runUntil(outcome.done, MINUTE));
});

test('first come, first served: a small job waits behind a large one that cannot start', () => {
  const jobs = [job('large', 5), job('small', 1, 2000)];
  const fcfs = clusterOf([4]);
  launch(fcfs, configOf(jobs));
  fcfs.runFor(10 * MINUTE);
  assert.equal(eventTimes(fcfs, 'job-started', 'small'), []);
  const firstFit = clusterOf([4]);
  launch(firstFit, configOf(jobs, { queue: 'first-fit' }));
  firstFit.runFor(10 * MINUTE);
  assert.is(eventTimes(firstFit, 'job-started', 'small').length, 1);
});

test('jobs that fit side by side run side by side, and never exceed the guaranteed share', () => {
  const jobs = [job('a', 3), job('b', 3), job('c', 3), job('d', 1)];
  const cluster = clusterOf([20]);
  let heldMax = 0;
  const outcome = launch(cluster, configOf(jobs, { slotsMax: 7 }));
  cluster.runUntil(() => {
    heldMax = Math.max(heldMax, cluster.held('torque'));
    return outcome.done();
  }, HOUR);
  assert.is(heldMax, 7 - 1, 'two of three ranks; the fourth job waits for its turn');
  const passing = clusterOf([20]);
  const second = launch(passing, configOf(jobs, { slotsMax: 7, queue: 'first-fit' }));
  let most = 0;
  passing.runUntil(() => {
    most = Math.max(most, passing.held('torque'));
    return second.done();
  }, HOUR);
  assert.is(most, 7);
});

test('without a limit of its own it never exceeds what it is guaranteed', () => {
  const cluster = clusterOf([20], { guaranteed: 5 });
  const jobs = [job('a', 3), job('b', 2), job('c', 2), job('beyond', 6), job('d', 1)];
  let heldMax = 0;
  launch(cluster, configOf(jobs, { queue: 'first-fit' }));
  cluster.runUntil(() => {
    heldMax = Math.max(heldMax, cluster.held('torque'));
    return false;
  }, HOUR);
  assert.is(heldMax, 5);
  const ends = cluster.history.flatMap((e) => (e.event === 'job-finished' ? [e.jobId] : []));
  assert.equal(ends.sort(), ['a', 'b', 'c', 'd'], 'what needs more waits');
  assert.is(cluster.needsOffers('torque'), false);
});

test('EASY: a short job runs while the head waits for its slots, a long one does not', () => {
  const timed = (id: string, ranks: number, workMs: number): TorqueJob => ({
    ...job(id, ranks, 1000, workMs),
    wallTimeMs: workMs + 1000,
  });
  const jobs = [
    timed('runs', 3, 60_000),
    timed('head', 4, 10_000),
    timed('long', 1, 70_000),
    timed('short', 1, 40_000),
  ];
  const startOrder = (queue: TorqueConfig['queue']): readonly string[] => {
    const cluster = clusterOf([4]);
    const outcome = launch(cluster, configOf(jobs, { queue, slotsMax: 4 }));
    assert.ok(cluster.runUntil(outcome.done, HOUR));
    return (outcome.summary?.jobs ?? [])
      .toSorted((a, b) => (a.startedMs ?? 0) - (b.startedMs ?? 0))
      .map(({ id }) => id);
  };
  assert.equal(startOrder('easy'), ['runs', 'short', 'head', 'long']);
  // The last two are let in together; whose ranks are there first is chance.
  assert.equal(startOrder('fcfs').slice(0, 2), ['runs', 'head']);
  assert.equal(startOrder('first-fit'), ['runs', 'long', 'short', 'head']);
});

test("Torque's own pace: what is needed is looked at once a second, and jobs start every other", () => {
  const cluster = clusterOf([4]);
  const jobs = [job('a', 2, 300), job('b', 2, 20_300)];
  const outcome = launch(cluster, configOf(jobs, { pollMs: 1000, iterationMs: 2000 }));
  assert.ok(cluster.runUntil(outcome.done, HOUR));
  for (const id of ['a', 'b']) {
    const [launchedMs = 0] = cluster.history.flatMap((e) =>
      e.event === 'job-submitted' && e.jobId === id ? [e.t] : [],
    );
    const [startedMs = 0] = eventTimes(cluster, 'job-started', id);
    assert.is(startedMs % 2000, 0);
    assert.ok(startedMs - launchedMs >= 1000);
  }
  assert.ok(outcome.summary?.jobs.every(({ outcome }) => outcome === 'finished'));
});

test('a gang that is whole waits for the iteration, also beyond the time for gathering', () => {
  const cluster = clusterOf([4]);
  const outcome = launch(cluster, configOf([job('j', 4)], { iterationMs: 30_000, hoardTimeoutMs: 5000 }));
  assert.ok(cluster.runUntil(outcome.done, MINUTE));
  assert.equal(eventTimes(cluster, 'job-started', 'j'), [30_000]);
  assert.is(outcome.summary?.jobs[0]?.hoardTimeouts, 0);
});

test('holds no more slots on one slave than it is allowed to', () => {
  const cluster = clusterOf([4, 4, 4]);
  const outcome = launch(cluster, configOf([job('j', 3)], { slotsPerSlaveMax: 1 }));
  cluster.runUntil(() => cluster.held('torque') === 3, MINUTE);
  assert.equal(cluster.slavesOf('torque'), ['s0', 's1', 's2']);
  assert.ok(cluster.runUntil(outcome.done, MINUTE));
});

test('the start is told again until every rank has confirmed it', () => {
  const cluster = clusterOf([6], { messageLoss: 0.7, seed: 5 });
  const outcome = launch(cluster, configOf([job('j', 6)], { hoardTimeoutMs: 5 * MINUTE }));
  assert.ok(cluster.runUntil(outcome.done, 10 * MINUTE));
  assert.is(outcome.summary?.jobs[0]?.outcome, 'finished');
  assert.is(outcome.summary?.jobs[0]?.failures, 0);
  const silent = clusterOf([6], { messageLoss: 1 });
  const second = launch(silent, configOf([job('j', 6)]));
  assert.ok(silent.runUntil(second.done, 10 * MINUTE));
  assert.match(second.summary?.jobs[0]?.message ?? '', /did not confirm the start within 10 s/);
});

test('updates that come late, twice or for unknown tasks change nothing', () => {
  const cluster = clusterOf([4]);
  const outcome = launch(cluster, configOf([job('j', 2)]));
  cluster.runUntil(() => eventTimes(cluster, 'job-started', 'j').length === 1, MINUTE);
  const [task = ''] = cluster.tasks('torque', 'TASK_RUNNING');
  cluster.inject('torque', { taskId: task, state: 'TASK_RUNNING' });
  cluster.inject('torque', { taskId: 'nobody', state: 'TASK_FAILED' });
  cluster.inject('torque', { taskId: 'nobody', state: 'TASK_RUNNING' });
  cluster.runFor(100);
  assert.is(cluster.tasks('torque', 'TASK_RUNNING').length, 2);
  assert.ok(cluster.runUntil(outcome.done, MINUTE));
  assert.is(outcome.summary?.jobs[0]?.failures, 0);
});

test('a lost master does not disturb a running job, and what was said meanwhile is said again', () => {
  const cluster = clusterOf([4]);
  const config = configOf([job('j', 2), job('k', 2, 30_000), job('l', 4, 2 * MINUTE)]);
  const outcome = launch(cluster, config);
  cluster.runUntil(() => eventTimes(cluster, 'job-started', 'j').length === 1, MINUTE);
  cluster.runFor(10);
  cluster.disconnect('torque');
  cluster.runFor(40_000);
  cluster.reconnect('torque');
  assert.ok(cluster.runUntil(() => eventTimes(cluster, 'job-finished', 'k').length === 1, MINUTE));
  // Hoarded slots whose time is over while no kill can be said.
  cluster.runUntil(() => cluster.held('torque') === 4, 2 * MINUTE);
  cluster.disconnect('torque');
  cluster.runFor(20_000);
  assert.is(cluster.held('torque'), 4);
  cluster.reconnect('torque');
  cluster.runFor(500);
  assert.is(cluster.held('torque'), 0);
  assert.ok(cluster.runUntil(outcome.done, 5 * MINUTE));
  assert.equal(
    outcome.summary?.jobs.map((j) => j.outcome),
    ['finished', 'finished', 'finished'],
  );
});

test('a framework that the master refuses is done, and says why', () => {
  let summary: TorqueSummary | undefined;
  const cluster = clusterOf([4]);
  cluster.start('torque', (driver) => {
    const scheduler = createTorqueScheduler(configOf([job('j', 2)]), { onDone: (s) => (summary = s) })(
      driver,
    );
    driver.after(5000, () => scheduler.error('unknown role'));
    return scheduler;
  });
  cluster.runFor(MINUTE);
  assert.is(summary?.jobs[0]?.outcome, 'failed');
  assert.is(summary?.jobs[0]?.message, 'the master refused the framework: unknown role');
});

test('a slow machine slows the whole job, and a rank is as long on one cluster as on another', () => {
  const jobMs = (slots: readonly number[], speeds?: readonly number[]): number => {
    const cluster = clusterOf(slots, speeds === undefined ? { seed: 9 } : { speeds });
    const outcome = launch(cluster, configOf([job('j', 4, 0, 10_000, 0.1)], { seed: 77 }));
    cluster.runUntil(outcome.done, HOUR);
    const result = outcome.summary?.jobs[0]?.result;
    return result?.type === 'model' ? result.jobMs : Number.NaN;
  };
  const usual = jobMs([4]);
  assert.is(jobMs([1, 1, 1, 1]), usual);
  assert.ok(jobMs([1, 1, 1, 1], [1, 1, 0.5, 1]) > 1.5 * usual);
});

test('the same seed gives the same history', () => {
  const run = (): string => {
    const cluster = clusterOf([3, 2, 2], { seed: 3, messageLoss: 0.2, duplication: 0.2 });
    const a = launch(cluster, configOf([job('a1', 4, 0, 5000, 0.3), job('a2', 6, 500)], { name: 'a' }));
    const b = launch(cluster, configOf([job('b1', 5, 0, 9000, 0.3)], { name: 'b' }));
    cluster.runUntil(() => a.done() && b.done(), HOUR);
    return JSON.stringify([cluster.history, a.summary, b.summary]);
  };
  assert.is(run(), run());
});

test.run();
