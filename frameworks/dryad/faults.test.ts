/** What the scheduler makes of statuses that come late, twice, or with bad news; and channels that vanish from a disk. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeData, type TaskInfo } from '../../mesos/protocol/entities.ts';
import { seededRandom } from '../../mesos/runtime/random.ts';
import type { Node } from '../files/block.ts';
import { cutBlocks } from '../files/blocks.ts';
import { type FileServer, startFileServer } from '../files/fileServer.ts';
import { storeBlocks } from '../files/testBlocks.ts';
import { TestMaster, TestSlave } from '../hadoop/testCluster.ts';
import { readPart } from '../hadoop/testParts.ts';
import { createDryadExecutor } from './executor.ts';
import { readDryadConfig } from './job.ts';
import { createDryadScheduler, type DryadSummary } from './scheduler.ts';
import type { VertexFailure, VertexReport } from './vertexData.ts';

const COMMAND = { shell: false, value: 'x', arguments: [], environment: {} };
const blocks = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ id: `b${n}`, bytes: 1, hosts: [] }));
const STAGES = [
  { id: 'a', program: { type: 'lines' }, input: blocks(2) },
  { id: 'b', program: { type: 'merge' }, vertices: 1, inputs: [{ stage: 'a', connect: 'complete' }] },
];

function start(more: object = {}) {
  const summaries: DryadSummary[] = [];
  const config = {
    name: 'd',
    jobs: [{ id: 'j', stages: STAGES }],
    slot: { cpus: 1 },
    executor: { command: COMMAND },
    ...more,
  };
  const master = new TestMaster(
    createDryadScheduler(readDryadConfig(config), { onDone: (summary) => summaries.push(summary) }),
  );
  /** The tasks that are launched on some CPUs of a host. */
  const offer = (host: string, cpus: number): readonly TaskInfo[] =>
    master.offer({ [host]: cpus })[host] ?? [];
  const finish = (task: TaskInfo | undefined): void => {
    const report: VertexReport = {
      locality: 'local',
      inputBytes: 1,
      remoteBytes: 0,
      outputBytes: 1,
      outputRecords: 1,
    };
    if (task !== undefined) master.update(task, 'TASK_FINISHED', { data: encodeData(report) });
  };
  const cannotFetch = (task: TaskInfo | undefined, source: number, host: string): void => {
    const failure: VertexFailure = { unfetchable: { source, host, isGone: true } };
    if (task !== undefined)
      master.update(task, 'TASK_FAILED', { data: encodeData(failure), message: 'gone' });
  };
  return { master, offer, finish, cannotFetch, summaries };
}

const ids = (tasks: readonly TaskInfo[]): readonly string[] => tasks.map(({ taskId }) => taskId);

test('what comes twice or late changes nothing; tasks that nobody knows are ended', () => {
  const run = start();
  const [one, other] = run.offer('x', 4);
  run.finish(one);
  run.finish(one);
  run.master.update(one as TaskInfo, 'TASK_RUNNING');
  assert.equal(run.master.killed, ['j_a_0_0']);
  assert.equal(run.offer('x', 4), []);
  run.master.update(other as TaskInfo, 'TASK_LOST', { reason: 'REASON_SLAVE_REMOVED' });
  run.finish(other);
  assert.equal(ids(run.offer('x', 4)), ['j_a_1_1']);
});

test('a channel that cannot be fetched is made again, and its reader waits for it; news of an older one is old', () => {
  const run = start();
  for (const task of run.offer('x', 4)) run.finish(task);
  const [reader] = run.offer('y', 4);
  run.cannotFetch(reader, 1, 'x');
  const [again, ...more] = run.offer('z', 4);
  assert.equal([again?.taskId, more.length], ['j_a_1_1', 0]);
  run.finish(again);
  const [second] = run.offer('y', 4);
  assert.is(second?.taskId, 'j_b_0_1');
  run.cannotFetch(second, 1, 'x');
  const [third] = run.offer('y', 4);
  assert.is(third?.taskId, 'j_b_0_2');
  run.finish(third);
  assert.is(run.summaries[0]?.jobs[0]?.outcome, 'finished');
  assert.is(run.summaries[0]?.jobs[0]?.counters.undone, 1);
  assert.ok(run.master.stopped);
});

test('a channel that can never be fetched fails the job', () => {
  const run = start({ failuresPerVertexMax: 2 });
  for (const task of run.offer('x', 4)) run.finish(task);
  run.cannotFetch(run.offer('y', 1)[0], 0, 'x');
  run.finish(run.offer('x', 1)[0]);
  run.cannotFetch(run.offer('y', 1)[0], 0, 'x');
  assert.match(
    run.summaries[0]?.jobs[0]?.message ?? '',
    /vertex 0 of stage 'a' failed 2 times, at last on x: what it wrote cannot be fetched/,
  );
});

test('an executor that was ending is left alone for a second, and nothing is held against its vertex', () => {
  const run = start({ failuresPerVertexMax: 1 });
  const [task] = run.offer('x', 1);
  run.master.update(task as TaskInfo, 'TASK_LOST', { reason: 'REASON_EXECUTOR_TERMINATED' });
  assert.equal(run.offer('x', 1), []);
  run.master.clock.advance(1_000);
  assert.is(run.offer('x', 1).length, 1);
});

test('a report that cannot be read is a failure', () => {
  const run = start({ failuresPerVertexMax: 1 });
  const [task] = run.offer('x', 1);
  run.master.update(task as TaskInfo, 'TASK_FINISHED', { data: encodeData('done') });
  assert.match(run.summaries[0]?.jobs[0]?.message ?? '', /its executor sent no report that can be read/);
});

test('on real data, channels that vanish from a disk are made again, to the same output', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'dryad-'));
  const servers: FileServer[] = [];
  const slaves: TestSlave[] = [];
  try {
    const nodes: Record<string, Node> = {};
    for (const host of ['x', 'y']) {
      const server = await startFileServer({ dir: join(dir, host), secret: 'secret' });
      servers.push(server);
      nodes[host] = { url: server.url, dir: join(dir, host) };
    }
    const lines = Array.from({ length: 5_000 }, (_, n) => `${(n * 7919) % 5_000}`);
    const input = await storeBlocks({
      name: 'lines',
      blocks: cutBlocks([Buffer.from(lines.map((line) => `${line}\n`).join(''))], 6_000),
      ...{ nodes, replication: 1, random: seededRandom(1), secret: 'secret' },
    });
    const jobs = [
      {
        id: 'j',
        stages: [
          { id: 'a', program: { type: 'lines' }, input },
          { id: 'b', program: { type: 'merge' }, vertices: 2, inputs: [{ stage: 'a', connect: 'complete' }] },
          {
            id: 'c',
            program: { type: 'merge' },
            vertices: 1,
            inputs: [{ stage: 'b', connect: 'pointwise' }],
          },
        ],
      },
    ];
    const run = start({ jobs, nodes });
    const factory = createDryadExecutor({ secret: 'secret' });
    const lost = new Set<string>();
    while (!run.master.stopped) {
      const launched = run.master.offer({ x: 2, y: 2 });
      await Promise.all(
        Object.entries(launched).flatMap(([host, tasks]) =>
          tasks.map(async (task) => {
            const known = slaves.find(({ hostname }) => hostname === host);
            const slave = known ?? new TestSlave(factory, host, task.executor);
            if (known === undefined) slaves.push(slave);
            slave.executor.launchTask(task);
            const { state, ...detail } = await slave.wait(task.taskId, 'TASK_FINISHED', 'TASK_FAILED');
            const [, stage = ''] = /^j_([ab])_0_/.exec(task.taskId) ?? [];
            if (state === 'TASK_FINISHED' && stage !== '' && !lost.has(stage)) {
              lost.add(stage);
              // It has written, and somebody cleans up.
              const folder = join(dir, host, 'intermediate');
              for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
                if (path.endsWith(`/${stage}-0.0`)) rmSync(join(folder, path));
            }
            run.master.update(task, state, detail);
          }),
        ),
      );
    }
    const [job] = run.summaries[0]?.jobs ?? [];
    assert.is(job?.outcome, 'finished', job?.message);
    assert.is(lost.size, 2);
    assert.is(job?.counters.undone, 2);
    const [part] = job?.parts ?? [];
    const files = { nodes, space: run.summaries[0]?.space ?? '', secret: 'secret' };
    const output = part && (await readPart(files, 'j', part));
    assert.is(
      output?.toString(),
      lines
        .sort()
        .map((line) => `${line}\n`)
        .join(''),
    );
  } finally {
    for (const { executor } of slaves) executor.shutdown();
    await Promise.all(servers.map((server) => server.close()));
    rmSync(dir, { recursive: true });
  }
});

test.run();
