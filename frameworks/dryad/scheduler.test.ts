import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { encodeData, type TaskInfo } from '../../mesos/protocol/entities.ts';
import { seededRandom } from '../../mesos/runtime/random.ts';
import { TestMaster } from '../hadoop/testCluster.ts';
import type { JobControl } from '../jobBoard.ts';
import { SYSTEMS, type TestVirtualOptions, testVirtual } from '../testVirtual.ts';
import { type DryadJob, DryadJobSchema, readDryadConfig } from './job.ts';
import { createDryadScheduler, type DryadSummary } from './scheduler.ts';
import { vertexModel } from './vertexModel.ts';

const COMMAND = { shell: false, value: 'modelled', arguments: [], environment: {} };
const NODES = ['node1', 'node2', 'node3'];
const model = (ms: number, more: object = {}) => ({ type: 'model', ms, ...more });
const blocks = (count: number, hosts = (_: number): readonly string[] => NODES) =>
  Array.from({ length: count }, (_, n) => ({ id: `b${n}`, bytes: 1000, hosts: hosts(n) }));

/** Two files are joined, and what comes of it goes up a tree. */
const JOIN = [
  { id: 'left', program: model(1_000), input: blocks(6) },
  { id: 'right', program: model(1_000), input: blocks(6) },
  {
    id: 'join',
    program: model(2_000),
    vertices: 4,
    inputs: [
      { stage: 'left', connect: 'complete' },
      { stage: 'right', connect: 'complete' },
    ],
  },
  { id: 'half', program: model(500), vertices: 2, inputs: [{ stage: 'join', connect: 'pointwise' }] },
  { id: 'all', program: model(500), vertices: 1, inputs: [{ stage: 'half', connect: 'pointwise' }] },
];

function start(stages: readonly object[], more: object = {}, options: Partial<TestVirtualOptions> = {}) {
  const run = testVirtual({ models: { 'dryad-executor': vertexModel }, ...options });
  const summaries: DryadSummary[] = [];
  const controls: JobControl<DryadJob>[] = [];
  const jobs = [{ id: 'j', stages }];
  const config = { name: 'dryad', jobs, slot: { cpus: 1 }, executor: { command: COMMAND }, ...more };
  run.run(options.system === 'standalone' ? 0 : 1_000);
  const factory = createDryadScheduler(readDryadConfig(config), {
    onReady: (control) => controls.push(control),
    onDone: (summary) => summaries.push(summary),
  });
  run.startFramework('dryad', factory);
  return {
    ...run,
    control: () => controls[0] as JobControl<DryadJob>,
    finished: () => run.until(() => summaries.length > 0),
    job: () => summaries[0]?.jobs[0],
    outcomes: () => summaries[0]?.jobs.map(({ outcome }) => outcome),
    /** When the attempts at the vertices of a stage were launched. */
    launches: (stage: string) =>
      run.seen('task-launched').flatMap(({ t, taskId }) => (taskId.startsWith(`j_${stage}_`) ? [t] : [])),
    ends: (stage: string) =>
      run
        .seen('task-updated')
        .flatMap(({ t, taskId, state }) =>
          state === 'TASK_FINISHED' && taskId.startsWith(`j_${stage}_`) ? [t] : [],
        ),
  };
}

for (const system of SYSTEMS)
  test(`on ${system}, a vertex runs when all that it reads is there, and every check holds`, () => {
    const run = start(JOIN, {}, { system });
    assert.ok(run.finished());
    assert.equal(run.outcomes(), ['finished']);
    assert.is(run.seen('task-launched').length, 19);
    const ofStage = ['left', 'right'].flatMap((stage) => run.ends(stage));
    assert.ok(Math.min(...run.launches('join')) >= Math.max(...ofStage));
    assert.ok(Math.min(...run.launches('all')) >= Math.max(...run.ends('half')));
    assert.equal(
      run.job()?.parts.map(({ name, hosts }) => [name, hosts.length]),
      [['part-v-00000', 1]],
    );
    assert.equal(run.broken(), []);
  });

test('a tree goes on where it can: a pointwise vertex does not wait for the whole stage before it', () => {
  const uneven = [
    { id: 'read', program: model(1_000), input: blocks(15) },
    { id: 'half', program: model(100), vertices: 5, inputs: [{ stage: 'read', connect: 'pointwise' }] },
  ];
  const run = start(uneven);
  assert.ok(run.finished());
  assert.ok(Math.min(...run.launches('half')) < Math.max(...run.ends('read')));
});

test('vertices run beside their blocks, and a tree beside what it reads, if the job waits for it', () => {
  const stages = [
    {
      id: 'read',
      program: model(1_000, { outputBytes: 1000 }),
      input: blocks(60, () => ['node1']),
    },
    { id: 'next', program: model(1_000), vertices: 60, inputs: [{ stage: 'read', connect: 'pointwise' }] },
  ];
  const locals = (localityWaitMs: number): number => {
    const run = start(stages, { localityWaitMs });
    assert.ok(run.finished());
    return run.job()?.counters.local ?? 0;
  };
  assert.ok(locals(5_000) >= 118, `${locals(5_000)} of 120 with a wait`);
  assert.ok(locals(0) < 118, `${locals(0)} of 120 without`);
});

test('what a lost slave held and is still needed is made again, and no more', () => {
  const run = start(JOIN);
  run.until(() => run.ends('join').length > 0);
  const before = run.seen('task-launched').length;
  run.virtual.crash('node1:5051');
  assert.ok(run.finished());
  assert.equal(run.outcomes(), ['finished']);
  const counters = run.job()?.counters ?? {};
  assert.ok((counters.undone ?? 0) + (counters.lost ?? 0) > 0);
  assert.ok(run.seen('task-launched').length <= before + 19);
  assert.equal(run.broken(), []);
});

test('a vertex that fails too often fails the job, with the reason; others go on', () => {
  const jobs = [
    { id: 'j', stages: [{ id: 'bad', program: { type: 'lines' }, input: blocks(1) }] },
    { id: 'k', stages: JOIN },
    { id: 'l', stages: JOIN, submission: { when: 'after', jobId: 'j', delayMs: 1_000 } },
  ];
  const run = start([], { jobs });
  assert.ok(run.finished());
  assert.equal(run.outcomes(), ['failed', 'finished', 'finished']);
  assert.match(
    run.job()?.message ?? '',
    /vertex 0 of stage 'bad' failed 4 times, at last on node\d: A modelled executor/,
  );
  assert.equal(run.broken(), []);
});

test('jobs that are still to come are shown, and can be held and deleted', () => {
  const run = start([], { jobs: [], keepRunning: true });
  const control = run.control();
  const job = (id: string, submission: DryadJob['submission']): DryadJob =>
    v.parse(DryadJobSchema, { id, stages: JOIN, submission });
  const phases = () => control.jobs().map(({ id, phase }) => `${id} ${phase}`);
  run.run(1_000);
  control.submit(job('late', { when: 'at', ms: 100_000 }));
  control.submit(job('later', { when: 'after', jobId: 'late', delayMs: 1_000 }));
  control.submit(job('never', { when: 'after', jobId: 'late', delayMs: 1_000 }));
  assert.equal(phases(), ['late waiting', 'later waiting', 'never waiting']);
  assert.is(control.jobs()[0]?.tasks.total, 19);
  assert.equal(control.jobs()[0]?.needs, { slot: { cpus: 1 } });
  control.hold('later');
  control.delete('never');
  run.run(60_000);
  assert.is(run.seen('job-submitted').length, 0);
  run.run(120_000);
  assert.equal(phases(), ['late finished', 'later held', 'never deleted']);
  control.release('later');
  control.submit(job('last', { when: 'at', ms: 3_600_000 }));
  run.run(60_000);
  control.delete('last');
  run.run(7_200_000);
  assert.equal(phases(), ['late finished', 'later finished', 'never deleted', 'last deleted']);
  assert.equal(
    run.seen('job-submitted').map(({ jobId }) => jobId),
    ['late', 'later'],
  );
  assert.equal(run.broken(), []);
});

test('one that goes on remembers the last thousand jobs that have ended, and all that have not', () => {
  const run = start([], { jobs: [], keepRunning: true });
  const control = run.control();
  const later: DryadJob['submission'] = { when: 'at', ms: 60_000 };
  const submit = (id: string): void =>
    control.submit(v.parse(DryadJobSchema, { id, stages: JOIN, submission: later }));
  run.run(1_000);
  submit('waits');
  for (let n = 0; n < 1_010; n++) {
    submit(`j${n}`);
    control.delete(`j${n}`);
  }
  const ids = control.jobs().map(({ id }) => id);
  assert.equal([ids.length, ids[0], ids[1]], [1_001, 'waits', 'j10']);
  assert.throws(() => control.delete('j0'), /ended long ago/);
});

test('a vertex that put its part on a slave that is lost before it finishes has it only on the others', () => {
  const jobs = [{ id: 'j', stages: [{ id: 'all', program: model(1), input: blocks(1, () => ['a']) }] }];
  const config = { name: 'dryad', jobs, slot: { cpus: 1 }, executor: { command: COMMAND } };
  const summaries: DryadSummary[] = [];
  const onDone = (summary: DryadSummary): void => void summaries.push(summary);
  const hand = new TestMaster(createDryadScheduler(readDryadConfig(config), { onDone }));
  const [vertex] = hand.offer({ a: 1, b: 1 }).a ?? [];
  hand.clock.advance(5);
  hand.scheduler.slaveLost('s-b');
  const read = { locality: 'local', inputBytes: 1, remoteBytes: 0 } as const;
  const part = { name: 'part-v-00000', hosts: ['a', 'b'] };
  const data = encodeData({ ...read, outputBytes: 1, outputRecords: 1, spills: 0, part });
  hand.update(vertex as TaskInfo, 'TASK_FINISHED', { data });
  assert.equal(summaries[0]?.jobs[0]?.parts[0]?.hosts, ['a']);
});

test('when there is nothing to do its executors end, and the next job has new ones', () => {
  const run = start([], { jobs: [], keepRunning: true });
  const control = run.control();
  const job = (id: string): DryadJob => v.parse(DryadJobSchema, { id, stages: JOIN });
  const executors = () => [run.seen('executor-started').length, run.seen('executor-exited').length];
  run.run(1_000);
  for (const [id, count] of [
    ['one', 3],
    ['two', 6],
  ] as const) {
    control.submit(job(id));
    run.run(60_000);
    assert.equal(executors(), [count, count]);
  }
  assert.ok(control.jobs().every(({ phase }) => phase === 'finished'));
  assert.equal(run.broken(), []);
});

test('jobs come, are held, released and deleted while it runs', () => {
  const run = start([], { jobs: [], keepRunning: true });
  const control = run.control();
  const job = (id: string, stages: readonly object[] = JOIN): DryadJob =>
    v.parse(DryadJobSchema, { id, stages });
  const phases = () => control.jobs().map(({ id, phase }) => `${id} ${phase}`);
  run.run(1_000);
  control.submit(job('one'));
  run.run(1_000);
  control.submit(job('two'));
  control.hold('two');
  control.submit({ ...job('three'), submission: { when: 'after', jobId: 'one', delayMs: 500 } });
  run.run(60_000);
  assert.equal(phases(), ['one finished', 'two held', 'three finished']);
  const offers = run.seen('offer-sent').length;
  run.run(60_000);
  assert.is(run.seen('offer-sent').length, offers);
  control.release('two');
  run.run(1_500);
  assert.throws(() => control.hold('two'), /runs already/);
  control.delete('two');
  control.submit({ ...job('four'), submission: { when: 'after', jobId: 'two', delayMs: 0 } });
  run.run(60_000);
  assert.equal(phases(), ['one finished', 'two deleted', 'three finished', 'four finished']);
  assert.throws(() => control.submit(job('one')), /There is or was a job 'one'/);
  assert.throws(() => control.delete('two'), /has ended already/);
  assert.throws(() => control.submit(job('five', JOIN.slice(2))), /stage 'join' reads stage 'left'/);
  assert.equal(run.broken(), []);
});

test('an executor that cannot be started fails the job', () => {
  const run = start(JOIN, {}, { models: {} });
  assert.ok(run.finished());
  assert.match(run.job()?.message ?? '', /there is no model of an executor 'dryad-executor'/);
});

test('it survives masters, slaves that come and go, and ends with the same output', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const run = start(JOIN, { failuresPerVertexMax: 100 }, { seed });
    const random = seededRandom(`faults/${seed}`);
    for (const node of NODES.slice(0, 1 + (seed % 3))) {
      const at = run.virtual.now + 8_000 * random.uniform();
      run.virtual.at(at, () => run.virtual.crash(`${node}:5051`));
      run.virtual.at(at + 1_000 + 3_000 * random.uniform(), () => run.startSlave(node));
    }
    const at = run.virtual.now + 8_000 * random.uniform();
    run.virtual.at(at, () => run.virtual.crash('master:5050'));
    run.virtual.at(at + 2_000, () => run.startMaster());
    assert.ok(run.finished(), `seed ${seed}`);
    assert.equal(run.outcomes(), ['finished'], `seed ${seed}: ${run.job()?.message}`);
    assert.is(run.job()?.parts.length, 1);
    assert.equal(run.broken(), [], `seed ${seed}`);
  }
});

test('a configuration that is wrong is refused, with what is wrong', () => {
  const read = { id: 'read', program: { type: 'lines' }, input: blocks(2) };
  const from = (connect: string, stage = 'read') => [{ stage, connect }];
  for (const [stages, complaint] of [
    [[], /jobs\.0\.stages: a job needs a stage/],
    [[{ ...read, id: '1' }], /jobs\.0\.stages\.0\.id: must be 1 to 32 letters/],
    [[read, read], /job 'j': two stages have the id 'read'/],
    [[{ ...read, vertices: 3 }], /one vertex for each of its 2 blocks, not 3/],
    [[{ id: 'a', program: { type: 'sum' }, vertices: 1 }], /stage 'a' reads nothing/],
    [[{ ...read, program: { type: 'sum' } }], /'sum' has at least 1 inputs, not 0/],
    [
      [
        read,
        { id: 'a', program: { type: 'join', key: 0, values: [] }, vertices: 1, inputs: from('complete') },
      ],
      /'join' has 2 inputs, not 1/,
    ],
    [
      [{ id: 'a', program: { type: 'sum' }, vertices: 1, inputs: from('complete') }, read],
      /reads stage 'read', which is not before it/,
    ],
    [
      [read, { id: 'a', program: { type: 'sum' }, vertices: 3, inputs: from('pointwise') }],
      /more vertices than stage 'read'/,
    ],
  ] as const)
    assert.throws(
      () => readDryadConfig({ name: 'd', jobs: [{ id: 'j', stages }], executor: { command: COMMAND } }),
      (error: Error) => complaint.test(error.message) || assert.unreachable(error.message),
    );
});

test.run();
