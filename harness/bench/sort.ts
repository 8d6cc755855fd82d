/**
 * Dryad's sort by sample for real: the lines of a table `uservisits` of 100 MB on 8 slave processes through a master, beside the same
 * in a single Node process (sortPeer.ts), turn by turn. Each output is compared to the byte.
 *
 * Times are a user's, as for word count: from the start of the scheduler's process, or of the single one, until it has ended.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Block, Node } from '../../frameworks/dfs/block.ts';
import { cutBlocks, storeBlocks } from '../../frameworks/dfs/blocks.ts';
import { readDryadConfig } from '../../frameworks/dryad/job.ts';
import type { DryadSummary } from '../../frameworks/dryad/scheduler.ts';
import { deleteIntermediate, deleteOutput, readPart } from '../../frameworks/hadoop/jobFiles.ts';
import { localMachines } from '../../infra/local.ts';
import type { Machine } from '../../infra/machine.ts';
import { wallClock } from '../../infra/wallClock.ts';
import { parse } from '../../mesos/protocol/resources.ts';
import { seededRandom } from '../../mesos/runtime/random.ts';
import { userVisitsTable } from '../../workloads/tables/userVisits.ts';
import {
  type Deployment,
  exitInWords,
  fileFolder,
  LAB,
  prepare,
  startFileServer,
  startFramework,
  startMaster,
  startSlave,
} from '../run/deployment.ts';
import { type Measurement, measurement } from './measurement.ts';

const RUNS = 3;
const SLAVES = 8;
const ROWS = 770_000;
const BLOCK_BYTES = 8 * 1024 * 1024;
const PARTS = 8;

/** Sorts several times, each time in both ways. Throws an Error if an output is wrong. */
export async function benchSort(): Promise<readonly Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'mesos-lab-bench-'));
  try {
    const names = Array.from({ length: SLAVES }, (_, n) => `node${n + 1}`);
    await using machines = await localMachines(join(folder, 'machines'), ['head', ...names]);
    const [head, ...nodes] = machines.machines as [Machine, ...Machine[]];
    const deployment = await prepare(folder, 'this-benchmark-only');
    const servers = await startServers(nodes, deployment);
    const table = Buffer.concat([...userVisitsTable({ rows: ROWS, seed: 1, pages: 100_000 })]);
    const [input, sorted] = [join(head.folder, 'table'), join(head.folder, 'sorted')];
    await writeFile(input, table);
    const blocks = await storeBlocks({
      ...{ name: 'table', blocks: cutBlocks([table], BLOCK_BYTES), nodes: servers, replication: 2 },
      ...{ random: seededRandom('sort'), secret: deployment.secret.value },
    });
    const { address } = await startMaster(head, deployment);
    for (const node of nodes) await startSlave(node, deployment, address, parse('cpus:1;mem:512'));
    const speeds = { dryad: [] as number[], alone: [] as number[] };
    const speed = (seconds: number): number => table.length / 1e6 / seconds;
    for (let run = 0; run < RUNS; run++) {
      speeds.alone.push(speed(await sortAlone(head, `alone${run}`, input, sorted)));
      const clock = wallClock();
      const config = configOf(`run${run}`, servers, blocks);
      const running = await startFramework(head, deployment, 'dryad', config, { master: address });
      const exit = await running.process.exited;
      if (exit.code !== 0) throw new Error(exitInWords(running.process, exit));
      speeds.dryad.push(speed(clock.stop().wallSeconds));
      const summary: DryadSummary = JSON.parse(await readFile(running.summaryFile, 'utf8'));
      await compareAndRemove(servers, summary, deployment, sorted);
    }
    const ratios = speeds.dryad.map((own, run) => own / (speeds.alone[run] as number));
    return [
      measurement('sort/dryad', 'MB/s', speeds.dryad),
      measurement('sort/single-process', 'MB/s', speeds.alone),
      measurement('sort/ratio', 'to single process', ratios),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function startServers(
  nodes: readonly Machine[],
  deployment: Deployment,
): Promise<Readonly<Record<string, Node>>> {
  const servers = await Promise.all(
    nodes.map(async (machine) => {
      const url = `http://${(await startFileServer(machine, deployment)).address}`;
      return [machine.name, { url, dir: fileFolder(machine) }] as const;
    }),
  );
  return Object.fromEntries(servers);
}

function configOf(name: string, nodes: Readonly<Record<string, Node>>, input: readonly Block[]) {
  const stages = [
    { id: 'sample', program: { type: 'lines', every: 1000 }, input },
    {
      id: 'splitters',
      program: { type: 'splitters', parts: PARTS },
      vertices: 1,
      inputs: [{ stage: 'sample', connect: 'complete' }],
    },
    {
      id: 'ranges',
      program: { type: 'lines' },
      input,
      inputs: [{ stage: 'splitters', connect: 'broadcast' }],
    },
    {
      id: 'sorted',
      program: { type: 'merge' },
      vertices: PARTS,
      inputs: [{ stage: 'ranges', connect: 'complete' }],
    },
  ];
  const command = { shell: false, value: LAB, arguments: ['lab', 'executor', 'dryad'], environment: {} };
  const slot = { cpus: 1, mem: 512 };
  return readDryadConfig({ name, nodes, jobs: [{ id: 'sort', stages }], slot, executor: { command } });
}

/** Resolves to the seconds that one process takes. */
async function sortAlone(machine: Machine, name: string, input: string, output: string): Promise<number> {
  const clock = wallClock();
  const process = await machine.start({
    name,
    program: join(import.meta.dirname, '..', 'node'),
    arguments: [join(import.meta.dirname, 'sortPeer.ts'), input, output],
  });
  const exit = await process.exited;
  if (exit.code !== 0) throw new Error(exitInWords(process, exit));
  return clock.stop().wallSeconds;
}

async function compareAndRemove(
  nodes: Readonly<Record<string, Node>>,
  { space, jobs }: DryadSummary,
  { secret }: Deployment,
  wanted: string,
): Promise<void> {
  const files = { nodes, space, secret: secret.value };
  const parts: Buffer[] = [];
  for (const part of jobs[0]?.parts ?? []) parts.push(await readPart(files, 'sort', part));
  if (!Buffer.concat(parts).equals(await readFile(wanted)))
    throw new Error('the output differs from that of a single process');
  await deleteIntermediate(files);
  await deleteOutput(files, 'sort');
}
