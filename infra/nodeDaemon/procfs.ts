/** What Linux tells of its processes and of itself in /proc. */
import { readdir, readFile } from 'node:fs/promises';

/** A process. */
export interface ProcessStat {
  readonly pid: number;
  /** A letter, e.g. `R`; of one that has ended and that nobody has waited for yet `Z`. */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  /** User and system, with that of children that have ended and were waited for. In clock ticks. */
  readonly cpuTicks: number;
  /** When it started, in clock ticks since the machine did: with the pid, it names a process for good. */
  readonly startTicks: number;
  readonly rssPages: number;
}

/** Clock ticks a second, as all of Linux's architectures count in /proc. */
export const TICKS_PER_SECOND = 100;
/** Of nearly all machines; what differs says so in its auxiliary vector, which Node does not tell. */
export const PAGE_BYTES = 4096;

/** Reads a line of /proc/PID/stat; undefined if it is none. */
export function parseStat(text: string): ProcessStat | undefined {
  // The name is in brackets, and may have brackets and spaces in it.
  const end = text.lastIndexOf(')');
  const pid = Number.parseInt(text, 10);
  const [state = '', ...rest] = text.slice(end + 2).split(' ');
  const fields = [Number.NaN, ...rest.map(Number)];
  const [, parent, group] = fields;
  const cpuTicks = sum(fields.slice(11, 15));
  const [startTicks, , rssPages] = fields.slice(19);
  if (end < 0 || parent === undefined || group === undefined) return undefined;
  if (startTicks === undefined || rssPages === undefined) return undefined;
  return { pid, state, parent, group, cpuTicks, startTicks, rssPages };
}

/** All processes that can be seen. */
export async function allProcesses(): Promise<readonly ProcessStat[]> {
  const names = await readdir('/proc').catch(() => []);
  const stats = await Promise.all(
    names.filter((name) => /^\d+$/.test(name)).map((name) => processStat(Number(name))),
  );
  return stats.filter((stat) => stat !== undefined);
}

/** A process; undefined if it is no more, or this is not Linux. */
export async function processStat(pid: number): Promise<ProcessStat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : parseStat(text);
}

/** The members of a process group, and all that descends from it, whatever group that is in. */
export function familyOf(leader: number, all: readonly ProcessStat[]): readonly ProcessStat[] {
  const family = new Set([leader]);
  const members = new Set<ProcessStat>();
  for (let before = -1; before !== members.size; ) {
    before = members.size;
    for (const process of all) {
      if (process.pid !== leader && process.group !== leader && !family.has(process.parent)) continue;
      family.add(process.pid);
      members.add(process);
    }
  }
  return [...members];
}

/** Processor time of a machine since it started, from /proc/stat. In milliseconds. */
export function parseProcessors(text: string): { readonly busyMs: number; readonly totalMs: number } {
  const line = /^cpu +(.*)$/m.exec(text)?.[1] ?? '';
  // Time of guests is in that of users already.
  const ticks = line.split(' ').map(Number).slice(0, 8);
  const total = sum(ticks);
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  const ms = (count: number): number => (count * 1000) / TICKS_PER_SECOND;
  return { busyMs: ms(total - idle), totalMs: ms(total) };
}

/** Memory of a machine, from /proc/meminfo. */
export function parseMemory(text: string): { readonly usedBytes: number; readonly totalBytes: number } {
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0) * 1024;
  const totalBytes = bytes('MemTotal');
  return { totalBytes, usedBytes: totalBytes - bytes('MemAvailable') };
}

/** What went through all interfaces but loopback, from /proc/net/dev. */
export function parseNetwork(text: string): { readonly inBytes: number; readonly outBytes: number } {
  const interfaces = [...text.matchAll(/^ *([^:\s]+): *(.*)$/gm)]
    .filter(([, name]) => name !== 'lo')
    .map(([, , numbers]) => (numbers ?? '').split(/ +/).map(Number));
  return {
    inBytes: sum(interfaces.map((numbers) => numbers[0] ?? 0)),
    outBytes: sum(interfaces.map((numbers) => numbers[8] ?? 0)),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
