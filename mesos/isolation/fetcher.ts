/** Fetches what a command names into its sandbox: files of this machine or of web servers; archives are extracted. */
import { constants } from 'node:fs';
import { chmod, type FileHandle, lstat, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { isInside, type Uri } from '../protocol/entities.ts';
import { extract } from './archive.ts';
import { download, isWeb } from './download.ts';
import { writeNew } from './newFile.ts';

/** What to fetch, and how. */
export interface FetchOptions {
  readonly uris: readonly Uri[];
  readonly sandbox: string;
  readonly signal: AbortSignal;
  /** Longest file; default 4 GiB. */
  readonly bytesMax?: number;
  /** A server is given up that sends nothing for so long, in milliseconds; default a minute, as in Mesos. */
  readonly stallMs?: number;
}

const BYTES_MAX = 4 * 1024 ** 3;
const STALL_MS = 60_000;
const ALL_MAY_EXECUTE = 0o111;
/** Longest that a URI and what is wrong with it are told, in characters. */
const TOLD_LENGTH_MAX = 500;

/** Fetches one after the other. Rejects with a sentence that names the URI which cannot be fetched, and says why. */
export async function fetchAll(options: FetchOptions): Promise<void> {
  for (const [n, uri] of options.uris.entries())
    try {
      await fetchOne(uri, join(options.sandbox, `.fetched-${n}`), options);
    } catch (error) {
      const [name, why] = [uri.value, (error as Error).message].map((text) => text.slice(0, TOLD_LENGTH_MAX));
      throw new Error(`The URI '${name}' cannot be fetched: ${why}`, { cause: error });
    }
}

/** `temporary`: where it is until it is complete. */
async function fetchOne(uri: Uri, temporary: string, options: FetchOptions): Promise<void> {
  const { sandbox, signal } = options;
  signal.throwIfAborted();
  const source = sourceOf(uri.value);
  const name = uri.outputFile ?? source.name;
  if (!isInside(name))
    throw new Error(
      uri.outputFile === undefined
        ? 'it does not end with a name that a file may have; give it an output file'
        : `its output file '${name}' is not a path inside the sandbox`,
    );
  const target = join(sandbox, name);
  await makeFolders(sandbox, name.split('/').slice(0, -1));
  const bounded = boundedBy(options.bytesMax ?? BYTES_MAX);
  try {
    await writeNew(temporary, (file) => pipeline(source.read(options), bounded, file, { signal }));
    const { mode } = await stat(temporary);
    const executable = uri.executable ? ALL_MAY_EXECUTE : await source.executable();
    if (executable !== 0) await chmod(temporary, mode | executable);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
  if (!uri.executable && uri.extract !== false)
    await extract({ file: target, folder: sandbox, signal, bounded });
}

/** Where something comes from. */
interface Source {
  /** What it is called there. */
  readonly name: string;
  read(options: FetchOptions): AsyncIterable<Uint8Array>;
  /** Who may execute it there, as bits of a mode. */
  executable(): Promise<number>;
}

/** Reads a URI. Throws if it names nothing that can be fetched. */
function sourceOf(value: string): Source {
  if (value.startsWith('/')) return fileSource(value);
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol === 'file:') return fileSource(fileURLToPath(url));
  if (url === undefined || !isWeb(url))
    throw new Error('it is neither an absolute path nor a file, http or https URI');
  if (url.username !== '' || url.password !== '')
    throw new Error('it has a password in it, which is not supported');
  return {
    name: lastOf(url.pathname),
    read: ({ signal, stallMs = STALL_MS }) => download(url, { signal, stallMs }),
    executable: async () => 0,
  };
}

function fileSource(path: string): Source {
  return {
    name: lastOf(path),
    read: () => readFile(path),
    executable: async () => (await stat(path)).mode & ALL_MAY_EXECUTE,
  };
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

async function* readFile(path: string): AsyncGenerator<Uint8Array> {
  // A pipe would not open before somebody writes to it.
  const file: FileHandle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw new Error('it is not a file');
    yield* file.createReadStream({ autoClose: false });
  } finally {
    await file.close();
  }
}

/** Lets so many bytes through, and throws at the next. */
function boundedBy(bytesMax: number): (bytes: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array> {
  return async function* (bytes) {
    let count = 0;
    for await (const chunk of bytes) {
      count += chunk.length;
      if (count > bytesMax) throw new Error(`it is longer than ${bytesMax} bytes`);
      yield chunk;
    }
  };
}

/** Makes folders in the sandbox, one in the other. An archive may have put a link in the place of one, which is not followed. */
async function makeFolders(sandbox: string, names: readonly string[]): Promise<void> {
  let folder = sandbox;
  for (const name of names) {
    folder = join(folder, name);
    await mkdir(folder).catch(() => undefined);
    const isFolder = (await lstat(folder).catch(() => undefined))?.isDirectory();
    if (!isFolder) throw new Error(`the folder ${folder} cannot be made`);
  }
}
