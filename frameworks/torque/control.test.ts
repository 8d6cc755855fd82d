import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JobControl } from '../jobBoard.ts';
import { modelRank } from '../mpi/rankModel.ts';
import { readTorqueConfig, type TorqueConfigInput } from './config.ts';
import type { TorqueJob } from './job.ts';
import { createTorqueScheduler } from './scheduler.ts';
import type { TorqueSummary } from './summary.ts';
import { TestCluster } from './testCluster.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const job = (id: string, ranks: number, more: Partial<TorqueJob> = {}): TorqueJob => ({
  id,
  kind: 'test',
  ranks,
  submission: { when: 'at', ms: 0 },
  program: { type: 'model', workMs: 10_000, cv: 0 },
  ...more,
});

interface Server {
  readonly cluster: TestCluster;
  readonly control: JobControl<TorqueJob>;
  /** `id phase` of each job. */
  phases(): readonly string[];
  summary(): TorqueSummary | undefined;
}

/** A server on slaves with so many slots. */
function serverOn(
  slots: readonly number[],
  more: Partial<TorqueConfigInput> = {},
  registered = true,
): Server {
  const config = readTorqueConfig({
    name: 'torque',
    keepRunning: true,
    jobs: [],
    slot: { cpus: 1 },
    executor: { name: 'rank', command: { shell: true, value: 'rank', arguments: [], environment: {} } },
    hoardTimeoutMs: 10_000,
    ...more,
  });
  const cluster = new TestCluster({ slots, executor: modelRank });
  const told: { control?: JobControl<TorqueJob>; summary?: TorqueSummary } = {};
  cluster.start(
    'torque',
    createTorqueScheduler(config, {
      onReady: (control) => {
        told.control = control;
      },
      onDone: (summary) => {
        told.summary = summary;
      },
    }),
  );
  if (registered) cluster.runFor(100);
  const { control } = told;
  if (control === undefined) throw new Error('the server is not ready');
  const phases = (): readonly string[] => control.jobs().map(({ id, phase }) => `${id} ${phase}`);
  return { cluster, control, phases, summary: () => told.summary };
}

const refused = (what: () => void): string => {
  try {
    what();
  } catch (error) {
    assert.instance(error, RangeError);
    return (error as Error).message;
  }
  return 'none';
};

test('a server that is kept running takes jobs while it runs, and holds nothing while there are none', () => {
  const { cluster, control, phases, summary } = serverOn([4]);
  cluster.runFor(MINUTE);
  assert.is(cluster.needsOffers('torque'), false);
  for (const id of ['a', 'b']) {
    control.submit(job(id, 3));
    assert.is(phases().at(-1), `${id} waiting`);
    cluster.runFor(5000);
    assert.is(phases().at(-1), `${id} running`);
    assert.is(cluster.held('torque'), 3);
    cluster.runFor(MINUTE);
    assert.is(phases().at(-1), `${id} finished`);
    assert.is(cluster.held('torque') + cluster.executors('torque'), 0);
    assert.is(cluster.needsOffers('torque'), false);
  }
  assert.is(summary(), undefined, 'it goes on');
  const [first] = control.jobs();
  assert.equal(first?.tasks, { total: 3, running: 0, finished: 3 });
  assert.equal(first?.needs, { slot: { cpus: 1 }, atOnce: { what: 'ranks' } });
  assert.ok((first?.endedMs ?? 0) > (first?.startedMs ?? 0));
});

test('jobs that come before the framework is registered wait for that', () => {
  const { cluster, control, phases } = serverOn([4], {}, false);
  control.submit(job('early', 2));
  control.submit(job('deleted', 2));
  control.delete('deleted');
  assert.equal(phases(), ['early waiting', 'deleted deleted']);
  cluster.runFor(MINUTE);
  assert.equal(phases(), ['early finished', 'deleted deleted']);
  assert.is(cluster.tasks('torque', 'TASK_FINISHED').length, 2);
});

test('a deleted job gives back its slots at once, gathering or running, and its followers come', () => {
  const { cluster, control, phases } = serverOn([4]);
  control.submit(job('running', 3));
  control.submit(job('follower', 2, { submission: { when: 'after', jobId: 'running', delayMs: 1000 } }));
  control.submit(job('gathering', 4));
  cluster.runFor(5000);
  assert.equal(phases(), ['running running', 'follower waiting', 'gathering waiting']);
  assert.is(cluster.held('torque'), 4);
  control.delete('gathering');
  control.delete('running');
  assert.equal(phases(), ['running deleted', 'follower waiting', 'gathering deleted']);
  cluster.runFor(10);
  assert.is(cluster.held('torque'), 0);
  assert.is(cluster.executors('torque'), 0);
  cluster.runFor(MINUTE);
  assert.equal(phases(), ['running deleted', 'follower finished', 'gathering deleted']);
  const ends = cluster.history.flatMap((e) =>
    e.event === 'job-finished' ? [[e.jobId, e.outcome, e.message]] : [],
  );
  assert.equal(ends, [
    ['gathering', 'failed', 'it was deleted'],
    ['running', 'failed', 'it was deleted'],
    ['follower', 'finished', undefined],
  ]);
});

test('a job that is deleted before its time is never submitted', () => {
  const { cluster, control } = serverOn([4]);
  control.submit(job('later', 2, { submission: { when: 'at', ms: 5000 } }));
  assert.is(control.jobs()[0]?.message, 'its time has not come');
  control.delete('later');
  cluster.runFor(MINUTE);
  assert.is(cluster.history.length, 0);
});

test('a held job keeps its place but is not started until it is released', () => {
  const { cluster, control, phases } = serverOn([4]);
  control.submit(job('first', 4));
  control.hold('first');
  control.submit(job('second', 4));
  cluster.runFor(5000);
  assert.equal(phases(), ['first held', 'second running']);
  control.submit(job('third', 4));
  control.hold('third');
  control.release('first');
  control.release('third');
  cluster.runFor(15_000);
  assert.equal(phases(), ['first running', 'second finished', 'third waiting']);
});

test('a job that is held while it gathers gives back what it has', () => {
  const { cluster, control, phases } = serverOn([4], { hoardTimeoutMs: HOUR });
  control.submit(job('large', 5));
  cluster.runFor(5000);
  assert.is(cluster.held('torque'), 4);
  assert.is(control.jobs()[0]?.message, 'it has 4 of its 5 slots');
  control.hold('large');
  cluster.runFor(10);
  assert.equal(phases(), ['large held']);
  assert.is(cluster.held('torque'), 0);
  assert.is(cluster.needsOffers('torque'), false);
});

test('jobs of a higher priority come first, and a waiting one is outdone while it only gathers', () => {
  const { cluster, control, phases } = serverOn([4], { slotsMax: 4 });
  control.submit(job('a', 4));
  cluster.runFor(5000);
  control.submit(job('b', 4));
  control.submit(job('c', 4, { priority: 10 }));
  control.submit(job('d', 4, { priority: -1 }));
  control.submit(job('e', 4, { priority: 10 }));
  const order: string[] = [];
  cluster.runUntil(() => {
    order.push(...phases().filter((text) => text.endsWith('running') && !order.includes(text)));
    return order.length === 5;
  }, HOUR);
  assert.equal(
    order,
    ['a', 'c', 'e', 'b', 'd'].map((id) => `${id} running`),
  );
});

test('a job that runs longer than its wall time is killed, and is not tried again', () => {
  const { cluster, control, phases } = serverOn([4], { defaultWallTimeMs: 4000 });
  control.submit(job('long', 2));
  control.submit(job('as long as it said', 2, { wallTimeMs: 10_000 }));
  cluster.runFor(MINUTE);
  assert.equal(phases(), ['long failed', 'as long as it said finished']);
  const [long] = control.jobs();
  assert.is(long?.message, 'it ran longer than its wall time of 4 s');
  assert.is((long?.endedMs ?? 0) - (long?.startedMs ?? 0), 9000, 'after 5 s of grace');
  assert.is(cluster.held('torque'), 0);
});

test('a job has no more ranks on a slave than it allows', () => {
  const { cluster, control } = serverOn([4, 4, 4]);
  control.submit(job('spread', 5, { slotsPerSlaveMax: 2 }));
  cluster.runFor(8000);
  assert.equal(cluster.slavesOf('torque'), ['s0', 's0', 's1', 's1', 's2']);
});

test('what cannot be done is refused in one sentence', () => {
  const { cluster, control } = serverOn([4], { slotsMax: 4 });
  control.submit(job('a', 4));
  assert.is(control.jobs()[0]?.needs?.atOnce?.most, 4);
  cluster.runFor(5000);
  assert.is(
    refused(() => control.submit(job('a', 1))),
    "There is a job 'a' already; give this one another id.",
  );
  assert.is(
    refused(() => control.submit(job('b', 5))),
    "Job 'b' needs 5 slots and the server may have 4 at most: it could never start.",
  );
  const lost = job('b', 1, { submission: { when: 'after', jobId: 'z', delayMs: 0 } });
  assert.is(
    refused(() => control.submit(lost)),
    "Job 'b' waits for job 'z', which is not known here.",
  );
  assert.match(
    refused(() => control.hold('a')),
    /^Job 'a' runs already; only a job that waits can be held or released\.$/,
  );
  assert.match(
    refused(() => control.delete('z')),
    /^There is no job 'z' here/,
  );
  control.delete('a');
  assert.is(
    refused(() => control.delete('a')),
    "Job 'a' has ended already.",
  );
  assert.is(
    refused(() => control.submit(job('b', 4))),
    'none',
  );
});

test('a server that goes on forgets the jobs that ended long ago, and an id that comes again means new tasks', () => {
  const { cluster, control } = serverOn([1]);
  for (let n = 0; n <= 1000; n++) {
    control.submit(job(`j${n}`, 1));
    if (n > 0) control.delete(`j${n}`);
  }
  cluster.runFor(MINUTE);
  assert.is(control.jobs().length, 1000);
  assert.is(control.jobs()[0]?.id, 'j1', 'the first has been forgotten');
  control.submit(job('j0', 1));
  cluster.runFor(MINUTE);
  assert.equal(cluster.tasks('torque', 'TASK_FINISHED'), ['j0-1-0', 'j0-1002-0']);
});

test('a server that is not kept running ends with its jobs, and takes no more', () => {
  const { cluster, control, summary } = serverOn([4], { keepRunning: false, jobs: [job('a', 2)] });
  control.submit(job('b', 2));
  cluster.runFor(MINUTE);
  assert.equal(
    summary()?.jobs.map(({ id, outcome }) => [id, outcome]),
    [
      ['a', 'finished'],
      ['b', 'finished'],
    ],
  );
  assert.match(
    refused(() => control.submit(job('c', 1))),
    /has ended and takes no more jobs/,
  );
});

test.run();
