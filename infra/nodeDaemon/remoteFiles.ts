/** The files of another machine, through its daemon. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ClientReadableStream, StatusObject } from '@grpc/grpc-js';
import * as v from 'valibot';
import { READ_BYTES_MAX } from '../local.ts';
import type { Machine } from '../machine.ts';
import { type Channel, MachineError } from './channel.ts';
import { CHUNK_BYTES, encode, type ReadRequest, type WriteRequest } from './protocol.ts';
import { DIGEST } from './service.ts';

/** Files by a channel that may be replaced; `attempt` does what can be done again. */
export type RemoteFiles = Pick<Machine, 'write' | 'read' | 'list' | 'fetch' | 'run'>;

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

function* chunks(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}
