/** Garbage collection of sandboxes: those of executors that have ended are kept for a while, and then removed. */
import {
  type Dirent,
  lstatSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmdirSync,
  statfsSync,
  unlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { SANDBOX_VARIABLE } from './executorCommand.ts';
import { processes, startVariable } from './processTable.ts';
import { removeFolder } from './removal.ts';
import { LATEST } from './sandbox.ts';

/** How long to keep what. */
export interface SandboxGcOptions {
  /** The slave's work folder. */
  readonly workDir: string;
  /** How long a sandbox is kept after the last that was written to it, if the disk were empty. */
  readonly delayMs: number;
  /** The fuller the disk, the shorter; with less than this part of it free, not at all. Default 0.1. */
  readonly diskHeadroom?: number;
  /** Most sandboxes that are kept; default 1,000. */
  readonly countMax?: number;
  /** Sandboxes that are in use though no process lives in them; default none. */
  readonly othersInUse?: () => Iterable<string>;
  /** Told about sandboxes that cannot be removed. */
  readonly log?: (line: string) => void;
}

/** The collector. */
export interface SandboxGc {
  /** The number of sandboxes that went in the first sweep. */
  readonly first: Promise<number>;
  /** Ends the sweeps, the one under way included. */
  close(): Promise<void>;
}

const SWEEP_MS = 60_000;
const DISK_HEADROOM = 0.1;
const COUNT_MAX = 1_000;

/**
 * Sweeps at once, for what earlier slaves have left, and then every minute. Sandboxes in which a process still lives, or
 * that are in use otherwise, are never removed.
 */
export function sandboxGc(options: SandboxGcOptions): SandboxGc {
  let isClosed = false;
  const sweep = (): Promise<number> => sweepOnce(options, () => isClosed);
  const first = sweep();
  let last = first;
  const timer = setInterval(() => {
    last = last.then(sweep);
  }, SWEEP_MS).unref();
  return {
    first,
    async close() {
      isClosed = true;
      clearInterval(timer);
      await last;
    },
  };
}

/** A sandbox, as it was found. */
interface Found {
  readonly folder: string;
  readonly ageMs: number;
}

async function sweepOnce(options: SandboxGcOptions, isClosed: () => boolean): Promise<number> {
  const { workDir, countMax = COUNT_MAX, othersInUse = () => [], log = () => {} } = options;
  let count = 0;
  try {
    const keptMs = keepMs(options);
    const oldestFirst = sandboxesIn(workDir).toSorted((a, b) => b.ageMs - a.ageMs);
    const surplus = oldestFirst.length - countMax;
    const due = oldestFirst.filter(({ ageMs }, n) => ageMs > keptMs || n < surplus);
    const inUse = due.length === 0 ? new Set() : withoutLinks([...pathsInUse(), ...othersInUse()]);
    for (const { folder } of due) {
      if (isClosed() || inUse.has(realpathSync(folder))) continue;
      try {
        await removeFolder(folder);
        removeEmptyAbove(folder);
        count++;
      } catch (error) {
        log(`the sandbox ${folder} cannot be removed: ${(error as Error).message}`);
      }
    }
  } catch (error) {
    log(`the sandboxes in ${workDir} cannot be looked through: ${(error as Error).message}`);
  }
  return count;
}

/** How long sandboxes are kept at present: as in Mesos, in proportion to what is free of the disk. */
function keepMs({ workDir, delayMs, diskHeadroom = DISK_HEADROOM }: SandboxGcOptions): number {
  const { bavail, blocks } = statfsSync(workDir);
  const used = 1 - bavail / blocks;
  return delayMs * Math.max(0, 1 - diskHeadroom - used);
}

/** slaves / ID / frameworks / ID / executors / ID / runs / ID; see `sandboxOf`. */
function sandboxesIn(workDir: string): readonly Found[] {
  const now = Date.now();
  return foldersIn(join(workDir, 'slaves'))
    .flatMap((slave) => foldersIn(join(slave, 'frameworks')))
    .flatMap((framework) => foldersIn(join(framework, 'executors')))
    .flatMap((executor) => foldersIn(join(executor, 'runs')))
    .map((folder) => ({ folder, ageMs: now - lastWrittenMs(folder) }));
}

function lastWrittenMs(sandbox: string): number {
  const times = [sandbox, join(sandbox, 'stdout'), join(sandbox, 'stderr')].map(
    // Not of what a link leads to.
    (path) => lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0,
  );
  // A sandbox from the future is as old as one of now.
  return Math.min(Math.max(...times), Date.now());
}

/** Sandboxes of executors that live, whoever has started them. */
function pathsInUse(): readonly string[] {
  return processes().flatMap(({ pid }) => startVariable(pid, SANDBOX_VARIABLE) ?? []);
}

/** As they are called without links. */
function withoutLinks(paths: readonly string[]): ReadonlySet<string> {
  return new Set(
    paths.map((path) => {
      try {
        return realpathSync(path);
      } catch {
        return path;
      }
    }),
  );
}

/** Removes the folders above a sandbox that hold nothing more. All at once, so that a launch does not come in between. */
function removeEmptyAbove(sandbox: string): void {
  const runs = dirname(sandbox);
  const latest = join(runs, LATEST);
  try {
    if (readlinkSync(latest) === basename(sandbox)) unlinkSync(latest);
  } catch {
    // There is no such link.
  }
  try {
    for (let folder = runs; basename(folder) !== 'slaves'; folder = dirname(folder)) rmdirSync(folder);
  } catch {
    // Something else is in it.
  }
}

function foldersIn(folder: string): readonly string[] {
  let entries: readonly Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
}
