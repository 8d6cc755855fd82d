/** A folder where a user wants it. */
import { closeSync, existsSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Makes a folder and those that lead to it, unless it is there. Throws the error of the file system. Node's own `recursive` tries for ever
 * in `/proc`, and says that nothing is there of a disk that is read-only.
 */
export function makeFolder(path: string, mode = 0o777): void {
  if (isFolder(path)) return;
  if (!existsSync(dirname(path))) makeFolder(dirname(path), mode);
  try {
    mkdirSync(path, mode);
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!isFolder(path)) throw error;
  }
}

/**
 * Makes a file in a folder and removes it: what rights say is not all, on a disk that is read-only or in /proc. Throws the error of the file
 * system.
 */
export function tryOut(folder: string): void {
  const path = join(folder, `.trial-${process.pid}`);
  closeSync(openSync(path, 'w', 0o600));
  rmSync(path);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
