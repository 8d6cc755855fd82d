/** What scheduler and executor say to each other of a vertex, in the opaque `data` of task and status. */
import * as v from 'valibot';
import type { Immutable } from '../../mesos/protocol/entities.ts';
import { BlockSchema, NameSchema } from '../files/block.ts';
import type { StoredPath } from '../files/storedFile.ts';
import { StageNameSchema } from './job.ts';
import { ProgramSchema } from './program/program.ts';

const IndexSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const InputSchema = v.object({
  stage: StageNameSchema,
  /** Which of the outputs of a vertex there it is. */
  output: IndexSchema,
  /** Which partition of it. */
  partition: IndexSchema,
  /** The first vertex there whose output it is; the others follow. */
  first: IndexSchema,
  /** For each of these vertices: which of `hosts` holds its output. */
  places: v.array(IndexSchema),
});

export const VertexDataSchema = v.object({
  jobId: NameSchema,
  stage: StageNameSchema,
  index: IndexSchema,
  program: ProgramSchema,
  block: v.exactOptional(BlockSchema),
  hosts: v.array(v.string()),
  inputs: v.array(InputSchema),
  /** Partitions of each of its outputs. */
  outputs: v.array(v.pipe(IndexSchema, v.minValue(1))),
  /** If nobody reads what it writes: the part of the job's output that it is. */
  part: v.exactOptional(NameSchema),
});
/** `data` of a TaskInfo: one vertex. */
export type VertexData = Immutable<v.InferOutput<typeof VertexDataSchema>>;

export const VertexReportSchema = v.object({
  /** Did all, or at least half, of its input come from its own node? */
  locality: v.picklist(['local', 'remote']),
  inputBytes: IndexSchema,
  /** Of these, from other nodes. */
  remoteBytes: IndexSchema,
  outputBytes: IndexSchema,
  outputRecords: IndexSchema,
  spills: v.exactOptional(IndexSchema),
  /** If it wrote a part of the job's output: who holds it. */
  part: v.exactOptional(v.object({ name: NameSchema, hosts: v.array(v.string()) })),
});
/** `data` of a TASK_FINISHED: what the vertex did. */
export type VertexReport = Immutable<v.InferOutput<typeof VertexReportSchema>>;

export const VertexFailureSchema = v.object({
  /** This source (a channel, counted over all inputs in order) could not be had from this host; `isGone`: which itself said so. */
  unfetchable: v.object({ source: IndexSchema, host: v.string(), isGone: v.exactOptional(v.literal(true)) }),
});
/** `data` of a TASK_FAILED, if there is something that the scheduler can do about it. */
export type VertexFailure = Immutable<v.InferOutput<typeof VertexFailureSchema>>;

/** Path of an output of a vertex: its channels to the vertices of one connection, as partitions. */
export function channelPath(
  space: string,
  { jobId, stage, index }: Pick<VertexData, 'jobId' | 'stage' | 'index'>,
  output: number,
): StoredPath {
  return `intermediate/${space}/${jobId}/${stage}-${index}.${output}`;
}

/** Name of a part of a job's output, as Hadoop's are: `part-v-00000` of the first vertex of the last stages, and so on. */
export function partName(part: number): string {
  return `part-v-${String(part).padStart(5, '0')}`;
}
