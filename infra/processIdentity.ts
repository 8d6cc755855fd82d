/** Which process is meant, for good: a process id may be somebody else's later. */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { parseStat } from './nodeDaemon/procfs.ts';

/** A process. Plain data, also as JSON. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in clock ticks since the machine did. */
  readonly startTicks: number;
  /** Of the machine's last start. */
  readonly bootId: string;
  /** Where its id means something: a namespace of process ids of that machine. */
  readonly pidNamespace: string;
  /** Name of the machine. */
  readonly host: string;
}

/** What can be said of a process from here. */
export type ProcessState =
  | 'running'
  /** Also one of which only its parent has not heard that it ended. */
  | 'ended'
  /** It is on another machine, or in another container of this one: whether it runs is not seen from here. */
  | 'elsewhere';

/** Of this process. Empty where there is no Linux. */
export function ownIdentity(): ProcessIdentity {
  const { pid } = process;
  return {
    pid,
    startTicks: startTicksOf(pid) ?? 0,
    bootId: bootId(),
    pidNamespace: pidNamespace(),
    host: hostname(),
  };
}

/** What has become of it. */
export function stateOf({ pid, startTicks, host, ...where }: ProcessIdentity): ProcessState {
  // A machine that was started again has its old name, and none of its old processes.
  if (where.bootId !== bootId()) return host === hostname() ? 'ended' : 'elsewhere';
  if (where.pidNamespace !== pidNamespace()) return 'elsewhere';
  return startTicksOf(pid) === startTicks ? 'running' : 'ended';
}

function startTicksOf(pid: number): number | undefined {
  const stat = parseStat(told(`/proc/${pid}/stat`));
  return stat === undefined || /[ZX]/.test(stat.state) ? undefined : stat.startTicks;
}

const bootId = (): string => told('/proc/sys/kernel/random/boot_id').trim();

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function told(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
