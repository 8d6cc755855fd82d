/**
 * The file server of a node: it stores blocks, and serves map outputs and parts of job outputs to other
 * nodes.
 *
 * There is one per slave machine, and it outlives the executors, which may be ended as soon as they have
 * nothing to do (NSDI'11 §5). What executors of the same node make, they put into its folder themselves
 * (storedFile.ts).
 *
 * - `PUT /PATH`: stores a file, all or nothing. `content-length` is needed; `x-crc32`, in hexadecimal, is
 *   compared.
 * - `GET /PATH`: its bytes, or those of a `range`; with `x-crc32` if they are all.
 * - `GET /PATH?partition=N`: one partition of a map output, with its `x-crc32`.
 * - `PUT /blocks/ID?link=PATH`: makes a file that is here a block, too, without copying. Answers with its length and `x-crc32`.
 * - `PUT /blocks/ID?copy=URL`: fetches a block from another file server. Answers as for `link`.
 * - `POST /PATH?check`: reads a file; 422 if it has not the bytes that it was stored with.
 * - `DELETE /PATH`: removes a file, or the folder of a job or a framework.
 *
 * Every request carries `authorization: Bearer SECRET`.
 */
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { type ByteRange, readRange } from './byteRange.ts';
import { fetchBlock } from './fetchedBlock.ts';
import { FileClient, FileServerError } from './fileClient.ts';
import { FileRefusal, refusalOf } from './fileRefusal.ts';
import { type HttpService, startHttpService } from './httpService.ts';
import { writeChunks } from './receivedFile.ts';
import {
  findStored,
  isFilePath,
  isFolderPath,
  isForWantOfDescriptors,
  linkStored,
  publish,
  removeStored,
  type StoredFile,
  uploadDir,
} from './storedFile.ts';

/** How to start a file server. */
export interface FileServerOptions {
  /** Where to listen; default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** The folder that it keeps. Made if it is missing. */
  readonly dir: string;
  /** Shared by the file servers and TaskTrackers of one cluster. */
  readonly secret: string;
  /** Largest file that it stores; default 1 GiB. */
  readonly fileBytesMax?: number;
  /** Is told what happens to its files. */
  readonly watcher?: FileWatcher;
}

/** Who wants to know what happens to the files of a file server. */
export interface FileWatcher {
  /** A file is there (anew). */
  stored(path: string, bytes: number, crc: number): void;
  /** A file or a folder is not there any more. */
  removed(path: string): void;
  /** A file has not the bytes that it was stored with. */
  damaged(path: string): void;
}

/** A running file server. */
export type FileServer = HttpService;

const FILE_BYTES_MAX = 1024 ** 3;
const READ_BYTES = 256 * 1024;

/** Starts a file server. Rejects if the folder cannot be made or the address is taken. */
export async function startFileServer(options: FileServerOptions): Promise<FileServer> {
  const { host, port, dir, secret, fileBytesMax = FILE_BYTES_MAX, watcher } = options;
  const client = new FileClient(secret);
  const context = { dir, fileBytesMax, watcher, client };
  await removeUploads(dir);
  const service = await startHttpService({
    host,
    port,
    secret,
    serve: (request, response) => serve(context, request, response),
    refusalOf,
  });
  return {
    ...service,
    close() {
      client.close();
      return service.close();
    },
  };
}

interface ServerContext {
  readonly dir: string;
  readonly fileBytesMax: number;
  readonly watcher: FileWatcher | undefined;
  /** For what it fetches from other file servers. */
  readonly client: FileClient;
}

async function serve(
  context: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://node');
  const path = url.pathname.slice(1);
  const isFile = isFilePath(path);
  if (request.method === 'DELETE' && (isFile || isFolderPath(path))) {
    await removeStored(context.dir, path);
    context.watcher?.removed(path);
    response.writeHead(204).end();
    return;
  }
  if (!isFile)
    throw new FileRefusal(400, `'${path.slice(0, 200)}' is not a path of a file; write e.g. blocks/NAME.`);
  const link = url.searchParams.get('link');
  const copy = url.searchParams.get('copy');
  if (request.method === 'PUT' && link !== null) await makeLink(context, link, path, response);
  else if (request.method === 'PUT' && copy !== null) await makeCopy(context, copy, path, response);
  else if (request.method === 'PUT') await store(context, path, request, response);
  else if (request.method === 'POST' && url.searchParams.has('check')) await check(context, path, response);
  else if (request.method === 'GET' || request.method === 'HEAD')
    await send(context, path, url.searchParams.get('partition'), request, response);
  else throw new FileRefusal(405, `${request.method} is not possible; use GET, HEAD, PUT, POST or DELETE.`);
}

async function store(
  { dir, fileBytesMax, watcher }: ServerContext,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const length = readCount(request.headers['content-length']);
  if (length === undefined) throw new FileRefusal(411, 'Say how long the file is with content-length.');
  if (length > fileBytesMax)
    throw new FileRefusal(
      413,
      `A file of ${length} bytes is larger than the ${fileBytesMax} that are stored here.`,
    );
  const expected = readCrc(request.headers['x-crc32']);
  const temporary = join(uploadDir(dir), randomBytes(12).toString('hex'));
  await mkdir(uploadDir(dir), { recursive: true });
  try {
    const actual = await writeChunks(request as AsyncIterable<Buffer>, temporary);
    if (expected !== undefined && expected !== actual)
      throw new FileRefusal(
        422,
        `The bytes that came have the CRC-32 ${hex(actual)}, not ${hex(expected)}; send them again.`,
      );
    await publish(dir, temporary, path, { type: 'crc32', crc32: actual });
    watcher?.stored(path, length, actual);
  } finally {
    await rm(temporary, { force: true });
  }
  response.writeHead(201).end();
}

async function makeLink(
  { dir, watcher }: ServerContext,
  from: string,
  path: string,
  response: ServerResponse,
): Promise<void> {
  if (!isFilePath(from) || !path.startsWith('blocks/'))
    throw new FileRefusal(400, 'Only a file that is here can be linked, and only as a block.');
  const linked = await linkStored(dir, from, path);
  if (linked === undefined) throw new FileRefusal(404, `There is no file '${from.slice(0, 500)}' here.`);
  watcher?.stored(path, linked.bytes, linked.crc32);
  response.writeHead(201, { 'x-crc32': hex(linked.crc32), 'x-bytes': linked.bytes }).end();
}

async function makeCopy(
  { dir, client, watcher }: ServerContext,
  url: string,
  path: string,
  response: ServerResponse,
): Promise<void> {
  const [area, blockId = ''] = path.split('/');
  if (area !== 'blocks' || !/^http:\/\/[^/]+\/blocks\/[^/]+$/.test(url))
    throw new FileRefusal(400, 'Only a block of another file server can be copied.');
  const { bytes, crc32 } = await fetchBlock({ client, url, dir, blockId }).catch((error: Error) => {
    if (!(error instanceof FileServerError)) throw error;
    throw new FileRefusal(502, error.message);
  });
  watcher?.stored(path, bytes, crc32);
  response.writeHead(201, { 'x-crc32': hex(crc32), 'x-bytes': bytes }).end();
}

/** Reads a file and compares its checksum. */
async function check({ dir, watcher }: ServerContext, path: string, response: ServerResponse): Promise<void> {
  const stored = await findStored(dir, path);
  if (stored === undefined) {
    watcher?.removed(path);
    throw new FileRefusal(404, `There is no file '${path}' here.`);
  }
  if (stored.beside.type !== 'crc32')
    throw new FileRefusal(400, `'${path}' has a checksum for each partition.`);
  const crc = await checksumOf(stored.file).catch((error: Error) => {
    if (isForWantOfDescriptors(error)) throw error;
    // A disk that does not give the bytes does not have them.
    watcher?.damaged(path);
    throw new FileRefusal(422, `'${path}' cannot be read: ${error.message}.`);
  });
  if (crc !== stored.beside.crc32) {
    watcher?.damaged(path);
    throw new FileRefusal(
      422,
      `'${path}' is damaged: it has the CRC-32 ${hex(crc)}, not ${hex(stored.beside.crc32)}.`,
    );
  }
  response.writeHead(204).end();
}

async function checksumOf(file: string): Promise<number> {
  let crc = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: READ_BYTES })) crc = crc32(chunk, crc);
  return crc;
}

async function send(
  { dir }: ServerContext,
  path: string,
  partition: string | null,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const stored = await findStored(dir, path);
  if (stored === undefined) throw new FileRefusal(404, `There is no file '${path}' here.`);
  const { status, start, bytes, crc } = select(stored, path, partition, request.headers.range);
  response.setHeader('content-length', bytes);
  response.setHeader('content-type', 'application/octet-stream');
  response.setHeader('accept-ranges', 'bytes');
  if (crc !== undefined) response.setHeader('x-crc32', hex(crc));
  if (status === 206)
    response.setHeader('content-range', `bytes ${start}-${start + bytes - 1}/${stored.bytes}`);
  response.writeHead(status);
  if (bytes === 0 || request.method === 'HEAD') {
    response.end();
    return;
  }
  const end = start + bytes - 1;
  const file = createReadStream(stored.file, { start, end, highWaterMark: READ_BYTES });
  // A pipeline to somebody who has left already does not hear that the file is gone too, and the process would end by that.
  file.on('error', () => undefined);
  await pipeline(file, response);
}

interface Selection extends ByteRange {
  readonly status: 200 | 206;
  readonly crc: number | undefined;
}

/** Which bytes of a file are wanted. */
function select(
  { bytes, beside }: StoredFile,
  path: string,
  partition: string | null,
  range: string | undefined,
): Selection {
  if (partition !== null) {
    const number = readCount(partition);
    const found =
      beside.type === 'index' && number !== undefined ? beside.index.partitions[number] : undefined;
    if (found === undefined)
      throw new FileRefusal(404, `There is no partition '${partition.slice(0, 20)}' of '${path}' here.`);
    return { status: 200, start: found.offset, bytes: found.bytes, crc: found.crc32 };
  }
  const crc = beside.type === 'crc32' ? beside.crc32 : undefined;
  if (range === undefined) return { status: 200, start: 0, bytes, crc };
  const part = readRange(range, bytes);
  if (part === undefined)
    throw new FileRefusal(416, `'${range.slice(0, 100)}' is not a range of the ${bytes} bytes of '${path}'.`);
  return { status: 206, ...part, crc: undefined };
}

function readCount(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}

function readCrc(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (typeof header !== 'string' || !/^[0-9a-f]{8}$/i.test(header))
    throw new FileRefusal(400, 'x-crc32 must be 8 hexadecimal digits.');
  return Number.parseInt(header, 16);
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}

/** Removes what uploads left behind that were broken off by the end of the last file server. */
async function removeUploads(dir: string): Promise<void> {
  await rm(uploadDir(dir), { recursive: true, force: true });
  await mkdir(uploadDir(dir), { recursive: true });
}
