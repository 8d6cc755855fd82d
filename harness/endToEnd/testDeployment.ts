/** A real cluster for tests: processes of this machine that count words, one master or several that elect their leader. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import * as assert from 'uvu/assert';
import { storeBlocks } from '../../frameworks/files/testBlocks.ts';
import { type HadoopConfig, readHadoopConfig } from '../../frameworks/hadoop/job.ts';
import type { HadoopSummary } from '../../frameworks/hadoop/jobSummary.ts';
import { type ReferencePart, runReference } from '../../frameworks/hadoop/reference.ts';
import { readPart } from '../../frameworks/hadoop/testParts.ts';
import { type SmallDisks, smallDisks } from '../../infra/faults/smallDisk.ts';
import { LAB, localMachines } from '../../infra/local.ts';
import type { Machine, RunningProcess } from '../../infra/machine.ts';
import type { Ensemble } from '../../infra/zookeeper.ts';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { parse } from '../../mesos/protocol/resources.ts';
import { seededRandom } from '../../mesos/runtime/random.ts';
import { findCorpus, readBlocks } from '../../workloads/corpus.ts';
import {
  type Deployment,
  exitInWords,
  fileFolder,
  historyFile,
  type Listening,
  prepare,
  type RunningFramework,
  startFileServer,
  startFramework,
  startMaster,
  startSlave,
} from '../run/deployment.ts';

const PROGRAM = { type: 'wordcount' } as const;
const REDUCES = 2;
const BLOCKS = { blockBytes: 1024 * 1024, blocks: 12 };

/** The flags of masters that elect their leader there. */
export function electionFlags(where: string, session = '1secs'): readonly string[] {
  return ['--zk', where, ...(where.startsWith('zk:') ? ['--zk_session_timeout', session] : [])];
}

/** What every cluster counts, and what comes of that in one process: found once, for it takes seconds. */
interface Counted {
  readonly text: readonly Buffer[];
  readonly parts: readonly ReferencePart[];
}
let counted: Promise<Counted> | undefined;

async function countAlone(): Promise<Counted> {
  const text = await Array.fromAsync(readBlocks(await findCorpus(), BLOCKS));
  return { text, parts: await runReference(PROGRAM, text, REDUCES) };
}

/** How a cluster may be set up. */
export interface SetUp {
  /** Default 1. */
  readonly masters?: number;
  /** By what they elect their leader, if they are several: a lock on a file (default), or servers, in which each cluster has its own path. */
  readonly electBy?: Ensemble;
  /**
   * Is called before the framework is started. How that reaches its master; `where`: how the slaves, which are on `nodes`, do. Default:
   * as they do.
   */
  readonly framework?: (
    masters: readonly Listening[],
    where: string,
    nodes: readonly Machine[],
  ) => Promise<{ readonly master: string; readonly flags: readonly string[] }>;
  /** How long their sessions with ZooKeeper last; default 1secs. */
  readonly session?: string;
  readonly slaveFlags?: readonly string[];
  /** Nodes with a disk of their own for their work. */
  readonly disks?: SmallDisks;
}

/** A cluster that is counting words. */
export interface Cluster {
  readonly folder: string;
  readonly head: Machine;
  readonly deployment: Deployment;
  /** All masters; those that lead say `elected`. */
  readonly masters: readonly Listening[];
  /** How the slaves find the master that leads. */
  readonly where: string;
  /** The first of them. */
  readonly master: RunningProcess;
  /** Of the first master, `host:port`. */
  readonly address: string;
  readonly slaves: readonly RunningProcess[];
  readonly expected: readonly ReferencePart[];
  readonly config: HadoopConfig;
  readonly running: RunningFramework;
}

/** Deploys a cluster that is counting words, and lets a test do something to it. */
export async function withCluster(
  run: (cluster: Cluster) => Promise<void>,
  setUp: SetUp = {},
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'faults-'));
  try {
    const at = join(folder, 'machines');
    await using _disks = setUp.disks === undefined ? null : await smallDisks(at, setUp.disks);
    await using machines = await localMachines(at, ['head', 'node1', 'node2', 'node3']);
    const [head, ...nodes] = machines.machines as [Machine, ...Machine[]];
    await run(await deploy(folder, head, nodes, setUp));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function deploy(
  folder: string,
  head: Machine,
  nodes: readonly Machine[],
  { masters: count = 1, electBy, session, slaveFlags = [], framework }: SetUp,
): Promise<Cluster> {
  const deployment = await prepare([head, ...nodes], 'this-test-only');
  counted ??= countAlone();
  const { text, parts: expected } = await counted;
  const servers = await Promise.all(
    nodes.map(async (machine) => {
      const url = `http://${(await startFileServer(machine)).address}`;
      return [machine.name, { url, dir: fileFolder(machine) }] as const;
    }),
  );
  const blocks = await storeBlocks({
    name: 'text',
    blocks: text,
    nodes: Object.fromEntries(servers),
    replication: 2,
    random: seededRandom('faults'),
    secret: deployment.fileSecret,
  });
  const election = electBy?.url(`/${basename(folder)}`) ?? `file://${join(folder, 'leader')}`;
  const masterFlags = count > 1 ? electionFlags(election, session) : [];
  const masters = await Promise.all(
    Array.from({ length: count }, (_, n) => startMaster(head, `master${n + 1}`, masterFlags)),
  );
  const [{ process: master, address }] = masters as [Listening, ...Listening[]];
  const where = count > 1 ? election : address;
  const slaves = await Promise.all(
    nodes.map((node) => startSlave(node, where, parse('cpus:1;mem:512'), slaveFlags)),
  );
  const config = readHadoopConfig({
    name: 'hadoop',
    slot: { cpus: 1, mem: 256 },
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
        program: PROGRAM,
      },
    ],
  });
  const on = (await framework?.(masters, where, nodes)) ?? { master: where };
  const running = await startFramework(head, deployment, 'hadoop', config, on);
  await Promise.race(masters.map(({ process }) => process.waitForLine(/state=TASK_RUNNING/)));
  return { folder, head, deployment, masters, where, master, address, slaves, expected, config, running };
}

/** The job ends, and its result is that of one process. */
export async function assertExact({ running, config, deployment, expected }: Cluster): Promise<void> {
  const exit = await running.process.exited;
  assert.is(exit.code, 0, exitInWords(running.process, exit));
  const summary: HadoopSummary = JSON.parse(await readFile(running.summaryFile, 'utf8'));
  const files = { nodes: config.nodes, space: summary.space, secret: deployment.fileSecret };
  const parts = summary.jobs[0]?.parts ?? [];
  assert.is(parts.length, expected.length);
  for (const [index, part] of parts.entries()) {
    const own = await readPart(files, 'count', part);
    assert.ok(expected[index]?.bytes.equals(own), `${part.name} differs`);
  }
}

/** The first of these masters that says that it leads. */
export function leaderOf(masters: readonly Listening[]): Promise<Listening> {
  return Promise.any(
    masters.map(async (each) => {
      await each.process.waitForLine(/^elected$/);
      return each;
    }),
  );
}

/** The histories of these processes of the head, in the order of time. */
export async function historyOf(
  { head }: Pick<Cluster, 'head'>,
  names: readonly string[],
): Promise<readonly HistoryLine[]> {
  const texts = await Promise.all(names.map((name) => readFile(historyFile(head, name), 'utf8')));
  const lines = texts.flatMap((text) => text.split('\n').slice(0, -1));
  return lines.map((line): HistoryLine => JSON.parse(line)).toSorted((a, b) => a.t - b.t);
}

/** No task was lost, none had to be tried again, and no executor ended before the framework did. */
export async function assertNothingLost(cluster: Cluster): Promise<void> {
  const masters = cluster.masters.map((_, n) => `master${n + 1}`);
  const history = await historyOf(cluster, masters);
  const bad = history.filter(
    (line) =>
      line.event === 'slave-lost' || (line.event === 'task-updated' && /LOST|FAILED|ERROR/.test(line.state)),
  );
  assert.equal(bad, []);
  const launches = history.flatMap((line) => (line.event === 'task-launched' ? [line.taskId] : []));
  assert.is(new Set(launches).size, launches.length);
}

/** The processes that a process has started. */
export async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(/\s+/).filter(Boolean).map(Number);
}
