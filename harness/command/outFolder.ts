/** The folder that a user wants results in. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { usageError } from './exit.ts';

/** Its whole path; it need not be there. Throws a usage error if it is something else than a folder, or has no name. */
export function outFolder(name: string): string {
  if (name === '') throw usageError('--out is empty: name a folder for the results');
  const path = resolve(name);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === false)
    throw usageError(`--out: ${path} is no folder, and results need one`);
  return path;
}
