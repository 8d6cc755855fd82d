/**
 * Failover for real (NSDI'11 §6.6): three masters that elect their leader through three ZooKeeper servers with sessions of one
 * second, 200 slaves, 20 frameworks. The leader is killed; how long until another leads, and all have registered with it?
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LAB, localMachines } from '../../infra/local.ts';
import type { Machine, RunningProcess } from '../../infra/machine.ts';
import { makeOwnFolder } from '../../infra/ownFolder.ts';
import { startEnsemble } from '../../infra/zookeeper.ts';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { listening } from '../run/deployment.ts';
import { type Measurement, measurement } from './measurement.ts';

const RUNS = 10;
const MASTERS = 3;
const SLAVES = 200;
const FRAMEWORKS = 20;
/** Of all frameworks, all at the same time. */
const TASKS = 20 * FRAMEWORKS;
const TICK_MS = 200;
const POLL_MS = 20;
const LIMIT_MS = 60_000;

interface Master {
  readonly process: RunningProcess;
  readonly history: string;
}

/** Kills the leader ten times. Fails if a task is lost on the way. */
export async function benchFailover(): Promise<readonly Measurement[]> {
  const folder = await makeOwnFolder('bench');
  try {
    await using machines = await localMachines(folder, ['zk1', 'zk2', 'zk3', 'masters', 'others']);
    const [zk1, zk2, zk3, ours, others] = machines.machines as [Machine, Machine, Machine, Machine, Machine];
    const ensemble = await startEnsemble({ machines: [zk1, zk2, zk3], tickTimeMs: TICK_MS });
    await ensemble.serving();
    const url = ensemble.url('/mesos');
    let started = 0;
    const start = (): Promise<Master> => startMaster(ours, url, ++started);
    let standbys = await Promise.all(Array.from({ length: MASTERS }, start));
    for (const [kind, count] of [
      ['slaves', SLAVES],
      ['frameworks', FRAMEWORKS],
    ] as const)
      await others.start({
        name: kind,
        program: join(import.meta.dirname, '..', 'node'),
        arguments: [join(import.meta.dirname, 'failoverPeer.ts'), kind, url, String(count)],
      });
    let leader = await firstElected(standbys);
    await until(leader, (lines) => count(lines, isRunning) === TASKS);
    const electedMs: number[] = [];
    const registeredMs: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      standbys = standbys.filter((each) => each !== leader);
      const killedMs = performance.timeOrigin + performance.now();
      process.kill(leader.process.pid, 'SIGKILL');
      leader = await firstElected(standbys);
      const lines = await until(leader, (all) => registrations(all).length === SLAVES + FRAMEWORKS);
      const lost = lines.find((line) => line.event === 'slave-lost' || isLoss(line));
      if (lost !== undefined) throw new Error(`the failover lost something: ${JSON.stringify(lost)}`);
      electedMs.push((lines.find(({ event }) => event === 'master-elected')?.t ?? Number.NaN) - killedMs);
      registeredMs.push(Math.max(...registrations(lines).map(({ t }) => t)) - killedMs);
      standbys = [...standbys, await start()];
    }
    return [
      measurement('failover/elected-ms', 'ms after kill -9', 'lower', electedMs),
      measurement('failover/all-registered-ms', 'ms after kill -9', 'lower', registeredMs),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function startMaster(machine: Machine, url: string, n: number): Promise<Master> {
  const history = join(machine.folder, `history${n}.ndjson`);
  const process = await machine.start({
    name: `master${n}`,
    program: LAB,
    arguments: [
      ...['master', '--port', '0', '--zk', url, '--zk_session_timeout', '1secs'],
      ...['--history', history, '--quiet'],
    ],
  });
  await listening(process);
  return { process, history };
}

function firstElected(masters: readonly Master[]): Promise<Master> {
  return Promise.any(masters.map((each) => each.process.waitForLine(/^elected$/).then(() => each)));
}

/** Waits until a master's history fulfils something; returns it. */
async function until(
  { history }: Master,
  isEnough: (lines: readonly HistoryLine[]) => boolean,
): Promise<readonly HistoryLine[]> {
  const limit = performance.now() + LIMIT_MS;
  while (performance.now() < limit) {
    const text = await readFile(history, 'utf8').catch(() => '');
    const lines = text
      .split('\n')
      .slice(0, -1)
      .map((line): HistoryLine => JSON.parse(line));
    if (isEnough(lines)) return lines;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`the cluster did not come together within ${LIMIT_MS / 1000} s`);
}

const registrations = (lines: readonly HistoryLine[]): readonly HistoryLine[] =>
  lines.filter(({ event }) => event === 'slave-registered' || event === 'framework-registered');
const isRunning = (line: HistoryLine): boolean =>
  line.event === 'task-updated' && line.state === 'TASK_RUNNING';
const isLoss = (line: HistoryLine): boolean =>
  line.event === 'task-updated' && !isRunning(line) && line.state !== 'TASK_STAGING';
const count = (lines: readonly HistoryLine[], is: (line: HistoryLine) => boolean): number =>
  lines.filter(is).length;
