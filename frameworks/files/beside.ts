/** What stands beside a stored file. */
import * as v from 'valibot';

/** Where a partition is in its file. */
export interface Partition {
  readonly offset: number;
  readonly bytes: number;
  readonly records: number;
  readonly crc32: number;
}

/** The partitions of a file, in order. */
export interface PartitionIndex {
  readonly partitions: readonly Partition[];
}

/** What is known of a stored file beside its bytes. */
export type Beside =
  | { readonly type: 'crc32'; readonly crc32: number }
  /** Of a map output, or another file that is fetched by partitions. */
  | { readonly type: 'index'; readonly index: PartitionIndex };

const CountSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const CrcSchema = v.pipe(CountSchema, v.maxValue(0xffff_ffff));
const PartitionSchema = v.object({
  offset: CountSchema,
  bytes: CountSchema,
  records: CountSchema,
  crc32: CrcSchema,
});
const BesideSchema = v.variant('type', [
  v.object({ type: v.literal('crc32'), crc32: CrcSchema }),
  v.object({ type: v.literal('index'), index: v.object({ partitions: v.array(PartitionSchema) }) }),
]);

/** Reads what stands beside a file. Throws if it is not that. */
export function readBeside(text: string): Beside {
  return v.parse(BesideSchema, JSON.parse(text));
}
