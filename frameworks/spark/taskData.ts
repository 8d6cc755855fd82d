/**
 * What scheduler and executors say to each other, in the opaque `data` of executors, tasks, statuses and messages.
 *
 * Written by structured clone (`v8.serialize`), in which values of an application, typed arrays among them, travel as they are; and as
 * JSON, in a fraction of the time, where there are none.
 * Nothing secret goes in here.
 */
import { deserialize, serialize } from 'node:v8';
import * as v from 'valibot';
import { checkOf } from '../../mesos/protocol/schemaCheck.ts';
import { BlockSchema, HostnameSchema, NameSchema, NodeSchema } from '../files/block.ts';
import { FunctionRefSchema } from './program/functions.ts';

/** Most bytes of `data`: a message of Mesos carries 1 MiB, and this leaves room for what is around it. */
export const DATA_BYTES_MAX = 1_000_000;
/** Larger results go by file. */
export const RESULT_INLINE_BYTES_MAX = 32 * 1024;
/** Most partitions of a dataset. */
export const PARTITIONS_MAX = 100_000;

const CountSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const MsSchema = v.pipe(v.number(), v.finite(), v.minValue(0));
const PartitionsSchema = v.pipe(CountSchema, v.minValue(1), v.maxValue(PARTITIONS_MAX));
const BytesSchema = v.custom<Uint8Array>(
  (value) => value instanceof Uint8Array && value.length <= DATA_BYTES_MAX,
  'must be bytes, and not too many',
);
const listOf = <S extends v.GenericSchema>(item: S, most: number) => v.pipe(v.array(item), v.maxLength(most));

const ArgumentSchema = v.variant('type', [
  v.object({ type: v.literal('value'), value: v.unknown() }),
  v.object({ type: v.literal('broadcast'), id: CountSchema }),
  v.object({ type: v.literal('accumulator'), id: CountSchema }),
]);
/** An extra argument of a task function. */
export type Argument = v.InferOutput<typeof ArgumentSchema>;

const CallSchema = v.object({ run: FunctionRefSchema, extra: listOf(ArgumentSchema, 64) });
/** A task function and its extra arguments. */
export type Call = v.InferOutput<typeof CallSchema>;

const StepSchema = v.variant('type', [
  /**
   * Virtual time: takes so long, and yields partitions of so many bytes. It stands first because a simulation reads very many of
   * them, and kinds are tried in turn: it would take three times as long as the last.
   */
  v.object({
    type: v.literal('model'),
    ms: MsSchema,
    /** A source that is read from another node takes so many times as long. */
    remoteSlowdown: v.pipe(v.number(), v.finite(), v.minValue(1)),
    cv: v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(10)),
    bytes: CountSchema,
    /** One value for all partitions, such as a broadcast variable: an executor fetches it once, and its tasks wait for that. */
    isShared: v.exactOptional(v.boolean()),
  }),
  // Sources: each partition has an input of its own.
  v.object({ type: v.literal('source') }),
  // One value at a time.
  v.object({ type: v.literal('map'), call: CallSchema }),
  v.object({ type: v.literal('filter'), call: CallSchema }),
  v.object({ type: v.literal('flatMap'), call: CallSchema }),
  v.object({ type: v.literal('keyBy'), call: CallSchema }),
  v.object({ type: v.literal('mapValues'), call: CallSchema }),
  // A partition at a time.
  v.object({ type: v.literal('mapPartitions'), call: CallSchema }),
  // By key: pairs in, pairs out. Their input is a shuffle, or a dataset that lies by the hash of its keys already.
  v.object({ type: v.literal('reduceByKey'), call: CallSchema }),
  v.object({ type: v.literal('groupByKey') }),
  v.object({ type: v.literal('join') }),
]);
/** How a partition is made of others, or of a source. */
export type Step = v.InferOutput<typeof StepSchema>;

const SourceInputSchema = v.variant('type', [
  /** These values, as `v8.serialize` wrote them as an array. */
  v.object({ type: v.literal('values'), bytes: BytesSchema }),
  /** The lines of a block of the distributed file system. */
  v.object({ type: v.literal('block'), block: BlockSchema }),
  /** The lines that begin in a range of a file that all machines have. */
  v.object({
    type: v.literal('file'),
    path: v.pipe(v.string(), v.maxLength(4096)),
    start: CountSchema,
    end: CountSchema,
  }),
  /** Virtual time: nothing is read. */
  v.object({ type: v.literal('model') }),
]);
/** What a partition of a source is made of. */
export type SourceInput = v.InferOutput<typeof SourceInputSchema>;

const ShuffleWriteSchema = v.object({
  /** Folds the values of a key before they are written. */
  combine: v.exactOptional(CallSchema),
});
/** What is done to pairs on the way to disk. */
export type ShuffleWrite = v.InferOutput<typeof ShuffleWriteSchema>;

const ActionSchema = v.variant('type', [
  v.object({ type: v.literal('collect') }),
  v.object({ type: v.literal('count') }),
  v.object({ type: v.literal('reduce'), call: CallSchema }),
  v.object({ type: v.literal('take'), most: CountSchema }),
  /** Virtual time: nothing is told. */
  v.object({ type: v.literal('model') }),
]);
/** What becomes of a partition in an action. */
export type Action = v.InferOutput<typeof ActionSchema>;

const PlanInputSchema = v.variant('type', [
  /** The node of the plan with this number, which stands before. */
  v.object({ type: v.literal('node'), node: CountSchema }),
  v.object({ type: v.literal('shuffle'), shuffle: CountSchema }),
]);

const PlanNodeSchema = v.object({
  dataset: CountSchema,
  isCached: v.boolean(),
  step: StepSchema,
  inputs: listOf(PlanInputSchema, 16),
});
/** A dataset that is made in a task. */
export type PlanNode = v.InferOutput<typeof PlanNodeSchema>;

const OutputSchema = v.variant('type', [
  v.object({ type: v.literal('result'), action: ActionSchema }),
  v.object({
    type: v.literal('shuffle'),
    shuffle: CountSchema,
    parts: PartitionsSchema,
    write: ShuffleWriteSchema,
  }),
]);
/** What a task leaves: an answer for the driver program, or its part of a shuffle. */
export type TaskOutput = v.InferOutput<typeof OutputSchema>;

const MapOutputsSchema = v.object({
  shuffle: CountSchema,
  /** Hostnames that hold map outputs. */
  hosts: listOf(HostnameSchema, PARTITIONS_MAX),
  /** For each map, which of `hosts`; -1: nobody has it, for what needs it is thought to be in memory. */
  places: v.pipe(
    v.instance(Int32Array),
    v.check((places) => places.length <= PARTITIONS_MAX, 'too many maps'),
  ),
});
/** Where the map outputs of a shuffle are. */
export type MapOutputsAt = v.InferOutput<typeof MapOutputsSchema>;

const BroadcastSchema = v.object({
  id: CountSchema,
  from: v.variant('type', [
    /** The executor has it already. */
    v.object({ type: v.literal('known') }),
    v.object({ type: v.literal('inline'), bytes: BytesSchema }),
    v.object({ type: v.literal('file'), hosts: listOf(HostnameSchema, 1000), bytes: CountSchema }),
  ]),
});
/** A broadcast value, as a task that needs it is told of it. */
export type BroadcastAt = v.InferOutput<typeof BroadcastSchema>;

export const StageDataSchema = v.object({
  stage: CountSchema,
  /** Each node stands after those that it is made of; the last is what the task makes. */
  plan: v.pipe(v.array(PlanNodeSchema), v.minLength(1), v.maxLength(10_000)),
  output: OutputSchema,
});
/** What all tasks of a stage are told alike. */
export type StageData = v.InferOutput<typeof StageDataSchema>;

export const OwnDataSchema = v.object({
  partition: CountSchema,
  /** By number of the node. */
  sources: listOf(
    v.object({ node: CountSchema, input: SourceInputSchema, hosts: listOf(HostnameSchema, 1000) }),
    1000,
  ),
  shuffles: listOf(MapOutputsSchema, 64),
  broadcasts: listOf(BroadcastSchema, 256),
});
/** What one task is told beside that. */
export type OwnData = v.InferOutput<typeof OwnDataSchema>;

/** What a task is told, in its `data` (stageData.ts). */
export type TaskData = StageData & OwnData;

const CacheChangeSchema = v.object({ dataset: CountSchema, partition: CountSchema, bytes: CountSchema });
/** A partition that came to be in memory, or is there no more. */
export type CacheChange = v.InferOutput<typeof CacheChangeSchema>;
const CacheChangesSchema = v.object({
  added: listOf(CacheChangeSchema, PARTITIONS_MAX),
  dropped: listOf(CacheChangeSchema, PARTITIONS_MAX),
});
/** What a task did to the memory of its executor. */
export type CacheChanges = v.InferOutput<typeof CacheChangesSchema>;

const ResultSchema = v.variant('type', [
  v.object({ type: v.literal('none') }),
  /** As `v8.serialize` wrote it. */
  v.object({ type: v.literal('inline'), bytes: BytesSchema }),
  /** On the executor's node. */
  v.object({ type: v.literal('file'), host: HostnameSchema, name: NameSchema, bytes: CountSchema }),
]);
/** The answer of a task to an action. */
export type TaskResult = v.InferOutput<typeof ResultSchema>;

export const TaskReportSchema = v.object({
  result: ResultSchema,
  accumulators: listOf(v.object({ id: CountSchema, amount: v.number() }), 256),
  cache: CacheChangesSchema,
  /** Where its input was: in memory, on the same node, on another; undefined if it had none but a shuffle. */
  locality: v.exactOptional(v.picklist(['memory', 'local', 'remote'])),
  /** Bytes of its source, and of map outputs, that it read. */
  inputBytes: CountSchema,
});
/** `data` of a finished task. */
export type TaskReport = v.InferOutput<typeof TaskReportSchema>;

export const TaskFailureSchema = v.object({
  cache: CacheChangesSchema,
  /** This map output could not be had from there; `map` undefined: of a shuffle that was thought not to be needed. */
  unfetchable: v.exactOptional(
    v.object({
      shuffle: CountSchema,
      map: v.exactOptional(CountSchema),
      host: v.exactOptional(v.string()),
      /** The host itself said that it is not there. */
      isGone: v.exactOptional(v.literal(true)),
    }),
  ),
  /** The executor does not know these broadcasts. */
  unknownBroadcasts: v.exactOptional(listOf(CountSchema, 256)),
  /** It would fail again, wherever it ran. */
  isFinal: v.exactOptional(v.boolean()),
});
/** `data` of a failed task. */
export type TaskFailure = v.InferOutput<typeof TaskFailureSchema>;

export const ExecutorDataSchema = v.object({
  /** The application's own space among the files of the nodes (files/storedFile.ts). */
  space: NameSchema,
  /** By hostname. */
  nodes: v.record(v.string(), NodeSchema),
  /** How much of cached partitions the executor keeps in memory. */
  cacheBytes: CountSchema,
  /** How much a task may hold of pairs, before they go to disk. */
  memoryPerTaskBytes: CountSchema,
  /** Of modelled lengths. */
  seed: CountSchema,
});
/** `data` of the ExecutorInfo. */
export type ExecutorData = v.InferOutput<typeof ExecutorDataSchema>;

export const OrderSchema = v.variant('type', [
  /** Coarse-grained: run a task within the long one. */
  v.object({ type: v.literal('launch'), taskId: v.string(), data: BytesSchema }),
  v.object({ type: v.literal('kill'), taskId: v.string() }),
  /** The end of the task is known: do not tell it again. */
  v.object({ type: v.literal('acknowledge'), taskId: v.string() }),
  v.object({ type: v.literal('unpersist'), dataset: CountSchema }),
  v.object({ type: v.literal('forget-broadcast'), id: CountSchema }),
]);
/** A message to an executor. */
export type Order = v.InferOutput<typeof OrderSchema>;

export const NoticeSchema = v.variant('type', [
  v.object({ type: v.literal('started'), taskId: v.string() }),
  v.object({
    type: v.literal('ended'),
    taskId: v.string(),
    outcome: v.picklist(['finished', 'failed', 'killed']),
    message: v.exactOptional(v.string()),
    data: v.exactOptional(BytesSchema),
  }),
]);
/** A message from an executor, about a task within the long one. */
export type Notice = v.InferOutput<typeof NoticeSchema>;

/** Writes a value for {@link unpack}. */
export function pack(value: unknown): Buffer {
  return serialize(value);
}

/** Writes a value that JSON can write, for {@link unpack}. */
export function packPlain(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value), 'utf8');
}

/** Writes what a task did. */
export function packReport(report: TaskReport): Buffer {
  const isPlain = report.result.type !== 'inline' && report.accumulators.length === 0;
  return isPlain ? packPlain(report) : pack(report);
}

/** What `v8.serialize` writes begins so, and no JSON does. */
const SERIALIZED = 0xff;

/** Reads bytes of a value of one of the kinds above; undefined if they are something else. */
export function unpack<S extends v.GenericSchema>(
  schema: S,
  bytes: Uint8Array | undefined,
): v.InferOutput<S> | undefined {
  if (bytes === undefined) return undefined;
  const isPlain = bytes[0] !== SERIALIZED;
  let value: unknown;
  try {
    value = isPlain ? JSON.parse(textOf(bytes)) : deserialize(bytes);
  } catch {
    return undefined;
  }
  // Looked at without a copy of it, in a quarter of the time: a simulation reads very many of them.
  if (isPlain) return checkOf(schema)(value) ? value : undefined;
  const result = v.safeParse(schema, value);
  return result.success ? result.output : undefined;
}

function textOf({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString('utf8');
}

/** Writes a value as opaque `data`, in base64. */
export function packData(value: unknown): string {
  return pack(value).toString('base64');
}

/** Reads opaque `data` of one of the kinds above; undefined if it is something else. */
export function unpackData<S extends v.GenericSchema>(
  schema: S,
  data: string | undefined,
): v.InferOutput<S> | undefined {
  return data === undefined ? undefined : unpack(schema, Buffer.from(data, 'base64'));
}
