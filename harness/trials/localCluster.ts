/** A cluster of processes on this machine, for trials that run one framework at a time: on Mesos, or alone on the same slaves. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Node } from '../../frameworks/dfs/block.ts';
import { localMachines } from '../../infra/local.ts';
import type { Machine, RunningProcess } from '../../infra/machine.ts';
import { wallClock } from '../../infra/wallClock.ts';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import type { Resources } from '../../mesos/protocol/resources.ts';
import {
  type Deployment,
  exitInWords,
  fileFolder,
  LAB,
  listening,
  prepare,
  startFileServer,
  startFramework,
  startMaster,
  startSlave,
} from '../run/deployment.ts';

/** What there is to be had. */
export interface ClusterSize {
  readonly slaves: number;
  /** Of each slave. */
  readonly resources: Resources;
}

/** How a framework runs: with a master and offers, or with all slaves to itself and no master. */
export type Placement = 'mesos' | 'alone';

/** A framework's run that has ended well. */
export interface FrameworkRun {
  /** What became of its jobs, as its kind writes it. */
  readonly summary: unknown;
  /** Of its own process. */
  readonly history: readonly HistoryLine[];
  /** From the start of its process until it ended. */
  readonly wallSeconds: number;
}

/** The cluster. */
export interface LocalCluster {
  readonly head: Machine;
  readonly deployment: Deployment;
  /** The file servers, one beside each slave, by the slave's hostname. */
  readonly nodes: Readonly<Record<string, Node>>;
  /** Those of Mesos. */
  readonly slaves: readonly RunningProcess[];
  /** Runs a framework until it ends. Names must not be given twice. Throws an Error with its last words if it fails. */
  run(
    which: Parameters<typeof startFramework>[2],
    config: { readonly name: string },
    placement: Placement,
  ): Promise<FrameworkRun>;
}

/**
 * Starts a cluster, lets somebody use it, and takes it down again, whatever happens; also if it is told to stop, and then throws
 * the reason.
 */
export async function onLocalCluster<T>(
  { slaves, resources }: ClusterSize,
  use: (cluster: LocalCluster) => Promise<T>,
  stopping?: AbortSignal,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'mesos-lab-trial-'));
  try {
    const names = Array.from({ length: slaves }, (_, n) => `node${n + 1}`);
    await using machines = await localMachines(join(folder, 'machines'), ['head', ...names]);
    const [head, ...places] = machines.machines as [Machine, ...Machine[]];
    const stopped = Promise.withResolvers<never>();
    stopped.promise.catch(() => {});
    stopping?.addEventListener('abort', () => stopped.reject(stopping.reason), { once: true });
    stopping?.throwIfAborted();
    const used = start(folder, head, places, resources).then(use);
    return await Promise.race([used, stopped.promise]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** How slaves start an executor of ours. */
export function executorCommand(which: string) {
  return { shell: false, value: LAB, arguments: ['lab', 'executor', which], environment: {} };
}

async function start(
  folder: string,
  head: Machine,
  places: readonly Machine[],
  resources: Resources,
): Promise<LocalCluster> {
  const deployment = await prepare(folder, 'this-trial-only');
  const servers = await Promise.all(
    places.map(async (machine): Promise<[string, Node]> => {
      const { address } = await startFileServer(machine, deployment);
      return [machine.name, { url: `http://${address}`, dir: fileFolder(machine) }];
    }),
  );
  const { address: master } = await startMaster(head, deployment);
  const startSlaves = (of: string, name: string) =>
    Promise.all(places.map((place) => startSlave(at(place, name), deployment, of, resources)));
  const slaves = await startSlaves(master, 'shared');
  return {
    head,
    deployment,
    nodes: Object.fromEntries(servers),
    slaves,
    async run(which, config, placement) {
      const on = placement === 'mesos' ? { master } : { slaves: places.length };
      const clock = wallClock();
      const { process, summaryFile } = await startFramework(head, deployment, which, config, on);
      const own = placement === 'alone' ? await startSlaves(await listening(process), config.name) : [];
      const exit = await process.exited;
      const { wallSeconds } = clock.stop();
      if (exit.code !== 0) throw new Error(exitInWords(process, exit));
      await Promise.all(own.map((slave) => slave.stop()));
      return {
        summary: JSON.parse(await readFile(summaryFile, 'utf8')),
        history: await historyOf(deployment, config.name),
        wallSeconds,
      };
    },
  };
}

/** The same machine, where a second slave may be started beside the first: with a folder of its own for its work. */
function at(machine: Machine, name: string): Machine {
  return { ...machine, folder: join(machine.folder, name), start: (spec) => machine.start(spec) };
}

async function historyOf({ histories }: Deployment, name: string): Promise<readonly HistoryLine[]> {
  const text = await readFile(join(histories, `${name}.ndjson`), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): HistoryLine => JSON.parse(line));
}
