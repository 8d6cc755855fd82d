/** A machine's files, as its daemon serves them: read anywhere its user may, written only in the machine's folder. */
import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import {
  access,
  chmod,
  copyFile,
  type FileHandle,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rm,
} from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { CHUNK_BYTES } from './protocol.ts';

/** The files of a machine with this folder and this store. Errors are one sentence. */
export interface MachineFiles {
  /** The content of a file in pieces. Fails before the first of them if it has more bytes than that. */
  read(path: string, bytesMax?: number): AsyncGenerator<Buffer>;
  /** Writes a file whole, for this user's eyes only, if its content has that hash. */
  write(path: string, content: AsyncIterable<Buffer>, hash: string): Promise<void>;
  /** Puts a content into the store. */
  keep(hash: string, content: AsyncIterable<Buffer>): Promise<void>;
  /** Which of these contents the store does not have. */
  missing(hashes: readonly string[]): Promise<readonly string[]>;
  /** Puts a content of the store to a path. */
  place(hash: string, path: string, isExecutable: boolean): Promise<void>;
  /** All files below a folder, in order; none if there is no such folder. */
  list(path: string): Promise<readonly string[]>;
}

/** Files in an answer to `list`. */
const LIST_MAX = 40_000;

/** Serves the files of a folder. Contents are kept in `store`. */
export function machineFiles(folder: string, store: string): MachineFiles {
  const at = (path: string): string => resolve(folder, path);
  const contents = join(store, 'files');
  const inStore = (hash: string): string => join(contents, hash);

  /** Makes the folders that a file needs. Throws unless it is in the machine's folder, whatever links there are on the way. */
  async function writable(path: string): Promise<string> {
    const target = at(path);
    const refuse = (): never => {
      throw new Error(`${target} is outside ${folder}: nothing is written there`);
    };
    if (!isInside(target, folder)) refuse();
    // Of what is there already, none may lead outside; what is not there yet is made by us.
    const real = await realpath(folder);
    for (let known = dirname(target); ; known = dirname(known)) {
      const place = await realpath(known).catch(() => undefined);
      if (place === undefined) continue;
      if (place !== real && !isInside(place, real)) refuse();
      break;
    }
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    return target;
  }

  return {
    async *read(path, bytesMax = Number.POSITIVE_INFINITY) {
      const file = await open(at(path), constants.O_RDONLY | constants.O_NONBLOCK);
      try {
        const stats = await file.stat();
        if (!stats.isFile()) throw new Error(`${at(path)} is not a file`);
        if (stats.size > bytesMax) throw new Error(`${at(path)} has ${stats.size} bytes: fetch it instead`);
        yield* chunksOf(file);
      } finally {
        await file.close();
      }
    },
    async write(path, content, hash) {
      const target = await writable(path);
      await writeWhole(target, content, hash);
    },
    async keep(hash, content) {
      await mkdir(contents, { recursive: true, mode: 0o700 });
      await writeWhole(inStore(hash), content, hash);
    },
    async missing(hashes) {
      const isThere = await Promise.all(
        hashes.map((hash) =>
          access(inStore(hash)).then(
            () => true,
            () => false,
          ),
        ),
      );
      return hashes.filter((_, index) => !isThere[index]);
    },
    async place(hash, path, isExecutable) {
      const target = await writable(path);
      const part = partOf(target);
      try {
        // A copy, or what the file system has in its place: what is done to the file must not be done to the store.
        await copyFile(inStore(hash), part, constants.COPYFILE_FICLONE);
        await chmod(part, isExecutable ? 0o700 : 0o600);
        await rename(part, target);
      } finally {
        await rm(part, { force: true });
      }
    },
    async list(path) {
      const entries = await readdir(at(path), { recursive: true, withFileTypes: true }).catch(
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return [];
          throw error;
        },
      );
      const files = entries.filter((entry) => entry.isFile());
      if (files.length > LIST_MAX) throw new Error(`${at(path)} has ${files.length} files, too many to list`);
      return files.map((entry) => relative(at(path), join(entry.parentPath, entry.name))).sort();
    },
  };
}

/** Is the path below that folder? By its text; both are absolute. */
function isInside(path: string, folder: string): boolean {
  return resolve(path).startsWith(resolve(folder) + sep);
}

async function* chunksOf(file: FileHandle): AsyncGenerator<Buffer> {
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Writes under another name and renames it, so that nobody sees a part. */
async function writeWhole(target: string, content: AsyncIterable<Buffer>, hash: string): Promise<void> {
  const part = partOf(target);
  try {
    const file = await open(part, 'wx', 0o600);
    try {
      const sum = createHash('sha256');
      for await (const piece of content) {
        sum.update(piece);
        await file.writeFile(piece);
      }
      if (sum.digest('hex') !== hash)
        throw new Error(`what came for ${target} is not what was sent: send it again`);
    } finally {
      await file.close();
    }
    await rename(part, target);
  } finally {
    await rm(part, { force: true });
  }
}

function partOf(path: string): string {
  return `${path}.${randomUUID()}.part`;
}
