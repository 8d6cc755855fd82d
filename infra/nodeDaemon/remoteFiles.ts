/** The files of another machine, through its daemon. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ClientReadableStream, StatusObject } from '@grpc/grpc-js';
import * as v from 'valibot';
import { READ_BYTES_MAX } from '../local.ts';
import type { Machine } from '../machine.ts';
import { type Channel, MachineError } from './channel.ts';
import { CHUNK_BYTES, encode, type ReadRequest, type WriteRequest } from './protocol.ts';
import { DIGEST } from './service.ts';

/** Contents asked for, or placed, with one question. */
const BATCH = 1_000;

/** A file to ship. */
export interface ShippedFile {
  /** Where it is here. */
  readonly from: string;
  /** Where it goes, in the machine's folder. */
  readonly to: string;
}

/** What was done about some files. */
export interface Shipment {
  readonly files: number;
  /** Contents that the machine did not have. */
  readonly sent: number;
  readonly sentBytes: number;
}

/** Files by a channel that may be replaced; `attempt` does what can be done again. */
export interface RemoteFiles extends Pick<Machine, 'write' | 'read' | 'list' | 'fetch' | 'run'> {
  /** Ships files by their content; only what the machine's store does not have is sent. */
  ship(files: readonly ShippedFile[]): Promise<Shipment>;
}

/** Makes them. `attempt` calls again when the connection was broken, and is made anew. */
export function remoteFiles(
  machine: string,
  attempt: <T>(work: (channel: Channel) => Promise<T>) => Promise<T>,
  channel: () => Channel,
): RemoteFiles {
  const collect = async (call: Channel, request: ReadRequest): Promise<Buffer> => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    for await (const piece of checked(machine, call, request)) {
      bytes += piece.length;
      if (bytes > READ_BYTES_MAX)
        throw new RangeError(`machine ${machine}: more than ${READ_BYTES_MAX} bytes at once`);
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  };

  async function send(call: Channel, header: WriteRequest, content: Readable): Promise<void> {
    // The machine may answer before it has read all, to refuse: then nothing more is taken, and nothing told.
    const answer = new AbortController();
    const answered = Promise.withResolvers<void>();
    answered.promise.catch(() => {});
    const stream = call.write((error) => {
      if (error === null) answered.resolve();
      else answered.reject(call.failure(error));
      answer.abort();
    });
    stream.write(encode(header));
    try {
      await pipeline(content, stream as unknown as NodeJS.WritableStream, { signal: answer.signal });
    } catch (error) {
      if (!answer.signal.aborted) {
        stream.cancel();
        throw error;
      }
    }
    await answered.promise;
  }

  return {
    read: (path) => attempt((call) => collect(call, { read: 'file', path, bytesMax: READ_BYTES_MAX })),
    async write(path, content) {
      const bytes = Buffer.from(content as Uint8Array);
      const hash = createHash('sha256').update(bytes).digest('hex');
      await attempt((call) => send(call, { write: 'file', path, hash }, Readable.from(chunks(bytes))));
    },
    list: (path) =>
      attempt(
        async (call) =>
          (await call.ask({ ask: 'list', path }, v.object({ files: v.array(v.string()) }))).files,
      ),
    fetch: (path, into) =>
      attempt(async (call) => {
        await mkdir(dirname(into), { recursive: true });
        const part = `${into}.${randomUUID()}.part`;
        try {
          // Not opened by the stream, which may do so after the pipeline has failed and what there was is removed.
          await using file = await open(part, 'wx');
          await pipeline(checked(machine, call, { read: 'file', path }), file.createWriteStream());
          await rename(part, into);
        } finally {
          await rm(part, { force: true });
        }
      }),
    // Never a second time: it may have done something.
    run: async (program, ...args) =>
      (await collect(channel(), { read: 'run', program, arguments: [...args] })).toString('utf8'),
    async ship(files) {
      const contents = new Map<string, { readonly from: string; readonly bytes: number }>();
      const placed = [];
      for (const { from, to } of files) {
        const { size, mode } = await stat(from);
        const hash = await hashOf(from);
        contents.set(hash, { from, bytes: size });
        placed.push({ hash, path: to, isExecutable: (mode & 0o100) !== 0 });
      }
      const answer = v.object({ hashes: v.array(v.string()) });
      let sentBytes = 0;
      let sent = 0;
      for (const hashes of batches([...contents.keys()])) {
        const missing = await attempt((call) => call.ask({ ask: 'missing', hashes }, answer));
        for (const hash of missing.hashes) {
          const content = contents.get(hash);
          if (content === undefined) continue;
          await attempt((call) =>
            send(
              call,
              { write: 'content', hash },
              createReadStream(content.from, { highWaterMark: CHUNK_BYTES }),
            ),
          );
          sent += 1;
          sentBytes += content.bytes;
        }
      }
      for (const batch of batches(placed))
        await attempt((call) => call.ask({ ask: 'place', files: batch }, v.object({})));
      return { files: files.length, sent, sentBytes };
    },
  };
}

/** What is read, in pieces. Throws if it is not, to the last bit, what the machine has read. */
async function* checked(machine: string, channel: Channel, request: ReadRequest): AsyncGenerator<Buffer> {
  const call: ClientReadableStream<Buffer> = channel.read(request);
  const ended = new Promise<StatusObject>((resolve) => call.once('status', resolve));
  const sum = createHash('sha256');
  try {
    for await (const piece of call) {
      sum.update(piece as Buffer);
      yield piece as Buffer;
    }
  } catch (error) {
    throw channel.failure(error as Error);
  } finally {
    call.cancel();
  }
  const [digest] = (await ended).metadata.get(DIGEST);
  if (digest !== sum.digest('hex'))
    throw new MachineError(machine, 'what was read came damaged, or not whole', true);
}

async function hashOf(path: string): Promise<string> {
  const sum = createHash('sha256');
  await pipeline(
    createReadStream(path),
    new Transform({
      transform(piece: Buffer, _, done) {
        sum.update(piece);
        done();
      },
    }),
  );
  return sum.digest('hex');
}

function* chunks(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

function* batches<T>(all: readonly T[]): Generator<T[]> {
  for (let at = 0; at < all.length; at += BATCH) yield all.slice(at, at + BATCH);
}
