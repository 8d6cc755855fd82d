/** What control groups can do to what is in them, whatever their version. Each is for one group. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Shares out processors. */
export interface CpuController {
  /** Gives a share of the processors in proportion to `cpus`; with a quota, no more than `cpus` even if others are idle. */
  limit(cpus: number, hasQuota: boolean): void;
  /** Processor time used since the group was made. */
  usedSeconds(): number;
}

/** Limits memory. */
export interface MemoryController {
  /**
   * Sets the limit, in bytes. Raises at once. Lowers only as far as what is in use permits, since nothing is to be killed
   * because another task has ended: false if it must be tried again later.
   */
  limit(bytes: number): boolean;
  /** In use, without what the kernel can take back at any time: the page cache of files. */
  usedBytes(): number;
  /** The most that was ever in use, page cache and all; undefined if the kernel does not tell. */
  peakBytes(): number | undefined;
  /** The limit in force; undefined without one. */
  limitBytes(): number | undefined;
  /** How often the kernel has killed a process of the group because it was out of memory. */
  kills(): number;
}

/** Limits how many processes there are at a time. */
export interface PidsController {
  limit(max: number): void;
}

/** Number of processes: the same in both versions. */
export function pids(folder: string): PidsController {
  return { limit: (max) => writeFileSync(join(folder, 'pids.max'), `${max}`) };
}

/** Ends what is in a group. */
export interface Killer {
  /** Ends all, forks that are under way included. `pids` tells who is in the group. */
  kill(pids: () => readonly number[]): Promise<void>;
}

/** The shortest span in which quotas are given out, in microseconds, as the kernel and Mesos have it. */
export const QUOTA_PERIOD_US = 100_000;
/** Least quota that the kernel takes. */
const QUOTA_US_MIN = 1_000;
/**
 * Quota of an executor that holds no processor, as between two tasks: what Mesos gives a command's executor for itself. With
 * less, it would hardly get around to taking the next task.
 */
const IDLE_CPUS = 0.1;

/** Processor time for each period, in microseconds. */
export function quotaUs(cpus: number): number {
  return Math.max(Math.round((cpus > 0 ? cpus : IDLE_CPUS) * QUOTA_PERIOD_US), QUOTA_US_MIN);
}

/** A figure of a file that has one `name value` a line; undefined if it has none of that name. */
export function figure(text: string, name: string): number | undefined {
  const [, value] = new RegExp(`^${name} (\\d+)$`, 'm').exec(text) ?? [];
  return value === undefined ? undefined : Number(value);
}
