/**
 * What JobTracker and TaskTracker say to each other, in the opaque `data` of executor, task and status, as JSON. What many are told alike
 * is written once for all of them, and read once by those who get it: it stands in a line before what is each one's own.
 *
 * Nothing secret goes in here: the file servers' secret reaches the TaskTracker by its environment
 * (taskTracker.ts).
 */
import * as v from 'valibot';
import { decodeText, encodeText, type Immutable } from '../../mesos/protocol/entities.ts';
import { checkOf } from '../../mesos/protocol/schemaCheck.ts';
import { BlockSchema, NameSchema, NodeSchema } from '../files/block.ts';
import { Recent, remembering } from '../recent.ts';
import { TaggedBlockSchema } from './job.ts';
import { ProgramSchema } from './program/program.ts';
import { COUNTERS_MAX } from './tasks/counters.ts';

const IndexSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const TrackerDataSchema = v.object({
  /** The framework's own space among the files of the nodes (files/storedFile.ts). */
  space: NameSchema,
  seed: IndexSchema,
  /** By hostname. A TaskTracker finds its own node by the hostname of its slave. */
  nodes: v.record(v.string(), NodeSchema),
  memoryPerTaskBytes: IndexSchema,
  outputReplication: v.pipe(IndexSchema, v.minValue(1)),
  /** How often it is to tell the progress of its tasks; absent: not at all. */
  progressMs: v.exactOptional(v.pipe(v.number(), v.minValue(100))),
});
/** `data` of the ExecutorInfo: what every TaskTracker of a framework is told. */
export type TrackerData = Immutable<v.InferOutput<typeof TrackerDataSchema>>;

const SideFileSchema = v.union([
  v.object({ name: NameSchema, text: v.string() }),
  /** The parts of a job's output, as blocks. */
  v.object({ name: NameSchema, outputOf: NameSchema, parts: v.array(BlockSchema) }),
]);
const common = {
  jobId: NameSchema,
  index: IndexSchema,
  program: ProgramSchema,
  /** Small files that every task of the job gets. */
  side: v.exactOptional(v.array(SideFileSchema)),
  /** Of an attempt that is not the first: goes into the names of its files, so that no two attempts write the same. */
  attempt: v.exactOptional(NameSchema),
};

export const TaskDataSchema = v.variant('type', [
  v.object({
    type: v.literal('map'),
    ...common,
    block: TaggedBlockSchema,
    /** If the block is a part of a job's output: of which job. */
    outputOf: v.exactOptional(NameSchema),
    reduces: IndexSchema,
  }),
  v.object({
    type: v.literal('reduce'),
    ...common,
    /** Hostnames that hold map outputs. */
    hosts: v.array(v.string()),
    /** For each map, in order: which of `hosts` holds its output. */
    mapHosts: v.array(IndexSchema),
    /** Of maps that did not finish with their first attempt: which it was, by the number of the map. */
    mapAttempts: v.exactOptional(v.record(v.string(), NameSchema)),
  }),
]);
/** `data` of a TaskInfo: one map or reduce. */
export type TaskData = Immutable<v.InferOutput<typeof TaskDataSchema>>;
/** What the tasks of a job are told alike. */
export type JobData = Pick<TaskData, 'jobId' | 'program'>;
/** A map, as its TaskTracker is told of it. */
export type MapTaskData = Extract<TaskData, { type: 'map' }>;
/** A reduce, as its TaskTracker is told of it. */
export type ReduceTaskData = Extract<TaskData, { type: 'reduce' }>;

const CountersSchema = v.pipe(
  v.record(v.pipe(v.string(), v.minLength(1), v.maxLength(100)), v.pipe(v.number(), v.safeInteger())),
  v.maxEntries(COUNTERS_MAX),
);

export const TaskReportSchema = v.object({
  /** Where a map's block came from; of a reduce: local if all map outputs were. */
  locality: v.picklist(['local', 'remote']),
  /** Bytes read: of the block, or of map outputs. */
  inputBytes: IndexSchema,
  /** Bytes written: of map output, or of job output. */
  outputBytes: IndexSchema,
  /** Records read: lines, or records of map outputs. */
  inputRecords: v.exactOptional(IndexSchema),
  /** Records written. */
  outputRecords: v.exactOptional(IndexSchema),
  /** Records that a map's program emitted, before combining. */
  emittedRecords: v.exactOptional(IndexSchema),
  /** How often it had to write a sorted run to disk for want of memory. */
  spills: v.exactOptional(IndexSchema),
  /** What the program counted, by the names that it gives. The JobTracker adds them up. */
  counters: v.exactOptional(CountersSchema),
  /** Of a reduce: bytes of map outputs that came from other nodes. */
  remoteBytes: v.exactOptional(IndexSchema),
  /** If it wrote a part of the job's output: who holds it, and as which file, if not by the name of the part. */
  part: v.exactOptional(
    v.object({
      name: NameSchema,
      hosts: v.array(v.string()),
      crc32: v.exactOptional(IndexSchema),
      file: v.exactOptional(NameSchema),
    }),
  ),
});
/** `data` of a TASK_FINISHED: what the task did. */
export type TaskReport = Immutable<v.InferOutput<typeof TaskReportSchema>>;

const UnfetchableOutputSchema = v.object({
  map: IndexSchema,
  host: v.string(),
  /** The host itself said that it is not there. */
  isGone: v.exactOptional(v.literal(true)),
});
/** A map output that could not be had from a host. */
export type UnfetchableOutput = Immutable<v.InferOutput<typeof UnfetchableOutputSchema>>;

const UnreadablePartSchema = v.object({
  jobId: NameSchema,
  part: NameSchema,
  hosts: v.array(v.string()),
  /** Which of them said themselves that it is not there. */
  goneFrom: v.exactOptional(v.array(v.string())),
});
/** A part of an earlier job's output that could not be had from any of its hosts. */
export type UnreadablePart = Immutable<v.InferOutput<typeof UnreadablePartSchema>>;

export const TaskFailureSchema = v.union([
  v.object({ unfetchable: UnfetchableOutputSchema }),
  v.object({ unreadable: UnreadablePartSchema }),
]);
/** `data` of a TASK_FAILED, if there is something that the JobTracker can do about it. */
export type TaskFailure = Immutable<v.InferOutput<typeof TaskFailureSchema>>;

export const ProgressSchema = v.object({
  /** How much of each of its tasks is done, by the ids of the tasks; 0 to 1. */
  progress: v.pipe(
    v.record(v.string(), v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
    v.maxEntries(10_000),
  ),
});
/** What a TaskTracker tells the JobTracker now and then. It may get lost. */
export type Progress = Immutable<v.InferOutput<typeof ProgressSchema>>;

/** Writes `data` for {@link readData}: an object of which `common`, as JSON, has the part that many are told alike. */
export function writeData(common: string, own: object): string {
  return encodeText(`${common}\n${JSON.stringify(own)}`);
}

/**
 * Reads `data` of one of the kinds above; undefined if it is something else. Looked at without a copy of it, for there is much: nobody may
 * change it.
 */
export function readData<S extends v.GenericSchema>(
  schema: S,
  data: string | undefined,
): v.InferOutput<S> | undefined {
  const parts = readParts(data);
  if (parts === undefined) return undefined;
  const { common, own } = parts;
  const value = common === own ? own : { ...(common as object), ...(own as object) };
  return checkOf(schema)(value) ? (value as v.InferOutput<S>) : undefined;
}

/** What `data` tells, in its parts; the very same if it stands in one. */
export interface Parts {
  /** What many are told alike. */
  readonly common: unknown;
  readonly own: unknown;
}

/** Reads `data` of any kind, without a look at what it is; undefined if it is not JSON. Nobody may change what it gives. */
export function readParts(data: string | undefined): Parts | undefined {
  try {
    const text = decodeText(data);
    const end = text.indexOf('\n');
    const own: unknown = JSON.parse(end < 0 ? text : text.slice(end + 1));
    return { common: end < 0 ? own : commonPart(text.slice(0, end)), own };
  } catch {
    return undefined;
  }
}

/** Of the jobs whose tasks come in turn, for all executors in this process. */
const commonParts = new Recent<string, object>(50);

function commonPart(text: string): object {
  const known = commonParts.find((read) => read === text);
  if (known !== undefined) return known;
  const common: object = JSON.parse(text);
  commonParts.add(text, common);
  return common;
}

/**
 * Reads the `data` of a TASK_FINISHED; undefined if it is something else. Nobody may change what it gives: maps that read as much, and leave
 * no part of an output, tell the same.
 */
export const readReport = remembering(8, (data) => readData(TaskReportSchema, data));
