import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Executor, ExecutorDriver, ExecutorFactory } from '../../mesos/driver/executor.ts';
import { until } from '../../mesos/isolation/testContainers.ts';
import { decodeData, encodeData, type TaskInfo } from '../../mesos/protocol/entities.ts';
import type { TaskState } from '../../mesos/protocol/tasks.ts';
import { type Peer, PeerSchema, readMessage, type Start } from './message.ts';
import type { MpiProgram } from './program.ts';
import { rank } from './rank.ts';

interface Status {
  readonly state: TaskState;
  readonly message: string | undefined;
  readonly data: string | undefined;
}

/** One executor, and what it reports. */
interface Bench {
  readonly executor: Executor;
  readonly taskId: string;
  readonly messages: unknown[];
  readonly statuses: Status[];
  /** The next status that has not been asked for. */
  next(): Promise<Status>;
}

function bench(taskId: string, factory: ExecutorFactory = rank()): Bench {
  const statuses: Status[] = [];
  const messages: unknown[] = [];
  let asked = 0;
  let wake: (() => void) | undefined;
  let clockMs = 0;
  const driver: ExecutorDriver = {
    random: { uniform: () => 0.5, uint32: () => 1 },
    now: () => ++clockMs,
    after: () => assert.unreachable('a real rank sets no timers') as never,
    record: () => undefined,
    sendStatus: (id, state, detail) => {
      assert.is(id, taskId);
      statuses.push({ state, message: detail?.message, data: detail?.data });
      wake?.();
    },
    sendFrameworkMessage: (data) => messages.push(decodeData(data)),
    stop: () => undefined,
  };
  const task: TaskInfo = {
    name: taskId,
    taskId,
    slaveId: 's',
    resources: { cpus: 1 },
    executor: {
      executorId: taskId,
      name: 'rank',
      command: { shell: true, value: '', arguments: [], environment: {} },
      resources: {},
    },
  };
  const executor = factory(driver);
  executor.launchTask(task);
  return {
    executor,
    taskId,
    messages,
    statuses,
    async next() {
      while (statuses.length <= asked) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
      return statuses[asked++] as Status;
    },
  };
}

const POISSON: MpiProgram = {
  type: 'poisson',
  gridSize: 40,
  tolerance: 1e-8,
  iterationsMax: 1000,
  repeats: 1,
};

/** So many ranks that wait, and the start message for each. */
async function waiting(
  size: number,
  program: MpiProgram = POISSON,
  factory: ExecutorFactory = rank(),
): Promise<readonly { readonly bench: Bench; readonly start: Start }[]> {
  const benches = Array.from({ length: size }, (_, index) => bench(`t${index}`, factory));
  const peers: Peer[] = [];
  for (const one of benches) {
    const status = await one.next();
    assert.is(status.state, 'TASK_RUNNING');
    const peer = readMessage(PeerSchema, status.data);
    assert.ok(peer && peer.endpoint.port > 0);
    peers.push(peer as Peer);
  }
  return benches.map((one, index) => ({
    bench: one,
    start: {
      type: 'start',
      taskId: one.taskId,
      jobId: 'j',
      rank: index,
      peers,
      secret: 'a secret of this test',
      program,
      seed: 1,
    },
  }));
}

test('ranks report where they listen, start when told, and finish together; rank 0 has the result', async () => {
  const ranks = await waiting(3);
  for (const { bench: one, start } of ranks) one.executor.frameworkMessage(encodeData(start));
  const statuses = await Promise.all(ranks.map(({ bench: one }) => one.next()));
  assert.equal(
    statuses.map(({ state }) => state),
    ['TASK_FINISHED', 'TASK_FINISHED', 'TASK_FINISHED'],
  );
  const result = decodeData(statuses[0]?.data) as Record<string, number>;
  assert.is(result.gridSize, 40);
  assert.is(result.ranks, 3);
  assert.ok((result.error ?? 1) <= (result.errorBound ?? 0));
  assert.ok((result.seconds ?? 0) > 0);
  assert.is(statuses[1]?.data, undefined);
});

test('a start message that comes again is confirmed again and changes nothing', async () => {
  const ranks = await waiting(2);
  for (const { bench: one, start } of [...ranks, ...ranks]) {
    one.executor.frameworkMessage(encodeData(start));
    one.executor.frameworkMessage('bm90IGpzb24=');
    one.executor.frameworkMessage(encodeData({ ...start, taskId: 'another' }));
  }
  const statuses = await Promise.all(ranks.map(({ bench: one }) => one.next()));
  assert.ok(statuses.every(({ state }) => state === 'TASK_FINISHED'));
  for (const { bench: one } of ranks) {
    assert.equal(one.messages, Array(2).fill({ type: 'started', taskId: one.taskId }));
    one.executor.killTask(one.taskId);
    assert.is(one.statuses.length, 2, 'nothing after the end');
  }
});

test('killing a rank stops it at once, and the others say whom they miss', async () => {
  const endless: MpiProgram = { ...POISSON, gridSize: 64, repeats: 1_000_000 };
  const ranks = await waiting(3, endless);
  for (const { bench: one, start } of ranks) one.executor.frameworkMessage(encodeData(start));
  // Let them get to work: each iteration goes through the event loop.
  for (let turns = 0; turns < 200; turns++) await new Promise((resolve) => setImmediate(resolve));
  ranks[1]?.bench.executor.killTask('t1');
  assert.is(ranks[1]?.bench.statuses.at(-1)?.state, 'TASK_KILLED', 'before killTask returns');
  for (const index of [0, 2]) {
    const status = await ranks[index]?.bench.next();
    assert.is(status?.state, 'TASK_FAILED');
    assert.match(status?.message ?? '', /^rank 1 at 127\.0\.0\.1:\d+ gave up: the rank was killed$/);
  }
});

test('a rank alone can be killed while it works', async () => {
  const [alone] = await waiting(1, { ...POISSON, repeats: 1_000_000 });
  alone?.bench.executor.frameworkMessage(encodeData(alone.start));
  for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
  alone?.bench.executor.shutdown();
  assert.is((await alone?.bench.next())?.state, 'TASK_KILLED');
});

test('a rank that waits, or still opens its port, is killed without waiting for a start', async () => {
  const [one] = await waiting(1);
  one?.bench.executor.killTask('t0');
  assert.is((await one?.bench.next())?.state, 'TASK_KILLED');
  const opening = bench('x');
  opening.executor.killTask('x');
  assert.is((await opening.next()).state, 'TASK_KILLED');
  await new Promise((resolve) => setImmediate(resolve));
  assert.is(opening.statuses.length, 1);
});

test('killing a rank ends what it has started, before the answer', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rank-'));
  const script = `echo > ${folder}/$$; exec sleep 1000`;
  const command: MpiProgram = {
    type: 'command',
    program: 'sh',
    arguments: ['-c', script],
    environment: {},
    on: 'all',
  };
  const ranks = await waiting(2, command, rank({ folder }));
  for (const { bench: one, start } of ranks) one.executor.frameworkMessage(encodeData(start));
  const pids = (): readonly string[] => readdirSync(folder).filter((name) => /^\d+$/.test(name));
  await until(() => pids().length >= 2);
  ranks[0]?.bench.executor.killTask('t0');
  assert.is(ranks[0]?.bench.statuses.at(-1)?.state, 'TASK_KILLED');
  const other = await ranks[1]?.bench.next();
  assert.is(other?.state, 'TASK_FAILED');
  assert.match(other?.message ?? '', /gave up: the rank was killed$/);
  const isAlive = (pid: string): boolean => existsSync(`/proc/${pid}/exe`);
  await until(() => !pids().some(isAlive));
  rmSync(folder, { recursive: true });
});

test('what cannot be run or opened fails with a sentence', async () => {
  const [model] = await waiting(1, { type: 'model', workMs: 1, cv: 0 });
  model?.bench.executor.frameworkMessage(encodeData(model.start));
  const status = await model?.bench.next();
  assert.is(status?.state, 'TASK_FAILED');
  assert.match(status?.message ?? '', /^a 'model' program computes nothing/);
  const grid: MpiProgram = { type: 'hpl', n: 10, nb: 4, p: 2, q: 2 };
  const [misfit] = await waiting(1, grid);
  misfit?.bench.executor.frameworkMessage(encodeData(misfit.start));
  assert.is((await misfit?.bench.next())?.message, 'the job has 1 ranks for a grid of 2 × 2; give it 4');
  const nowhere = bench('y', rank({ host: '192.0.2.1' }));
  const failed = await nowhere.next();
  assert.is(failed.state, 'TASK_FAILED');
  assert.match(failed.message ?? '', /^a rank cannot listen on 192\.0\.2\.1: /);
});

test.run();
