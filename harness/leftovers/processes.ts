/** Processes that work in a folder that is left or is gone: those of runs that were torn down without them. */
import { readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isEnded, kill, processes } from '../../mesos/isolation/processTable.ts';
import type { Leftover } from './leftover.ts';

/** What Linux appends to the path of a folder that was removed while somebody was in it. */
const REMOVED = ' (deleted)';

/** Processes in one of these folders, or in a folder of ours that was removed. */
export function leftProcesses(leftFolders: readonly string[]): readonly Leftover[] {
  const ours = `${tmpdir()}/mesos-lab-`;
  return processes().flatMap((entry): readonly Leftover[] => {
    if (entry.pid === process.pid || isEnded(entry)) return [];
    const folder = workingFolder(entry.pid);
    const isRemoved = folder.endsWith(REMOVED) && folder.startsWith(ours);
    if (!isRemoved && !leftFolders.some((left) => folder === left || folder.startsWith(`${left}/`)))
      return [];
    return [
      {
        kind: 'process',
        what: String(entry.pid),
        why: `it works in ${folder}`,
        remove: async () => kill(entry.pid),
      },
    ];
  });
}

/** Empty if one may not know. */
function workingFolder(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}
