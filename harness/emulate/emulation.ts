/**
 * The emulated mode (NSDI'11 §6.5, §6.6): the real master over real links and the real clock, in a process of its own; slaves and
 * frameworks, the real ones too, many to a process. Slaves run executors that are actors beside them, whose tasks only take time.
 *
 *     const marks = [{ event: 'slave-registered', count: 1000 }];
 *     await using emulation = await startEmulation({ folder, onEnd });
 *     const master = await emulation.startMaster({ marks });
 *     await emulation.startFrameworks(master.address, { frameworks: 200, processes: 1, task, seed });
 *     await emulation.startHosts(master.address, { slaves: 1000, processes: 2, resources, spreadMs: 30_000 });
 *     const { atMs } = await master.reached(marks[0]);
 *     const { cpuMs, counts, wire } = await master.report();
 *
 * Disposing of it ends every process and removes the folder.
 */
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { localMachines } from '../../infra/local.ts';
import type { Machine, RunningProcess } from '../../infra/machine.ts';
import { makeOwnFolder } from '../../infra/ownFolder.ts';
import { exitInWords, listening } from '../run/deployment.ts';
import {
  type FrameworksPeer,
  type HostPeer,
  LINES,
  type Mark,
  type MarkReport,
  type MasterPeer,
  type PeerConfig,
  type PeerReport,
  type PeerRole,
  type ProbeReport,
  type ProbesPeer,
} from './peerConfig.ts';

/** A process of an emulation. */
export interface EmulatedPeer {
  readonly process: RunningProcess;
  /** Asks it how it is. `settled`: after it has collected its garbage, which may stop it for seconds. */
  report(settled?: 'settled'): Promise<PeerReport>;
}

/** A master. */
export interface EmulatedMaster extends EmulatedPeer {
  /** `HOST:PORT` where it listens. */
  readonly address: string;
  /** Resolves when it has reached one of the marks that it was started with; rejects if it ends before, or has not in half an hour. */
  reached(mark: Mark): Promise<MarkReport>;
}

/** What all that is emulated shares. */
export interface EmulationOptions {
  /** For logs and settings; it is removed in the end. */
  readonly folder: string;
  /** Is told, in one sentence, if a process ends that was not to. */
  readonly onEnd: (reason: string) => void;
}

/** How long a master may take to reach a mark: tens of thousands of slaves come one after the other. */
const MARK_LIMIT_MS = 1_800_000;

/** An emulation that runs. */
export interface Emulation extends AsyncDisposable {
  /** Starts a master; of several in an election each needs the same URL. */
  startMaster(options?: Partial<Omit<MasterPeer, 'kind'>>): Promise<EmulatedMaster>;
  /** Starts slaves, shared out evenly among so many processes. `masters`: `HOST:PORT` of the master, or the election's URL. */
  startHosts(
    masters: string,
    options: Pick<HostPeer, 'slaves' | 'resources' | 'spreadMs'> & { readonly processes: number },
  ): Promise<readonly EmulatedPeer[]>;
  /** The same of frameworks. */
  startFrameworks(
    masters: string,
    options: Pick<FrameworksPeer, 'frameworks' | 'task' | 'seed'> & { readonly processes: number },
  ): Promise<readonly EmulatedPeer[]>;
  /** Runs probes in a process of their own; resolves when all have ended. `probed` is told of each. */
  probe(
    masters: string,
    options: Omit<ProbesPeer, 'kind' | 'masters'>,
    probed: (report: ProbeReport) => void,
  ): Promise<void>;
  /** Kills a process at once (SIGKILL); `onEnd` is not told. */
  kill(peer: EmulatedPeer): Promise<void>;
}

const PEER = join(import.meta.dirname, 'peer.ts');
const NODE = join(import.meta.dirname, '..', 'node');
/**
 * To look through all of a process of 25,000 slaves keeps it from its work for two seconds, and V8 did that every seven seconds at times: it
 * is done when the process has grown to five times what was in use.
 */
const NODE_FLAGS = ['--max-old-space-size=8192', '--heap-growing-percent=400', '--no-memory-reducer'];
/**
 * New objects have this much room (MiB) before they are looked through: with the usual 16, those that live for a second, as a
 * message and its task do, are copied, and the pauses are felt.
 */
const YOUNG_FLAGS = ['--max-semi-space-size=64'];
/** In a process of slaves more of them live on. One thread copies them: several wait for each other where others want the processors. */
const YOUNG_FLAGS_OF_HOST = ['--max-semi-space-size=32', '--no-parallel-scavenge'];

/** Prepares an emulation; nothing runs yet. */
export async function startEmulation({ folder, onEnd }: EmulationOptions): Promise<Emulation> {
  const machines = await localMachines(folder, ['local']);
  const [machine] = machines.machines as [Machine];
  const secretFile = join(machine.folder, 'secret');
  await writeFile(secretFile, randomBytes(32).toString('hex'), { mode: 0o600 });
  /** Those that may end. */
  const released = new Set<RunningProcess>();
  let isOver = false;
  let started = 0;

  async function start(role: PeerRole): Promise<RunningProcess> {
    const name = `${role.kind}${++started}`;
    const file = join(machine.folder, `${name}.json`);
    const config: PeerConfig = { secretFile, role };
    await writeFile(file, JSON.stringify(config));
    const flags = [...NODE_FLAGS, ...(role.kind === 'host' ? YOUNG_FLAGS_OF_HOST : YOUNG_FLAGS)];
    return machine.start({ name, program: NODE, arguments: [...flags, PEER, file] });
  }

  async function startPeer(role: PeerRole): Promise<EmulatedPeer> {
    const process = await start(role);
    void process.exited.then((exit) => {
      if (!isOver && !released.has(process)) onEnd(exitInWords(process, exit));
    });
    await process.waitForLine(/^ready$/);
    const ask = reporter(process);
    return { process, report: (settled) => ask(settled === 'settled' ? 'SIGHUP' : 'SIGUSR2') };
  }

  return {
    async startMaster(options = {}) {
      const peer = await startPeer({ kind: 'master', marks: [], ...options });
      const address = await listening(peer.process);
      return { ...peer, address, reached: (mark) => reached(peer.process, mark) };
    },
    startHosts: (masters, { slaves, processes, ...own }) =>
      Promise.all(
        shares(slaves, processes).map(({ first, count }) =>
          startPeer({ kind: 'host', masters, first, slaves: count, ...own }),
        ),
      ),
    startFrameworks: (masters, { frameworks, processes, ...own }) =>
      Promise.all(
        shares(frameworks, processes).map(({ first, count }) =>
          startPeer({ kind: 'frameworks', masters, first, frameworks: count, ...own }),
        ),
      ),
    async probe(masters, options, probed) {
      const process = await start({ kind: 'probes', masters, ...options });
      onJson(process, LINES.probe, (report) => probed(report as ProbeReport));
      const exit = await process.exited;
      if (exit.code !== 0) throw new Error(exitInWords(process, exit));
    },
    async kill({ process }) {
      released.add(process);
      process.signal('SIGKILL');
      await process.exited;
    },
    async [Symbol.asyncDispose]() {
      isOver = true;
      await machines[Symbol.asyncDispose]();
    },
  };
}

/**
 * Prepares an emulation, lets somebody use it, and ends all of it, whatever happens. Throws if a process ends that was not to, or
 * the reason if it is told to stop.
 */
export async function onEmulation<T>(
  use: (emulation: Emulation) => Promise<T>,
  stopping: AbortSignal,
): Promise<T> {
  const folder = await makeOwnFolder('emulation');
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  stopping.addEventListener('abort', () => failed.reject(stopping.reason), { once: true });
  try {
    stopping.throwIfAborted();
    const onEnd = (reason: string): void => failed.reject(new Error(reason));
    await using emulation = await startEmulation({ folder: join(folder, 'processes'), onEnd });
    const used = use(emulation);
    // What it was about fails too when everything ends under it.
    used.catch(() => {});
    return await Promise.race([used, failed.promise]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Asks a process for reports: each signal is answered by one line. */
function reporter(process: RunningProcess): (signal: NodeJS.Signals) => Promise<PeerReport> {
  const waiting: ((report: PeerReport) => void)[] = [];
  onJson(process, LINES.report, (report) => waiting.shift()?.(report as PeerReport));
  const gone = process.exited.then((exit): never => {
    throw new Error(exitInWords(process, exit));
  });
  // Whether or not somebody waits.
  gone.catch(() => {});
  return (signal) => {
    const report = new Promise<PeerReport>((resolve) => waiting.push(resolve));
    process.signal(signal);
    return Promise.race([report, gone]);
  };
}

async function reached(process: RunningProcess, { event, count }: Mark): Promise<MarkReport> {
  const line = new RegExp(`^${LINES.mark} ({"event":"${event}","count":${count},.*})$`);
  const [, json = ''] = await process.waitForLine(line, MARK_LIMIT_MS);
  return JSON.parse(json);
}

function onJson(process: RunningProcess, beginning: string, run: (value: unknown) => void): void {
  process.onLine(new RegExp(`^${beginning} (.*)$`), ([, json = '']) => run(JSON.parse(json)));
}

/** Shares things out evenly: the first of each part, and how many it has. */
function shares(total: number, parts: number): readonly { readonly first: number; readonly count: number }[] {
  const firstOf = (part: number): number => Math.floor((total * part) / parts);
  return Array.from({ length: parts }, (_, part) => ({
    first: firstOf(part),
    count: firstOf(part + 1) - firstOf(part),
  }));
}
