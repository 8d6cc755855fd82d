/** What a daemon answers to its controller: each gRPC method, with what comes in checked and what goes out as fast as it is read. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';
import {
  Metadata,
  type Server,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { preciseClock } from './clock.ts';
import type { MachineFiles } from './files.ts';
import type { ProcessTable } from './processTable.ts';
import { outputOf } from './program.ts';
import {
  asIs,
  decode,
  encode,
  METHOD,
  type Question,
  questionSchema,
  type ReadRequest,
  readSchema,
  usageSchema,
  writeSchema,
} from './protocol.ts';
import type { SessionCall } from './sessionNews.ts';
import type { Sessions } from './sessions.ts';
import { usageOf } from './usage.ts';

/** A precise clock is made anew after this time. */
const CLOCK_GOOD_MS = 2_000;

/** What a daemon consists of. */
export interface Service {
  readonly folder: string;
  readonly table: ProcessTable;
  readonly files: MachineFiles;
  readonly sessions: Sessions;
  shutdown(removesFolder: boolean): void;
}

/** Name of the trailer with the SHA-256 of what was read. */
export const DIGEST = 'digest';
const DETAILS_LENGTH_MAX = 2_000;

/** Adds the methods to a server. */
export function serve(server: Server, service: Service): void {
  const method = (path: string, requestStream: boolean, responseStream: boolean) => ({
    path,
    requestStream,
    responseStream,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  });
  server.addService(
    {
      Session: method(METHOD.session, true, true),
      Ask: method(METHOD.ask, false, false),
      Read: method(METHOD.read, false, true),
      Write: method(METHOD.write, true, false),
      Usage: method(METHOD.usage, false, true),
    },
    {
      Session: (call: SessionCall) => service.sessions.take(call),
      Ask: (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => {
        settle(answer, async () => encode(await reply(service, decode(questionSchema, call.request))));
      },
      Read: (call: ServerWritableStream<Buffer, Buffer>) => void read(service, call),
      Write: (call: ServerReadableStream<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => {
        settle(answer, async () => {
          await write(service, call);
          return encode({});
        });
      },
      Usage: (call: ServerWritableStream<Buffer, Buffer>) => void sampleUsage(service, call),
    },
  );
}

/** Precise, and quick when it is asked several times in a row. */
const clock = (() => {
  let precise = preciseClock;
  let madeMs = Number.NEGATIVE_INFINITY;
  return (): number => {
    if (performance.now() - madeMs > CLOCK_GOOD_MS) {
      const made = preciseClock();
      precise = () => made;
      madeMs = performance.now();
    }
    return precise()();
  };
})();

async function reply({ table, files, shutdown }: Service, question: Question): Promise<unknown> {
  switch (question.ask) {
    case 'clock':
      return { timeMs: clock() };
    case 'list':
      return { files: await files.list(question.path) };
    case 'processes':
      return { processes: table.list() };
    case 'missing':
      return { hashes: await files.missing(question.hashes) };
    case 'place':
      for (const { hash, path, isExecutable } of question.files) await files.place(hash, path, isExecutable);
      return {};
    case 'shutdown':
      shutdown(question.removesFolder);
      return {};
    default:
      return question satisfies never;
  }
}

async function read(service: Service, call: ServerWritableStream<Buffer, Buffer>): Promise<void> {
  const over = endOf(call);
  try {
    const sum = createHash('sha256');
    for await (const piece of content(service, decode(readSchema, call.request), over)) {
      sum.update(piece);
      if (!call.write(piece)) await once(call, 'drain', { signal: over });
      if (over.aborted) return;
    }
    const trailer = new Metadata();
    trailer.set(DIGEST, sum.digest('hex'));
    call.end(trailer);
  } catch (error) {
    fail(call, error);
  }
}

function content(
  { folder, table, files }: Service,
  request: ReadRequest,
  signal: AbortSignal,
): AsyncIterable<Buffer> {
  switch (request.read) {
    case 'file':
      return files.read(request.path, request.bytesMax);
    case 'run': {
      const environment = table.environment(undefined);
      return outputOf(request.program, request.arguments, {
        folder,
        environment,
        guard: table.guard,
        signal,
      });
    }
    default:
      return request satisfies never;
  }
}

async function write({ files }: Service, call: ServerReadableStream<Buffer, Buffer>): Promise<void> {
  const over = endOf(call);
  const pieces = call[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await pieces.next();
  if (first.done) throw new Error('a write begins with what is to be written');
  const request = decode(writeSchema, first.value);
  const rest: AsyncIterable<Buffer> = {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const piece = await pieces.next();
        // What was cut short also ends.
        over.throwIfAborted();
        return piece;
      },
    }),
  };
  if (request.write === 'file') await files.write(request.path, rest, request.hash);
  else await files.keep(request.hash, rest);
}

async function sampleUsage({ table }: Service, call: ServerWritableStream<Buffer, Buffer>): Promise<void> {
  const over = endOf(call);
  try {
    const { everyMs } = decode(usageSchema, call.request);
    while (!over.aborted) {
      if (!call.write(encode(await usageOf(table)))) await once(call, 'drain', { signal: over });
      await after(everyMs, undefined, { signal: over });
    }
  } catch (error) {
    fail(call, error);
  }
}

/** Aborts when the caller wants no more, or is gone. */
function endOf(call: {
  readonly cancelled: boolean;
  on(event: 'cancelled', run: () => void): unknown;
}): AbortSignal {
  const controller = new AbortController();
  if (call.cancelled) controller.abort();
  call.on('cancelled', () => controller.abort());
  return controller.signal;
}

function settle(answer: sendUnaryData<Buffer>, work: () => Promise<Buffer>): void {
  work().then(
    (bytes) => answer(null, bytes),
    (error: Error) => answer({ code: status.FAILED_PRECONDITION, details: sentence(error) }),
  );
}

function fail(call: ServerWritableStream<Buffer, Buffer>, error: unknown): void {
  if (call.cancelled) return;
  call.emit('error', { code: status.FAILED_PRECONDITION, details: sentence(error as Error) });
}

function sentence(error: Error): string {
  return error.message.slice(-DETAILS_LENGTH_MAX);
}
