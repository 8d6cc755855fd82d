/**
 * What the messages are made of: infos, offers, tasks, statuses.
 *
 * Each entity is one valibot schema, which checks what comes from the network, and the type inferred from it. Names
 * are those of the Mesos v1 API in camel case; "agent" is the paper's "slave" (docs/decisions/0002).
 */
import * as v from 'valibot';
import { PortRangesSchema } from './ports.ts';
import { ResourcesSchema } from './resources.ts';
import { STATUS_REASONS, STATUS_SOURCES, TASK_STATES } from './tasks.ts';

/** T with every property, at any depth, readonly: messages are values and may be shared. */
export type Immutable<T> = T extends object ? { readonly [K in keyof T]: Immutable<T[K]> } : T;

/** Longest id that a peer may send. */
const ID_LENGTH_MAX = 255;
/** Longest opaque `data` of a task, an executor or a message, in characters of base64 (1 MiB of bytes). */
const DATA_LENGTH_MAX = 1_398_104;
/** Longest free text. */
const TEXT_LENGTH_MAX = 8192;
/** Most entries of any list in a message. */
const LIST_LENGTH_MAX = 100_000;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what an id must not have
const ILLEGAL_IN_ID = /[\u0000-\u001f\u007f/\\]/;

/** An id: 1 to 255 characters, no control characters or slashes, not `.` or `..` (ids become folder names). */
export const IdSchema = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(ID_LENGTH_MAX),
  v.check(
    (id) => !ILLEGAL_IN_ID.test(id) && id !== '.' && id !== '..',
    "illegal id: it may not have '/', '\\' or control characters, nor be '.' or '..'",
  ),
);
/** Free text of bounded length. */
export const TextSchema = v.pipe(v.string(), v.maxLength(TEXT_LENGTH_MAX));
/** Bytes in base64, as in v1 JSON; opaque to Mesos. */
export const DataSchema = v.pipe(v.string(), v.maxLength(DATA_LENGTH_MAX));
/** A list of bounded length. */
export const listOf = <S extends v.GenericSchema>(item: S) =>
  v.pipe(v.array(item), v.maxLength(LIST_LENGTH_MAX));
/** Seconds, as v1 has them; may be fractional. */
export const SecondsSchema = v.pipe(v.number(), v.finite());
/** A span in milliseconds, above zero. */
export const SpanMsSchema = v.pipe(v.number(), v.finite(), v.gtValue(0));
/** A span in milliseconds; may be zero. */
const GraceMsSchema = v.pipe(v.number(), v.finite(), v.minValue(0));
const LabelSchema = v.object({ key: TextSchema, value: v.exactOptional(TextSchema) });
/** A word about a task or a framework, which the system does not read. */
export type Label = Immutable<v.InferOutput<typeof LabelSchema>>;
/** Attributes of a slave: text by name. */
const AttributesSchema = v.pipe(v.record(TextSchema, TextSchema), v.maxEntries(64));

/** Attributes of a slave: text by name, e.g. `{ rack: 'r1' }`. */
export type Attributes = Readonly<Record<string, string>>;
export type FrameworkId = string;
export type SlaveId = string;
export type OfferId = string;
export type TaskId = string;
export type ExecutorId = string;

/** What a framework understands beyond the first version of the API. */
export const CAPABILITIES = [
  /** Tasks may become unreachable and come back; without it they are lost. */
  'PARTITION_AWARE',
  /** It is told TASK_KILLING. */
  'TASK_KILLING_STATE',
  /** It gives its roles as a list, and is told with each offer to which of them it is made. */
  'MULTI_ROLE',
  /** It understands reservations as a list. */
  'RESERVATION_REFINEMENT',
  // It could use what this system never offers.
  'REVOCABLE_RESOURCES',
  'GPU_RESOURCES',
  'SHARED_RESOURCES',
  'REGION_AWARE',
] as const;
/** One of {@link CAPABILITIES}. */
export type Capability = (typeof CAPABILITIES)[number];

export const FrameworkInfoSchema = v.object({
  /** Who runs it: the operating system's user. */
  user: TextSchema,
  name: TextSchema,
  /** Absent when it subscribes for the first time. */
  id: v.exactOptional(IdSchema),
  /** Seconds that the master keeps its tasks after its scheduler is gone; default 0. */
  failoverTimeout: v.exactOptional(v.pipe(v.number(), v.finite(), v.minValue(0))),
  /** Weights, priorities and guarantees are given by role; default `*`. */
  role: v.exactOptional(IdSchema),
  /** What it must be able to have at any time (NSDI'11 §3.3); default: what its role has, or nothing. */
  guarantee: v.exactOptional(ResourcesSchema),
  /** As whom it authenticated; the master writes this. Nobody else may take its place. */
  principal: v.exactOptional(TextSchema),
  /** Where its scheduler runs. */
  hostname: v.exactOptional(TextSchema),
  /** Where people find its own page. */
  webuiUrl: v.exactOptional(TextSchema),
  /** It counts on its executors to outlive their slave's process. Here that is a matter of the slave alone. */
  checkpoint: v.exactOptional(v.boolean()),
  labels: v.exactOptional(listOf(LabelSchema)),
  capabilities: v.exactOptional(v.pipe(v.array(v.picklist(CAPABILITIES)), v.maxLength(CAPABILITIES.length))),
});
/** A framework as it introduces itself. */
export type FrameworkInfo = Immutable<v.InferOutput<typeof FrameworkInfoSchema>>;

export const SlaveInfoSchema = v.object({
  /** Absent when it registers for the first time. */
  id: v.exactOptional(IdSchema),
  hostname: TextSchema,
  resources: ResourcesSchema,
  /** Those that the resource `ports` counts. */
  ports: v.exactOptional(PortRangesSchema),
  attributes: AttributesSchema,
  /** Its executors outlive its process, and a new process takes them over; default no. */
  checkpoint: v.exactOptional(v.boolean()),
});
/** A slave as it introduces itself. */
export type SlaveInfo = Immutable<v.InferOutput<typeof SlaveInfoSchema>>;

/** Most URIs of a command. */
const URIS_MAX = 100;

const UriSchema = v.object({
  /** An absolute path, or a `file://`, `http://` or `https://` URI. */
  value: v.pipe(TextSchema, v.minLength(1)),
  /** It is made executable, and never extracted; default no. */
  executable: v.exactOptional(v.boolean()),
  /** If it is an archive, it is extracted; default yes. */
  extract: v.exactOptional(v.boolean()),
  /** Its path in the sandbox; default: the last part of the URI. */
  outputFile: v.exactOptional(
    v.pipe(TextSchema, v.check(isInside, 'an output file must be a path inside the sandbox, without ..')),
  ),
});
/** Something that is fetched into the sandbox before a command runs. */
export type Uri = Immutable<v.InferOutput<typeof UriSchema>>;

/** Does a relative path lead to something below where it starts, whatever there is? */
export function isInside(path: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what a path must not have
  if (/[\u0000-\u001f\u007f]/.test(path) || path.startsWith('/')) return false;
  return path.split('/').every((name) => name !== '' && name !== '.' && name !== '..');
}

export const CommandInfoSchema = v.object({
  /** True: `value` is a line for `/bin/sh -c`. False: `value` is a program and `arguments` its argv, argv[0] included. */
  shell: v.boolean(),
  value: TextSchema,
  arguments: listOf(TextSchema),
  /** Variables added to the environment. */
  environment: v.pipe(v.record(v.string(), TextSchema), v.maxEntries(256)),
  /** What is fetched into the sandbox before it runs. */
  uris: v.exactOptional(v.pipe(v.array(UriSchema), v.maxLength(URIS_MAX))),
});
/** A command to run. */
export type CommandInfo = Immutable<v.InferOutput<typeof CommandInfoSchema>>;

export const ExecutorInfoSchema = v.object({
  executorId: IdSchema,
  /** What kind of executor it is: a name for people, and for the emulated isolation the model to run. */
  name: TextSchema,
  command: CommandInfoSchema,
  /** What the executor itself needs, beside its tasks. */
  resources: ResourcesSchema,
  data: v.exactOptional(DataSchema),
  /** It runs the command of one task: the slave has a program for that, and `command` says only what to fetch. */
  isCommand: v.exactOptional(v.literal(true)),
  /** How long it may take to end when it is told to; default: as long as its slave gives any. */
  shutdownGraceMs: v.exactOptional(GraceMsSchema),
});
/** The process that runs a framework's tasks on a slave, and lives across them. */
export type ExecutorInfo = Immutable<v.InferOutput<typeof ExecutorInfoSchema>>;

export const TaskInfoSchema = v.object({
  name: TextSchema,
  taskId: IdSchema,
  slaveId: IdSchema,
  resources: ResourcesSchema,
  /** Those that the resource `ports` counts. */
  ports: v.exactOptional(PortRangesSchema),
  executor: ExecutorInfoSchema,
  data: v.exactOptional(DataSchema),
  /** The slave ends it when it has taken this long; default never. */
  maxCompletionTimeMs: v.exactOptional(SpanMsSchema),
  /** It is this command, and its executor is one that runs commands; see `commandExecutorInfo`. */
  command: v.exactOptional(CommandInfoSchema),
  /** How long its command may take to end when it is told to, unless the order says otherwise; default 3 s, as in Mesos. */
  killGraceMs: v.exactOptional(GraceMsSchema),
  /** For people and their tools. */
  labels: v.exactOptional(listOf(LabelSchema)),
});
/** A task that a framework wants launched. */
export type TaskInfo = Immutable<v.InferOutput<typeof TaskInfoSchema>>;

export const UnavailabilitySchema = v.object({
  /** When it begins, in milliseconds since the epoch. */
  startMs: v.pipe(v.number(), v.finite()),
  /** Absent: nobody knows when it ends. */
  durationMs: v.exactOptional(v.pipe(v.number(), v.finite(), v.minValue(0))),
});
/** A time in which a machine is not to be counted on, because somebody works on it. */
export type Unavailability = Immutable<v.InferOutput<typeof UnavailabilitySchema>>;

export const OfferSchema = v.object({
  id: IdSchema,
  frameworkId: IdSchema,
  slaveId: IdSchema,
  hostname: TextSchema,
  resources: ResourcesSchema,
  /** Those that the resource `ports` counts. */
  ports: v.exactOptional(PortRangesSchema),
  attributes: AttributesSchema,
  /** The framework's executors that live on this slave. */
  executorIds: listOf(IdSchema),
  /** These resources are reserved for short tasks: what runs on them is ended after this long (NSDI'11 §4.4). */
  maxTaskDurationMs: v.exactOptional(SpanMsSchema),
  /** The slave's machine is scheduled for maintenance. */
  unavailability: v.exactOptional(UnavailabilitySchema),
});
/** The free resources of one slave, offered to one framework (NSDI'11 §3.1). */
export type Offer = Immutable<v.InferOutput<typeof OfferSchema>>;

export const InverseOfferSchema = v.object({
  id: IdSchema,
  frameworkId: IdSchema,
  slaveId: IdSchema,
  unavailability: UnavailabilitySchema,
});
/** Asks a framework to leave a slave, because its machine is to be worked on. */
export type InverseOffer = Immutable<v.InferOutput<typeof InverseOfferSchema>>;

export const FiltersSchema = v.object({
  /** How long not to offer again what was refused; default 5 s, 0 for none, negative for the default. */
  refuseSeconds: v.exactOptional(SecondsSchema),
});
/** What a framework does not want to see for a while. */
export type Filters = Immutable<v.InferOutput<typeof FiltersSchema>>;

export const OperationSchema = v.variant('type', [
  v.object({ type: v.literal('LAUNCH'), taskInfos: listOf(TaskInfoSchema) }),
  /** These are reserved from now on, as their names say; unreserved before. */
  v.object({ type: v.literal('RESERVE'), resources: ResourcesSchema }),
  /** These are not reserved any more, as their names say that they are. */
  v.object({ type: v.literal('UNRESERVE'), resources: ResourcesSchema }),
]);
/** What is to be done with offers that are accepted. */
export type Operation = Immutable<v.InferOutput<typeof OperationSchema>>;

export const TaskStatusSchema = v.object({
  taskId: IdSchema,
  state: v.picklist(TASK_STATES),
  source: v.picklist(STATUS_SOURCES),
  reason: v.exactOptional(v.picklist(STATUS_REASONS)),
  message: v.exactOptional(TextSchema),
  data: v.exactOptional(DataSchema),
  slaveId: v.exactOptional(IdSchema),
  executorId: v.exactOptional(IdSchema),
  /** Seconds since the epoch of the clock that it was made on. */
  timestamp: SecondsSchema,
  /** Present if the update must be acknowledged: updates from the slave, not those that the master makes. */
  uuid: v.exactOptional(IdSchema),
});
/** What became of a task. */
export type TaskStatus = Immutable<v.InferOutput<typeof TaskStatusSchema>>;

export const TaskRecordSchema = v.object({
  frameworkId: IdSchema,
  taskId: IdSchema,
  name: TextSchema,
  executorId: IdSchema,
  resources: ResourcesSchema,
  ports: v.exactOptional(PortRangesSchema),
  state: v.picklist(TASK_STATES),
  /** It runs on resources that are reserved for short tasks. */
  isShort: v.boolean(),
  labels: v.exactOptional(listOf(LabelSchema)),
  /** How long ago it was launched. */
  ageMs: v.pipe(v.number(), v.finite(), v.minValue(0)),
});
/** A task as its slave describes it to a new master. Terminal ones have not been acknowledged; they hold nothing. */
export type TaskRecord = Immutable<v.InferOutput<typeof TaskRecordSchema>>;

export const MasterInfoSchema = v.object({
  id: IdSchema,
  /** Where it listens, `host:port`. */
  address: TextSchema,
  version: TextSchema,
});
/** A master as it introduces itself. */
export type MasterInfo = Immutable<v.InferOutput<typeof MasterInfoSchema>>;

/** Writes a JSON value as the opaque `data` of a task, executor or message. */
export function encodeData(value: unknown): string {
  return encodeText(JSON.stringify(value));
}

/** Reads what {@link encodeData} wrote. Throws a SyntaxError if it is something else; check the shape yourself. */
export function decodeData(data: string | undefined): unknown {
  return JSON.parse(decodeText(data));
}

/** Bytes on their way between text and base64; nothing is in it longer than that takes. A buffer for each would cost more than the way. */
const underWay = Buffer.allocUnsafeSlow(8192);

/** Writes text as opaque `data`. */
export function encodeText(text: string): string {
  // A character of UTF-16 becomes three bytes at most.
  if (3 * text.length > underWay.length) return Buffer.from(text, 'utf8').toString('base64');
  return underWay.toString('base64', 0, underWay.write(text, 'utf8'));
}

/** Reads what {@link encodeText} wrote. */
export function decodeText(data = ''): string {
  if (data.length > underWay.length) return Buffer.from(data, 'base64').toString('utf8');
  return underWay.toString('utf8', 0, underWay.write(data, 'base64'));
}
