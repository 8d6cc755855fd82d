/** Control groups of containers that nobody will remove any more: nothing runs in them, or the run that made them was killed. */
import { existsSync, readdirSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isGroupOfTheDead } from '../../infra/ownFolder.ts';
import { epochMs, pause } from '../../infra/wallClock.ts';
import { hierarchies } from '../../mesos/isolation/hierarchies.ts';
import { kill } from '../../mesos/isolation/processTable.ts';
import type { Leftover } from './leftover.ts';

/** The root group that slaves use if they are not told otherwise. */
const ROOT = 'mesos';
/** A group is empty for a moment after it was made, and before it is removed. */
const AGE_MIN_MS = 60_000;
/** How long to wait until killed processes have ended, and how long between two looks. */
const END_LIMIT_MS = 10_000;
const PAUSE_MS = 20;

/** Those that are empty since at least a minute, and those of runs whose process has ended. */
export function leftGroups(
  mounts: readonly string[] = mountsOfGroups(),
  nowMs = epochMs(),
): readonly Leftover[] {
  return [...emptyGroups(mounts, nowMs), ...groupsOfTheDead(mounts)];
}

/** Root groups that are named after a process that has ended, with all that is in them. */
export function groupsOfTheDead(mounts: readonly string[] = mountsOfGroups()): readonly Leftover[] {
  return mounts.flatMap((mount) =>
    subgroups(mount)
      .filter((folder) => isGroupOfTheDead(basename(folder)) && isOurs(folder))
      .map(
        (folder): Leftover => ({
          kind: 'control group',
          what: folder,
          why: 'the process that it is named after has ended',
          remove: () => endGroup(folder),
        }),
      ),
  );
}

function isOurs(folder: string): boolean {
  return statSync(folder, { throwIfNoEntry: false })?.uid === process.getuid?.();
}

const mountsOfGroups = (): readonly string[] => [...new Set(hierarchies().map(({ mount }) => mount))];

function emptyGroups(mounts: readonly string[], nowMs: number): readonly Leftover[] {
  return mounts.flatMap((mount) =>
    subgroups(join(mount, ROOT))
      .filter((folder) => isEmpty(folder) && nowMs - changedMs(folder, nowMs) > AGE_MIN_MS)
      .map(
        (folder): Leftover => ({
          kind: 'control group',
          what: folder,
          why: 'nothing runs in it',
          remove: async () => removeGroup(folder),
        }),
      ),
  );
}

/** If it is gone meanwhile, just now. */
function changedMs(folder: string, nowMs: number): number {
  return statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? nowMs;
}

function subgroups(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(folder, name));
  } catch {
    return [];
  }
}

function isEmpty(folder: string): boolean {
  try {
    return (
      readFileSync(join(folder, 'cgroup.procs'), 'utf8').trim() === '' && subgroups(folder).every(isEmpty)
    );
  } catch {
    return false;
  }
}

/** Kills what runs in a group, and removes it when that has ended; others may do so at the same time. */
async function endGroup(folder: string): Promise<void> {
  const patience = AbortSignal.timeout(END_LIMIT_MS);
  while (existsSync(folder))
    try {
      for (const pid of processesOf(folder)) kill(pid);
      removeGroup(folder);
    } catch (error) {
      if (patience.aborted) throw error;
      await pause(PAUSE_MS, patience).catch(() => {});
    }
}

function processesOf(folder: string): readonly number[] {
  const own = readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  return [...own, ...subgroups(folder).flatMap(processesOf)];
}

function removeGroup(folder: string): void {
  for (const inner of subgroups(folder)) removeGroup(inner);
  rmdirSync(folder);
}
