/**
 * The data plane from end to end: file servers, TaskTrackers with their threads, and the JobTracker, in one
 * process.
 */
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { TaskInfo } from '../../mesos/protocol/entities.ts';
import { rankingsTable } from '../../workloads/tables/rankings.ts';
import { userVisitsTable } from '../../workloads/tables/userVisits.ts';
import { seeded } from '../dfs/testStore.ts';
import type { Block } from '../files/block.ts';
import { cutBlocks } from '../files/blocks.ts';
import { storeBlocks } from '../files/testBlocks.ts';
import { type HadoopConfig, type HadoopJob, readHadoopConfig, type TaggedBlock } from './job.ts';
import { deleteIntermediate, deleteOutput } from './jobFiles.ts';
import type { HadoopSummary } from './jobSummary.ts';
import { createJobTracker } from './jobTracker.ts';
import type { Program } from './program/program.ts';
import { runReference, type TaggedText } from './reference.ts';
import { readData, TaskFailureSchema } from './taskData.ts';
import { createTaskTracker } from './taskTracker.ts';
import { TestMaster, TestSlave } from './testCluster.ts';
import { COMMAND } from './testJobs.ts';
import { assertTidy, HOSTS, onNodes, SECRET, type Setting } from './testNodes.ts';
import { readPart } from './testParts.ts';
import { runWork, type TestWork } from './testWork.ts';

const test = onNodes('hadoop');

function configOf(
  setting: Setting,
  jobs: readonly HadoopJob[],
  more: Partial<HadoopConfig> = {},
): HadoopConfig {
  const { nodes } = setting;
  return {
    ...readHadoopConfig({ name: 'h', jobs, slot: { cpus: 1 }, nodes, executor: { command: COMMAND } }),
    ...more,
  };
}

function jobOf(
  setting: Setting,
  program: Program,
  reduces: number,
  more: Partial<HadoopJob> = {},
): HadoopJob {
  const { blocks: input } = setting;
  return { id: 'job', kind: 'test', submission: { when: 'at', ms: 0 }, input, reduces, program, ...more };
}

const runCluster = (config: HadoopConfig, cpusByHost: Readonly<Record<string, number>>): TestWork =>
  runWork(config, cpusByHost, SECRET);

async function outputOf(
  setting: Setting,
  summary: HadoopSummary,
): Promise<{ name: string; bytes: Buffer }[]> {
  const files = { nodes: setting.nodes, space: summary.space, secret: SECRET };
  const [job] = summary.jobs;
  const parts: { name: string; bytes: Buffer }[] = [];
  for (const part of job?.parts ?? [])
    parts.push({ name: part.name, bytes: await readPart(files, 'job', part) });
  return parts;
}

async function assertCorrect(setting: Setting, summary: HadoopSummary, job: HadoopJob): Promise<void> {
  assert.is(summary.jobs[0]?.outcome, 'finished', summary.jobs[0]?.message);
  const copies = setting.texts.map((block) => Buffer.from(block));
  const wanted = await runReference(job.program, copies, job.reduces);
  const got = await outputOf(setting, summary);
  assert.equal(
    got.map(({ name }) => name),
    wanted.map(({ name }) => name),
  );
  for (const [n, { name, bytes }] of wanted.entries())
    assert.ok(bytes.equals(got[n]?.bytes ?? Buffer.alloc(0)), name);
}

test('counting words on three nodes gives exactly what one process finds', async (setting) => {
  const job = jobOf(setting, { type: 'wordcount' }, 3);
  const cluster = runCluster(configOf(setting, [job]), { a: 2, b: 2, c: 2 });
  const summary = await cluster.summary;
  await assertCorrect(setting, summary, job);
  const total = setting.texts.reduce((sum, { length }) => sum + length, 0);
  const counters = summary.jobs[0]?.counters;
  assert.is(counters?.mapInputBytes, total);
  assert.is((counters?.localMaps ?? 0) + (counters?.remoteMaps ?? 0), setting.blocks.length);
  assert.ok((counters?.shuffledRemoteBytes ?? 0) > 0, 'the shuffle crossed the network');
  assert.is(counters?.shuffledBytes, counters?.mapOutputBytes);
  const files = { nodes: setting.nodes, space: summary.space, secret: SECRET };
  assert.equal(await deleteIntermediate(files, 'job'), []);
  for (const host of HOSTS)
    assert.not(existsSync(join(setting.dir, host, 'intermediate', summary.space, 'job')));
  assert.is((await outputOf(setting, summary)).length, 3, 'the output stays');
  assert.equal(await deleteOutput(files, 'job'), []);
  cluster.close();
  assertTidy(setting);
});

test('with little memory it spills maps and reduces to disk, to the same result', async (setting) => {
  const job = jobOf(setting, { type: 'wordcount' }, 2);
  const cluster = runCluster(configOf(setting, [job], { memoryPerTaskBytes: 65_536 }), { a: 1, b: 1 });
  const summary = await cluster.summary;
  await assertCorrect(setting, summary, job);
  assert.ok((summary.jobs[0]?.counters?.spills ?? 0) > setting.blocks.length, 'it did spill');
  cluster.close();
  assertTidy(setting);
});

test('inputs with tags are joined, also when memory is little: ranks before visits, nothing twice', async (setting) => {
  const tables = [
    ['rankings', Buffer.concat([...rankingsTable({ rows: 3000, seed: 1 })])],
    ['uservisits', Buffer.concat([...userVisitsTable({ rows: 4000, seed: 1, pages: 3000 })])],
  ] as const;
  const input: TaggedBlock[] = [];
  const texts: TaggedText[] = [];
  for (const [tag, table] of tables) {
    const blocks = await Array.fromAsync(cutBlocks([table], 60_000));
    texts.push(...blocks.map((bytes) => ({ bytes, tag })));
    const stored = await storeBlocks({
      ...{ name: tag, blocks, nodes: setting.nodes },
      ...{ replication: 1, random: seeded(2), secret: SECRET },
    });
    input.push(...stored.map((block) => ({ ...block, tag })));
  }
  const program: Program = { type: 'join', visitedAfter: '1991-01-01', visitedBefore: '2009-01-01' };
  const job = jobOf(setting, program, 3, { input });
  const cluster = runCluster(configOf(setting, [job], { memoryPerTaskBytes: 65_536 }), { a: 2, b: 2, c: 2 });
  const summary = await cluster.summary;
  cluster.close();
  assert.is(summary.jobs[0]?.outcome, 'finished', summary.jobs[0]?.message);
  assert.ok((summary.jobs[0]?.counters?.spills ?? 0) > input.length, 'it did spill');
  const wanted = await runReference(program, texts, 3);
  const got = await outputOf(setting, summary);
  assert.equal(
    got.map(({ bytes }) => bytes.toString()),
    wanted.map(({ bytes }) => bytes.toString()),
  );
});

test('a search writes the matching lines of each block, on as many nodes as wanted', async (setting) => {
  const job = jobOf(setting, { type: 'textsearch', pattern: 'Word7,' }, 0);
  const cluster = runCluster(configOf(setting, [job], { outputReplication: 2 }), { a: 2, b: 2, c: 2 });
  const summary = await cluster.summary;
  await assertCorrect(setting, summary, job);
  for (const part of summary.jobs[0]?.parts ?? []) {
    assert.is(new Set(part.hosts).size, 2);
    for (const host of part.hosts) {
      const file = join(setting.dir, host, 'output', summary.space, 'job', part.name);
      assert.ok(existsSync(file));
    }
  }
  cluster.close();
});

test('a node that holds no block reads all of them from the others', async (setting) => {
  const elsewhere = setting.blocks.map((block) => ({
    ...block,
    hosts: block.hosts.filter((host) => host !== 'c'),
  }));
  const job = jobOf(setting, { type: 'wordcount' }, 1, { input: elsewhere });
  const cluster = runCluster(configOf(setting, [job]), { c: 2 });
  const summary = await cluster.summary;
  await assertCorrect(setting, summary, job);
  assert.is(summary.jobs[0]?.counters?.localMaps, 0);
  assert.is(summary.jobs[0]?.counters?.shuffledRemoteBytes, 0, 'all map outputs are here');
  cluster.close();
});

test('a damaged or missing replica is passed over for another one', async (setting) => {
  const [first, second] = setting.blocks as [Block, Block];
  const spoiled = join(setting.dir, first.hosts[0] as string, 'blocks', first.id);
  writeFileSync(spoiled, Buffer.alloc(first.bytes, 'Spoiled\n'));
  rmSync(join(setting.dir, second.hosts[0] as string, 'blocks', second.id));
  const job = jobOf(setting, { type: 'wordcount' }, 1);
  const cluster = runCluster(configOf(setting, [job]), { a: 1, b: 1, c: 1 });
  const summary = await cluster.summary;
  await assertCorrect(setting, summary, job);
  assert.is(summary.jobs[0]?.counters?.failures, 0);
  cluster.close();
  for (const [n, { id, hosts }] of [first, second].entries())
    writeFileSync(join(setting.dir, hosts[0] as string, 'blocks', id), setting.texts[n] as Buffer);
});

test('a map output that has vanished is made again', async (setting) => {
  const job = jobOf(setting, { type: 'wordcount' }, 1);
  const config = configOf(setting, [job], { failuresPerTaskMax: 10 });
  // Maps on a and b; then all that a has is lost before the reduce, which runs on c.
  const master = new TestMaster(createJobTracker(config, { onDone: () => undefined }));
  const factory = createTaskTracker({ secret: SECRET });
  const slaves = new Map<string, TestSlave>();
  const run = async (launched: Record<string, TaskInfo[]>): Promise<void> => {
    for (const [host, tasks] of Object.entries(launched))
      for (const task of tasks) {
        const slave = slaves.get(host) ?? new TestSlave(factory, host, task.executor);
        slaves.set(host, slave);
        slave.executor.launchTask(task);
        const ended = await slave.wait(task.taskId, 'TASK_FINISHED', 'TASK_FAILED');
        const { state, message, data } = ended;
        master.update(task, state, { ...(message && { message }), ...(data && { data }) });
      }
  };
  await run(master.offer({ a: 2, b: 20 }));
  rmSync(join(setting.dir, 'a', 'intermediate'), { recursive: true });
  await run(master.offer({ c: 1 }));
  const failed = slaves.get('c')?.reported.at(-1);
  assert.is(failed?.state, 'TASK_FAILED');
  assert.match(failed?.message ?? '', /The output of map \d+ cannot be fetched from a: GET .* 404 /);
  const failure = readData(TaskFailureSchema, failed?.data);
  assert.is(failure !== undefined && 'unfetchable' in failure && failure.unfetchable.host, 'a');
  for (let round = 0; round < 10 && !master.stopped; round += 1) await run(master.offer({ c: 4 }));
  assert.ok(master.stopped);
  const finished = master.history.find(({ event }) => event === 'job-finished');
  assert.is(finished?.event === 'job-finished' && finished.outcome, 'finished');
  for (const slave of slaves.values()) slave.executor.shutdown();
});

test('two attempts of a task that both finish, the loser last, leave the output of the winner as it is', async (setting) => {
  const job = jobOf(setting, { type: 'wordcount' }, 1);
  const speculation = {
    policy: 'late',
    ...{ ageMinMs: 100, intervalMs: 100, shareMax: 1 },
    ...{ slowTaskFraction: 0.25, slowNodeFraction: 0 },
  } as const;
  const done = Promise.withResolvers<HadoopSummary>();
  const config = configOf(setting, [job], { speculation, outputReplication: 3 });
  const master = new TestMaster(createJobTracker(config, { onDone: done.resolve }));
  const factory = createTaskTracker({ secret: SECRET });
  const slaves = new Map<string, TestSlave>();
  const run = async (host: string, task: TaskInfo): Promise<void> => {
    const slave = slaves.get(host) ?? new TestSlave(factory, host, task.executor);
    slaves.set(host, slave);
    slave.executor.launchTask(task);
    const { state, data } = await slave.wait(task.taskId, 'TASK_FINISHED', 'TASK_FAILED');
    master.update(task, state, data === undefined ? {} : { data });
  };
  const maps = master.offer({ a: setting.blocks.length }).a ?? [];
  const [late, ...others] = maps;
  for (const map of others) await run('a', map);
  master.clock.advance(1_000);
  const [copy] = master.offer({ b: 1 }).b ?? [];
  assert.is(copy?.taskId, `${late?.taskId.replace(/0$/, '1')}`);
  await run('b', copy as TaskInfo);
  assert.equal(master.killed, [late?.taskId]);
  await run('a', late as TaskInfo);
  const [reduce] = master.offer({ c: 1 }).c ?? [];
  master.clock.advance(1_000);
  assert.equal(master.offer({ a: 1 }).a, [], 'a reduce that is the only one has none to compare with');
  master.update(reduce as TaskInfo, 'TASK_LOST', { reason: 'REASON_SLAVE_REMOVED' });
  const [again] = master.offer({ b: 1 }).b ?? [];
  await run('b', again as TaskInfo);
  const summary = await done.promise;
  // It was not dead, and stores its part, too, on the same nodes.
  const storing = slaves.get('a') as TestSlave;
  storing.executor.launchTask(reduce as TaskInfo);
  assert.is((await storing.wait('job_r_0_0', 'TASK_FINISHED', 'TASK_FAILED')).state, 'TASK_FINISHED');
  await assertCorrect(setting, summary, job);
  assert.equal(summary.jobs[0]?.parts[0]?.file, 'part-r-00000.1');
  assert.is(summary.jobs[0]?.counters?.mapInputRecords, lines(setting.texts));
  assert.is(summary.jobs[0]?.counters?.killedAttempts, 1);
  const output = join(setting.dir, 'b', 'output', summary.space, 'job');
  assert.equal(
    readdirSync(output)
      .filter((name) => name.startsWith('part-r-00000'))
      .sort(),
    ['part-r-00000', 'part-r-00000.1'],
  );
  for (const slave of slaves.values()) slave.executor.shutdown();
  assertTidy(setting);
});

/** A block ends with a line. */
const lines = (texts: readonly Buffer[]): number =>
  texts.reduce((sum, bytes) => sum + bytes.toString().split('\n').length - 1, 0);

test.run();
