/** Whether a disk is full: a process that failed on one may have found no room for the reason. */
import { statfsSync } from 'node:fs';

/** What is told of such a process, beside how it ended. */
export const NO_SPACE = 'no space is left on the disk of its sandbox';

/** Has the disk that holds a folder no space left? Not if there is no such folder any more. */
export function isDiskFull(folder: string): boolean {
  try {
    return statfsSync(folder).bavail === 0;
  } catch {
    return false;
  }
}
