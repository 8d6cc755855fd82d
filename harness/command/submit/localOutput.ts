/** A job's output in a folder of this machine, as Hadoop writes it: `part-r-00000` and so on, and `_SUCCESS` when all is there. */
import { createWriteStream, existsSync, readdirSync, statSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { makeFolder, tryOut } from '../../folder.ts';
import { infrastructureError, usageError } from '../exit.ts';
import { checkEarlier, WHOLE } from './earlierOutput.ts';

/** A part. */
export interface Part {
  readonly name: string;
  read(): AsyncIterable<Buffer>;
}

/**
 * Throws unless an output may and can be written there: nothing may be there but an empty folder or, with `overwrite`, another output.
 */
export function checkOutput(path: string, overwrite: boolean): void {
  checkPlace(path, overwrite);
  let folder = dirname(resolve(path));
  while (!existsSync(folder)) folder = dirname(folder);
  try {
    tryOut(folder);
  } catch (error) {
    throw usageError(`the output ${path} cannot be written: ${(error as Error).message}`);
  }
}

function checkPlace(path: string, overwrite: boolean): void {
  let names: readonly string[];
  try {
    if (!statSync(path).isDirectory())
      throw usageError(`the output ${path} is there already, and is no folder`);
    names = readdirSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    throw code === undefined ? error : usageError(`the output ${path} cannot be written: ${message}`);
  }
  checkEarlier(path, names, overwrite);
}

/**
 * Writes all parts. The folder appears whole, or not at all. Rejects with a CommandError if the disk is full, or something has
 * come in the way.
 */
export async function writeOutput(
  path: string,
  parts: readonly Part[],
  how: { readonly overwrite: boolean; readonly signal: AbortSignal },
): Promise<void> {
  const target = resolve(path);
  const unfinished = join(dirname(target), `.${basename(target)}.unfinished-${process.pid}`);
  try {
    makeFolder(unfinished);
    for (const { name, read } of parts)
      await pipeline(Readable.from(read()), createWriteStream(join(unfinished, name)), {
        signal: how.signal,
      });
    await writeFile(join(unfinished, WHOLE), '');
    checkPlace(path, how.overwrite);
    if (how.overwrite) await rm(target, { recursive: true, force: true });
    await rename(unfinished, target);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (typeof code !== 'string' || !/^E[A-Z]+$/.test(code)) throw error;
    const why = code === 'ENOSPC' ? 'the disk is full' : message;
    throw infrastructureError(`the output ${path} cannot be written: ${why}`, error);
  } finally {
    await rm(unfinished, { recursive: true, force: true }).catch(() => {});
  }
}
