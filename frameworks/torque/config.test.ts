import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readTorqueConfig } from './config.ts';
import { modelledJob } from './job.ts';

const good = () => ({
  name: 'mpi',
  jobs: [
    {
      id: 'a',
      kind: 'poisson',
      ranks: 2,
      submission: { when: 'at', ms: 0 },
      program: { type: 'poisson', gridSize: 64 },
    },
    {
      id: 'b',
      kind: 'model',
      ranks: 4,
      submission: { when: 'after', jobId: 'a', delayMs: 5 },
      program: { type: 'model', workMs: 1000, cv: 0.1 },
    },
  ],
  slot: { cpus: 1, mem: 1024 },
  executor: { name: 'rank', command: { shell: true, value: 'run', arguments: [], environment: {} } },
});

/** A good configuration with one thing changed. */
function changed(change: (config: ReturnType<typeof good> & Record<string, unknown>) => void): unknown {
  const config = good();
  change(config);
  return config;
}

const complaint = (config: unknown): string => {
  try {
    readTorqueConfig(config);
  } catch (error) {
    assert.instance(error, TypeError);
    return (error as Error).message;
  }
  return 'none';
};

test('a configuration read from JSON has its defaults filled in', () => {
  const config = readTorqueConfig(JSON.parse(JSON.stringify(good())));
  assert.is(config.queue, 'fcfs');
  assert.is(config.hoardTimeoutMs, 60_000);
  assert.is(config.attemptsMax, 3);
  assert.is(config.slotsMax, undefined);
  const program = { type: 'poisson', gridSize: 64, tolerance: 1e-8, iterationsMax: 100_000, repeats: 1 };
  assert.equal(config.jobs[0]?.program, program);
});

test('what is wrong is said in one sentence that names the place', () => {
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [null, /^Torque configuration: Invalid type: Expected Object but received null$/],
    [changed((c) => Reflect.deleteProperty(c, 'jobs')), /^Torque configuration: jobs: Invalid key/],
    [
      changed((c) => {
        const job = c.jobs[1];
        if (job) job.ranks = 1.5;
      }),
      /^Torque configuration: jobs\.1\.ranks: Invalid integer/,
    ],
    [
      changed((c) => {
        c.slot = { cpus: 0, mem: 0 };
      }),
      /^Torque configuration: slot: is empty: a rank needs resources/,
    ],
    [
      changed((c) => {
        const job = c.jobs[1];
        if (job) job.id = 'a';
      }),
      /two jobs have the id 'a'; ids must differ$/,
    ],
    [
      changed((c) => {
        c.slotsMax = 3;
      }),
      /job 'b' needs 4 slots and the server may have 3 at most: it could never start$/,
    ],
    [
      changed((c) => {
        const job = c.jobs[0];
        if (job) job.ranks = 65;
      }),
      /job 'a' has 65 ranks for 64 rows; each rank needs a row at least$/,
    ],
    [
      changed((c) => {
        c.jobs[1] = { ...c.jobs[1], submission: { when: 'after', jobId: 'z', delayMs: 0 } } as never;
      }),
      /job 'b' is to follow job 'z', which does not exist$/,
    ],
    [
      changed((c) => {
        c.jobs[0] = { ...c.jobs[0], submission: { when: 'after', jobId: 'b', delayMs: 0 } } as never;
      }),
      /job 'a' is never submitted: the jobs that it is to follow wait for one another$/,
    ],
    [
      changed((c) => {
        c.queue = 'lottery';
      }),
      /^Torque configuration: queue: Invalid type/,
    ],
  ];
  for (const [config, expected] of cases) assert.match(complaint(config), expected);
  assert.is(complaint(good()), 'none');
});

test('a job of a workload becomes a modelled job', () => {
  const submission = { when: 'at', ms: 60_000 } as const;
  const rigid = {
    id: 'large-1',
    kind: 'large tachyon',
    ranks: 24,
    submission,
    model: { workMs: 9, cv: 0.02 },
  };
  const job = modelledJob(rigid);
  assert.equal(job.program, { type: 'model', workMs: 9, cv: 0.02 });
  assert.is(readTorqueConfig({ ...good(), jobs: [job] }).jobs[0]?.ranks, 24);
});

test.run();
