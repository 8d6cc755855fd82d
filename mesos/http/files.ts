/** The files of sandboxes: `/files/…`, with the paths and answers of Apache Mesos; `/files/follow` is this system's own. */
import { fileOwners } from '../isolation/fileOwners.ts';
import { ENTRIES_MAX, FileTrouble, type OpenFile, type SandboxFiles } from '../isolation/sandboxFiles.ts';
import type { SlaveWindow } from '../slave/window.ts';
import { requireGet } from './calls.ts';
import { type Answer, type Endpoint, jsonFor, Refusal, type Request, UNTRUSTED } from './exchange.ts';
import { followedFile, wholeFile } from './filePieces.ts';
import { fileName, modeText, textOf } from './fileTexts.ts';

/** What the endpoints need. */
export interface FilesOptions {
  readonly files: SandboxFiles;
  readonly workDir: string;
  readonly window: () => SlaveWindow | undefined;
}

/** Something in a folder, as it is told of. */
export interface FileEntry {
  /** The folder's, as it was asked for, and the name. */
  readonly path: string;
  readonly nlink: number;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  /** As `stat` has it. */
  readonly mode: number;
  readonly user: string;
  readonly group: string;
}

/** A part of a file. */
export interface FilePart {
  /** Where it begins; the end of the file, if what was asked for lies behind it. */
  readonly offset: number;
  readonly bytes: Buffer;
  readonly sizeBytes: number;
}

/** Most that is read at a time; as in Mesos. */
const READ_BYTES_MAX = 64 << 10;
/** Files that are sent or followed at a time. */
const STREAMS_MAX = 256;
/** Files over HTTP. */
export interface Files {
  /** By path. */
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  /** Lists a folder. Throws a {@link Refusal}. */
  list(path: string): Promise<{ readonly entries: readonly FileEntry[]; readonly isWhole: boolean }>;
  /** Reads a part of a file; `offset` undefined: its end, `length` undefined: as much as may be. Throws a {@link Refusal}. */
  read(path: string, offset: number | undefined, length: number | undefined): Promise<FilePart>;
}

/** Makes the endpoints. */
export function files(options: FilesOptions): Files {
  const { files: sandboxes, window } = options;
  let streams = 0;

  const list: Files['list'] = async (path) => {
    const { entries, isWhole } = await refusingTrouble(() => sandboxes.list(realPath(path, options)));
    const owners = fileOwners();
    const folder = path.replace(/\/+$/, '');
    return {
      isWhole,
      entries: entries.map(({ name, stats }) => ({
        path: `${folder}/${name}`,
        nlink: stats.nlink,
        sizeBytes: stats.size,
        mtimeMs: stats.mtimeMs,
        mode: stats.mode,
        user: owners.user(stats.uid),
        group: owners.group(stats.gid),
      })),
    };
  };

  const open = (path: string): Promise<OpenFile> =>
    refusingTrouble(() => sandboxes.open(realPath(path, options)));

  const read: Files['read'] = async (path, wanted, length = READ_BYTES_MAX) => {
    const { handle, sizeBytes } = await open(path);
    try {
      const offset = wanted === undefined ? sizeBytes : Math.min(wanted, sizeBytes);
      const size = Math.min(length, READ_BYTES_MAX, sizeBytes - offset);
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(size), 0, size, offset);
      return { offset, bytes: buffer.subarray(0, bytesRead), sizeBytes };
    } finally {
      await handle.close();
    }
  };

  /** Opens a file that is sent piece by piece. */
  async function begin(path: string): Promise<OpenFile & { readonly closed: () => void }> {
    if (streams >= STREAMS_MAX)
      throw new Refusal(
        503,
        `${STREAMS_MAX} files are being sent or followed; close some, or try again later`,
      );
    streams++;
    const closed = (): void => void streams--;
    try {
      return { ...(await open(path)), closed };
    } catch (error) {
      closed();
      throw error;
    }
  }

  const endpoints: readonly (readonly [string, Endpoint])[] = [
    [
      '/files/browse',
      async (request) => {
        const { entries, isWhole } = await list(pathOf(request));
        const answer = jsonFor(request, entries.map(entryJson));
        return isWhole ? answer : { ...answer, headers: { ...answer.headers, ...CUT } };
      },
    ],
    [
      '/files/read',
      async (request) => {
        const wanted = numberOf(request, 'offset');
        const part = await read(pathOf(request), wanted, numberOf(request, 'length'));
        return jsonFor(request, { offset: part.offset, ...textOf(part.bytes) });
      },
    ],
    [
      '/files/download',
      async (request) => {
        const path = pathOf(request);
        const { handle, sizeBytes, closed } = await begin(path);
        return {
          pieces: wholeFile(handle, sizeBytes, closed),
          headers: {
            ...UNTRUSTED,
            'Content-Type': 'application/octet-stream',
            'Content-Length': `${sizeBytes}`,
            'Content-Disposition': `attachment; ${fileName(path)}`,
          },
        };
      },
    ],
    [
      '/files/follow',
      async (request) => {
        const slave = window();
        if (slave === undefined) throw new Refusal(503, 'Agent has not finished recovery');
        const wanted = request.query.has('offset') ? numberOf(request, 'offset') : 0;
        const { handle, sizeBytes, containerId, closed } = await begin(pathOf(request));
        const offset = Math.min(wanted ?? sizeBytes, sizeBytes);
        const isOver = (): boolean => !isWritten(containerId, slave);
        return {
          pieces: followedFile(handle, { clock: slave.clock, offset, isOver, closed }),
          headers: { ...UNTRUSTED, 'Content-Type': 'text/plain; charset=utf-8' },
        };
      },
    ],
  ];
  return { endpoints: new Map(endpoints.map(([path, endpoint]) => [path, reading(endpoint)])), list, read };
}

const CUT = { 'Mesos-Lab-Entries-Max': `${ENTRIES_MAX}` };

function reading(endpoint: Endpoint): Endpoint {
  return (request): Answer | Promise<Answer> => {
    requireGet(request);
    return endpoint(request);
  };
}

/** Does the executor of a container live, and may write to its files? */
function isWritten(containerId: string, { executors }: SlaveWindow): boolean {
  for (const executor of executors) if (executor.containerId === containerId) return true;
  return false;
}

/** Sandboxes have a shorter name as well, without the work folder and the slave: `/frameworks/…`. */
function realPath(path: string, { workDir, window }: FilesOptions): string {
  const id = window()?.info.id;
  return /^\/?frameworks\//.test(path) && id !== undefined
    ? `${workDir}/slaves/${id}/${path.replace(/^\//, '')}`
    : path;
}

async function refusingTrouble<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof FileTrouble)) throw error;
    switch (error.is) {
      case 'missing':
        throw new Refusal(404, error.message);
      case 'outside':
        throw new Refusal(403, error.message);
      case 'not a file':
      case 'not a folder':
        throw new Refusal(400, error.message);
      default:
        throw error.is satisfies never;
    }
  }
}

function pathOf({ query }: Request): string {
  const path = query.get('path');
  if (path === null || path === '') throw new Refusal(400, "Expecting 'path=value' in query.\n");
  return path;
}

/** Undefined if it is not given, or -1. */
function numberOf({ query }: Request, name: 'offset' | 'length'): number | undefined {
  const given = query.get(name);
  if (given === null || given === '-1') return undefined;
  const value = Number(given);
  if (!/^\d+$/.test(given) || !Number.isSafeInteger(value))
    throw new Refusal(
      400,
      `Failed to parse ${name}: '${given.slice(0, 40)}' is not a whole number, nor -1.\n`,
    );
  return value;
}

function entryJson({ path, nlink, sizeBytes, mtimeMs, mode, user, group }: FileEntry): object {
  return { path, size: sizeBytes, nlink, mtime: mtimeMs / 1000, mode: modeText(mode), uid: user, gid: group };
}
