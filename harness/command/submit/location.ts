/** Where input is and output goes: on this machine, or in the block store. */
import { type Dirent, globSync, readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { usageError } from '../exit.ts';

/** A place that a command line names. */
export type Location =
  | { readonly is: 'local'; readonly path: string }
  /** In the block store; `namenode` if it names one. */
  | { readonly is: 'dfs'; readonly path: string; readonly namenode?: string };

/** Reads `dfs:/path`, `dfs://HOST:PORT/path`, or a path of this machine. */
export function readLocation(flag: string, text: string): Location {
  if (text === '') throw usageError(`${flag} must be a path, or dfs:/path`);
  if (!text.startsWith('dfs:')) return { is: 'local', path: text };
  const [, namenode, path] = /^dfs:(?:\/\/([^/]+:\d+))?(\/.*)$/.exec(text) ?? [];
  if (path === undefined || path.startsWith('//'))
    throw usageError(`${flag} must be dfs:/path or dfs://HOST:PORT/path, not '${text}'`);
  return { is: 'dfs', path, ...(namenode !== undefined && { namenode }) };
}

/** A place as it is written. */
export function locationText(location: Location): string {
  if (location.is === 'local') return location.path;
  return location.namenode === undefined
    ? `dfs:${location.path}`
    : `dfs://${location.namenode}${location.path}`;
}

/** A file of this machine. */
export interface LocalFile {
  readonly path: string;
  readonly bytes: number;
}

/**
 * The files that a path of this machine means: a file; all in a folder, as Hadoop has it: not in folders in it, and none whose
 * name begins with `_` or `.`; or those that a pattern such as `logs/*.txt` fits. In the order of their names.
 */
export function localFiles(path: string): readonly LocalFile[] {
  let entry: Stats | undefined;
  try {
    entry = statSync(path);
  } catch (error) {
    if (!/[*?[{]/.test(path)) throw unreadable(path, error);
  }
  if (entry?.isFile()) return [{ path, bytes: entry.size }];
  if (entry?.isDirectory() === false)
    throw usageError(
      `the input ${path} is neither a file nor a folder: write what comes from it to a file first`,
    );
  const names = entry === undefined ? fitting(path) : inFolder(path);
  const files = names.sort().map((name) => ({ path: name, bytes: statSync(name).size }));
  if (files.length === 0)
    throw usageError(`there is no input: ${path} ${entry ? 'has no files in it' : 'fits no file'}`);
  return files;
}

function fitting(pattern: string): string[] {
  return globSync(pattern).filter(isFile);
}

function inFolder(path: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch (error) {
    throw unreadable(path, error);
  }
  return entries
    .filter(({ name }) => !/^[_.]/.test(name))
    .map(({ name }) => join(path, name))
    .filter(isFile);
}

/** Not what a link leads to that is not there. */
const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

function unreadable(path: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  return usageError(
    code === 'ENOENT'
      ? `there is no input: ${path} does not exist`
      : `the input ${path} cannot be read: ${message}`,
  );
}
