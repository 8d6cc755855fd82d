import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  FIGURE_9,
  type IterativeJob,
  LEAST_SQUARES_STATIC_S,
  leastSquaresFit,
  leastSquaresMix,
  logisticRegressionJob,
} from '../../../workloads/iterative.ts';
import { SYSTEMS, type TestVirtual, testVirtual } from '../../testVirtual.ts';
import { readScheduling, type SparkScheduling } from '../config.ts';
import { createModelledSpark, type ModelSummary } from './modelledApplication.ts';
import { createSparkExecutorModel } from './modelRunner.ts';

const NO_COMMAND = { shell: false, value: 'modelled', arguments: [], environment: {} };
const MIB = 1024 * 1024;
/** 12 partitions, each loaded in 1 s and gone over in 100 ms. */
const JOB: IterativeJob = {
  id: 'job',
  kind: 'test',
  submission: { when: 'at', ms: 0 },
  partitions: 12,
  iterations: 5,
  model: { loadMs: 1_000, bytes: 10 * MIB, stepMs: [100], driverMs: 0, cv: 0 },
};

interface Run extends TestVirtual {
  readonly summaries: readonly ModelSummary[];
  end(): ModelSummary;
}

function start(
  jobs: readonly IterativeJob[],
  config: Partial<SparkScheduling> = {},
  options: Partial<Parameters<typeof testVirtual>[0]> = {},
): Run {
  const run = testVirtual({ models: { 'spark-executor': createSparkExecutorModel() }, ...options });
  const summaries: ModelSummary[] = [];
  const read = { ...readScheduling({ name: 'spark', executor: { command: NO_COMMAND } }), ...config };
  if (options.system !== 'standalone') run.run(1_000);
  const hosts = Object.keys(options.slaves ?? { node1: 0, node2: 0, node3: 0 });
  run.startFramework(
    'spark',
    createModelledSpark({
      config: read,
      jobs,
      hostsOf: (_, partition) => [hosts[partition % hosts.length] as string],
      onDone: (summary) => summaries.push(summary),
    }),
  );
  return {
    ...run,
    summaries,
    end: () => {
      assert.ok(
        run.until(() => summaries.length > 0),
        'the jobs have not ended',
      );
      return summaries[0] as ModelSummary;
    },
  };
}

const iterations = ({ jobs }: ModelSummary): readonly number[] => jobs[0]?.iterationMs ?? [];
const assertAbout = (actual: number | undefined, expected: number, slack: number): void =>
  assert.ok(Math.abs((actual ?? 0) - expected) <= slack, `${actual} is not about ${expected}`);

for (const system of SYSTEMS)
  for (const mode of ['fine', 'coarse'] as const)
    test(`on ${system}, ${mode}-grained, the first iteration loads and the later ones find all in memory`, () => {
      const run = start([JOB], { mode }, { system });
      const { jobs } = run.end();
      assert.is(jobs[0]?.outcome, 'finished');
      const [first, ...later] = jobs[0]?.iterationMs ?? [];
      assertAbout(first, 1_100, 60);
      for (const ms of later) assertAbout(ms, 100, 30);
      assert.is(later.length, 4);
      assert.is(run.seen('job-finished').length, 1);
      const [launched] = [run.seen('task-launched').length];
      assert.is(launched, mode === 'fine' ? 60 : 3);
      assert.equal(run.broken(), []);
    });

test('what does not fit into memory is loaded again in every iteration, and no more than that', () => {
  // Three of the four partitions of each slave.
  const run = start([JOB], { cacheBytes: 35 * MIB });
  for (const ms of iterations(run.end())) assertAbout(ms, 1_100, 60);
  const enough = start([JOB], { cacheBytes: 40 * MIB });
  assertAbout(iterations(enough.end())[1], 100, 30);
});

test('a slave that is lost costs the loading of what it had, and the rest is found', () => {
  for (const mode of ['fine', 'coarse'] as const) {
    const run = start([{ ...JOB, iterations: 8 }], { mode, localityWaitMs: 200 });
    run.virtual.at(run.virtual.now + 1_350, () => run.virtual.crash('node1:5051'));
    const { jobs } = run.end();
    assert.is(jobs[0]?.outcome, 'finished');
    const slow = (jobs[0]?.iterationMs ?? []).filter((ms) => ms > 500);
    assert.is(slow.length, 2, `${jobs[0]?.iterationMs}`);
    assert.equal(run.broken(), []);
  }
});

test('a master that is lost and comes back finds the application, and it goes on', () => {
  for (const mode of ['fine', 'coarse'] as const) {
    const run = start([{ ...JOB, iterations: 20 }], { mode });
    run.virtual.at(run.virtual.now + 1_450, () => run.virtual.crash('master:5050'));
    run.virtual.at(run.virtual.now + 4_000, () => void run.startMaster());
    const { jobs } = run.end();
    assert.is(jobs[0]?.outcome, 'finished');
    assert.is(jobs[0]?.iterationMs.length, 20);
  }
});

test('an executor that cannot be started fails the jobs, with the reason', () => {
  for (const mode of ['fine', 'coarse'] as const) {
    const run = start([JOB], { mode }, { models: {} });
    const [job] = run.end().jobs;
    assert.is(job?.outcome, 'failed');
    assert.match(job?.message ?? '', /there is no model of an executor 'spark-executor'/);
  }
});

test('tasks wait for the slave that has their partition, as long as they are told to', () => {
  const moved = (localityWaitMs: number): number => {
    const job = { ...JOB, partitions: 13, model: { ...JOB.model, cv: 0.5 } };
    const run = start([job], { localityWaitMs }, { resources: { cpus: 2, mem: 4096 } });
    run.end();
    const slaves = new Map<string, Set<string>>();
    for (const { taskId, slaveId } of run.seen('task-launched')) {
      const partition = taskId.split('_')[1] as string;
      slaves.set(partition, (slaves.get(partition) ?? new Set()).add(slaveId));
    }
    return [...slaves.values()].filter(({ size }) => size > 1).length;
  };
  assert.is(moved(60_000), 0);
  assert.ok(moved(0) > 0);
});

test('what is left of a slave that was filled is not offered again until it is more', () => {
  const job = { ...JOB, partitions: 24, iterations: 1, model: { ...JOB.model, loadMs: 20_000 } };
  const run = start([job], {}, { resources: { cpus: 4.5, mem: 8192 } });
  run.end();
  const useless = run.seen('offer-sent').filter(({ resources }) => (resources.cpus ?? 0) < 1);
  assert.is(useless.length, 0);
});

test('jobs one after the other, each 2 min after the last, and their input is let go in between', () => {
  const run = start(
    [JOB, { ...JOB, id: 'next', submission: { when: 'after', jobId: 'job', delayMs: 120_000 } }],
    {
      cacheBytes: 45 * MIB,
    },
  );
  const { jobs } = run.end();
  for (const { iterationMs } of jobs) {
    assertAbout(iterationMs[0], 1_100, 60);
    assertAbout(iterationMs[1], 100, 30);
  }
  const [first, second] = run.seen('job-submitted');
  const [ended] = run.seen('job-finished');
  assert.is(second?.kind, first?.kind);
  assertAbout((second?.t ?? 0) - (ended?.t ?? 0), 120_000, 50);
});

test('broadcast data are fetched once by each executor, and tasks prefer no slave', () => {
  for (const mode of ['fine', 'coarse'] as const) {
    const run = start([{ ...JOB, data: 'broadcast', partitions: 24 }], { mode, localityWaitMs: 60_000 });
    const [first, ...later] = iterations(run.end());
    // Two waves of tasks on twelve slots, of which the first waits.
    assertAbout(first, 1_200, 60);
    for (const ms of later) assertAbout(ms, 200, 40);
  }
});

test('tasks take longer on a slow slave', () => {
  const slow = start([{ ...JOB, partitions: 4 }], {}, { slaves: { slow: { speed: '0.5' } } });
  assertAbout(iterations(slow.end())[1], 200, 30);
});

test('figure 9: logistic regression on 20 nodes takes 174 s for its first iteration and 6 s for each later one', () => {
  const slaves = Object.fromEntries(Array.from({ length: FIGURE_9.nodes }, (_, n) => [`node${n}`, {}]));
  const run = start(
    [logisticRegressionJob(4)],
    { cacheBytes: 6 * 1024 * MIB },
    { slaves, resources: { cpus: 4, mem: 15 * 1024 } },
  );
  const [first = 0, ...later] = iterations(run.end());
  assertAbout(first / 1000, FIGURE_9.firstS, 20);
  for (const ms of later) assertAbout(ms / 1000, FIGURE_9.laterS, 1);
  assert.equal(run.broken(), []);
});

test('the least-squares jobs of the macrobenchmark take as long on a static partition as the paper says', () => {
  const slaves = Object.fromEntries(Array.from({ length: 24 }, (_, n) => [`node${n}`, {}]));
  const run = start(
    leastSquaresMix().slice(0, 1),
    { cacheBytes: 6 * 1024 * MIB },
    { system: 'standalone', slaves, resources: { cpus: 4, mem: 15 * 1024 } },
  );
  assert.is(run.end().jobs[0]?.outcome, 'finished');
  const [submitted, started, ended] = (['job-submitted', 'job-started', 'job-finished'] as const).map(
    (event) => run.seen(event)[0]?.t ?? Number.NaN,
  ) as [number, number, number];
  assertAbout((ended - submitted) / 1000, LEAST_SQUARES_STATIC_S, 2);
  assertAbout((started - submitted) / 1000, leastSquaresFit().setUpS, 0.1);
});

test.run();
