/** What changes the namespace of a block store, as data. The namespace is what its edits add up to. */
import * as v from 'valibot';
import type { Immutable } from '../../mesos/protocol/entities.ts';
import { BlockSchema, NameSchema } from '../files/block.ts';

const CountSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const TimeSchema = v.pipe(v.number(), v.finite());

/** A path; stepsOf (dfsPath.ts) says what is wrong with one. */
export const PathSchema = v.pipe(v.string(), v.maxLength(4096));
export const BlockBytesSchema = v.pipe(CountSchema, v.minValue(1), v.maxValue(1024 ** 3));
export const ReplicationSchema = v.pipe(CountSchema, v.minValue(1), v.maxValue(512));

export const FileBlockSchema = v.object({
  id: NameSchema,
  bytes: BlockSchema.entries.bytes,
  crc32: v.pipe(CountSchema, v.maxValue(0xffff_ffff)),
});
/** A block of a file, wherever its replicas are. */
export type FileBlock = Immutable<v.InferOutput<typeof FileBlockSchema>>;

const settings = { blockBytes: BlockBytesSchema, replication: ReplicationSchema };

export const EditSchema = v.variant('edit', [
  /** A namenode has begun to work on it; ids of blocks that it gives contain this number. */
  v.object({ edit: v.literal('start'), epoch: CountSchema }),
  /** A whole file, as snapshots have it. */
  v.object({
    edit: v.literal('file'),
    path: PathSchema,
    writer: NameSchema,
    ...settings,
    modifiedMs: TimeSchema,
    blocks: v.array(FileBlockSchema),
  }),
  /** Somebody begins to write a file. It is not there before it is complete. */
  v.object({
    edit: v.literal('create'),
    writer: NameSchema,
    path: PathSchema,
    ...settings,
    overwrite: v.boolean(),
  }),
  v.object({ edit: v.literal('add'), writer: NameSchema, block: FileBlockSchema }),
  v.object({ edit: v.literal('complete'), writer: NameSchema, modifiedMs: TimeSchema }),
  v.object({ edit: v.literal('abandon'), writer: NameSchema }),
  /** A file, or a folder with all that is in it. */
  v.object({ edit: v.literal('remove'), path: PathSchema }),
  v.object({ edit: v.literal('rename'), from: PathSchema, to: PathSchema }),
  v.object({ edit: v.literal('replicate'), path: PathSchema, replication: ReplicationSchema }),
]);
/** A change of the namespace. */
export type Edit = Immutable<v.InferOutput<typeof EditSchema>>;
