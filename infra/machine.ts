/** What a machine is to the harness, of whatever kind: a place with a name and a folder, where processes run. */
import { join } from 'node:path';
import type { Power } from './place.ts';

/** A process to start. */
export interface ProcessSpec {
  /** Unique on its machine; names the log file. */
  readonly name: string;
  readonly program: string;
  readonly arguments: readonly string[];
  /** Variables added to the environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * It belongs to its machine, not to whoever started it: it goes on when that has gone away, until it is stopped or the machine's
   * daemon ends (`lab up` starts such ones). Machines without a daemon refuse it.
   */
  readonly isKept?: boolean;
}

/** How a process ended. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A process that was started. */
export interface RunningProcess {
  readonly name: string;
  readonly pid: number;
  /** Its process id for the machine's own processes, where that is another one. */
  readonly pidOnMachine?: number;
  /** Resolves when the process has ended; never rejects. */
  readonly exited: Promise<ProcessExit>;
  /**
   * Resolves with the first line that it writes, or has among its last 1,000, that matches. Rejects if it ends before, or has written
   * none within `limitMs`: by default five minutes; with Infinity it may take as long as the process lives.
   */
  waitForLine(pattern: RegExp, limitMs?: number): Promise<RegExpExecArray>;
  /** Calls for every line that it writes from now on that matches. */
  onLine(pattern: RegExp, run: (match: RegExpExecArray) => void): void;
  /** The last lines that it wrote, for an error message. */
  lastLines(): readonly string[];
  /** Signals the process and all that it started in its group. */
  signal(name: NodeJS.Signals): void;
  /** Signals the process alone. */
  signalAlone(name: NodeJS.Signals): void;
  /** Asks it to end (SIGTERM), then makes it (SIGKILL to its group). Resolves when it has ended. */
  stop(): Promise<void>;
}

/** How far a clock is ahead of ours, and by how much that may be wrong. */
export interface ClockOffset {
  readonly offsetMs: number;
  readonly errorMs: number;
}

/** A machine. Paths of its files are absolute, or relative to its folder. */
export interface Machine {
  /** Hostname by which frameworks know it. */
  readonly name: string;
  /** An address that the other machines of this kind can reach it by. */
  readonly ip: string;
  /** A folder of its own, removed at tear-down. */
  readonly folder: string;
  /** The `lab` command on this machine. */
  readonly lab: string;
  start(spec: ProcessSpec): Promise<RunningProcess>;
  /** Runs a program until it ends, and resolves with what it writes. Rejects with its last words if it fails. */
  run(program: string, ...args: readonly string[]): Promise<string>;
  /** Writes a file whole, for this user's eyes only, and makes the folders that it needs. */
  write(path: string, content: string | Uint8Array): Promise<void>;
  /** Reads a file of at most 64 MiB. */
  read(path: string): Promise<Buffer>;
  /** Paths of all files below a folder, relative to it, in order; none if there is no such folder. */
  list(path: string): Promise<readonly string[]>;
  /** Copies a file of any size to a path of this process's own machine, and makes the folders that it needs. */
  fetch(path: string, into: string): Promise<void>;
  /** Nought for machines that share our clock. */
  clockOffset(): Promise<ClockOffset>;
  /** Absent if machines of this kind cannot be switched off from outside. What was started on one that is on again has ended. */
  readonly power?: Power;
}

/**
 * Where what runs on a machine puts what it works on: sandboxes, blocks. It may be on a disk of its own; logs and histories, by which
 * one sees what happened, are beside it.
 */
export const workFolder = ({ folder }: Machine): string => join(folder, 'work');

/** Machines that were provisioned together. Disposing of them ends every process and removes every folder. */
export interface Machines extends AsyncDisposable {
  /** E.g. `local`. */
  readonly kind: string;
  /** Shared: their processors, memory and clock are those of this process's own machine. */
  readonly hardware: 'shared' | 'own';
  /** Why they are not of the kind that was wanted, in one sentence; absent if they are. */
  readonly instead?: string;
  readonly machines: readonly Machine[];
}

/**
 * Provisions a machine for each name, in this order; those of machines that have names already do not change. `folder` is one of this
 * process's own machine, for what there is to keep here. Rejects with one sentence that names the machine that failed.
 */
export type MachineProvider = (folder: string, names: readonly string[]) => Promise<Machines>;
