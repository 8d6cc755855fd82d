/** Reading what stands beside a stored file. */
import * as v from 'valibot';
import type { Beside } from './storedFile.ts';

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
