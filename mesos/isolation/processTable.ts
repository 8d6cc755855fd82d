/** The processes of this machine, as Linux shows them in /proc. */
import { readdirSync, readFileSync } from 'node:fs';
import * as v from 'valibot';

/** Linux counts processor time for programs in hundredths of a second (USER_HZ), whatever the kernel's own clock. */
const TICKS_PER_SECOND = 100;
/** `PF_KTHREAD` of Linux. */
const KERNEL_FLAG = 0x200000;

export const ProcessIdentitySchema = v.object({
  pid: v.pipe(v.number(), v.integer(), v.minValue(2)),
  /** When it started, in ticks since the machine did. */
  startTicks: v.number(),
  /** Changes when the machine starts anew. */
  bootId: v.string(),
});
/** Tells a process from any other that has, had or will have its number. */
export type ProcessIdentity = Readonly<v.InferOutput<typeof ProcessIdentitySchema>>;

/** One process. */
export interface ProcessEntry {
  readonly pid: number;
  /** R, S, D, T, Z (ended, and not yet waited for) and so on. */
  readonly state: string;
  readonly parentId: number;
  readonly groupId: number;
  readonly sessionId: number;
  readonly startTicks: number;
  /** A thread of the kernel. */
  readonly isKernel: boolean;
  /** Its own, and that of its children which ended and were waited for. */
  readonly cpuSeconds: number;
}

/** A process by its number; undefined if there is none. */
export function processEntry(pid: number): ProcessEntry | undefined {
  const text = read(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The name, which may hold anything, ends at the last parenthesis.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = '', parent, group, session] = fields;
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return {
    pid,
    state,
    parentId: Number(parent),
    groupId: Number(group),
    sessionId: Number(session),
    isKernel: (Number(fields[6]) & KERNEL_FLAG) !== 0,
    startTicks: Number(fields[19]),
    cpuSeconds: ticks / TICKS_PER_SECOND,
  };
}

/** All processes that this one may see. */
export function processes(): readonly ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => processEntry(Number(name)) ?? []);
}

/** What tells this process from others; undefined if there is none of that number. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const entry = processEntry(pid);
  return entry && { pid, startTicks: entry.startTicks, bootId: bootId() };
}

/** Is it still there, and not merely waiting to be waited for? */
export function isRunning({ pid, startTicks, bootId: itsBoot }: ProcessIdentity): boolean {
  const entry = processEntry(pid);
  return entry?.startTicks === startTicks && !isEnded(entry) && itsBoot === bootId();
}

/** Has it ended, with nobody having waited for it yet? */
export function isEnded({ state }: ProcessEntry): boolean {
  return state === 'Z' || state === 'X';
}

/** Memory that a process has in use, in bytes; pages that it shares with others count in full. 0 if it is gone. */
export function residentBytes(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? '') ?? [];
  return Number(kib ?? 0) * 1024;
}

/** A variable that a process was started with; undefined if there is none, or one may not know. */
export function startVariable(pid: number, name: string): string | undefined {
  const entry = read(`/proc/${pid}/environ`)
    ?.split('\0')
    .find((text) => text.startsWith(`${name}=`));
  return entry?.slice(name.length + 1);
}

/** Sends SIGKILL to a process, or, if `pid` is negative, to a process group. One that is gone, or not ours, is left alone. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/** How often to look again for processes that others started while they were ended. */
const ROUNDS_MAX = 10;

/** Sends SIGKILL to all that was started with this variable, and not before `sinceTicks`. */
export function killStartedWith(name: string, value: string, sinceTicks: number): void {
  const killed = new Set<number>();
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const possible = processes().filter(
      (entry) =>
        entry.startTicks >= sinceTicks && !entry.isKernel && !isEnded(entry) && !killed.has(entry.pid),
    );
    const found = possible.filter(({ pid }) => startVariable(pid, name) === value);
    if (found.length === 0 && !possible.some(isBeginning)) return;
    for (const { pid } of found) {
      killed.add(pid);
      kill(pid);
    }
  }
}

/** Does it show no variables at all? In the middle of execve(2) it does not, and may have some in a moment. */
const isBeginning = ({ pid }: ProcessEntry): boolean => read(`/proc/${pid}/environ`) === '';

/**
 * A process and what it has started: its children and theirs, and all in their sessions. What has left its parents and their
 * sessions is not among them.
 */
export function familyOf(entries: readonly ProcessEntry[], headPid: number): readonly ProcessEntry[] {
  const pids = new Set([headPid]);
  const sessions = new Set([headPid]);
  let strangers = entries;
  for (;;) {
    const members = strangers.filter(
      ({ pid, parentId, groupId, sessionId }) =>
        pids.has(pid) || pids.has(parentId) || sessions.has(sessionId) || groupId === headPid,
    );
    if (members.length === 0) return entries.filter(({ pid }) => pids.has(pid));
    for (const { pid, sessionId } of members) {
      pids.add(pid);
      sessions.add(sessionId);
    }
    strangers = strangers.filter(({ pid }) => !pids.has(pid));
  }
}

function bootId(): string {
  return read('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}

/** Processes come and go, and not all may be looked into. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
