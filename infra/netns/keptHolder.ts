/** Holders that outlive the process that makes them. A mark in their environment tells whose they are, whatever became of any record. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { UP } from './holder.ts';
import type { CommandLine } from './wiring.ts';

/** The variable that says for the machines of which folder a process was started. */
export const MARK_VARIABLE = 'MESOS_LAB_NETNS';
const PAUSE_MS = 5;

/** Starts a holder for the machines of a folder; resolves with its process id. Rejects with one sentence that names the machine. */
export async function startKeptHolder(
  name: string,
  [program, args]: CommandLine,
  folder: string,
): Promise<number> {
  const child = spawn(program, args, {
    cwd: '/',
    env: { ...process.env, [MARK_VARIABLE]: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let complaint = '';
  child.stderr.on('data', (piece: Buffer) => {
    complaint += piece.toString('utf8');
  });
  const lines = createInterface({ input: child.stdout });
  const up = new Promise<number>((resolve) => {
    lines.on('line', (line) => {
      const match = UP.exec(line);
      if (match !== null) resolve(Number(match[1]));
    });
  });
  const ended = once(child, 'close').then(([code]) => {
    const why = complaint.trim().split('\n').at(-1) || `its holder ended with code ${code}`;
    throw new Error(`no namespaces for ${name}: ${why}`);
  });
  const pid = await Promise.race([up, ended]);
  ended.catch(() => {});
  lines.close();
  child.stdout.destroy();
  child.stderr.destroy();
  child.unref();
  return pid;
}

/** Whether a process holds something for the machines of a folder. */
export function holdsFor(pid: number, folder: string): boolean {
  return markOf(pid) === folder;
}

/** All processes that hold something for the machines of a folder. */
export function holdersFor(folder: string): readonly number[] {
  return [...markedProcesses()].flatMap(([pid, mark]) => (mark === folder ? [pid] : []));
}

/** Folders that holders which run were started for. */
export function heldFolders(): readonly string[] {
  return [...new Set(markedProcesses().values())].sort();
}

/** Kills processes, and resolves when they have ended. */
export async function endHolders(pids: readonly number[], folder: string): Promise<void> {
  for (const pid of pids) if (holdsFor(pid, folder)) kill(pid);
  while (pids.some((pid) => holdsFor(pid, folder))) await sleep(PAUSE_MS);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It may end with another that was killed before.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function markedProcesses(): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const mark = markOf(Number(name));
    if (mark !== undefined) found.set(Number(name), mark);
  }
  return found;
}

/** What a process was started for; undefined for all that have no mark, have ended, or are somebody else's. */
function markOf(pid: number): string | undefined {
  try {
    const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return variables.find((text) => text.startsWith(`${MARK_VARIABLE}=`))?.slice(MARK_VARIABLE.length + 1);
  } catch {
    return undefined;
  }
}
