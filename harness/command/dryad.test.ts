/** Dryad for real: exact results, though an executor, a slave and a file server are killed on the way. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { DryadSummary } from '../../frameworks/dryad/scheduler.ts';
import type { Block, Node } from '../../frameworks/files/block.ts';
import { cutBlocks } from '../../frameworks/files/blocks.ts';
import { storeBlocks } from '../../frameworks/files/testBlocks.ts';
import { readPart } from '../../frameworks/hadoop/testParts.ts';
import { LAB, localMachines } from '../../infra/local.ts';
import type { Machine, RunningProcess } from '../../infra/machine.ts';
import { SANDBOX_VARIABLE } from '../../mesos/isolation/executorCommand.ts';
import { processes, startVariable } from '../../mesos/isolation/processTable.ts';
import { until } from '../../mesos/isolation/testContainers.ts';
import { seededRandom } from '../../mesos/runtime/random.ts';
import { rankingsTable } from '../../workloads/tables/rankings.ts';
import { userVisitsTable } from '../../workloads/tables/userVisits.ts';
import {
  type Deployment,
  fileFolder,
  prepare,
  startFileServer,
  startFramework,
  startMaster,
  startSlave,
} from '../run/deployment.ts';

const SECRET = 'of these tests';
const NAMES = ['node1', 'node2', 'node3'];
const MICROS = 1_000_000;

const test = suite('dryad');

const rankings = Buffer.concat([...rankingsTable({ rows: 2_000, seed: 1 })]);
const visits = Buffer.concat([...userVisitsTable({ rows: 6_000, seed: 1, pages: 2_000 })]);
const rowsOf = (table: Buffer): readonly (readonly string[])[] =>
  table
    .toString('latin1')
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(','));

/** The twenty addresses that earned the most, with the sum of the ranks that they visited and what they earned. */
function referenceTop(): string {
  const ranks = new Map(rowsOf(rankings).map(([url, rank]) => [url, Number(rank)]));
  const totals = new Map<string, { rank: number; micros: number }>();
  for (const [source = '', url = '', , revenue] of rowsOf(visits)) {
    const rank = ranks.get(url);
    if (rank === undefined) continue;
    const total = totals.get(source) ?? { rank: 0, micros: 0 };
    total.rank += rank;
    total.micros += Math.round(Number(revenue) * MICROS);
    totals.set(source, total);
  }
  const best = [...totals].sort(
    ([a, { micros: one }], [b, { micros: other }]) => other - one || (a < b ? -1 : 1),
  );
  return best
    .slice(0, 20)
    .map(([source, { rank, micros }]) => `${source}\t${rank}\t${micros / MICROS}\n`)
    .join('');
}

function referenceSorted(): string {
  const lines = visits.toString('latin1').split('\n').slice(0, -1);
  return lines
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    .map((line) => `${line}\n`)
    .join('');
}

const complete = (stage: string) => ({ stage, connect: 'complete' });
const pointwise = (stage: string) => ({ stage, connect: 'pointwise' });

/** Two tables joined, summed by address, ranked, and the best taken up a tree. */
const topStages = (rankingBlocks: readonly Block[], visitBlocks: readonly Block[]) => [
  { id: 'rankings', program: { type: 'fields', delimiter: ',', key: 0, values: [1] }, input: rankingBlocks },
  { id: 'visits', program: { type: 'fields', delimiter: ',', key: 1, values: [0, 3] }, input: visitBlocks },
  {
    id: 'joined',
    program: { type: 'join', key: 2, values: [1, 3] },
    vertices: 4,
    inputs: [complete('rankings'), complete('visits')],
  },
  { id: 'summed', program: { type: 'sum' }, vertices: 4, inputs: [complete('joined')] },
  {
    id: 'ranked',
    program: { type: 'rank', key: 2, order: 'descending' },
    vertices: 4,
    inputs: [pointwise('summed')],
  },
  { id: 'half', program: { type: 'top', count: 20 }, vertices: 2, inputs: [pointwise('ranked')] },
  { id: 'best', program: { type: 'top', count: 20 }, vertices: 1, inputs: [pointwise('half')] },
  { id: 'out', program: { type: 'values' }, vertices: 1, inputs: [pointwise('best')] },
];

/** Sorting by a sample: what it says of the keys cuts them into ranges of about the same size. */
const sortStages = (input: readonly Block[]) => [
  { id: 'lines', program: { type: 'lines' }, input },
  {
    id: 'sample',
    program: { type: 'sample', every: 20 },
    vertices: input.length,
    inputs: [pointwise('lines')],
  },
  { id: 'splitters', program: { type: 'splitters', parts: 4 }, vertices: 1, inputs: [complete('sample')] },
  {
    id: 'ranges',
    program: { type: 'range' },
    vertices: input.length,
    inputs: [pointwise('lines'), { stage: 'splitters', connect: 'broadcast' }],
  },
  { id: 'sorted', program: { type: 'merge' }, vertices: 4, inputs: [complete('ranges')] },
];

/** The same, from blocks that are read twice: once for the sample, once to be cut. */
const resortStages = (input: readonly Block[]) => [
  { id: 'sample', program: { type: 'lines', every: 20 }, input },
  { id: 'splitters', program: { type: 'splitters', parts: 3 }, vertices: 1, inputs: [complete('sample')] },
  { id: 'ranges', program: { type: 'lines' }, input, inputs: [{ stage: 'splitters', connect: 'broadcast' }] },
  { id: 'sorted', program: { type: 'merge' }, vertices: 3, inputs: [complete('ranges')] },
];

interface Cluster {
  readonly deployment: Deployment;
  readonly machines: readonly Machine[];
  readonly master: string;
  readonly nodes: Readonly<Record<string, Node>>;
  readonly slaves: readonly RunningProcess[];
  readonly fileServers: readonly RunningProcess[];
  readonly config: { readonly name: string };
}

async function startCluster(machines: readonly Machine[]): Promise<Cluster> {
  const deployment = await prepare(machines, SECRET);
  const { address: master } = await startMaster(machines[0] as Machine);
  const nodes: Record<string, Node> = {};
  const slaves: RunningProcess[] = [];
  const fileServers: RunningProcess[] = [];
  await Promise.all(
    machines.map(async (machine) => {
      const server = await startFileServer(machine);
      fileServers.push(server.process);
      nodes[machine.name] = { url: `http://${server.address}`, dir: fileFolder(machine) };
      slaves.push(await startSlave(machine, master, { cpus: 2, mem: 1024 }));
    }),
  );
  const store = async (name: string, table: Buffer): Promise<readonly Block[]> =>
    storeBlocks({
      name,
      blocks: cutBlocks([table], Math.ceil(table.length / 6)),
      ...{ nodes, replication: 2, random: seededRandom(name), secret: SECRET },
    });
  const visitBlocks = await store('visits', visits);
  const config = {
    name: 'dryad',
    nodes,
    jobs: [
      { id: 'top', stages: topStages(await store('rankings', rankings), visitBlocks) },
      { id: 'sort', stages: sortStages(visitBlocks) },
      { id: 'resort', stages: resortStages(visitBlocks) },
    ],
    slot: { cpus: 1, mem: 64 },
    memoryPerVertexBytes: 262_144,
    executor: {
      command: { shell: false, value: LAB, arguments: [LAB, 'executor', 'dryad'], environment: {} },
    },
  };
  return { deployment, machines, master, nodes, slaves, fileServers, config };
}

async function outputOf(cluster: Cluster, summary: DryadSummary, jobId: string): Promise<string> {
  const files = { nodes: cluster.nodes, space: summary.space, secret: SECRET };
  const parts = summary.jobs.find(({ id }) => id === jobId)?.parts ?? [];
  const read = await Promise.all(parts.map((part) => readPart(files, jobId, part)));
  return Buffer.concat(read).toString('latin1');
}

async function inCluster(use: (cluster: Cluster) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lab-dryad-'));
  const machines = await localMachines(join(folder, 'machines'), NAMES);
  try {
    await use(await startCluster(machines.machines));
  } finally {
    await machines[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  }
}

test('a join, a sum and a sort are exact, though an executor, a slave and its file server are killed meanwhile', () =>
  inCluster(async (cluster) => {
    const { deployment, machines, master, config } = cluster;
    const framework = await startFramework(machines[0] as Machine, deployment, 'dryad', config, { master });
    await framework.process.waitForLine(/block-read/);
    const executor = processes().find(
      ({ pid }) =>
        startVariable(pid, 'MESOS_EXECUTOR_ID') === 'dryad' &&
        machines.slice(0, 2).some(({ folder }) => startVariable(pid, SANDBOX_VARIABLE)?.startsWith(folder)),
    );
    if (executor !== undefined) process.kill(executor.pid, 'SIGKILL');
    await until(() => framework.process.lastLines().filter((line) => /block-read/.test(line)).length >= 6);
    for (const list of [cluster.slaves, cluster.fileServers])
      list.find(({ name }) => name.endsWith('node3'))?.signal('SIGKILL');
    assert.equal(
      await framework.process.exited,
      { code: 0, signal: null },
      framework.process.lastLines().join('\n'),
    );
    const summary: DryadSummary = JSON.parse(readFileSync(framework.summaryFile, 'utf8'));
    assert.ok(executor !== undefined);
    assert.is(await outputOf(cluster, summary, 'top'), referenceTop());
    assert.is(await outputOf(cluster, summary, 'sort'), referenceSorted());
    assert.is(await outputOf(cluster, summary, 'resort'), referenceSorted());
    const [top] = summary.jobs;
    assert.ok((top?.counters.attempts ?? 0) > 28, JSON.stringify(top?.counters));
  }));

test.run();
