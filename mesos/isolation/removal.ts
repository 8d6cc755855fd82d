/** Removal of a folder whose content may be of ill will. */
import { constants } from 'node:fs';
import { chmod, type FileHandle, open, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Opens even what may not be read. Node does not name it; it is the same on all Linux machines that Node runs on. */
const O_PATH = 0o10_000_000;
/** Deeper folders are moved up: each level on the way down holds a file open. */
const DEPTH_MAX = 64;

/**
 * Removes a folder and all that is in it, and nothing else, even if somebody puts links in the place of folders meanwhile: every
 * folder is opened without following links, and what is in it is reached through the open folder and not by its path. The folder
 * that holds it must be trusted. Does nothing if it is not there.
 */
export async function removeFolder(folder: string): Promise<void> {
  const above = await openFolder(dirname(folder));
  if (above === undefined) return;
  try {
    await removeEntry(above, basename(folder), undefined, 0);
  } finally {
    await above.close();
  }
}

async function removeEntry(
  above: FileHandle,
  name: string,
  top: FileHandle | undefined,
  depth: number,
): Promise<void> {
  const path = join(pathOf(above), name);
  const folder = await openFolder(path);
  if (folder === undefined) return ignoring('ENOENT', () => unlink(path));
  try {
    if (top !== undefined && depth > DEPTH_MAX) {
      // Its own number tells it from all others.
      const { ino } = await folder.stat();
      return await rename(path, join(pathOf(top), `.${ino}-${depth}`));
    }
    await makeReadable(folder);
    for (let names = await readdir(pathOf(folder)); names.length > 0; names = await readdir(pathOf(folder)))
      for (const each of names) await removeEntry(folder, each, top ?? folder, depth + 1);
  } finally {
    await folder.close();
  }
  await ignoring('ENOENT', () => rmdir(path));
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

async function ignoring(code: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== code) throw error;
  }
}
