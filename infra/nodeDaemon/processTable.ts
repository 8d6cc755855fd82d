/** The processes of a daemon: each in a group of its own, with its last lines, and an owner who must be there for it to go on. */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as after } from 'node:timers/promises';
import { startProcess } from '../localProcess.ts';
import type { ProcessExit, ProcessSpec, RunningProcess } from '../machine.ts';
import { startGuard } from './guard.ts';
import { type LineRing, lineRing } from './lineRing.ts';
import type { ProcessInfo } from './protocol.ts';

/** A process, also a while after its end. */
export interface Entry {
  readonly id: string;
  readonly name: string;
  /** The session that it belongs to; undefined: the machine. */
  readonly owner: string | undefined;
  readonly process: RunningProcess;
  readonly lines: LineRing;
  readonly startedAtMs: number;
  exit: ProcessExit | undefined;
  /** Called when there is a line or an exit to tell; ends by `changed.delete`. */
  readonly changed: Set<() => void>;
}

/** All processes of a daemon. */
export interface ProcessTable {
  /** Starts a process, or finds the one that has this id. Rejects with one sentence. */
  start(id: string, spec: ProcessSpec, owner: string): Promise<Entry>;
  get(id: string): Entry | undefined;
  list(): readonly ProcessInfo[];
  /** Processes that have not ended. */
  running(): readonly Entry[];
  /** Ends all that belongs to an owner, and all that it has started, in whatever group. */
  end(owner: string): Promise<void>;
  /** Ends all, of whatever owner. */
  endAll(): Promise<void>;
  /** Has a group that is not in the table end with the daemon; returns how to forget it. */
  guard(group: number): () => void;
  /** The environment of what the daemon starts for this owner. */
  environment(owner: string | undefined): Readonly<Record<string, string>>;
}

const LINES_MAX = 4_000;
const CHARACTERS_MAX = 1024 * 1024;
/** Processes at a time, and those that have ended and are remembered. */
const RUNNING_MAX = 4_096;
const ENDED_MAX = 1_000;
/** What is killed may have started something a moment before. */
const SWEEPS = 5;
const SWEEP_PAUSE_MS = 20;

/** Makes an empty table. Processes start in `folder`. `daemon` names the daemon for good. */
export function processTable(folder: string, daemon: string): ProcessTable {
  const entries = new Map<string, Entry>();
  const starting = new Map<string, Promise<Entry>>();
  /** Names of those that are being started. */
  const claimed = new Set<string>();
  const guard = startGuard(`MESOS_LAB_DAEMON=${daemon}`);
  const running = (): readonly Entry[] => [...entries.values()].filter(({ exit }) => exit === undefined);
  const environment = (owner: string | undefined): Readonly<Record<string, string>> => ({
    MESOS_LAB_DAEMON: daemon,
    MESOS_LAB_SESSION: owner ?? daemon,
  });

  async function start(id: string, spec: ProcessSpec, session: string): Promise<Entry> {
    const { isKept = false, ...own } = spec;
    const owner = isKept ? undefined : session;
    const there = running();
    if (claimed.has(spec.name) || there.some(({ name }) => name === spec.name))
      throw new Error(`a process '${spec.name}' is running already`);
    if (there.length + claimed.size >= RUNNING_MAX)
      throw new Error(`${RUNNING_MAX} processes are running already`);
    claimed.add(spec.name);
    try {
      const marked = { ...own, environment: { ...own.environment, ...environment(owner) } };
      return enter(id, owner, spec.name, await startProcess(marked, folder));
    } finally {
      claimed.delete(spec.name);
    }
  }

  function enter(id: string, owner: string | undefined, name: string, process: RunningProcess): Entry {
    guard.add(process.pid);
    const entry: Entry = {
      id,
      name,
      owner,
      process,
      lines: lineRing(LINES_MAX, CHARACTERS_MAX),
      startedAtMs: Date.now(),
      exit: undefined,
      changed: new Set(),
    };
    const tell = (): void => {
      for (const changed of entry.changed) changed();
    };
    process.onLine(/^/, ({ input }) => {
      entry.lines.add(input);
      tell();
    });
    void process.exited.then((exit) => {
      guard.remove(process.pid);
      entry.exit = exit;
      forgetOldest();
      tell();
    });
    entries.set(id, entry);
    return entry;
  }

  async function end(ends: (entry: Entry) => boolean, mark: string): Promise<void> {
    await Promise.allSettled(starting.values());
    await Promise.all(
      running()
        .filter(ends)
        .map((entry) => entry.process.stop()),
    );
    await sweep(mark);
  }

  function forgetOldest(): void {
    const ended = [...entries.values()].filter(({ exit }) => exit !== undefined);
    for (const { id } of ended.slice(0, Math.max(0, ended.length - ENDED_MAX))) entries.delete(id);
  }

  return {
    start(id, spec, session) {
      const there = entries.get(id);
      if (there !== undefined) return Promise.resolve(there);
      const under = starting.get(id) ?? start(id, spec, session).finally(() => starting.delete(id));
      starting.set(id, under);
      return under;
    },
    get: (id) => entries.get(id),
    list: () =>
      [...entries.values()].map(({ id, name, process, owner, startedAtMs, exit }) => ({
        id,
        name,
        pid: process.pid,
        isKept: owner === undefined,
        startedAtMs,
        exit: exit ?? null,
      })),
    running,
    end: (owner) => end((entry) => entry.owner === owner, `MESOS_LAB_SESSION=${owner}`),
    endAll: () => end(() => true, `MESOS_LAB_DAEMON=${daemon}`),
    guard(group) {
      guard.add(group);
      return () => guard.remove(group);
    },
    environment,
  };
}

/** Kills all processes that have this variable, until there are none twice: what is in the middle of execve(2) shows none at all. */
async function sweep(variable: string): Promise<void> {
  let wereNone = false;
  for (let round = 0; round < SWEEPS; round += 1) {
    const pids = await havingVariable(variable);
    if (pids.length === 0 && wereNone) return;
    wereNone = pids.length === 0;
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended meanwhile.
      }
    }
    await after(SWEEP_PAUSE_MS);
  }
}

async function havingVariable(variable: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const text = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
      return text.split('\0').includes(variable) ? Number(pid) : undefined;
    }),
  );
  return found.filter((pid) => pid !== undefined && pid !== process.pid) as readonly number[];
}
