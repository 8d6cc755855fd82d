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
 * - `DELETE /PATH`: removes a file, or the folder of a job or a framework.
 *
 * Every request carries `authorization: Bearer SECRET`.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { type ByteRange, readRange } from './byteRange.ts';
import { FileRefusal, refusalOf } from './fileRefusal.ts';
import {
  findStored,
  isFilePath,
  isFolderPath,
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
}

/** A running file server. */
export interface FileServer {
  readonly port: number;
  /** `http://host:port`. */
  readonly url: string;
  /** Stops it; requests under way are broken off. */
  close(): Promise<void>;
}

const FILE_BYTES_MAX = 1024 ** 3;
const CONNECTIONS_MAX = 1024;
const READ_BYTES = 256 * 1024;

/** Starts a file server. Rejects if the folder cannot be made or the address is taken. */
export async function startFileServer(options: FileServerOptions): Promise<FileServer> {
  const { host = '127.0.0.1', port = 0, dir, secret, fileBytesMax = FILE_BYTES_MAX } = options;
  if (secret === '') throw new TypeError('A file server needs a secret that is not empty.');
  await removeUploads(dir);
  const context = { dir, secretDigest: digest(secret), fileBytesMax };
  const server = createServer((request, response) => {
    serve(context, request, response).catch((error: unknown) => refuse(request, response, error));
  });
  server.maxConnections = CONNECTIONS_MAX;
  await listen(server, port, host);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The file server has no port.');
  return {
    port: address.port,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface ServerContext {
  readonly dir: string;
  readonly secretDigest: Buffer;
  readonly fileBytesMax: number;
}

async function serve(
  context: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  authorise(context, request);
  const url = new URL(request.url ?? '/', 'http://node');
  const path = url.pathname.slice(1);
  const isFile = isFilePath(path);
  if (request.method === 'DELETE' && (isFile || isFolderPath(path))) {
    await removeStored(context.dir, path);
    response.writeHead(204).end();
    return;
  }
  if (!isFile)
    throw new FileRefusal(400, `'${path.slice(0, 200)}' is not a path of a file; write e.g. blocks/NAME.`);
  if (request.method === 'PUT') await store(context, path, request, response);
  else if (request.method === 'GET' || request.method === 'HEAD')
    await send(context, path, url.searchParams.get('partition'), request, response);
  else throw new FileRefusal(405, `${request.method} is not possible; use GET, HEAD, PUT or DELETE.`);
}

/**
 * Compares digests in constant time, so that neither length nor content of the secret shows in the time
 * taken.
 */
function authorise({ secretDigest }: ServerContext, { headers }: IncomingMessage): void {
  const scheme = 'Bearer ';
  const given = headers.authorization ?? '';
  if (!given.startsWith(scheme) || !timingSafeEqual(digest(given.slice(scheme.length)), secretDigest))
    throw new FileRefusal(401, 'This is not the secret of this cluster.');
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

async function store(
  { dir, fileBytesMax }: ServerContext,
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
    const actual = await receive(request, temporary);
    if (expected !== undefined && expected !== actual)
      throw new FileRefusal(
        422,
        `The bytes that came have the CRC-32 ${hex(actual)}, not ${hex(expected)}; send them again.`,
      );
    await publish(dir, temporary, path, { type: 'crc32', crc32: actual });
  } finally {
    await rm(temporary, { force: true });
  }
  response.writeHead(201).end();
}

/**
 * Writes the body to a new file. Resolves to its CRC-32; rejects if it breaks off or cannot be written. Then
 * the rest is read all the same and forgotten: to leave it unread would cut the connection before the sender
 * is told why.
 */
async function receive(request: IncomingMessage, file: string): Promise<number> {
  const handle = await open(file, 'wx');
  try {
    let crc = 0;
    let failure: Error | undefined;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      if (failure !== undefined) continue;
      crc = crc32(chunk, crc);
      await writeChunk(handle, chunk).catch((error: Error) => {
        failure = error;
      });
    }
    if (failure !== undefined) throw failure;
    return crc;
  } finally {
    await handle.close();
  }
}

async function writeChunk(handle: FileHandle, chunk: Buffer): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await handle.write(chunk, at)).bytesWritten;
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
  await pipeline(createReadStream(stored.file, { start, end, highWaterMark: READ_BYTES }), response);
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

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { status, message } = refusalOf(error);
  const body = `${message}\n`;
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, headers).end(body);
  // Reads the rest of a refused upload and forgets it, so that the sender gets to read why.
  request.resume();
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

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
