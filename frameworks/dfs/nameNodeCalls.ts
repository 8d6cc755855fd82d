/** What clients and data nodes ask of a namenode, and what it answers: JSON, by `POST /call`. */
import * as v from 'valibot';
import type { Immutable } from '../../mesos/protocol/entities.ts';
import { BlockSchema, HostnameSchema, NameSchema, NodeSchema } from '../files/block.ts';
import { BlockBytesSchema, FileBlockSchema, PathSchema, ReplicationSchema } from './edits.ts';

const CountSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const HostsSchema = v.pipe(v.array(HostnameSchema), v.maxLength(1000));
/** Of a data node's process, so that it is told from an earlier one of the same name. */
const InstanceSchema = NameSchema;
/** A node may hold so many blocks. */
const BLOCKS_PER_NODE_MAX = 1_000_000;
const IdsSchema = v.pipe(v.array(NameSchema), v.maxLength(BLOCKS_PER_NODE_MAX));
const ReplicasSchema = v.pipe(v.array(FileBlockSchema), v.maxLength(BLOCKS_PER_NODE_MAX));
const FreeBytesSchema = v.exactOptional(CountSchema);

export const CallSchema = v.variant('call', [
  v.object({ call: v.literal('stat'), path: PathSchema }),
  /** What is in a folder, from the name after `after` on. */
  v.object({ call: v.literal('list'), path: PathSchema, after: v.exactOptional(v.string()) }),
  /** The blocks of a file, or those of the files in a folder. */
  v.object({ call: v.literal('open'), path: PathSchema }),
  v.object({ call: v.literal('nodes') }),
  v.object({ call: v.literal('status') }),

  /** The writer is a name that the client makes up; asked twice, all that follows is done once. */
  v.object({
    call: v.literal('create'),
    writer: NameSchema,
    path: PathSchema,
    blockBytes: v.exactOptional(BlockBytesSchema),
    replication: v.exactOptional(ReplicationSchema),
    overwrite: v.boolean(),
  }),
  /** Where a block of so many bytes may go: on `first` if that is a node, on none of `without`. */
  v.object({
    call: v.literal('allocate'),
    writer: NameSchema,
    bytes: CountSchema,
    first: v.exactOptional(HostnameSchema),
    without: HostsSchema,
  }),
  /** The block that comes at this place of the file is stored on these nodes. */
  v.object({
    call: v.literal('commit'),
    writer: NameSchema,
    index: CountSchema,
    block: FileBlockSchema,
    hosts: v.pipe(HostsSchema, v.minLength(1)),
  }),
  v.object({ call: v.literal('complete'), writer: NameSchema, path: PathSchema }),
  v.object({ call: v.literal('abandon'), writer: NameSchema }),
  /** The writer lives, though it has nothing to write at the moment. */
  v.object({ call: v.literal('renew'), writer: NameSchema }),
  v.object({ call: v.literal('remove'), path: PathSchema, recursive: v.boolean() }),
  v.object({ call: v.literal('rename'), from: PathSchema, to: PathSchema }),
  v.object({ call: v.literal('replicate'), path: PathSchema, replication: ReplicationSchema }),

  /** A data node is there; of a store that it does not know yet, it says so with no replicas. */
  v.object({
    call: v.literal('register'),
    hostname: HostnameSchema,
    instance: InstanceSchema,
    node: NodeSchema,
    freeBytes: FreeBytesSchema,
    store: v.exactOptional(NameSchema),
    /** All that it holds of this store. */
    replicas: ReplicasSchema,
  }),
  /** A data node lives. What it said in a heartbeat that was not answered, it says again. */
  v.object({
    call: v.literal('heartbeat'),
    hostname: HostnameSchema,
    instance: InstanceSchema,
    freeBytes: FreeBytesSchema,
    added: ReplicasSchema,
    removed: IdsSchema,
    /** Replicas that it holds and that have not the bytes of their block. */
    damaged: IdsSchema,
    /** Copies that it was told to make, and makes. */
    copying: IdsSchema,
  }),
]);
/** A call of a namenode. */
export type Call = Immutable<v.InferOutput<typeof CallSchema>>;
/** A call of one kind. */
export type CallOf<K extends Call['call']> = Extract<Call, { call: K }>;

const EntrySchema = v.variant('type', [
  v.object({
    type: v.literal('file'),
    path: PathSchema,
    bytes: CountSchema,
    blocks: CountSchema,
    blockBytes: CountSchema,
    replication: CountSchema,
    replicas: CountSchema,
    modifiedMs: v.number(),
  }),
  v.object({ type: v.literal('folder'), path: PathSchema }),
]);
const NodesSchema = v.record(HostnameSchema, NodeSchema);
const NothingSchema = v.object({});

/** What is answered to each call. */
export const ANSWERS = {
  stat: EntrySchema,
  list: v.object({ entries: v.array(EntrySchema), isWhole: v.boolean() }),
  open: v.object({ type: v.picklist(['file', 'folder']), blocks: v.array(BlockSchema), nodes: NodesSchema }),
  nodes: NodesSchema,
  status: v.object({
    store: NameSchema,
    files: CountSchema,
    bytes: CountSchema,
    blocks: CountSchema,
    writing: CountSchema,
    /** Blocks with too few good replicas. */
    scarce: CountSchema,
    /** Blocks with none. */
    missing: CountSchema,
    copying: CountSchema,
    /** Whether repairs wait for nodes to report after a start. */
    isStarting: v.boolean(),
    nodes: v.array(
      v.object({
        hostname: HostnameSchema,
        url: v.string(),
        dir: v.string(),
        state: v.picklist(['live', 'lost']),
        silentMs: v.number(),
        blocks: CountSchema,
        freeBytes: FreeBytesSchema,
      }),
    ),
  }),
  create: v.object({ blockBytes: CountSchema, replication: CountSchema }),
  allocate: v.object({
    id: NameSchema,
    targets: v.array(v.object({ hostname: HostnameSchema, url: NodeSchema.entries.url })),
  }),
  commit: NothingSchema,
  complete: EntrySchema,
  abandon: NothingSchema,
  renew: NothingSchema,
  remove: NothingSchema,
  rename: NothingSchema,
  replicate: NothingSchema,
  register: v.object({
    /** Its blocks have names that begin with this and `-`. */
    store: NameSchema,
    heartbeatMs: v.pipe(v.number(), v.minValue(1)),
  }),
  heartbeat: v.object({
    copies: v.array(
      v.object({
        block: FileBlockSchema,
        sources: v.array(v.object({ hostname: HostnameSchema, url: NodeSchema.entries.url })),
      }),
    ),
    removals: v.array(NameSchema),
  }),
} as const satisfies Record<Call['call'], v.GenericSchema>;
/** The answer to a call. */
export type Answer<K extends Call['call']> = Immutable<v.InferOutput<(typeof ANSWERS)[K]>>;
