/**
 * What a controller and a machine's daemon say to each other, over gRPC. Messages are JSON, as on the links of the system
 * (docs/decisions/0001); files travel as they are. All that comes in is checked here, and bounded.
 */
import * as v from 'valibot';

/** gRPC methods. */
export const METHOD = {
  /** Both ways: a session, its processes and their lines. */
  session: '/mesoslab.Node/Session',
  /** One question, one answer. */
  ask: '/mesoslab.Node/Ask',
  /** A file or a program's output, from the machine. */
  read: '/mesoslab.Node/Read',
  /** A file, to the machine. */
  write: '/mesoslab.Node/Write',
  /** Samples, until the controller has enough. */
  usage: '/mesoslab.Node/Usage',
} as const;

/** Largest message of JSON, and a bound for the memory that one caller can take. */
export const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
/** A file travels in pieces of this size. */
export const CHUNK_BYTES = 256 * 1024;
/** Processes that a controller waits for. */
export const AWAITED_MAX = 10_000;
/** How often each end of a session says that it is there. */
export const BEAT_MS = 500;

const name = v.pipe(v.string(), v.regex(/^[\w.@-]{1,128}$/), v.notValue('.'), v.notValue('..'));
const id = v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/));
const text = v.pipe(v.string(), v.maxLength(128 * 1024));
const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096), v.excludes('\0'));
const digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const words = v.pipe(v.array(text), v.maxLength(4096));
const variables = v.record(v.pipe(v.string(), v.regex(/^[^=\0]{1,256}$/)), text);
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const signal = v.picklist([
  ...['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGABRT', 'SIGKILL', 'SIGUSR1', 'SIGUSR2', 'SIGTERM'],
  ...['SIGCONT', 'SIGSTOP'],
] as readonly NodeJS.Signals[]);

const spec = v.strictObject({
  name,
  program: path,
  arguments: words,
  environment: v.exactOptional(variables),
  isKept: v.exactOptional(v.boolean()),
});

/** What a controller says in a session. The first on each connection is `hello`. */
export const orderSchema = v.variant('order', [
  v.strictObject({
    order: v.literal('hello'),
    /** Chosen by the controller; a later hello with the same one goes on with the session, if it is still there. */
    session: id,
    /** The daemon ends the session's processes when it has heard nothing for so long. */
    silenceMs: v.pipe(count, v.minValue(100), v.maxValue(24 * 3_600_000)),
    /** Of each process that runs as far as the controller knows, the number of the first line that it has not seen. */
    seen: v.record(id, count),
    /** Processes that it waits for, to be started or followed. */
    awaited: v.pipe(v.array(id), v.maxLength(AWAITED_MAX)),
  }),
  v.strictObject({ order: v.literal('beat') }),
  /** Starts a process. The same id again is the same process. */
  v.strictObject({ order: v.literal('start'), id, spec }),
  /** Follows a process that somebody else started, from its last lines on. */
  v.strictObject({ order: v.literal('follow'), id }),
  v.strictObject({ order: v.literal('signal'), id, signal, isAlone: v.boolean() }),
  v.strictObject({ order: v.literal('stop'), id }),
  /** Ends the session and its processes. */
  v.strictObject({ order: v.literal('end') }),
]);
export type Order = v.InferOutput<typeof orderSchema>;

/** What a daemon says in a session. */
export const newsSchema = v.variant('news', [
  /** Answer to `hello`; `isNew`: nothing is known of an earlier session of that id. `taken` is as in `beat`. */
  v.object({ news: v.literal('welcome'), isNew: v.boolean(), taken: count }),
  /** How many orders beside hello and beat were taken since the session began. The others need to be given again. */
  v.object({ news: v.literal('beat'), taken: count }),
  v.object({ news: v.literal('started'), id, pid: count }),
  v.object({ news: v.literal('refused'), id, reason: v.string() }),
  /** Lines in order; the first has number `from`. `leftOut` lines before it were dropped; they are in the log. */
  v.object({ news: v.literal('lines'), id, from: count, leftOut: count, lines: v.array(v.string()) }),
  v.object({
    news: v.literal('exited'),
    id,
    code: v.nullable(v.number()),
    signal: v.nullable(v.string()),
  }),
  /** Answer to `end`: all processes of the session have ended. */
  v.object({ news: v.literal('ended') }),
]);
export type News = v.InferOutput<typeof newsSchema>;

/** One question. */
export const questionSchema = v.variant('ask', [
  v.strictObject({ ask: v.literal('clock') }),
  v.strictObject({ ask: v.literal('list'), path }),
  v.strictObject({ ask: v.literal('processes') }),
  /** Which of these contents are missing in the store. */
  v.strictObject({ ask: v.literal('missing'), hashes: v.pipe(v.array(digest), v.maxLength(20_000)) }),
  /** Puts contents of the store to these paths. */
  v.strictObject({
    ask: v.literal('place'),
    files: v.pipe(
      v.array(v.strictObject({ hash: digest, path, isExecutable: v.boolean() })),
      v.maxLength(10_000),
    ),
  }),
  /** The daemon ends all processes, removes its folder if asked to, and then itself. */
  v.strictObject({ ask: v.literal('shutdown'), removesFolder: v.boolean() }),
]);
export type Question = v.InferOutput<typeof questionSchema>;

/** What may be read. */
export const readSchema = v.variant('read', [
  v.strictObject({ read: v.literal('file'), path, bytesMax: v.exactOptional(count) }),
  /** The standard output of a program, which ends with the call. */
  v.strictObject({ read: v.literal('run'), program: path, arguments: words }),
]);
export type ReadRequest = v.InferOutput<typeof readSchema>;

/** The first message of a write; the content follows. */
export const writeSchema = v.variant('write', [
  v.strictObject({ write: v.literal('file'), path, hash: digest }),
  /** Into the store. */
  v.strictObject({ write: v.literal('content'), hash: digest }),
]);
export type WriteRequest = v.InferOutput<typeof writeSchema>;

/** How often to sample. */
export const usageSchema = v.strictObject({ everyMs: v.pipe(count, v.minValue(50), v.maxValue(3_600_000)) });

/** A process that a daemon has, or had a moment ago. */
export const processSchema = v.object({
  id,
  name,
  pid: count,
  /** Belongs to the machine, not to a session. */
  isKept: v.boolean(),
  startedAtMs: v.number(),
  exit: v.nullable(v.object({ code: v.nullable(v.number()), signal: v.nullable(v.string()) })),
});
export type ProcessInfo = v.InferOutput<typeof processSchema>;

/** Use of a machine at a moment. Times of processors and bytes count from the machine's start. */
export const sampleSchema = v.object({
  /** Milliseconds since the epoch, on the machine's clock. */
  atMs: v.number(),
  machine: v.object({
    cpuBusyMs: v.number(),
    cpuTotalMs: v.number(),
    memoryUsedBytes: v.number(),
    memoryTotalBytes: v.number(),
    networkInBytes: v.number(),
    networkOutBytes: v.number(),
  }),
  /** Of each process group, with all that descends from it. */
  groups: v.array(v.object({ id, name, cpuMs: v.number(), rssBytes: v.number(), processes: v.number() })),
});
export type UsageSample = v.InferOutput<typeof sampleSchema>;

/** JSON as gRPC's serialiser. */
export function encode(message: unknown): Buffer {
  return Buffer.from(JSON.stringify(message), 'utf8');
}

/** Leaves bytes as they are. */
export const asIs = (bytes: Buffer): Buffer => bytes;

/** Reads a message. Throws one sentence if it is not what it should be. */
export function decode<T extends v.GenericSchema>(schema: T, bytes: Uint8Array): v.InferOutput<T> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch {
    throw new Error('it is not JSON');
  }
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Error(`${v.getDotPath(issue) ?? 'it'}: ${issue.message}`);
}
