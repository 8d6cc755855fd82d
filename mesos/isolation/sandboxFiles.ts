/**
 * The files in sandboxes, for those who may look at them from outside. Executors can change their sandboxes at any moment, and so
 * make any path lead anywhere: what was opened is looked at once more before anything of it is told.
 */
import { constants, realpathSync, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, opendir, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { LATEST } from './sandbox.ts';

/** What cannot be looked at, and why. */
export class FileTrouble extends Error {
  readonly is: 'missing' | 'outside' | 'not a file' | 'not a folder';

  constructor(is: FileTrouble['is'], message: string) {
    super(message);
    this.is = is;
  }
}

/** A path that leads into a sandbox, or to one. */
interface SandboxPath {
  /** The folder of its executor's sandboxes. */
  readonly runs: string;
  /** The sandbox's name: that of the container, or `latest`. */
  readonly sandbox: string;
  /** The path in the file system, as long as no link is in the way. */
  readonly file: string;
}

/** A file that is open. */
export interface OpenFile {
  readonly containerId: string;
  readonly handle: FileHandle;
  readonly sizeBytes: number;
}

/** Something in a folder. */
export interface FolderEntry {
  readonly name: string;
  /** Of what a link leads to, if that is in the sandbox. */
  readonly stats: Stats;
}

/** Entries of a folder that are listed, unless it is said otherwise. */
export const ENTRIES_MAX = 10_000;

const { O_RDONLY, O_NONBLOCK, O_NOCTTY, O_NOFOLLOW } = constants;
/** Nothing of a sandbox may keep us waiting, or become our terminal. */
const FLAGS = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW;

/** The sandboxes of a work folder. */
export interface SandboxFiles {
  /** Opens a file. Throws a {@link FileTrouble}. Whoever is given it closes it. */
  open(path: string): Promise<OpenFile>;
  /** What is in a folder, by name, or a part of it if there is too much. Throws a {@link FileTrouble}. */
  list(path: string): Promise<{ readonly entries: readonly FolderEntry[]; readonly isWhole: boolean }>;
}

/** Finds the sandboxes of a work folder, which must be there. Paths may name it as here, or without links. */
export function sandboxFiles(workDir: string, entriesMax = ENTRIES_MAX): SandboxFiles {
  const real = realpathSync(workDir);
  const parsed = (path: string): SandboxPath => parsePath(path, [workDir, real], real);
  return {
    async open(path) {
      const own = parsed(path);
      const { handle, containerId } = await openInside(own);
      return closingOnError(handle, async () => {
        const stats = await handle.stat();
        if (!stats.isFile()) throw new FileTrouble('not a file', `${path} is not a file`);
        return { containerId, handle, sizeBytes: stats.size };
      });
    },
    async list(path) {
      const own = parsed(path);
      const { handle } = await openInside(own);
      try {
        if (!(await handle.stat()).isDirectory())
          throw new FileTrouble('not a folder', `${path} is not a folder`);
        return await entriesOf(handle, own, entriesMax);
      } finally {
        await handle.close();
      }
    },
  };
}

/** slaves / ID / frameworks / ID / executors / ID / runs / ID / …; see `sandboxOf`. */
const LAYOUT = ['slaves', undefined, 'frameworks', undefined, 'executors', undefined, 'runs', undefined];

/** Reads a path by its letters alone. Throws a {@link FileTrouble} if it leads to no sandbox. */
function parsePath(path: string, workDirs: readonly string[], real: string): SandboxPath {
  const missing = new FileTrouble('missing', `There is no sandbox at ${path.slice(0, 500)}`);
  const workDir = workDirs.find((one) => path.startsWith(`${one}/`));
  if (workDir === undefined || path.includes('\0')) throw missing;
  const names = path
    .slice(workDir.length)
    .split('/')
    .filter((name) => name !== '');
  const isSandbox = LAYOUT.every((name, n) => (name ?? names[n]) === names[n] && names[n] !== undefined);
  if (!isSandbox || names.some((name) => name === '.' || name === '..')) throw missing;
  const runs = join(real, ...names.slice(0, LAYOUT.length - 1));
  return { runs, sandbox: names[LAYOUT.length - 1] as string, file: join(real, ...names) };
}

/**
 * Opens what is in a sandbox. It is not opened if it leads elsewhere, as far as can be seen before; and where it did lead is known
 * for certain only when it is open.
 */
async function openInside(path: SandboxPath): Promise<Pick<OpenFile, 'handle' | 'containerId'>> {
  try {
    const resolved = await realpath(path.file);
    containerOf(resolved, path);
    const handle = await open(resolved, FLAGS);
    return await closingOnError(handle, async () => ({
      handle,
      containerId: containerOf(await readlink(`/proc/self/fd/${handle.fd}`), path),
    }));
  } catch (error) {
    throw troubleOf(error, path.file);
  }
}

/** In whose sandbox it is where a path leads to, links followed. Throws a {@link FileTrouble} unless it is the one that was named. */
function containerOf(resolved: string, { runs, sandbox, file }: SandboxPath): string {
  const [containerId = ''] = resolved.startsWith(`${runs}/`)
    ? resolved.slice(runs.length + 1).split('/')
    : [];
  if (containerId !== '' && (containerId === sandbox || sandbox === LATEST)) return containerId;
  throw new FileTrouble('outside', `${file} leads out of its sandbox`);
}

function troubleOf(error: unknown, file: string): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ELOOP':
    case 'ENAMETOOLONG':
      return new FileTrouble('missing', `There is nothing at ${file.slice(0, 500)}`);
    case 'EACCES':
    case 'EPERM':
      return new FileTrouble('outside', `${file} is not for this slave to read`);
    // A socket, or a device that nothing is behind.
    case 'ENXIO':
    case 'ENODEV':
      return new FileTrouble('not a file', `${file} is not a file`);
    default:
      return error;
  }
}

async function closingOnError<T>(handle: FileHandle, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** By way of the open folder: its path may lead elsewhere by now. */
async function entriesOf(
  folder: FileHandle,
  path: SandboxPath,
  entriesMax: number,
): Promise<{ readonly entries: readonly FolderEntry[]; readonly isWhole: boolean }> {
  const at = `/proc/self/fd/${folder.fd}`;
  const entries: FolderEntry[] = [];
  let isWhole = true;
  for await (const { name } of await opendir(at)) {
    if (entries.length === entriesMax) {
      isWhole = false;
      break;
    }
    const stats = await lstat(join(at, name)).catch(() => undefined);
    if (stats === undefined) continue;
    entries.push({ name, stats: stats.isSymbolicLink() ? ((await targetOf(path, name)) ?? stats) : stats });
  }
  return { entries: entries.toSorted((a, b) => (a.name < b.name ? -1 : 1)), isWhole };
}

/** What a link leads to; undefined if that is not in the sandbox. */
async function targetOf(path: SandboxPath, name: string): Promise<Stats | undefined> {
  try {
    const { handle } = await openInside({ ...path, file: join(path.file, name) });
    const stats = await handle.stat();
    await handle.close();
    return stats;
  } catch {
    return undefined;
  }
}
