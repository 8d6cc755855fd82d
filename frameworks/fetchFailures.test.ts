/** Nodes that cannot read what others wrote, and nodes from which nobody can read: in Hadoop, Dryad and Spark, in virtual time. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EXECUTOR_DEFAULTS, type ExecutorDriver, type ExecutorFactory } from '../mesos/driver/executor.ts';
import type { SchedulerFactory } from '../mesos/driver/scheduler.ts';
import { encodeData } from '../mesos/protocol/entities.ts';
import { readDryadConfig } from './dryad/job.ts';
import { createDryadScheduler } from './dryad/scheduler.ts';
import { VertexDataSchema, type VertexFailure, type VertexReport } from './dryad/vertexData.ts';
import { type FetchFailure, FetchFailures } from './fetchFailures.ts';
import { readHadoopConfig } from './hadoop/job.ts';
import { createJobTracker } from './hadoop/jobTracker.ts';
import { partName } from './hadoop/outputParts.ts';
import { readData, TaskDataSchema, type TaskFailure, type TaskReport } from './hadoop/taskData.ts';
import { readScheduling } from './spark/config.ts';
import { sparkExecutor } from './spark/executor/executor.ts';
import type { TaskEnd } from './spark/executor/runner.ts';
import type { LineageNode } from './spark/scheduling/lineage.ts';
import { createSparkScheduler } from './spark/scheduling/scheduler.ts';
import { testVirtual } from './testVirtual.ts';

const COMMAND = { shell: false, value: 'modelled', arguments: [], environment: {} };
/** Tasks that write, tasks that read all that these have written, and how many of a node run at a time. */
const WRITERS = 12;
const READERS = 60;
const SLOTS = 4;
const TASK_MS = 1_000;
/** Tasks so long that others wait for a minute, and another, for room. */
const LONG_TASK_MS = 300_000;
/** A reader knows soon what it cannot have. */
const MISS_MS = 100;

/** Whether a task on one node can fetch from another. */
type Reaches = (reader: string, holder: string) => boolean;

/** What tasks do. */
interface Model {
  readonly reaches: Reaches;
  readonly taskMs: number;
  /** Called for each task of the first stage. */
  readonly wrote: () => void;
}

/** How a job ended: undefined if well. */
type Ended = (failure: string | undefined) => void;

interface Framework {
  readonly executor: string;
  model(model: Model): ExecutorFactory;
  /** One job of two stages, of which the second reads all that the first has written. */
  scheduler(ended: Ended): SchedulerFactory;
}

const blocks = Array.from({ length: WRITERS }, (_, n) => ({ id: `b${n}`, bytes: 1000, hosts: [] }));
const REPORT = { locality: 'remote', inputBytes: 1000, outputBytes: 1000 } as const;

/** Runs tasks that are told in JSON; `missing`: what a task says that cannot have one of its sources; `report`: what the others say. */
function jsonExecutor(
  taskMs: number,
  missing: (data: string | undefined, host: string) => object | undefined,
  report: (data: string | undefined, host: string) => TaskReport | VertexReport,
): ExecutorFactory {
  return (driver: ExecutorDriver) => {
    let host = '';
    return {
      ...EXECUTOR_DEFAULTS,
      registered({ slaveInfo }) {
        host = slaveInfo.hostname;
      },
      launchTask({ taskId, data }) {
        driver.sendStatus(taskId, 'TASK_RUNNING');
        const failure = missing(data, host);
        if (failure === undefined)
          driver.after(taskMs, () =>
            driver.sendStatus(taskId, 'TASK_FINISHED', { data: encodeData(report(data, host)) }),
          );
        else
          driver.after(MISS_MS, () =>
            driver.sendStatus(taskId, 'TASK_FAILED', { message: 'missed', data: encodeData(failure) }),
          );
      },
      killTask() {},
    };
  };
}

/** The first source that a task does not reach. */
function firstMissing(
  holders: readonly (string | undefined)[],
  reader: string,
  reaches: Reaches,
): { readonly source: number; readonly host: string } | undefined {
  const source = holders.findIndex((holder) => holder !== undefined && !reaches(reader, holder));
  return source < 0 ? undefined : { source, host: holders[source] as string };
}

/** A Hadoop instance with these jobs. */
function hadoopScheduler(jobs: readonly object[], ended: Ended): SchedulerFactory {
  const config = {
    name: 'h',
    jobs: jobs.map((job) => ({ kind: 'test', submission: { when: 'at', ms: 0 }, ...job })),
    slot: { cpus: 1 },
    executor: { command: COMMAND },
  };
  return createJobTracker(readHadoopConfig(config), {
    onDone: (summary) => ended(summary.jobs.find(({ outcome }) => outcome !== 'finished')?.message),
  });
}

const hadoop: Framework = {
  executor: 'hadoop-tasktracker',
  model: ({ reaches, taskMs, wrote }) =>
    jsonExecutor(
      taskMs,
      (data, host) => {
        const task = readData(TaskDataSchema, data);
        if (task?.type === 'map') wrote();
        if (task?.type !== 'reduce') return undefined;
        const holders = task.mapHosts.map((place) => task.hosts[place]);
        const missing = firstMissing(holders, host, reaches);
        return (
          missing && ({ unfetchable: { map: missing.source, host: missing.host } } satisfies TaskFailure)
        );
      },
      () => REPORT,
    ),
  scheduler: (ended) =>
    hadoopScheduler([{ id: 'j', input: blocks, reduces: READERS, program: { type: 'wordcount' } }], ended),
};

/** The maps of a job read all parts that an earlier one has written. */
const hadoopChain: Framework = {
  executor: 'hadoop-tasktracker',
  model: ({ reaches, taskMs, wrote }) =>
    jsonExecutor(
      taskMs,
      (data, host) => {
        const { jobId, side = [] } = readData(TaskDataSchema, data) ?? {};
        if (jobId === 'one') wrote();
        const parts = side.flatMap((file) => ('parts' in file ? file.parts : []));
        const missing = parts.find(({ hosts }) => !hosts.some((holder) => reaches(host, holder)));
        if (missing === undefined) return undefined;
        const { id: part, hosts } = missing;
        return { unreadable: { jobId: 'one', part, hosts } } satisfies TaskFailure;
      },
      (data, host) => {
        const { index = 0 } = readData(TaskDataSchema, data) ?? {};
        return { ...REPORT, part: { name: partName('map', index), hosts: [host] } };
      },
    ),
  scheduler(ended) {
    const job = { reduces: 0, program: { type: 'textsearch', pattern: 'x' } };
    const input = Array.from({ length: READERS }, (_, n) => ({ id: `c${n}`, bytes: 1000, hosts: [] }));
    const side = [{ name: 'all', outputOf: 'one' }];
    return hadoopScheduler(
      [
        { ...job, id: 'one', input: blocks },
        { ...job, id: 'two', input, side },
      ],
      ended,
    );
  },
};

const dryad: Framework = {
  executor: 'dryad-executor',
  model: ({ reaches, taskMs, wrote }) =>
    jsonExecutor(
      taskMs,
      (data, host) => {
        const { hosts = [], inputs = [] } = readData(VertexDataSchema, data) ?? {};
        if (inputs.length === 0) wrote();
        const holders = inputs.flatMap(({ places }) => places.map((place) => hosts[place]));
        const unfetchable = firstMissing(holders, host, reaches);
        return unfetchable && ({ unfetchable } satisfies VertexFailure);
      },
      () => ({
        ...REPORT,
        ...{ remoteBytes: 0, outputRecords: 1, part: { name: 'part', hosts: ['node1', 'node2'] } },
      }),
    ),
  scheduler(ended) {
    const inputs = [{ stage: 'a', connect: 'complete' }];
    const stages = [
      { id: 'a', program: { type: 'lines' }, input: blocks },
      { id: 'b', program: { type: 'merge' }, vertices: READERS, inputs },
    ];
    const config = {
      name: 'd',
      jobs: [{ id: 'j', stages }],
      slot: { cpus: 1 },
      executor: { command: COMMAND },
    };
    return createDryadScheduler(readDryadConfig(config), {
      onDone: ({ jobs: [summary] }) =>
        ended(summary?.outcome === 'finished' ? undefined : `${summary?.message}`),
    });
  },
};

const spark = (mode: 'fine' | 'coarse'): Framework => ({
  executor: 'spark-executor',
  model: ({ reaches, taskMs, wrote }) =>
    sparkExecutor((_, { hostname }, driver) => ({
      run(_name, { shuffles }, ended) {
        if (shuffles.length === 0) wrote();
        const cache = { added: [], dropped: [] };
        const holders = shuffles.flatMap(({ hosts, places }) =>
          Array.from(places, (place) => hosts[place as number]),
        );
        const missing = firstMissing(holders, hostname, reaches);
        const end: TaskEnd =
          missing === undefined
            ? {
                outcome: 'finished',
                report: { result: { type: 'none' }, accumulators: [], cache, inputBytes: 0 },
              }
            : {
                outcome: 'failed',
                message: 'missed',
                failure: { cache, unfetchable: { shuffle: 0, map: missing.source, host: missing.host } },
              };
        driver.after(missing === undefined ? taskMs : MISS_MS, () => ended(end));
      },
      kill() {},
      unpersist() {},
      forgetBroadcast() {},
      async close() {},
    })),
  scheduler(ended) {
    const config = readScheduling({ name: 's', mode, slot: { cpus: 1 }, executor: { command: COMMAND } });
    const source: LineageNode = {
      id: 0,
      partitions: WRITERS,
      step: { type: 'source' },
      dependencies: [],
      isCached: false,
    };
    const read: LineageNode = {
      id: 1,
      partitions: READERS,
      step: { type: 'groupByKey' },
      dependencies: [{ type: 'shuffle', shuffle: { id: 0, on: source, parts: READERS, write: {} } }],
      isCached: false,
    };
    return createSparkScheduler(config, {
      onReady(handle) {
        const partitions = Array.from({ length: READERS }, (_, n) => n);
        handle.submit(
          { id: 'j', kind: 'test', node: read, partitions, action: { type: 'count' } },
          {
            onResult: (_partition, _report, answer) => answer.taken(),
            onAccumulated() {},
            onEnd(failure) {
              ended(failure);
              handle.stop();
            },
          },
        );
      },
      onRefused: ended,
    });
  },
});

const FRAMEWORKS = {
  hadoop,
  'hadoop, parts of an earlier job': hadoopChain,
  dryad,
  'spark, fine-grained': spark('fine'),
  'spark, coarse-grained': spark('coarse'),
};

/** Runs the job. Returns how it ended, and how many tasks of the first stage ran. */
function run({ executor, model, scheduler }: Framework, nodes: number, reaches: Reaches, taskMs = TASK_MS) {
  const slaves = Object.fromEntries(Array.from({ length: nodes }, (_, n) => [`node${n + 1}`, {}]));
  let written = 0;
  const models = { [executor]: model({ reaches, taskMs, wrote: () => written++ }) };
  const cluster = testVirtual({ models, slaves, resources: { cpus: SLOTS, mem: 4096 } });
  cluster.run(1_000);
  const ends: (string | undefined)[] = [];
  cluster.startFramework(
    'framework',
    scheduler((failure) => ends.push(failure)),
  );
  assert.ok(
    cluster.until(() => ends.length > 0),
    'the job does not end',
  );
  assert.equal(cluster.broken(), []);
  return { failure: ends[0], written };
}

/** A judge, and what is known by it of these hosts. */
function judgeOf(hosts: readonly string[]) {
  const clock = { nowMs: 0, now: () => clock.nowMs };
  const failures = new FetchFailures(clock);
  return {
    clock,
    judge: (reader: string, holder: string, more: Partial<FetchFailure> = {}) =>
      failures.judge({ reader, holder, task: 't', ...more }, hosts),
    leftAloneMs: () => hosts.map((host) => failures.leftAloneMs(host)),
  };
}

test('what one reader says of a holder is its own fault, until another says the same; then the holder is left alone instead', () => {
  const { clock, judge, leftAloneMs } = judgeOf(['a', 'b', 'c', 'd']);
  assert.is(judge('a', 'd'), 'reader');
  assert.is(judge('a', 'd', { task: 'another' }), 'reader');
  assert.equal(leftAloneMs(), [60_000, 0, 0, 0]);
  clock.nowMs = 1_000;
  assert.is(judge('b', 'd'), 'holder');
  assert.equal(leftAloneMs(), [0, 0, 0, 60_000]);
  clock.nowMs = 61_000;
  assert.equal(leftAloneMs(), [0, 0, 0, 0]);
  assert.is(judge('c', 'd'), 'holder');
  clock.nowMs = 660_999;
  assert.is(judge('a', 'd'), 'holder', 'c said so ten minutes ago');
  clock.nowMs = 1_400_000;
  assert.is(judge('b', 'd'), 'reader', 'nobody has said so for long');
});

test('that a reader still can fetch nothing is no more failure of a task that has failed there before', () => {
  const { clock, judge, leftAloneMs } = judgeOf(['a', 'b', 'c']);
  assert.is(judge('a', 'b'), 'reader');
  clock.nowMs = 60_000;
  assert.is(judge('a', 'b'), 'reader-again');
  assert.is(judge('a', 'c'), 'reader-again');
  assert.equal(leftAloneMs(), [60_000, 0, 0]);
  assert.is(judge('a', 'c', { task: 'another' }), 'reader');
  assert.is(judge('b', 'c'), 'holder');
});

test('a holder is at fault at once if it says so, or cannot be asked', () => {
  const { judge, leftAloneMs } = judgeOf(['a', 'b', 'c']);
  assert.is(judge('a', 'b', { isGone: true }), 'holder');
  assert.is(judge('a', 'a'), 'holder');
  assert.is(judge('a', 'lost'), 'holder');
  assert.equal(leftAloneMs(), [0, 0, 0], 'nothing is wrong with who says so');
});

test('where only one can say it, it is at fault, until a task says it again that has found no other place', () => {
  const { clock, judge, leftAloneMs } = judgeOf(['a', 'b', 'b']);
  assert.is(judge('a', 'b'), 'reader');
  assert.is(judge('a', 'b', { task: 'another' }), 'reader');
  clock.nowMs = 60_000;
  assert.is(judge('a', 'b'), 'holder');
  assert.equal(leftAloneMs(), [0, 60_000, 60_000]);
});

test('of two alone that say it of each other, the first is at fault, and what it says then is believed no more', () => {
  const { clock, judge } = judgeOf(['a', 'b']);
  assert.is(judge('a', 'b'), 'reader');
  assert.is(judge('b', 'a'), 'holder');
  assert.is(judge('a', 'b'), 'reader-again');
  assert.is(judge('b', 'a'), 'holder');
  clock.nowMs = 600_000;
  assert.is(judge('a', 'b'), 'reader', 'that was long ago, of either');
  assert.is(judge('a', 'b'), 'holder');
});

/** This node can fetch from no other. */
const cutOff =
  (node: string): Reaches =>
  (reader, holder) =>
    reader !== node || holder === node;

for (const [name, framework] of Object.entries(FRAMEWORKS)) {
  for (const [length, ms] of [
    ['short', TASK_MS],
    ['long', LONG_TASK_MS],
  ] as const)
    test(`${name}: a node that can fetch from no other fails no job of ${length} tasks, and nothing runs again that it only could not read`, () => {
      const { failure, written } = run(framework, 4, cutOff('node4'), ms);
      assert.is(failure, undefined);
      assert.is(written, WRITERS);
    });

  test(`${name}: so it is in a cluster of two nodes`, () => {
    const { failure, written } = run(framework, 2, cutOff('node2'));
    assert.is(failure, undefined);
    assert.is(written, WRITERS);
  });

  test(`${name}: two nodes that cannot fetch from each other end a job, on one of them`, () => {
    const { failure, written } = run(framework, 2, (reader, holder) => reader === holder);
    assert.is(failure, undefined);
    assert.ok(written <= 2 * WRITERS, `${written} were written`);
  });

  test(`${name}: what nobody can fetch from a node is made again elsewhere`, () => {
    const { failure } = run(framework, 4, (reader, holder) => holder !== 'node1' || holder === reader);
    assert.is(failure, undefined);
  });
}

test.run();
