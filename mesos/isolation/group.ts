/** The control group of one container: the same name in every hierarchy, used as one. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Resources, unreserved } from '../protocol/resources.ts';
import { cpuV1, freezerV1, memoryV1 } from './cgroup1.ts';
import { cpuV2, killerV2, memoryV2 } from './cgroup2.ts';
import { type CgroupRoot, distinct, makeRootGroup, type Place } from './cgroupRoot.ts';
import {
  type CpuController,
  type Killer,
  type MemoryController,
  type PidsController,
  pids,
} from './controllers.ts';
import type { Usage } from './isolation.ts';
import { isEnded, kill, processEntry } from './processTable.ts';

/** A container's group. */
export interface Group {
  readonly name: string;
  /** Files that a process writes its id to, to enter. */
  readonly entrances: readonly string[];
  readonly cpu: CpuController;
  readonly memory: MemoryController;
  /** Undefined if the number of processes cannot be limited. */
  readonly pids: PidsController | undefined;
  /** What its processes use. Throws if the group is gone. */
  usage(): Usage;
  /** Ends every process in it. False if some are still there after a while, e.g. because they hang in the kernel. */
  end(): Promise<boolean>;
  /** Removes it, and groups that were made in it; it must be empty. False if that does not work out. */
  remove(): Promise<boolean>;
}

/** How long to go on killing. */
const KILL_PATIENCE_MS = 15_000;
/** How long to go on removing: processes that have ended hold their group until somebody has waited for them. */
const REMOVE_PATIENCE_MS = 10_000;
const PAUSE_MS_MAX = 100;
/** What the kernel says while a group is in use. */
const BUSY = ['EBUSY', 'ENOTEMPTY'];

/** Makes a group. Throws if that cannot be done, or if there is one of that name with processes in it. */
export function makeGroup(root: CgroupRoot, name: string): Group {
  const made: string[] = [];
  try {
    for (const at of placesOf(root)) {
      makeRootGroup(at);
      const folder = join(at.folder, name);
      // What an earlier group of that name has counted must not count for this one.
      if (existsSync(folder)) removeTree(folder);
      mkdirSync(folder);
      made.push(folder);
    }
    return groupAt(root, name);
  } catch (error) {
    for (const folder of made) rmdirSync(folder);
    throw error;
  }
}

/** A group that is there; undefined if it is not. */
export function openGroup(root: CgroupRoot, name: string): Group | undefined {
  return placesOf(root).every(({ folder }) => existsSync(join(folder, name)))
    ? groupAt(root, name)
    : undefined;
}

/** Ends and removes whatever there is of a group, complete or not. False if that does not work out. */
export async function clearGroup(root: CgroupRoot, name: string): Promise<boolean> {
  const folders = placesOf(root).map(({ folder }) => join(folder, name));
  return (await endAll(folders, killerOf(root, name))) && (await removeAll(folders));
}

/** Names of the groups that there are in the root group. */
export function groupNames(root: CgroupRoot): ReadonlySet<string> {
  return new Set(placesOf(root).flatMap(({ folder }) => subgroups(folder)));
}

function placesOf({ cpu, cpuacct, memory, pids, freezer, unified }: CgroupRoot): readonly Place[] {
  return distinct([cpu, cpuacct, memory, pids, freezer, unified]);
}

function groupAt(root: CgroupRoot, name: string): Group {
  const folderIn = (at: Place): string => join(at.folder, name);
  const folders = placesOf(root).map(folderIn);
  const cpu =
    root.cpu.version === 1 ? cpuV1(folderIn(root.cpu), folderIn(root.cpuacct)) : cpuV2(folderIn(root.cpu));
  const memory =
    root.memory.version === 1 ? memoryV1(folderIn(root.memory)) : memoryV2(folderIn(root.memory));
  return {
    name,
    entrances: folders.map((folder) => join(folder, 'cgroup.procs')),
    cpu,
    memory,
    pids: root.pids && pids(folderIn(root.pids)),
    usage: () => ({ cpuSeconds: cpu.usedSeconds(), memBytes: memory.usedBytes() }),
    end: () => endAll(folders, killerOf(root, name)),
    remove: () => removeAll(folders),
  };
}

/** `cgroup.kill` where there is one, else the freezer, else nothing that is better than signals. */
function killerOf({ unified, freezer }: CgroupRoot, name: string): Killer | undefined {
  const atOnce = unified && killerV2(join(unified.folder, name));
  if (atOnce !== undefined || freezer === undefined) return atOnce;
  const folder = join(freezer.folder, name);
  return existsSync(folder) ? freezerV1(folder) : undefined;
}

async function endAll(folders: readonly string[], killer: Killer | undefined): Promise<boolean> {
  const members = (): readonly number[] => [...new Set(folders.flatMap(pidsIn))];
  const patience = AbortSignal.timeout(KILL_PATIENCE_MS);
  for (let pauseMs = 1; members().length > 0; pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX)) {
    if (patience.aborted) return false;
    try {
      await killer?.kill(members);
    } catch {
      // Somebody else ends this group too, and has removed it.
    }
    // Those that the killer has missed because they are in another hierarchy's group only.
    for (const pid of members()) kill(pid);
    await sleep(pauseMs);
  }
  return true;
}

async function removeAll(folders: readonly string[]): Promise<boolean> {
  const patience = AbortSignal.timeout(REMOVE_PATIENCE_MS);
  for (let pauseMs = 1; ; pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX))
    try {
      for (const folder of folders) removeTree(folder);
      return true;
    } catch (error) {
      if (!BUSY.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      if (patience.aborted) return false;
      await sleep(pauseMs);
    }
}

/** Removes a group and those in it. The files in a group go with it. */
function removeTree(folder: string): void {
  for (const name of subgroups(folder)) removeTree(join(folder, name));
  try {
    rmdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Who runs in a group or in one that is in it. */
function pidsIn(folder: string): readonly number[] {
  const own = readIfThere(join(folder, 'cgroup.procs')).split('\n').map(Number);
  const running = own.filter((pid) => {
    // Those of another process namespace are shown as 0.
    const entry = pid > 0 ? processEntry(pid) : undefined;
    return entry !== undefined && !isEnded(entry);
  });
  return [...running, ...subgroups(folder).flatMap((name) => pidsIn(join(folder, name)))];
}

function subgroups(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

const BYTES_PER_MIB = 1_048_576;

/** How a container's group is limited by what it holds. */
export interface Limits {
  /** `cpus` is a bound, not only a share. */
  readonly hasCpuQuota: boolean;
}

/**
 * Limits a group to what its container holds. Without `mem` its limit stays as it is. False if the limit of memory could not be
 * lowered yet.
 */
export function limitGroup(group: Group, resources: Resources, { hasCpuQuota }: Limits): boolean {
  const { cpus = 0, mem } = unreserved(resources);
  group.cpu.limit(cpus, hasCpuQuota);
  return mem === undefined || group.memory.limit(Math.ceil(mem * BYTES_PER_MIB));
}
