/** What the queue server and its ranks tell each other: status data and framework messages. All of it is checked. */
import * as v from 'valibot';
import { decodeData, IdSchema, type Immutable, listOf, TextSchema } from '../../mesos/protocol/entities.ts';
import { MpiProgramSchema, RANKS_MAX } from './program.ts';

export { type RankResult, RankResultSchema } from './result.ts';

const EndpointSchema = v.object({
  host: v.pipe(TextSchema, v.minLength(1)),
  /** 0: does not listen (modelled ranks). */
  port: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)),
});
/** Where a rank listens. */
export type Endpoint = Immutable<v.InferOutput<typeof EndpointSchema>>;

export const PeerSchema = v.object({
  endpoint: EndpointSchema,
  /** How fast the machine is, 1 being the usual; only models use it. */
  speed: v.pipe(v.number(), v.finite(), v.minValue(0.001), v.maxValue(1000)),
});
/** A rank as the others see it. Data of its TASK_RUNNING. */
export type Peer = Immutable<v.InferOutput<typeof PeerSchema>>;

export const StartSchema = v.object({
  type: v.literal('start'),
  taskId: IdSchema,
  jobId: IdSchema,
  rank: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** All ranks of the job, by rank; their number is the job's size. */
  peers: v.pipe(listOf(PeerSchema), v.minLength(1), v.maxLength(RANKS_MAX)),
  /** What the ranks of this attempt prove to each other; absent for models, which do not talk to each other. */
  secret: v.exactOptional(v.pipe(v.string(), v.minLength(16), v.maxLength(256))),
  program: MpiProgramSchema,
  seed: v.pipe(v.number(), v.safeInteger()),
});
/** To a rank: the gang is complete, begin. Sent again until it is confirmed. */
export type Start = Immutable<v.InferOutput<typeof StartSchema>>;

export const StartedSchema = v.object({ type: v.literal('started'), taskId: IdSchema });
/** From a rank: it has begun. */
export type Started = Immutable<v.InferOutput<typeof StartedSchema>>;

/** Reads data that should hold such a message; undefined if it holds anything else. */
export function readMessage<S extends v.GenericSchema>(
  schema: S,
  data: string | undefined,
): Immutable<v.InferOutput<S>> | undefined {
  try {
    const parsed = v.safeParse(schema, decodeData(data));
    return parsed.success ? (parsed.output as Immutable<v.InferOutput<S>>) : undefined;
  } catch {
    return undefined;
  }
}
