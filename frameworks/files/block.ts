/** Blocks of files, and the nodes that hold their replicas, as data. */
import * as v from 'valibot';
import { type Immutable, TextSchema } from '../../mesos/protocol/entities.ts';

/**
 * A name of a job, a block or a framework's own space. It becomes a file name, so: letters, digits, `.`, `_`, `-`; at most 128
 * characters.
 */
export const NameSchema = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'must be 1 to 128 letters, digits, ".", "_" or "-"'),
);
const CountSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Of a slave. */
export const HostnameSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(253));

export const BlockSchema = v.object({
  id: NameSchema,
  bytes: CountSchema,
  /** Hostnames of the slaves that hold a replica. */
  hosts: v.pipe(v.array(HostnameSchema), v.maxLength(1000)),
  /** CRC-32 of its bytes; a reader compares. Absent where there are no bytes, as in virtual time. */
  crc32: v.exactOptional(v.pipe(CountSchema, v.maxValue(0xffff_ffff))),
});
/** A piece of a file, cut at a line end: the input of one map. */
export type Block = Immutable<v.InferOutput<typeof BlockSchema>>;

export const NodeSchema = v.object({
  /** Where its file server listens, `http://host:port`. */
  url: v.pipe(v.string(), v.url(), v.maxLength(1024)),
  /** The folder that its file server keeps, as seen on that node. */
  dir: v.pipe(TextSchema, v.minLength(1)),
  /** How tasks on this node read its blocks; default: as files. `server`: from its file server, as HDFS had it in 2010. */
  ownReads: v.exactOptional(v.picklist(['files', 'server'])),
});
/** A slave machine that stores blocks. */
export type Node = Immutable<v.InferOutput<typeof NodeSchema>>;
