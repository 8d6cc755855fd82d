/** What the queue server is given: its jobs, and how it behaves towards the cluster. */
import * as v from 'valibot';
import { CommandInfoSchema, type Immutable, TextSchema } from '../../mesos/protocol/entities.ts';
import { isEmpty, ResourcesSchema } from '../../mesos/protocol/resources.ts';
import { SpanMsSchema } from '../mpi/program.ts';
import { complaintAbout, type TorqueJob, TorqueJobSchema } from './job.ts';
import { POLICY_NAMES } from './policy/policies.ts';

/** Most jobs that a server has at a time, without those that have ended. */
export const JOBS_MAX = 100_000;

const CountSchema = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1e6));

const TorqueConfigSchema = v.object({
  /** The framework's name in the history. */
  name: v.pipe(TextSchema, v.minLength(1)),
  jobs: v.pipe(v.array(TorqueJobSchema), v.maxLength(JOBS_MAX)),
  /** Whether the server goes on when all jobs have ended, and waits for more. */
  keepRunning: v.optional(v.boolean(), false),
  /** What one rank holds. */
  slot: v.pipe(
    ResourcesSchema,
    v.check((slot) => !isEmpty(slot), 'is empty: a rank needs resources, e.g. {"cpus": 1, "mem": 1024}'),
  ),
  /** The process of one rank; `name` also says which model runs it in virtual time. */
  executor: v.object({ name: TextSchema, command: CommandInfoSchema }),
  /** Seed of the modelled times: the same seed gives a rank the same length on any system. */
  seed: v.optional(v.pipe(v.number(), v.safeInteger()), 1),
  /** Of a scheduler that takes the place of another: it goes into the ids of its tasks, which must not be given twice. 0: it is the first. */
  incarnation: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0)), 0),
  /**
   * Which job may gather slots (policy/). `fcfs`: none before those that stand before it. `first-fit`: any that fits. `easy`: as
   * `fcfs`, but jobs may pass the first one that does not fit, if by their wall times they do not delay it.
   */
  queue: v.optional(v.picklist(POLICY_NAMES), POLICY_NAMES[0]),
  /** The wall time of jobs that have none of their own. */
  defaultWallTimeMs: v.exactOptional(v.pipe(SpanMsSchema, v.minValue(1))),
  /** How often the framework looks into the queue to see what it needs; 0: whenever something has changed. The paper's port: 1 s. */
  pollMs: v.optional(SpanMsSchema, 0),
  /** How often jobs are started that have all their slots; 0: at once. The paper's Torque: 2 s. */
  iterationMs: v.optional(SpanMsSchema, 0),
  /** Slots that have not become a whole gang this long after the first of them are given back. */
  hoardTimeoutMs: v.optional(v.pipe(SpanMsSchema, v.minValue(1)), 60_000),
  /** How often a job is tried whose ranks fail before the job has failed. */
  attemptsMax: v.optional(CountSchema, 3),
  /**
   * Never hold more slots than this. Without it, never more than the guaranteed share has, if there is one: so nothing is ever
   * revoked (NSDI'11 §5, Torque).
   */
  slotsMax: v.exactOptional(CountSchema),
  /** Never hold more slots than this on one slave. */
  slotsPerSlaveMax: v.exactOptional(CountSchema),
});
/** A checked configuration, defaults filled in. */
export type TorqueConfig = Immutable<v.InferOutput<typeof TorqueConfigSchema>>;
/** A configuration as it is written, where defaults may be left out. */
export type TorqueConfigInput = Immutable<v.InferInput<typeof TorqueConfigSchema>>;

/** How a queue server behaves, whatever its jobs are: what an experiment may choose. */
export type TorqueManners = Partial<
  Pick<
    TorqueConfigInput,
    | 'queue'
    | 'defaultWallTimeMs'
    | 'pollMs'
    | 'iterationMs'
    | 'hoardTimeoutMs'
    | 'attemptsMax'
    | 'slotsMax'
    | 'slotsPerSlaveMax'
  >
>;

/**
 * Checks a configuration, e.g. one read from a JSON file, and fills in the defaults.
 * Throws a TypeError with one sentence that says which part is wrong and what is expected.
 */
export function readTorqueConfig(json: unknown): TorqueConfig {
  const parsed = v.safeParse(TorqueConfigSchema, json, { abortEarly: true });
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const path = v.getDotPath(issue);
    throw new TypeError(`Torque configuration: ${path === null ? '' : `${path}: `}${issue.message}`);
  }
  const wrong = complaint(parsed.output);
  if (wrong !== undefined) throw new TypeError(`Torque configuration: ${wrong}`);
  return parsed.output;
}

/** What is wrong between the parts of a configuration. */
function complaint({ jobs, slotsMax }: TorqueConfig): string | undefined {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  if (byId.size < jobs.length) {
    const twice = jobs.find((job, index) => jobs.findIndex(({ id }) => id === job.id) < index);
    return `two jobs have the id '${twice?.id}'; ids must differ`;
  }
  for (const job of jobs) {
    const { id, submission } = job;
    const wrong = complaintAbout(job, slotsMax);
    if (wrong !== undefined) return wrong;
    if (submission.when === 'after' && !byId.has(submission.jobId))
      return `job '${id}' is to follow job '${submission.jobId}', which does not exist`;
  }
  const stuck = neverSubmitted(jobs);
  return stuck && `job '${stuck.id}' is never submitted: the jobs that it is to follow wait for one another`;
}

/** A job that only follows jobs which, in the end, follow each other. */
function neverSubmitted(jobs: readonly TorqueJob[]): TorqueJob | undefined {
  const followers = new Map<string, string[]>();
  const reached: string[] = [];
  for (const { id, submission } of jobs) {
    if (submission.when === 'at') reached.push(id);
    else followers.set(submission.jobId, [...(followers.get(submission.jobId) ?? []), id]);
  }
  for (let i = 0; i < reached.length; i++) reached.push(...(followers.get(reached[i] as string) ?? []));
  const submitted = new Set(reached);
  return jobs.find(({ id }) => !submitted.has(id));
}
