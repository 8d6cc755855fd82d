import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readHadoopConfig } from './job.ts';

const command = { shell: true, value: 'run', arguments: [], environment: {} };
const block = { id: 'b', bytes: 1, hosts: ['h'] };
const job = {
  id: 'one',
  kind: 'word count',
  submission: { when: 'at', ms: 0 },
  input: [block],
  reduces: 1,
  program: { type: 'wordcount' },
};
const config = { name: 'Hadoop', jobs: [job], executor: { command } };

const after = (id: string, before: string) => ({
  ...job,
  id,
  submission: { when: 'after', jobId: before, delayMs: 5 },
});

test('a short configuration is completed with defaults', () => {
  const read = readHadoopConfig(JSON.parse(JSON.stringify(config)));
  assert.equal(read.slot, { cpus: 1, mem: 1024 });
  assert.is(read.executor.name, 'hadoop-tasktracker');
  assert.is(read.localityWaitMs, 0);
  assert.is(read.failuresPerTaskMax, 4);
  assert.is(read.outputReplication, 1);
  assert.equal(read.jobs[0]?.input, [block]);
});

test('what is wrong with a configuration is said in one sentence, with its place', () => {
  const wrong: readonly (readonly [json: unknown, expected: RegExp])[] = [
    [null, /^Hadoop configuration: the configuration: .*Object/],
    [{ ...config, jobs: [{ ...job, id: '../up' }] }, /jobs\.0\.id: must be 1 to 128 letters/],
    [{ ...config, jobs: [{ ...job, input: [] }] }, /jobs\.0\.input: a job needs at least one block/],
    [{ ...config, jobs: [{ ...job, reduces: -1 }] }, /jobs\.0\.reduces: /],
    [{ ...config, jobs: [{ ...job, program: { type: 'sorting' } }] }, /jobs\.0\.program\.type: .*"sorting"/],
    [{ ...config, jobs: [{ ...job, program: { type: 'textsearch', pattern: 'a\nb' } }] }, /newline/],
    [{ ...config, slot: {} }, /slot: a slot needs some resource/],
    [{ ...config, nodes: { h: { url: 'nowhere', dir: '/d' } } }, /nodes\.h\.url: .*URL/],
    [{ ...config, memoryPerTaskBytes: 10 }, /memoryPerTaskBytes: /],
    [{ ...config, jobs: [{ ...job, reduces: 0 }] }, /job 'one' counts words and needs at least one reduce/i],
    [
      { ...config, jobs: [{ ...job, program: { type: 'textsearch', pattern: 'x' } }] },
      /job 'one' searches text and cannot have reduces/i,
    ],
    [
      { ...config, jobs: [{ ...job, reduces: 2, program: { type: 'topRevenue', limit: 1 } }] },
      /'one' finds the largest revenues and needs exactly one reduce, not 2/,
    ],
    [
      { ...config, jobs: [{ ...job, program: { type: 'sort', bounds: ['m'] } }] },
      /'one' sorts lines into 2 ranges and needs as many reduces, not 1/,
    ],
    [
      { ...config, jobs: [{ ...job, reduces: 3, program: { type: 'sort', bounds: ['m', 'm'] } }] },
      /bounds that do not ascend/,
    ],
    [
      {
        ...config,
        jobs: [{ ...job, program: { type: 'join', visitedAfter: '1.1.1999', visitedBefore: '2000-01-01' } }],
      },
      /visitedAfter: a date is written YYYY-MM-DD/,
    ],
  ];
  for (const [json, expected] of wrong) assert.throws(() => readHadoopConfig(json), expected);
});

test('jobs have ids of their own and do not wait for ever', () => {
  const withJobs =
    (...jobs: readonly unknown[]) =>
    () =>
      readHadoopConfig({ ...config, jobs });
  assert.not.throws(withJobs(after('two', 'one'), job, after('three', 'two')));
  assert.throws(withJobs(job, job), /Two jobs have the id 'one'/);
  assert.throws(
    withJobs(job, after('two', 'nowhere')),
    /'two' waits for job 'nowhere', which is not in the list/,
  );
  assert.throws(
    withJobs(job, after('a', 'b'), after('b', 'c'), after('c', 'a')),
    /waits, by way of other jobs, for itself/,
  );
});

test.run();
