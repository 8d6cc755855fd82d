/** What a Hadoop instance is told to do, as data: its jobs, their input, and the nodes that it may use. */
import * as v from 'valibot';
import { CommandInfoSchema, type Immutable, listOf, TextSchema } from '../../mesos/protocol/entities.ts';
import { isEmpty, ResourcesSchema } from '../../mesos/protocol/resources.ts';
import type { Submission } from '../../workloads/jobs.ts';
import { BlockSchema, HostnameSchema, NameSchema, NodeSchema } from '../files/block.ts';
import { SchedulingSchema } from './pools.ts';
import { ProgramSchema, whyNotReduces } from './program/program.ts';
import { SpeculationSchema } from './speculation.ts';

const CountSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const MsSchema = v.pipe(v.number(), v.finite(), v.minValue(0));

/** A block with a tag, by which a program tells its inputs apart. */
export const TaggedBlockSchema = v.object({ ...BlockSchema.entries, tag: v.exactOptional(NameSchema) });
/** A block of a job's input. */
export type TaggedBlock = Immutable<v.InferOutput<typeof TaggedBlockSchema>>;

const JobOutputSchema = v.object({
  /** The id of a job of the same instance: one map for each part of its output. */
  outputOf: NameSchema,
  tag: v.exactOptional(NameSchema),
});
/** The output of an earlier job, as input. */
type JobOutput = Immutable<v.InferOutput<typeof JobOutputSchema>>;

const isOutputOf = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'outputOf' in value;
// By which of both it is meant to be, so that what is wrong with it can be told.
const InputSchema = v.lazy((input) =>
  isOutputOf(input) ? JobOutputSchema : TaggedBlockSchema,
) as v.GenericSchema<unknown, TaggedBlock | JobOutput>;

/** Larger side files belong into the output of a job. */
const SIDE_TEXT_MAX = 65_536;
const SideTextSchema = v.object({
  name: NameSchema,
  text: v.pipe(
    v.string(),
    v.maxLength(SIDE_TEXT_MAX, 'a side file that is given as text has at most 64 KiB'),
  ),
});
const SideOutputSchema = v.object({ name: NameSchema, outputOf: NameSchema });
/** A small file: given as text, or all parts of an earlier job's output, one after the other. */
type SideFile = Immutable<v.InferOutput<typeof SideTextSchema> | v.InferOutput<typeof SideOutputSchema>>;
const SideFileSchema = v.lazy((file) =>
  isOutputOf(file) ? SideOutputSchema : SideTextSchema,
) as v.GenericSchema<unknown, SideFile>;

const SubmissionSchema = v.variant('when', [
  v.object({ when: v.literal('at'), ms: MsSchema }),
  v.object({ when: v.literal('after'), jobId: NameSchema, delayMs: MsSchema }),
]) satisfies v.GenericSchema<Submission>;

export const HadoopJobSchema = v.object({
  id: NameSchema,
  kind: TextSchema,
  submission: SubmissionSchema,
  /** Of fair scheduling; default `default`. */
  pool: v.exactOptional(TextSchema),
  /** One map per block, and per part of what earlier jobs wrote. A job begins when all jobs that it reads from have finished. */
  input: v.pipe(listOf(InputSchema), v.minLength(1, 'a job needs at least one block')),
  /** 0: map-only, the maps write the output. */
  reduces: v.pipe(CountSchema, v.maxValue(10_000)),
  program: ProgramSchema,
  /** Small files that every map and reduce gets. */
  side: v.exactOptional(v.pipe(v.array(SideFileSchema), v.maxLength(16))),
});
/** A MapReduce job. */
export type HadoopJob = Immutable<v.InferOutput<typeof HadoopJobSchema>>;

const HadoopConfigSchema = v.object({
  name: v.pipe(TextSchema, v.minLength(1)),
  jobs: v.pipe(v.array(HadoopJobSchema), v.maxLength(100_000)),
  /** What one task needs. */
  slot: v.optional(
    v.pipe(
      ResourcesSchema,
      v.check((slot) => !isEmpty(slot), 'a slot needs some resource'),
    ),
    { cpus: 1, mem: 1024 },
  ),
  /** The TaskTracker: how to start it, and what it needs beside its tasks. */
  executor: v.object({
    name: v.optional(TextSchema, 'hadoop-tasktracker'),
    command: CommandInfoSchema,
    resources: v.optional(ResourcesSchema, {}),
  }),
  /** By hostname of the slave; empty in virtual time. */
  nodes: v.optional(v.pipe(v.record(HostnameSchema, NodeSchema), v.maxEntries(10_000)), {}),
  /** How long a job waits for a slot beside its data (delay scheduling, NSDI'11 §6.3); 0: not at all. */
  localityWaitMs: v.optional(MsSchema, 0),
  /** How jobs share the slots. */
  scheduling: v.optional(SchedulingSchema, { policy: 'fair' }),
  /** Copies of tasks that are slow. */
  speculation: v.optional(SpeculationSchema, { policy: 'off' }),
  /** A job runs no more tasks on a node where so many have failed, unless that is true of a quarter of all nodes. */
  failuresPerNodeMax: v.optional(v.pipe(CountSchema, v.minValue(1)), 4),
  /** A job fails when one of its tasks has failed this often. */
  failuresPerTaskMax: v.optional(v.pipe(CountSchema, v.minValue(1)), 4),
  /** How much a task may hold in memory of records to sort or merge before it spills. */
  memoryPerTaskBytes: v.optional(v.pipe(CountSchema, v.minValue(65_536)), 64 * 1024 * 1024),
  /** On how many nodes each part of a job's output is stored. */
  outputReplication: v.optional(v.pipe(CountSchema, v.minValue(1), v.maxValue(16)), 1),
  /** Of a scheduler that takes the place of another: it goes into the ids of its tasks, which must not be given twice. 0: it is the first. */
  incarnation: v.optional(CountSchema, 0),
  /** Does not end when its jobs have: more may come (JobControl). Between jobs it gives back all that it holds. */
  keepRunning: v.optional(v.boolean(), false),
  /** Of the modelled task lengths: the same seed gives the same task the same length on any system. */
  seed: v.optional(CountSchema, 0),
});
/** A Hadoop instance: one framework. */
export type HadoopConfig = Immutable<v.InferOutput<typeof HadoopConfigSchema>>;

/** Reads a configuration, e.g. from a JSON file. Throws a TypeError with one sentence if it is wrong. */
export function readHadoopConfig(json: unknown): HadoopConfig {
  const result = v.safeParse(HadoopConfigSchema, json, { abortEarly: true });
  if (!result.success) {
    const issue = result.issues[0];
    const where = v.getDotPath(issue) ?? 'the configuration';
    throw new TypeError(`Hadoop configuration: ${where}: ${issue.message}.`);
  }
  checkJobs(result.output.jobs);
  return result.output;
}

/** The ids of the jobs whose output a job reads. */
export function sourcesOf({ input, side = [] }: HadoopJob): ReadonlySet<string> {
  const sources = new Set<string>();
  for (const each of [...input, ...side]) if ('outputOf' in each) sources.add(each.outputOf);
  return sources;
}

/**
 * Throws a TypeError unless each job has an id of its own, the reduces that its program needs, and does not wait for ever, be it for
 * its submission or its input. `isKnown`: jobs that are there already.
 */
export function checkJobs(jobs: readonly HadoopJob[], isKnown = (_: string): boolean => false): void {
  const byId = new Map<string, HadoopJob>();
  for (const job of jobs) {
    const why = whyNotReduces(job.program, job.reduces);
    if (why !== undefined) throw new TypeError(`Job '${job.id}' ${why}.`);
    if (byId.has(job.id)) throw new TypeError(`Two jobs have the id '${job.id}'; give each its own.`);
    byId.set(job.id, job);
  }
  const earlier = ({ id, submission, ...job }: HadoopJob): HadoopJob[] => {
    const jobsBefore: HadoopJob[] = [];
    const sources = sourcesOf({ id, submission, ...job });
    if (submission.when === 'after' && !byId.has(submission.jobId) && !isKnown(submission.jobId))
      throw new TypeError(`Job '${id}' waits for job '${submission.jobId}', which is not in the list.`);
    for (const source of sources)
      if (!byId.has(source) && !isKnown(source))
        throw new TypeError(`Job '${id}' reads the output of job '${source}', which is not in the list.`);
    for (const before of [...(submission.when === 'after' ? [submission.jobId] : []), ...sources]) {
      const known = byId.get(before);
      if (known !== undefined) jobsBefore.push(known);
    }
    return jobsBefore;
  };
  // Depth first, without recursion: chains may be long.
  const sound = new Set<string>();
  for (const job of jobs) {
    const path: { readonly job: HadoopJob; readonly left: HadoopJob[] }[] = [];
    const onPath = new Set<string>();
    const enter = (next: HadoopJob): void => {
      if (sound.has(next.id)) return;
      if (onPath.has(next.id))
        throw new TypeError(`Job '${next.id}' waits, by way of other jobs, for itself.`);
      onPath.add(next.id);
      path.push({ job: next, left: earlier(next) });
    };
    enter(job);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.left.pop();
      if (next !== undefined) {
        enter(next);
        continue;
      }
      path.pop();
      onPath.delete(top.job.id);
      sound.add(top.job.id);
    }
  }
}

/** How many tasks a job has, as far as can be known before the jobs that it reads from have finished. */
export function countTasks(job: HadoopJob): number {
  return job.input.filter((each) => !('outputOf' in each)).length + job.reduces;
}
