/** Which process is meant, for good: a process id may be somebody else's later. */
import { readFileSync } from 'node:fs';
import { parseStat } from './nodeDaemon/procfs.ts';

/** A process of this machine. Plain data, also as JSON. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in clock ticks since the machine did. */
  readonly startTicks: number;
  /** Of the machine's last start. */
  readonly bootId: string;
}

/** Of this process. Empty where there is no Linux. */
export function ownIdentity(): ProcessIdentity {
  const { pid } = process;
  return { pid, startTicks: startTicksOf(pid) ?? 0, bootId: bootId() };
}

/** Whether it runs still. One that nobody has waited for yet does so no more. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identity.bootId === bootId() && startTicksOf(identity.pid) === identity.startTicks;
}

function startTicksOf(pid: number): number | undefined {
  const stat = parseStat(told(`/proc/${pid}/stat`));
  return stat === undefined || /[ZX]/.test(stat.state) ? undefined : stat.startTicks;
}

const bootId = (): string => told('/proc/sys/kernel/random/boot_id').trim();

function told(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
