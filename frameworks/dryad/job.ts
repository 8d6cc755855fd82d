/** What a Dryad instance is told to do, as data: graphs of stages, their input, and the nodes that it may use. */
import * as v from 'valibot';
import { CommandInfoSchema, type Immutable, listOf, TextSchema } from '../../mesos/protocol/entities.ts';
import { isEmpty, ResourcesSchema } from '../../mesos/protocol/resources.ts';
import type { Submission } from '../../workloads/jobs.ts';
import { BlockSchema, HostnameSchema, NameSchema, NodeSchema } from '../files/block.ts';
import { inputsOf, ProgramSchema, readsBlocks } from './program/program.ts';

const CountSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const MsSchema = v.pipe(v.number(), v.finite(), v.minValue(0));

export const StageNameSchema = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z][A-Za-z0-9_]{0,31}$/, 'must be 1 to 32 letters, digits or "_", a letter first'),
);

const ConnectionSchema = v.object({
  /** Whose output it is. */
  stage: StageNameSchema,
  /**
   * `pointwise`: each vertex there writes to one vertex here, to as many as there are in equal shares, in order (a tree, if there
   * are fewer here). `complete`: each writes to all here, which get different records. `broadcast`: all here get all records.
   */
  connect: v.picklist(['pointwise', 'complete', 'broadcast']),
});
/** What leads into a stage (Dryad, EuroSys'07 §3: the operators >= and >>). */
export type Connection = Immutable<v.InferOutput<typeof ConnectionSchema>>;

const StageSchema = v.object({
  id: StageNameSchema,
  program: ProgramSchema,
  /** Of a stage that reads a file: one vertex for each block. */
  input: v.exactOptional(
    v.pipe(listOf(BlockSchema), v.minLength(1, 'a stage that reads blocks needs at least one')),
  ),
  /** Of a stage that reads channels: where from. One that reads blocks may read channels too, if its program can. */
  inputs: v.optional(v.pipe(v.array(ConnectionSchema), v.maxLength(32)), []),
  /**
   * How many vertices it has. Default: of a stage that reads blocks, as many as there are; else as many as the first stage that it
   * reads.
   */
  vertices: v.exactOptional(v.pipe(CountSchema, v.minValue(1), v.maxValue(100_000))),
});
/** A stage: vertices with the same program. */
export type Stage = Immutable<v.InferOutput<typeof StageSchema>>;

const SubmissionSchema = v.variant('when', [
  v.object({ when: v.literal('at'), ms: MsSchema }),
  v.object({ when: v.literal('after'), jobId: NameSchema, delayMs: MsSchema }),
]) satisfies v.GenericSchema<Submission>;

export const DryadJobSchema = v.object({
  id: NameSchema,
  kind: v.optional(TextSchema, 'dryad'),
  submission: v.optional(SubmissionSchema, { when: 'at', ms: 0 }),
  /** Each stage after those that it reads. Stages that nobody reads write the output. */
  stages: v.pipe(v.array(StageSchema), v.minLength(1, 'a job needs a stage'), v.maxLength(1000)),
});
/** A job: a graph of vertices, without circles. */
export type DryadJob = Immutable<v.InferOutput<typeof DryadJobSchema>>;

const DryadConfigSchema = v.object({
  /** The framework's name in the history. */
  name: v.pipe(TextSchema, v.minLength(1)),
  jobs: v.pipe(v.array(DryadJobSchema), v.maxLength(100_000)),
  /** It goes on without jobs, and waits for more. */
  keepRunning: v.optional(v.boolean(), false),
  /** What one vertex needs. */
  slot: v.optional(
    v.pipe(
      ResourcesSchema,
      v.check((slot) => !isEmpty(slot), 'is empty: a vertex needs resources'),
    ),
    { cpus: 1, mem: 512 },
  ),
  /** The executor: how to start it, and what it needs beside its vertices. `name` also says which model runs it in virtual time. */
  executor: v.object({
    name: v.optional(TextSchema, 'dryad-executor'),
    command: CommandInfoSchema,
    resources: v.optional(ResourcesSchema, {}),
  }),
  /** By hostname of the slave; empty in virtual time. */
  nodes: v.optional(v.pipe(v.record(HostnameSchema, NodeSchema), v.maxEntries(10_000)), {}),
  /** How long a job waits for a slot beside its data; 0: not at all. */
  localityWaitMs: v.optional(MsSchema, 0),
  /** A job fails when one of its vertices has failed this often. */
  failuresPerVertexMax: v.optional(v.pipe(CountSchema, v.minValue(1)), 4),
  /** How much a vertex may hold in memory of records to sort or merge before it spills. */
  memoryPerVertexBytes: v.optional(v.pipe(CountSchema, v.minValue(262_144)), 64 * 1024 * 1024),
  /** On how many nodes each part of the output is stored. */
  outputReplication: v.optional(v.pipe(CountSchema, v.minValue(1), v.maxValue(16)), 1),
  /** Of a scheduler that takes the place of another: it goes into the ids of its tasks. 0: it is the first. */
  incarnation: v.optional(CountSchema, 0),
  /** Of modelled lengths. */
  seed: v.optional(CountSchema, 1),
});
/** A checked configuration, defaults filled in. */
export type DryadConfig = Immutable<v.InferOutput<typeof DryadConfigSchema>>;

/**
 * Checks a configuration, e.g. one read from a JSON file, and fills in the defaults. Throws a TypeError with one sentence that
 * says which part is wrong.
 */
export function readDryadConfig(json: unknown): DryadConfig {
  const parsed = v.safeParse(DryadConfigSchema, json, { abortEarly: true });
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const path = v.getDotPath(issue);
    throw new TypeError(`Dryad configuration: ${path === null ? '' : `${path}: `}${issue.message}`);
  }
  const jobs = parsed.output.jobs.map((job) => ({ ...job, stages: counted(job.stages) }));
  const wrong = complaint(jobs);
  if (wrong !== undefined) throw new TypeError(`Dryad configuration: ${wrong}`);
  if (jobs.length === 0 && !parsed.output.keepRunning)
    throw new TypeError(
      'Dryad configuration: there are no jobs; give some, or let it wait for them by keepRunning',
    );
  return { ...parsed.output, jobs };
}

/**
 * A job that comes while the framework runs, with the number of vertices of each stage. Throws a RangeError of one sentence if it
 * cannot be done; `known`: whether there is or was a job of an id.
 */
export function checkedJob(job: DryadJob, known: (id: string) => boolean): DryadJob {
  const { id, submission } = job;
  const whole = { ...job, stages: counted(job.stages) };
  const wrong = stagesComplaint(whole.stages);
  if (wrong !== undefined) throw new RangeError(`Job '${id}': ${wrong}.`);
  if (known(id)) throw new RangeError(`There is or was a job '${id}' here; give this one another id.`);
  if (submission.when === 'after' && !known(submission.jobId))
    throw new RangeError(`Job '${id}' is to follow job '${submission.jobId}', which is not known here.`);
  return whole;
}

/** The stages, with the number of vertices of each. */
function counted<S extends Stage>(stages: readonly S[]): S[] {
  const counts = new Map<string, number>();
  return stages.map((stage) => {
    const vertices = stage.vertices ?? stage.input?.length ?? counts.get(stage.inputs[0]?.stage ?? '');
    if (vertices === undefined) return stage;
    counts.set(stage.id, vertices);
    return { ...stage, vertices };
  });
}

/** How many vertices a stage has. */
export function countVertices({ input, vertices }: Stage): number {
  return vertices ?? input?.length ?? 0;
}

function complaint(jobs: readonly DryadJob[]): string | undefined {
  const ids = new Set<string>();
  for (const { id, submission, stages } of jobs) {
    if (ids.has(id)) return `two jobs have the id '${id}'; give each its own`;
    // What it follows comes before it in the list: no job can wait, by way of others, for itself.
    if (submission.when === 'after' && !ids.has(submission.jobId))
      return `job '${id}' is to follow job '${submission.jobId}', which is not before it in the list`;
    ids.add(id);
    const wrong = stagesComplaint(stages);
    if (wrong !== undefined) return `job '${id}': ${wrong}`;
  }
  return undefined;
}

function stagesComplaint(stages: readonly Stage[]): string | undefined {
  const before = new Map<string, Stage>();
  for (const stage of stages) {
    const { id, input, inputs, vertices, program } = stage;
    if (before.has(id)) return `two stages have the id '${id}'; give each its own`;
    const { min, max } = inputsOf(program);
    if (input === undefined && inputs.length === 0)
      return `stage '${id}' reads nothing: give it blocks (input) or stages to read from (inputs)`;
    if (input !== undefined && vertices !== undefined && vertices !== input.length)
      return `stage '${id}' has one vertex for each of its ${input.length} blocks, not ${vertices}`;
    if (inputs.length < min || inputs.length > max)
      return `stage '${id}': the program '${program.type}' has ${min === max ? min : `at least ${min}`} inputs, not ${inputs.length}`;
    const isSource = readsBlocks(program) ?? input !== undefined;
    if (isSource !== (input !== undefined))
      return `stage '${id}': the program '${program.type}' ${isSource ? 'reads blocks: give it some (input)' : 'reads channels, not blocks'}`;
    for (const { stage: from, connect } of inputs) {
      const upstream = before.get(from);
      if (upstream === undefined)
        return `stage '${id}' reads stage '${from}', which is not before it in the list`;
      if (connect === 'pointwise' && countVertices(upstream) < countVertices(stage))
        return `stage '${id}' has more vertices than stage '${from}', which it reads pointwise`;
    }
    before.set(id, stage);
  }
  return undefined;
}
