/** A file of this machine that is there whole or not at all. */
import { randomBytes } from 'node:crypto';
import { type FileHandle, lstat, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from '../folder.ts';

type Fill = (file: FileHandle) => Promise<void>;

/**
 * Writes a file, or what a link leads to, and the folders that lead to it; one that is there stays as it is until the new one is
 * whole, so that what is there after a crash can be trusted. Of several that write it at the same time the last one counts. What is no
 * file, such as a device or a pipe, is written to as it comes. Rejects with what `content` rejects with, or the error of the file system.
 */
export async function writeWhole(path: string, content: string | Fill): Promise<void> {
  const fill: Fill = typeof content === 'string' ? (file) => file.appendFile(content) : content;
  if (await isOtherThanFile(path)) return writeTo(path, 'w', fill);
  const target = (await isLink(path)) ? await realpath(path) : path;
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}`);
  makeFolder(dirname(target));
  try {
    await writeTo(temporary, 'wx', fill);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writeTo(path: string, flags: 'w' | 'wx', fill: Fill): Promise<void> {
  const file = await open(path, flags);
  await fill(file).finally(() => file.close());
}

/** Is there something, and is it no file, also at the end of a link? */
async function isOtherThanFile(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => !info.isFile(),
    () => false,
  );
}

async function isLink(path: string): Promise<boolean> {
  return lstat(path).then(
    (info) => info.isSymbolicLink(),
    () => false,
  );
}
