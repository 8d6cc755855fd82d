/**
 * Word count for real: 268 MB of e-mail on 8 slave processes through a master, beside the same in a single Node process
 * (wordcountPeer.ts), turn by turn. Each output is compared to the byte.
 *
 * Times are a user's: from the start of the scheduler's process, or of the single one, until it has ended. What slaves and master
 * take to start does not count, what executors take does.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { storeBlocks } from '../../frameworks/dfs/blocks.ts';
import { type HadoopConfig, readHadoopConfig } from '../../frameworks/hadoop/job.ts';
import { deleteIntermediate, deleteOutput, readPart } from '../../frameworks/hadoop/jobFiles.ts';
import type { HadoopSummary } from '../../frameworks/hadoop/jobSummary.ts';
import { localMachines } from '../../infra/local.ts';
import type { Machine, RunningProcess } from '../../infra/machine.ts';
import { parse } from '../../mesos/protocol/resources.ts';
import { seededRandom } from '../../mesos/runtime/random.ts';
import { findCorpus, readBlocks } from '../../workloads/corpus.ts';
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
const BLOCKS = { blockBytes: 16 * 1024 * 1024, blocks: 16 };
const REPLICATION = 2;
const REDUCES = 4;
const SAMPLE_MS = 50;

/** Counts words several times, each time in every way. Throws an Error if an output is wrong. */
export async function benchWordcount(): Promise<readonly Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'mesos-lab-bench-'));
  try {
    const names = Array.from({ length: SLAVES }, (_, n) => `node${n + 1}`);
    await using machines = await localMachines(join(folder, 'machines'), ['head', ...names]);
    const [head, ...nodes] = machines.machines as [Machine, ...Machine[]];
    const deployment = await prepare(folder, 'this-benchmark-only');
    const text = join(head.folder, 'text');
    const { config, bytes } = await store(deployment, nodes, text);
    const { address } = await startMaster(head, deployment);
    const slaves = await Promise.all(
      nodes.map((node) => startSlave(node, deployment, address, parse('cpus:1;mem:512'))),
    );
    const speeds = { mesos: [] as number[], reference: [] as number[], table: [] as number[] };
    const peaksMiB: number[] = [];
    const speed = (seconds: number): number => bytes / 1e6 / seconds;
    for (let run = 0; run < RUNS; run++) {
      for (const how of ['reference', 'table'] as const)
        speeds[how].push(speed(await countAlone(head, `${how}${run}`, [how, text], join(head.folder, how))));
      const memory = watchExecutors(slaves);
      const own = { ...config, name: `run${run}` };
      const { seconds, summary } = await countOnMesos(head, deployment, own, address);
      peaksMiB.push(await memory.stop());
      speeds.mesos.push(speed(seconds));
      await compareAndRemove(config, summary, deployment, join(head.folder, 'reference'));
    }
    const ratios = (other: readonly number[]): number[] =>
      speeds.mesos.map((own, run) => own / (other[run] as number));
    return [
      measurement('wordcount/mesos', 'MB/s', speeds.mesos),
      measurement('wordcount/single-process', 'MB/s', speeds.reference),
      measurement('wordcount/single-process-table', 'MB/s', speeds.table),
      measurement('wordcount/ratio', 'to single process', ratios(speeds.reference)),
      measurement('wordcount/ratio-to-table', 'to its table', ratios(speeds.table)),
      measurement('wordcount/executor-peak-mib', 'MiB resident', peaksMiB),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Stores the text on all nodes, and once more, for single processes, in a folder of its own. */
async function store(
  deployment: Deployment,
  nodes: readonly Machine[],
  folder: string,
): Promise<{ readonly config: HadoopConfig; readonly bytes: number }> {
  const servers = await Promise.all(
    nodes.map(async (machine) => {
      const url = `http://${(await startFileServer(machine, deployment)).address}`;
      return [machine.name, { url, dir: fileFolder(machine) }] as const;
    }),
  );
  await mkdir(folder);
  async function* copied(): AsyncGenerator<Buffer, void, void> {
    let block = 0;
    for await (const bytes of readBlocks(await findCorpus(), BLOCKS)) {
      await writeFile(join(folder, `block-${String(block++).padStart(3, '0')}`), bytes);
      yield bytes;
    }
  }
  const blocks = await storeBlocks({
    name: 'text',
    blocks: copied(),
    nodes: Object.fromEntries(servers),
    replication: REPLICATION,
    random: seededRandom('wordcount'),
    secret: deployment.secret.value,
  });
  const config = readHadoopConfig({
    name: 'wordcount',
    slot: { cpus: 1, mem: 512 },
    nodes: Object.fromEntries(servers),
    executor: {
      command: { shell: false, value: LAB, arguments: ['lab', 'executor', 'hadoop'], environment: {} },
    },
    jobs: [
      {
        id: 'count',
        kind: 'word count',
        submission: { when: 'at', ms: 0 },
        input: blocks,
        reduces: REDUCES,
        program: { type: 'wordcount' },
      },
    ],
  });
  return { config, bytes: blocks.reduce((sum, block) => sum + block.bytes, 0) };
}

/** Resolves to the seconds that one process takes. */
async function countAlone(
  machine: Machine,
  name: string,
  how: readonly string[],
  output: string,
): Promise<number> {
  const start = performance.now();
  const process = await machine.start({
    name,
    program: join(import.meta.dirname, '..', 'node'),
    arguments: [join(import.meta.dirname, 'wordcountPeer.ts'), ...how, String(REDUCES), output],
  });
  const exit = await process.exited;
  if (exit.code !== 0) throw new Error(exitInWords(process, exit));
  return (performance.now() - start) / 1000;
}

async function countOnMesos(
  head: Machine,
  deployment: Deployment,
  config: HadoopConfig,
  master: string,
): Promise<{ readonly seconds: number; readonly summary: HadoopSummary }> {
  const start = performance.now();
  const running = await startFramework(head, deployment, 'hadoop', config, { master });
  const exit = await running.process.exited;
  const seconds = (performance.now() - start) / 1000;
  if (exit.code !== 0) throw new Error(exitInWords(running.process, exit));
  return { seconds, summary: JSON.parse(await readFile(running.summaryFile, 'utf8')) };
}

/** Compares the output with that of the single process, and removes all that the job has left. */
async function compareAndRemove(
  { nodes }: HadoopConfig,
  { space, jobs }: HadoopSummary,
  { secret }: Deployment,
  wanted: string,
): Promise<void> {
  const files = { nodes, space, secret: secret.value };
  const parts = jobs[0]?.parts ?? [];
  if (parts.length !== REDUCES) throw new Error(`there are ${parts.length} parts instead of ${REDUCES}`);
  for (const part of parts)
    if (!(await readFile(join(wanted, part.name))).equals(await readPart(files, 'count', part)))
      throw new Error(`${part.name} differs from that of a single process`);
  await deleteIntermediate(files);
  await deleteOutput(files, 'count');
}

/** Follows the memory of all processes that slaves start. `stop` resolves to the most that one of them ever had, in MiB. */
function watchExecutors(slaves: readonly RunningProcess[]): { stop(): Promise<number> } {
  let peakKiB = 0;
  let stopped = false;
  const look = async (slave: number): Promise<void> => {
    const text = await readFile(`/proc/${slave}/task/${slave}/children`, 'utf8').catch(() => '');
    for (const pid of text.split(' ').filter(Boolean)) {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      peakKiB = Math.max(peakKiB, Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0));
    }
  };
  const watching = (async () => {
    while (!stopped) {
      await Promise.all(slaves.map(({ pid }) => look(pid)));
      await sleep(SAMPLE_MS);
    }
  })();
  return {
    async stop() {
      stopped = true;
      await watching;
      return peakKiB / 1024;
    },
  };
}
