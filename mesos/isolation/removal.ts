/** Removal of a folder whose content may be of ill will. */
import { constants } from 'node:fs';
import { chmod, type FileHandle, lstat, open, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Opens even what may not be read. Node does not name it; it is the same on all Linux machines that Node runs on. */
const O_PATH = 0o10_000_000;
/** Deeper folders are moved up: each level on the way down holds a file open. */
const DEPTH_MAX = 64;

/** How often to begin anew when somebody fills a folder while it is emptied. */
const ROUNDS_MAX = 100;
/** What system calls say when a folder has become something else, or is not empty any more. */
const CHANGED = ['ENOENT', 'ENOTEMPTY', 'ENOTDIR', 'EISDIR', 'ELOOP'];

/**
 * Removes a folder and all that is in it, and nothing else, even if somebody puts links in the place of folders meanwhile: every
 * folder is opened without following links, and what is in it is reached through the open folder and not by its path. The folder
 * that holds it must be trusted. Does nothing if it is not there. Fails if somebody keeps on filling it.
 */
export async function removeFolder(folder: string): Promise<void> {
  const above = await openFolder(dirname(folder));
  if (above === undefined) return;
  const path = join(pathOf(above), basename(folder));
  try {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      await removeEntry(path, undefined, 0);
      if ((await lstat(path).catch(() => undefined)) === undefined) return;
    }
    throw new Error('somebody keeps on filling it');
  } finally {
    await above.close();
  }
}

/** Removes what a name of an open folder stands for, unless that changes meanwhile. */
async function removeEntry(path: string, top: FileHandle | undefined, depth: number): Promise<void> {
  const folder = await openFolder(path);
  if (folder === undefined) return unlessChanged(() => unlink(path));
  try {
    if (top !== undefined && depth > DEPTH_MAX) {
      // Its own number tells it from all others.
      const { ino } = await folder.stat();
      return await unlessChanged(() => rename(path, join(pathOf(top), `.${ino}-${depth}`)));
    }
    await makeReadable(folder);
    const own = pathOf(folder);
    let names = await readdir(own);
    for (let round = 0; names.length > 0 && round < ROUNDS_MAX; round++) {
      for (const name of names) await removeEntry(join(own, name), top ?? folder, depth + 1);
      names = await readdir(own);
    }
  } finally {
    await folder.close();
  }
  await unlessChanged(() => rmdir(path));
}

/** A folder, as something to reach its content through. Undefined if it is not there, or is something else, as a link to one. */
async function openFolder(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return undefined;
    throw error;
  }
}

function pathOf({ fd }: FileHandle): string {
  return `/proc/self/fd/${fd}`;
}

const OWNER_ALL = 0o700;

async function makeReadable(folder: FileHandle): Promise<void> {
  const { mode } = await folder.stat();
  if ((mode & OWNER_ALL) !== OWNER_ALL) await chmod(pathOf(folder), OWNER_ALL);
}

async function unlessChanged(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!CHANGED.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
