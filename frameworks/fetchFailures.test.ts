/** Nodes that cannot read what others wrote, and nodes from which nobody can read: in Hadoop, Dryad and Spark, in virtual time. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EXECUTOR_DEFAULTS, type ExecutorDriver, type ExecutorFactory } from '../mesos/driver/executor.ts';
import type { SchedulerFactory } from '../mesos/driver/scheduler.ts';
import { encodeData } from '../mesos/protocol/entities.ts';
import { readDryadConfig } from './dryad/job.ts';
import { createDryadScheduler } from './dryad/scheduler.ts';
import { VertexDataSchema, type VertexFailure, type VertexReport } from './dryad/vertexData.ts';
import { FetchFailures } from './fetchFailures.ts';
import { readHadoopConfig } from './hadoop/job.ts';
import { createJobTracker } from './hadoop/jobTracker.ts';
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
/** A reader knows soon what it cannot have. */
const MISS_MS = 100;

/** Whether a task on one node can fetch from another. */
type Reaches = (reader: string, holder: string) => boolean;

/** How a job ended: undefined if well. */
type Ended = (failure: string | undefined) => void;

interface Framework {
  readonly executor: string;
  /** `wrote`: called for each task of the first stage. */
  model(reaches: Reaches, wrote: () => void): ExecutorFactory;
  /** One job of two stages, of which the second reads all that the first has written. */
  scheduler(ended: Ended): SchedulerFactory;
}

const blocks = Array.from({ length: WRITERS }, (_, n) => ({ id: `b${n}`, bytes: 1000, hosts: [] }));
const REPORT = { locality: 'remote', inputBytes: 1000, outputBytes: 1000 } as const;

/** Runs tasks that are told in JSON; `missing`: what a task says that cannot have one of its sources. */
function jsonExecutor(
  missing: (data: string | undefined, host: string) => object | undefined,
  report: TaskReport | VertexReport,
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
          driver.after(TASK_MS, () =>
            driver.sendStatus(taskId, 'TASK_FINISHED', { data: encodeData(report) }),
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

const hadoop: Framework = {
  executor: 'hadoop-tasktracker',
  model: (reaches, wrote) =>
    jsonExecutor((data, host) => {
      const task = readData(TaskDataSchema, data);
      if (task?.type === 'map') wrote();
      if (task?.type !== 'reduce') return undefined;
      const holders = task.mapHosts.map((place) => task.hosts[place]);
      const missing = firstMissing(holders, host, reaches);
      return missing && ({ unfetchable: { map: missing.source, host: missing.host } } satisfies TaskFailure);
    }, REPORT),
  scheduler(ended) {
    const job = { id: 'j', kind: 'test', submission: { when: 'at', ms: 0 }, input: blocks, reduces: READERS };
    const config = {
      name: 'h',
      jobs: [{ ...job, program: { type: 'wordcount' } }],
      slot: { cpus: 1 },
      executor: { command: COMMAND },
    };
    return createJobTracker(readHadoopConfig(config), {
      onDone: ({ jobs: [summary] }) =>
        ended(summary?.outcome === 'finished' ? undefined : `${summary?.message}`),
    });
  },
};

const dryad: Framework = {
  executor: 'dryad-executor',
  model: (reaches, wrote) =>
    jsonExecutor(
      (data, host) => {
        const { hosts = [], inputs = [] } = readData(VertexDataSchema, data) ?? {};
        if (inputs.length === 0) wrote();
        const holders = inputs.flatMap(({ places }) => places.map((place) => hosts[place]));
        const unfetchable = firstMissing(holders, host, reaches);
        return unfetchable && ({ unfetchable } satisfies VertexFailure);
      },
      { ...REPORT, remoteBytes: 0, outputRecords: 1, part: { name: 'part', hosts: ['node1', 'node2'] } },
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
  model: (reaches, wrote) =>
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
        driver.after(missing === undefined ? TASK_MS : MISS_MS, () => ended(end));
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
  dryad,
  'spark, fine-grained': spark('fine'),
  'spark, coarse-grained': spark('coarse'),
};

/** Runs the job. Returns how it ended, and how many tasks of the first stage ran. */
function run({ executor, model, scheduler }: Framework, nodes: number, reaches: Reaches) {
  const slaves = Object.fromEntries(Array.from({ length: nodes }, (_, n) => [`node${n + 1}`, {}]));
  let written = 0;
  const models = { [executor]: model(reaches, () => written++) };
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

test('what one reader says of a holder is its own fault, until another says the same; then the holder is left alone instead', () => {
  const clock = { nowMs: 0, now: () => clock.nowMs };
  const failures = new FetchFailures(clock);
  const hosts = ['a', 'b', 'c', 'd'];
  const judge = (reader: string, holder: string) => failures.judge({ reader, holder }, hosts);
  assert.is(judge('a', 'd'), 'reader');
  assert.is(judge('a', 'd'), 'reader');
  assert.is(judge('a', 'c'), 'reader');
  assert.equal(
    hosts.map((host) => failures.leftAloneMs(host) > 0),
    [true, false, false, false],
  );
  clock.nowMs = 1_000;
  assert.is(judge('b', 'd'), 'holder');
  assert.equal(
    hosts.map((host) => failures.leftAloneMs(host)),
    [0, 0, 0, 60_000],
  );
  clock.nowMs = 61_000;
  assert.is(failures.leftAloneMs('d'), 0);
  assert.is(judge('c', 'd'), 'holder');
  clock.nowMs = 660_999;
  assert.is(judge('a', 'd'), 'holder', 'c said so ten minutes ago');
  clock.nowMs = 1_400_000;
  assert.is(judge('b', 'd'), 'reader', 'nobody has said so for long');
});

test('a holder is at fault at once if it says so, or cannot be asked, or only one could ask it', () => {
  const failures = new FetchFailures({ now: () => 0 });
  const hosts = ['a', 'b', 'c'];
  assert.is(failures.judge({ reader: 'a', holder: 'b', isGone: true }, hosts), 'holder');
  assert.is(failures.judge({ reader: 'a', holder: 'a' }, hosts), 'holder');
  assert.is(failures.judge({ reader: 'a', holder: 'lost' }, hosts), 'holder');
  assert.equal(
    hosts.map((host) => failures.leftAloneMs(host)),
    [0, 0, 0],
    'nothing is wrong with who says so',
  );
  assert.is(failures.judge({ reader: 'a', holder: 'b' }, ['a', 'b', 'b']), 'holder');
});

for (const [name, framework] of Object.entries(FRAMEWORKS)) {
  test(`${name}: a node that can fetch from no other fails no job, and nothing runs again that it only could not read`, () => {
    const { failure, written } = run(
      framework,
      4,
      (reader, holder) => reader !== 'node4' || holder === reader,
    );
    assert.is(failure, undefined);
    assert.is(written, WRITERS);
  });

  test(`${name}: what nobody can fetch from a node is made again elsewhere`, () => {
    const { failure } = run(framework, 4, (reader, holder) => holder !== 'node1' || holder === reader);
    assert.is(failure, undefined);
  });
}

test.run();
