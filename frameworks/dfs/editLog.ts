/**
 * The namespace of a block store on disk: a log of its edits, `DIR/edits.log`. A line is the CRC-32 of an edit and the edit as
 * JSON; the first names the store.
 *
 * What `synced` has waited for is on the disk. The file is written anew when it has grown to several times what the namespace
 * needs, and is the old one or the new one at any time. Lines at the end that were cut short or never reached the disk are left
 * out; a damaged line with good ones after it is an error.
 */
import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, realpath, rename } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import * as v from 'valibot';
import { NameSchema } from '../files/block.ts';
import { type Edit, EditSchema } from './edits.ts';
import { Namespace } from './namespace.ts';

/** How to keep a namespace. */
export interface EditLogOptions {
  /** The folder; made if it is missing. */
  readonly dir: string;
  /** Is told, in one sentence, that edits cannot be kept any more. Nothing may go on without them: end the process. */
  readonly onError: (error: Error) => void;
  /** The file is written anew when it has grown to this, and to four times what it had to hold before; default 16 MiB. */
  readonly compactBytesMin?: number;
}

/** A namespace that is kept on disk. */
export interface EditLog {
  /** Of the store, unique among all. */
  readonly store: string;
  /** What was kept; from then on its owner changes it, and appends how. */
  readonly namespace: Namespace;
  /** Keeps an edit, which the namespace has made already. */
  append(edit: Edit): void;
  /** Resolves when all that was appended before is on the disk; never, if that fails. */
  synced(): Promise<void>;
  /** Writes what is left, and lets go of the folder. */
  close(): Promise<void>;
}

const VERSION = 1;
const COMPACT_BYTES_MIN = 16 * 1024 * 1024;
const COMPACT_FACTOR = 4;
const HeaderSchema = v.object({ edits: v.literal(VERSION), store: NameSchema });
const NEWLINE = 10;

/** Opens the namespace in a folder, or begins one. Rejects, in one sentence, if it cannot be read or another process has it. */
export async function openEditLog(options: EditLogOptions): Promise<EditLog> {
  const { dir } = options;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const claim = await claimFolder(dir);
  try {
    const path = join(dir, 'edits.log');
    const kept = await readKept(path);
    const store = kept?.store ?? `dfs${randomBytes(4).toString('hex')}`;
    const namespace = kept?.namespace ?? new Namespace();
    const file = kept === undefined ? await rewrite(path, store, namespace) : await openAt(path, kept.bytes);
    return new FileLog({ ...options, path, store, namespace, file, claim });
  } catch (error) {
    claim.close();
    throw error;
  }
}

interface FileLogState extends EditLogOptions {
  readonly path: string;
  readonly store: string;
  readonly namespace: Namespace;
  readonly file: OpenLog;
  readonly claim: Server;
}

/** The file, open at its end. */
interface OpenLog {
  readonly handle: FileHandle;
  readonly bytes: number;
}

class FileLog implements EditLog {
  readonly store: string;
  readonly namespace: Namespace;
  readonly #state: FileLogState;
  #handle: FileHandle;
  #bytes: number;
  #compactAtBytes: number;
  #lines: string[] = [];
  #waiting: (() => void)[] = [];
  #work: Promise<void> | undefined;
  #hasFailed = false;

  constructor(state: FileLogState) {
    this.store = state.store;
    this.namespace = state.namespace;
    this.#state = state;
    this.#handle = state.file.handle;
    this.#bytes = state.file.bytes;
    this.#compactAtBytes = state.compactBytesMin ?? COMPACT_BYTES_MIN;
  }

  append(edit: Edit): void {
    this.#lines.push(lineOf(edit));
  }

  synced(): Promise<void> {
    if (this.#lines.length === 0 && this.#work === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#start();
    });
  }

  async close(): Promise<void> {
    if (!this.#hasFailed) await this.synced();
    await this.#handle.close();
    this.#state.claim.close();
  }

  #start(): void {
    if (this.#work !== undefined || this.#hasFailed) return;
    this.#work = this.#writeAll().then(
      () => {
        this.#work = undefined;
        if (this.#waiting.length > 0) this.#start();
      },
      (error: Error) => {
        this.#hasFailed = true;
        const why = `the files of the store cannot be kept in ${this.#state.path}: ${error.message}`;
        this.#state.onError(new Error(`${why}; free some space and start again`, { cause: error }));
      },
    );
  }

  async #writeAll(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    const text = this.#lines.join('');
    this.#lines = [];
    if (this.#bytes + text.length >= this.#compactAtBytes) {
      // The namespace has all the edits that were not written yet.
      const former = this.#handle;
      const { handle, bytes } = await rewrite(this.#state.path, this.store, this.namespace);
      this.#handle = handle;
      this.#bytes = bytes;
      this.#compactAtBytes = Math.max(this.#compactAtBytes, COMPACT_FACTOR * bytes);
      await former.close();
    } else if (text !== '') {
      this.#bytes += await write(this.#handle, text);
      await this.#handle.datasync();
    }
    for (const resolve of waiting) resolve();
  }
}

function lineOf(value: unknown): string {
  const json = JSON.stringify(value);
  return `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`;
}

async function write(handle: FileHandle, text: string): Promise<number> {
  const bytes = Buffer.from(text, 'utf8');
  for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten;
  return bytes.length;
}

/** Writes the file anew. Resolves to it, open at its end. */
async function rewrite(path: string, store: string, namespace: Namespace): Promise<OpenLog> {
  // All at once, for the namespace may change while it is written.
  const lines = [lineOf({ edits: VERSION, store })];
  for (const edit of namespace.edits()) lines.push(lineOf(edit));
  const temporary = `${path}.new`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    let bytes = 0;
    for (let at = 0; at < lines.length; at += 1000)
      bytes += await write(handle, lines.slice(at, at + 1000).join(''));
    await handle.sync();
    await rename(temporary, path);
    await syncFolder(path);
    return { handle, bytes };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** So that a new name outlives the machine. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(join(path, '..'), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Opens the file to write after its first so many bytes, and cuts off the rest. */
async function openAt(path: string, bytes: number): Promise<OpenLog> {
  const handle = await open(path, 'r+');
  try {
    await handle.truncate(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { handle: await open(path, 'a'), bytes };
}

interface Kept {
  readonly store: string;
  readonly namespace: Namespace;
  /** How much of the file is good. */
  readonly bytes: number;
}

async function readKept(path: string): Promise<Kept | undefined> {
  const content = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw unreadable(path, error.message);
  });
  return content && replay(content, path);
}

/** What the whole lines of a file add up to. Throws, in one sentence, if it is damaged. */
export function replay(content: Buffer, path: string): Kept {
  const namespace = new Namespace();
  let store: string | undefined;
  let good = 0;
  let number = 0;
  for (let at = 0; at < content.length; ) {
    const newline = content.indexOf(NEWLINE, at);
    number += 1;
    const value = newline < 0 ? undefined : readLine(content.subarray(at, newline));
    if (value === undefined) {
      if (newline >= 0 && hasGoodLine(content, newline + 1))
        throw unreadable(path, `line ${number} is damaged, and others follow it`);
      break;
    }
    try {
      if (store === undefined) store = v.parse(HeaderSchema, value.json).store;
      else namespace.apply(v.parse(EditSchema, value.json));
    } catch (error) {
      throw unreadable(path, `line ${number}: ${(error as Error).message}`);
    }
    at = newline + 1;
    good = at;
  }
  if (store === undefined) throw unreadable(path, 'its first line is damaged');
  return { store, namespace, bytes: good };
}

function hasGoodLine(content: Buffer, from: number): boolean {
  for (let at = from; at < content.length; ) {
    const newline = content.indexOf(NEWLINE, at);
    if (newline < 0) return false;
    if (readLine(content.subarray(at, newline)) !== undefined) return true;
    at = newline + 1;
  }
  return false;
}

/** The value of a line; undefined if the line is not as it was written. */
function readLine(line: Buffer): { readonly json: unknown } | undefined {
  const json = line.subarray(9);
  if (line.toString('latin1', 0, 9) !== `${crc32(json).toString(16).padStart(8, '0')} `) return undefined;
  return { json: JSON.parse(json.toString('utf8')) };
}

function unreadable(path: string, why: string): Error {
  return new Error(
    `the files of the store in ${path} cannot be read: ${why}; restore it from a copy, or begin a new store in another folder`,
  );
}

/** Makes sure that no other process keeps a namespace in the folder. The kernel forgets the name when this process ends. */
async function claimFolder(dir: string): Promise<Server> {
  const name = `\0mesos-lab-namenode:${crc32(await realpath(dir)).toString(16)}:${(await realpath(dir)).slice(-60)}`;
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new Error(`another namenode keeps its files in ${dir}`) : error);
    });
    server.listen(name, resolve);
  });
  server.unref();
  return server;
}
