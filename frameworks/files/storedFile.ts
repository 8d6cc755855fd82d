/** The files that a node keeps: their names, their place on disk, and what stands beside them. */

import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Beside } from './beside.ts';

/**
 * The path of a file, as in URLs: `blocks/ID`, `intermediate/SPACE/JOB/NAME` (map outputs) or
 * `output/SPACE/JOB/NAME` (parts). SPACE is one framework's, see {@link spaceOf}.
 */
export type StoredPath = string;

/**
 * One step of a path. It cannot begin with a dot, so that nothing leads out of the folder or to a file beside
 * another.
 */
const STEP = /^[A-Za-z0-9][A-Za-z0-9._-]{0,159}$/;
/** How many steps lead to a file, by the first. */
const DEPTHS: ReadonlyMap<string, number> = new Map([
  ['blocks', 2],
  ['intermediate', 4],
  ['output', 4],
]);

/** How many steps, at most, lead from there to a folder that may be removed. */
const FOLDER_DEPTHS: ReadonlyMap<string, number> = new Map([
  ['intermediate', 2],
  ['output', 2],
  ['unfinished', 1],
]);

/** Is this the path of a file? */
export function isFilePath(path: string): boolean {
  const steps = path.split('/');
  return DEPTHS.get(steps[0] ?? '') === steps.length && steps.every((step) => STEP.test(step));
}

/**
 * Is this the path of a folder that may be removed whole? That of a framework or a job, or
 * `unfinished/SPACE`, what the running tasks of a framework write.
 */
export function isFolderPath(path: string): boolean {
  const [area = '', ...steps] = path.split('/');
  const most = FOLDER_DEPTHS.get(area) ?? 0;
  return steps.length >= 1 && steps.length <= most && steps.every((step) => STEP.test(step));
}

/** The name of a framework's own space among the files, made from its id. */
export function spaceOf(frameworkId: string): string {
  const name = frameworkId.replace(/[^A-Za-z0-9._-]/g, '-');
  return `f${name}`.slice(0, 128);
}

/** Path of the output of a map; of an attempt that is not the first, by its name. */
export function mapOutputPath(space: string, jobId: string, map: number, attempt?: string): StoredPath {
  return `intermediate/${space}/${jobId}/m-${map}${attempt === undefined ? '' : `.${attempt}`}`;
}

/** Path of a part of a job's output. */
export function partPath(space: string, jobId: string, part: string): StoredPath {
  return `output/${space}/${jobId}/${part}`;
}

/**
 * The folder for uploads that are not complete; on the same file system as the rest, so that a rename moves
 * them.
 */
export function uploadDir(dir: string): string {
  return join(dir, 'uploads');
}

/** Where the facts about a file stand. */
function besidePath(file: string): string {
  return join(dirname(file), `.${file.slice(dirname(file).length + 1)}.json`);
}

/** The files that a block consists of below the folder of its node, by their paths: the last one makes it whole. */
export function filesOfBlock(
  id: string,
  bytes: Uint8Array,
  crc32: number,
): readonly (readonly [path: string, content: Uint8Array | string])[] {
  const path = `blocks/${id}`;
  const beside: Beside = { type: 'crc32', crc32 };
  return [
    [besidePath(path), JSON.stringify(beside)],
    [path, bytes],
  ];
}

/** Makes a complete temporary file the stored file of that path, at once; an older one is replaced. */
export async function publish(
  dir: string,
  temporary: string,
  path: StoredPath,
  beside: Beside,
): Promise<void> {
  const file = join(dir, path);
  await mkdir(dirname(file), { recursive: true });
  const besideTemporary = `${temporary}.json`;
  try {
    await writeFile(besideTemporary, JSON.stringify(beside));
    await rename(besideTemporary, besidePath(file));
  } catch (error) {
    await rm(besideTemporary, { force: true });
    throw error;
  }
  await rename(temporary, file);
}

/** A stored file, found. */
export interface StoredFile {
  readonly file: string;
  readonly bytes: number;
  readonly beside: Beside;
}

/** Is it the process that lacks something? Then the error tells nothing of the file. */
export function isForWantOfDescriptors(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return code === 'EMFILE' || code === 'ENFILE';
}

/** Finds a stored file; undefined if there is none, or nothing is known of it. Rejects if too many files are open to tell. */
export async function findStored(dir: string, path: StoredPath): Promise<StoredFile | undefined> {
  const file = join(dir, path);
  // Threads of tasks are many, and most never look: they do without the schemas.
  const { readBeside } = await import('./beside.ts');
  try {
    const [{ size }, text] = await Promise.all([stat(file), readFile(besidePath(file), 'utf8')]);
    return { file, bytes: size, beside: readBeside(text) };
  } catch (error) {
    if (isForWantOfDescriptors(error)) throw error;
    return undefined;
  }
}

/** Gives a stored file a second path, without copying. Resolves to what it is; undefined if there is no file with one checksum. */
export async function linkStored(
  dir: string,
  from: StoredPath,
  to: StoredPath,
): Promise<{ readonly bytes: number; readonly crc32: number } | undefined> {
  const stored = await findStored(dir, from);
  if (stored?.beside.type !== 'crc32') return undefined;
  const temporary = join(uploadDir(dir), `link-${randomBytes(12).toString('hex')}`);
  await mkdir(uploadDir(dir), { recursive: true });
  try {
    await link(stored.file, temporary);
    await publish(dir, temporary, to, stored.beside);
  } finally {
    // To rename a link to another one of the same file does nothing.
    await rm(temporary, { force: true });
  }
  return { bytes: stored.bytes, crc32: stored.beside.crc32 };
}

/** Removes a stored file or folder, if it is there. */
export async function removeStored(dir: string, path: StoredPath): Promise<void> {
  const target = join(dir, path);
  await rm(target, { recursive: true, force: true });
  await rm(besidePath(target), { force: true });
}
