/** Which vertex programs there are, as data. What they do is in programs.ts. */
import * as v from 'valibot';
import { type Immutable, TextSchema } from '../../../mesos/protocol/entities.ts';

const FieldSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(999));
const CountSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const MsSchema = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1e12));

export const ProgramSchema = v.variant('type', [
  // Of stages that read blocks.
  /**
   * Each line, or every `every`-th, is a key, without a value. With an input as of `range`, its channels are cut by the keys of
   * that.
   */
  v.object({ type: v.literal('lines'), every: v.exactOptional(CountSchema) }),
  /** One field of each line is the key, others are the value, with tabs between them. Lines with fewer fields are passed over. */
  v.object({
    type: v.literal('fields'),
    delimiter: v.optional(v.pipe(TextSchema, v.regex(/^[\x20-\x7e\t]$/, 'must be one character')), '\t'),
    key: FieldSchema,
    values: v.pipe(v.array(FieldSchema), v.maxLength(100)),
  }),
  // Of stages that read channels.
  /** All inputs as one, in order. */
  v.object({ type: v.literal('merge') }),
  /**
   * Of two inputs: for each pair of records with the same key, a row of the key and both values; its field `key` is the new key,
   * its fields `values` are the value.
   */
  v.object({
    type: v.literal('join'),
    key: FieldSchema,
    values: v.pipe(v.array(FieldSchema), v.maxLength(100)),
  }),
  /** For each key, the sum of each field of its values: amounts from 0 with up to six decimals, summed exactly. */
  v.object({ type: v.literal('sum') }),
  /** Makes a number the key, so that records come in its order: of a row of key and value, the field `key`; the row is the value. */
  v.object({ type: v.literal('rank'), key: FieldSchema, order: v.picklist(['ascending', 'descending']) }),
  /** The first records of all inputs, as many as are wanted. */
  v.object({ type: v.literal('top'), count: CountSchema }),
  /** The values alone, in the order of their keys. */
  v.object({ type: v.literal('values') }),
  /** The key of every `every`-th record. */
  v.object({ type: v.literal('sample'), every: CountSchema }),
  /** Of all keys of its input: those that cut them into so many parts of the same size. */
  v.object({ type: v.literal('splitters'), parts: CountSchema }),
  /** Its first input, cut by the keys of its second, which all its vertices get: what is complete behind it is in order too. */
  v.object({ type: v.literal('range') }),
  // Virtual time.
  /** Takes time, and no more: `ms` in the mean where its input is, otherwise `remoteMs`; log-normal. */
  v.object({
    type: v.literal('model'),
    ms: MsSchema,
    remoteMs: v.exactOptional(MsSchema),
    cv: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(10)), 0),
    /** What each vertex writes. */
    outputBytes: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0)), 0),
  }),
]);
/** A vertex program. */
export type Program = Immutable<v.InferOutput<typeof ProgramSchema>>;

/** Does the stage of a program read blocks? Models do what their stage does. */
export function readsBlocks({ type }: Program): boolean | undefined {
  return type === 'model' ? undefined : type === 'lines' || type === 'fields';
}

/** How many inputs the stage of a program has. */
export function inputsOf({ type }: Program): { readonly min: number; readonly max: number } {
  switch (type) {
    case 'lines':
      return { min: 0, max: 1 };
    case 'fields':
      return { min: 0, max: 0 };
    case 'join':
    case 'range':
      return { min: 2, max: 2 };
    case 'sum':
    case 'rank':
    case 'sample':
    case 'splitters':
    case 'values':
    case 'merge':
    case 'top':
      return { min: 1, max: Number.POSITIVE_INFINITY };
    case 'model':
      return { min: 0, max: Number.POSITIVE_INFINITY };
    default:
      return type satisfies never;
  }
}
