/** Copying files between this machine and the block store. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { addAbortSignal } from 'node:stream';
import type { Dfs, WriteOptions } from '../../frameworks/dfs/dfs.ts';
import { pathIn } from '../../frameworks/dfs/dfsPath.ts';
import { progressDisplay } from '../run/progress.ts';
import { writeWhole } from '../run/wholeFile.ts';
import { formatBytes } from './byteSize.ts';
import { CommandError, EXIT, infrastructureError, usageError } from './exit.ts';

/** Flags of `lab dfs put`. */
export interface PutFlags {
  readonly concat?: boolean;
  readonly overwrite?: boolean;
  readonly block_size?: number;
  readonly replication?: number;
  readonly writer?: string;
}

/** Flags of `lab dfs get` and `cat`. */
export interface GetFlags {
  readonly concat?: boolean;
  readonly overwrite?: boolean;
}

const READ_BYTES = 1024 * 1024;
const MIB = 2 ** 20;

/** Stores local files; the last of the paths is that in the store. */
export async function put(dfs: Dfs, paths: readonly string[], flags: PutFlags): Promise<void> {
  const locals = paths.slice(0, -1);
  const target = paths.at(-1) as string;
  if (locals.length === 0) throw usageError('say what to store and where: lab dfs put LOCAL /path');
  if (!target.startsWith('/')) throw usageError(`the last is to be a path in the store, /…, not '${target}'`);
  const isFolder = target.endsWith('/') || (await isStoreFolder(dfs, target));
  if (locals.length > 1 && !isFolder && !flags.concat)
    throw usageError(
      `several files become one only with --concat; end '${target}' with / to store each in it`,
    );
  if (flags.concat && isFolder) throw usageError(`--concat makes one file, and '${target}' is a folder`);
  if (isFolder && locals.includes('-'))
    throw usageError('standard input has no name; give a path that does not end with /');
  const files =
    flags.concat || !isFolder
      ? [{ locals, path: target }]
      : locals.map((local) => ({ locals: [local], path: pathIn(target, basename(local)) }));
  // What cannot be read is told before anything is stored.
  const sizes = new Map(
    await Promise.all(locals.map(async (local) => [local, await sizeOf(local)] as const)),
  );
  const how: WriteOptions = {
    ...(flags.block_size !== undefined && { blockBytes: flags.block_size }),
    ...(flags.replication !== undefined && { replication: flags.replication }),
    ...(flags.writer !== undefined && { writer: flags.writer }),
    overwrite: flags.overwrite ?? false,
  };
  for (const { locals: sources, path } of files) {
    const known = sources.map((local) => sizes.get(local));
    const total = known.every((bytes) => bytes !== undefined) ? known.reduce((a, b) => a + b, 0) : undefined;
    await transfer(`put ${path}`, total, (progress, ending) =>
      dfs.write(path, readLocals(sources, ending), { ...how, progress }),
    );
  }
}

/** Copies a file of the store to this machine; it is there whole or not at all. */
export async function get(dfs: Dfs, path: string, local: string, flags: GetFlags): Promise<void> {
  const sources = await sourcesOf(dfs, [path], flags);
  const info = await stat(local).catch(() => undefined);
  const target = info?.isDirectory() ? join(local, basename(path)) : local;
  const isThere = (await stat(target).catch(() => undefined)) !== undefined;
  if (isThere && !flags.overwrite)
    throw usageError(`${target} is there already; remove it, or give --overwrite`);
  const total = sources.reduce((sum, { bytes }) => sum + bytes, 0);
  try {
    await transfer(`get ${path}`, total, (progress, ending) =>
      writeWhole(target, async (file) => {
        let bytes = 0;
        for (const source of sources)
          for await (const chunk of dfs.read(source.path)) {
            ending.throwIfAborted();
            await file.appendFile(chunk);
            bytes += chunk.length;
            progress(bytes);
          }
      }),
    );
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== undefined) throw infrastructureError(`${target} cannot be written: ${message}`, error);
    throw error;
  }
}

/** Writes files of the store to standard output; who reads it may stop. */
export async function cat(dfs: Dfs, paths: readonly string[], flags: GetFlags): Promise<void> {
  let trouble: NodeJS.ErrnoException | undefined;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    trouble = error;
  });
  for (const { path } of await sourcesOf(dfs, paths, flags))
    for await (const chunk of dfs.read(path)) {
      await new Promise<void>((resolve) => process.stdout.write(chunk, () => resolve()));
      if (trouble?.code === 'EPIPE') return;
      if (trouble !== undefined) throw infrastructureError(`standard output: ${trouble.message}`, trouble);
    }
}

interface Source {
  readonly path: string;
  readonly bytes: number;
}

/** The files at these paths, and with --concat those in folders. */
async function sourcesOf(
  dfs: Dfs,
  paths: readonly string[],
  { concat }: GetFlags,
): Promise<readonly Source[]> {
  const sources: Source[] = [];
  for (const path of paths) {
    const found = await dfs.stat(path);
    if (found.type === 'file') sources.push(found);
    else if (!concat)
      throw usageError(`'${path}' is a folder; name a file, or give --concat for all files in it`);
    else
      for (const entry of await dfs.list(path))
        if (entry.type === 'file' && !/^[._]/.test(basename(entry.path))) sources.push(entry);
  }
  return sources;
}

async function isStoreFolder(dfs: Dfs, path: string): Promise<boolean> {
  const found = await dfs.stat(path).catch(() => undefined);
  return found?.type === 'folder';
}

/** Bytes of a local file; undefined of standard input and the like. */
async function sizeOf(local: string): Promise<number | undefined> {
  if (local === '-') return undefined;
  const info = await stat(local).catch((error: Error) => {
    throw usageError(`${local} cannot be read: ${error.message}`);
  });
  if (info.isDirectory()) throw usageError(`${local} is a folder; name the files in it`);
  return info.isFile() ? info.size : undefined;
}

async function* readLocals(locals: readonly string[], ending: AbortSignal): AsyncGenerator<Buffer> {
  for (const local of locals) {
    ending.throwIfAborted();
    const stream = local === '-' ? process.stdin : createReadStream(local, { highWaterMark: READ_BYTES });
    addAbortSignal(ending, stream);
    try {
      for await (const chunk of stream) yield chunk as Buffer;
    } catch (error) {
      ending.throwIfAborted();
      throw usageError(
        `${local === '-' ? 'standard input' : local} cannot be read: ${(error as Error).message}`,
      );
    }
  }
}

/** Runs a transfer, with a bar on a terminal and a line at the end; Ctrl-C ends it in good order, and a second one at once. */
async function transfer(
  name: string,
  totalBytes: number | undefined,
  run: (progress: (bytes: number) => void, ending: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const display = process.stderr.isTTY ? progressDisplay() : undefined;
  const bar = display?.start(name);
  const start = performance.now();
  let stored = 0;
  const rate = (): string => {
    const seconds = Math.max(0.001, (performance.now() - start) / 1000);
    return `${formatBytes(stored)}, ${formatBytes(Math.round(stored / seconds))}/s`;
  };
  const controller = new AbortController();
  const interrupt = (): void => controller.abort(new CommandError(`${name}: interrupted`, EXIT.interrupted));
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    await run((bytes) => {
      stored = bytes;
      bar?.report(Math.round(bytes / MIB), Math.round((totalBytes ?? bytes) / MIB), `MiB  ${rate()}`);
    }, controller.signal);
    bar?.end(rate());
  } catch (error) {
    bar?.end('failed');
    throw error;
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    display?.close();
  }
  if (display === undefined) console.error(`${name}: ${rate()}`);
}
