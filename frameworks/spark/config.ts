/** What a Spark application is told, as data: what it may use, and how its tasks are scheduled. */
import * as v from 'valibot';
import { CommandInfoSchema, type Immutable, TextSchema } from '../../mesos/protocol/entities.ts';
import { isEmpty, ResourcesSchema } from '../../mesos/protocol/resources.ts';
import { BlockSchema, HostnameSchema, NameSchema, NodeSchema } from '../files/block.ts';

const CountSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const MsSchema = v.pipe(v.number(), v.finite(), v.minValue(0));
const MIB = 1024 * 1024;
/** Memory of an executor, in MiB: Spark's default of 2011. */
const MEM_DEFAULT = 512;

/** What both real and modelled applications are configured with. Defaults are Spark's of 2011 (SimpleJob.scala). */
const SCHEDULING = {
  name: v.pipe(TextSchema, v.minLength(1)),
  /** `fine`: a Mesos task for each task. `coarse`: one long Mesos task on each slave, in which tasks are run. */
  mode: v.optional(v.picklist(['fine', 'coarse']), 'fine'),
  /** What one task needs. */
  slot: v.optional(
    v.pipe(
      ResourcesSchema,
      v.check((slot) => !isEmpty(slot), 'a slot needs some resource'),
    ),
    { cpus: 1 },
  ),
  /** Coarse-grained: at most so many slots in all. */
  slotsMax: v.optional(v.pipe(CountSchema, v.minValue(1)), 100_000),
  /** The executor: how to start it, and what it needs beside its tasks, which is for cached partitions. */
  executor: v.object({
    name: v.optional(TextSchema, 'spark-executor'),
    command: CommandInfoSchema,
    resources: v.optional(ResourcesSchema, { mem: MEM_DEFAULT }),
  }),
  /** How much of cached partitions an executor keeps in memory; default: half of the memory that it holds. */
  cacheBytes: v.exactOptional(CountSchema),
  /** How much a task may hold of pairs, before they go to disk. */
  memoryPerTaskBytes: v.optional(v.pipe(CountSchema, v.minValue(65_536)), 64 * MIB),
  /** By hostname of the slave: file servers. Without any there are no shuffles, and no large results. */
  nodes: v.optional(v.pipe(v.record(HostnameSchema, NodeSchema), v.maxEntries(10_000)), {}),
  /** How long a stage waits for a slot where its data is (delay scheduling, NSDI'11 §6.3); 0: not at all. */
  localityWaitMs: v.optional(MsSchema, 5000),
  /** A job fails when one of its tasks has failed this often. */
  failuresPerTaskMax: v.optional(v.pipe(CountSchema, v.minValue(1)), 4),
  /** Of modelled lengths. */
  seed: v.optional(CountSchema, 0),
} as const;

const SchedulingSchema = v.object(SCHEDULING);
/** How tasks are scheduled, and what their executors get. */
export type SparkScheduling = Immutable<WithCache<v.InferOutput<typeof SchedulingSchema>>>;

type WithCache<C> = Omit<C, 'cacheBytes'> & { readonly cacheBytes: number };

const SparkConfigSchema = v.object({
  ...SCHEDULING,
  /** A built-in application, or the path of a module that exports `main`. */
  app: v.pipe(v.string(), v.minLength(1), v.maxLength(4096)),
  /** What `main` is given. */
  args: v.optional(v.record(v.string(), v.unknown()), {}),
  /** Files of the distributed file system that `textFile` knows by name. */
  inputs: v.optional(v.record(NameSchema, v.pipe(v.array(BlockSchema), v.maxLength(100_000))), {}),
  /** Partitions of a dataset for which nothing else is said. */
  defaultPartitions: v.optional(v.pipe(CountSchema, v.minValue(1), v.maxValue(100_000)), 8),
  /** Most bytes of all results of one action together. */
  resultBytesMax: v.optional(CountSchema, 256 * MIB),
});
/** A Spark application. */
export type SparkConfig = Immutable<WithCache<v.InferOutput<typeof SparkConfigSchema>>>;

/** Reads a configuration, e.g. from a JSON file. Throws a TypeError with one sentence if it is wrong. */
export function readSparkConfig(json: unknown): SparkConfig {
  return withCache(read(SparkConfigSchema, json));
}

/** Reads how to schedule alone, for applications that are not run by name. */
export function readScheduling(json: unknown): SparkScheduling {
  return withCache(read(SchedulingSchema, json));
}

function withCache<
  C extends {
    readonly cacheBytes?: number;
    readonly executor: { readonly resources: Readonly<Record<string, number>> };
  },
>(config: C): WithCache<C> {
  const { mem = MEM_DEFAULT } = config.executor.resources;
  return { ...config, cacheBytes: config.cacheBytes ?? Math.floor((mem * MIB) / 2) };
}

function read<S extends v.GenericSchema>(schema: S, json: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, json, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  const where = v.getDotPath(issue) ?? 'the configuration';
  throw new TypeError(`Spark configuration: ${where}: ${issue.message}.`);
}
