/** Control groups of containers in which nothing runs any more, and whose slave has not removed them. */
import { readdirSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { epochMs } from '../../infra/wallClock.ts';
import { hierarchies } from '../../mesos/isolation/hierarchies.ts';
import type { Leftover } from './leftover.ts';

/** The root group that slaves use if they are not told otherwise. */
const ROOT = 'mesos';
/** A group is empty for a moment after it was made, and before it is removed. */
const AGE_MIN_MS = 60_000;

/** Those that are empty since at least a minute. */
export function leftGroups(
  mounts: readonly string[] = hierarchies().map(({ mount }) => mount),
  nowMs = epochMs(),
): readonly Leftover[] {
  return [...new Set(mounts)].flatMap((mount) =>
    subgroups(join(mount, ROOT))
      .filter((folder) => isEmpty(folder) && nowMs - statSync(folder).mtimeMs > AGE_MIN_MS)
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

function removeGroup(folder: string): void {
  for (const inner of subgroups(folder)) removeGroup(inner);
  rmdirSync(folder);
}
