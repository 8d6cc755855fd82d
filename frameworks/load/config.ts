/** What load a framework makes, and how it behaves towards the master, as data. */
import * as v from 'valibot';
import { CommandInfoSchema, type Immutable, listOf, TextSchema } from '../../mesos/protocol/entities.ts';
import { isEmpty, ResourcesSchema } from '../../mesos/protocol/resources.ts';
import { DistributionSchema } from '../../workloads/distribution.ts';

const MsSchema = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1e12));
const CountSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(1e9));

const ArrivalsSchema = v.variant('type', [
  /** Each user submits a job, waits for its end, thinks, and submits the next. */
  v.object({
    type: v.literal('closed'),
    users: v.pipe(CountSchema, v.maxValue(100_000)),
    thinkMs: DistributionSchema,
  }),
  /** Jobs come with these gaps, whatever became of those before; an exponential gap makes a Poisson stream. */
  v.object({ type: v.literal('open'), gapMs: DistributionSchema }),
  /** One job that has always more tasks. */
  v.object({ type: v.literal('endless') }),
]);

const SizeSchema = v.object({
  /** Of each task of a job. */
  resources: v.pipe(
    ResourcesSchema,
    v.check(
      (resources) => !isEmpty(resources),
      'is empty: a task needs resources, e.g. {"cpus": 1, "mem": 128}',
    ),
  ),
  /** What a task needs of the slave's machine, where tasks share one, and that is not what it asks for, such as a slot. */
  needs: v.exactOptional(ResourcesSchema),
  /** How frequent such jobs are, beside those of other sizes. */
  weight: v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1e6)), 1),
  /** Jobs are of this size from so long after the start on: until those of a later time. An endless job goes on with it. */
  fromMs: v.optional(MsSchema, 0),
});

const AnswerSchema = v.variant('type', [
  /** In the same moment. */
  v.object({ type: v.literal('at-once') }),
  /** Holds each offer for so long first. */
  v.object({ type: v.literal('late'), holdMs: DistributionSchema }),
  /**
   * Decides about one job at a time, and holds all offers meanwhile: for `perJobMs`, and `perTaskMs` for each task that it places
   * (the decision time of Omega, EuroSys'13 §4).
   */
  v.object({ type: v.literal('slow'), perJobMs: MsSchema, perTaskMs: MsSchema }),
  /** Hoards offers until all tasks of a job fit into them; gives them back when it has waited for so long. */
  v.object({ type: v.literal('hoard'), patienceMs: v.pipe(MsSchema, v.gtValue(0)) }),
  /** Takes none. */
  v.object({ type: v.literal('never') }),
]);

const MannersSchema = v.object({
  /** How it answers offers. */
  answer: v.optional(AnswerSchema, { type: 'at-once' }),
  /** Does it say so when it needs no offers? */
  suppress: v.optional(v.boolean(), true),
  /** For how long it does not want to see again what it gives back. */
  refuseSeconds: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(31_536_000)), 5),
  /** Takes only offers that hold at least so much. */
  offerMin: v.optional(ResourcesSchema, {}),
  /** Tells the master by filters what it would refuse anyway: slaves with too little free, or not among `hosts`. */
  filters: v.optional(v.boolean(), false),
  /** Takes offers of these slaves only, by hostname. */
  hosts: v.exactOptional(v.pipe(listOf(TextSchema), v.minLength(1, 'names no host: leave it out for any'))),
  /** Takes only offers on which a task may take at least so long; others are for short tasks (NSDI'11 §4.4). */
  maxTaskDurationAtLeastMs: v.optional(MsSchema, 0),
  /** Launches at most so many tasks on an offer. */
  tasksPerOfferMax: v.exactOptional(CountSchema),
  /** Asks for all offers anew at this interval, whatever it refused. */
  reviveEveryMs: v.exactOptional(v.pipe(MsSchema, v.minValue(1))),
});

const LoadConfigSchema = v.object({
  /** The framework's name in the history. */
  name: v.pipe(TextSchema, v.minLength(1)),
  arrivals: ArrivalsSchema,
  /** Ends after so many jobs; default: as many as come until `untilMs`. */
  jobsMax: v.exactOptional(CountSchema),
  /** No job is submitted later than this after the start; an endless one ends. Default: `jobsMax` alone decides. */
  untilMs: v.exactOptional(MsSchema),
  /** Tasks of a job, rounded, at least 1. */
  tasksPerJob: v.optional(DistributionSchema, { type: 'constant', value: 1 }),
  /** Length of a task. */
  taskMs: DistributionSchema,
  /** Each job is of one of these sizes. */
  sizes: v.pipe(
    v.array(SizeSchema),
    v.minLength(1, 'names no size'),
    v.maxLength(1000),
    v.check(
      (sizes) => sizes.some(({ fromMs }) => fromMs === 0),
      'names no size for the start: leave fromMs out of one',
    ),
  ),
  /** What tasks do for their time: nothing, or compute. In virtual time that is the same. */
  work: v.optional(v.picklist(['sleep', 'spin']), 'sleep'),
  /** What they do with the time that they are given when they are to end: nothing, they end at once; or they go on as long as it lasts. */
  grace: v.optional(v.picklist(['unused', 'used']), 'unused'),
  /** A job is given up when it has been decided upon so often and still has tasks to place; default: never. */
  attemptsMax: v.exactOptional(CountSchema),
  /** A job fails when one of its tasks has failed this often. */
  failuresPerTaskMax: v.optional(CountSchema, 4),
  manners: v.optional(MannersSchema, {}),
  /** The executor: how to start it, and what it needs beside its tasks. */
  executor: v.object({ command: CommandInfoSchema, resources: v.optional(ResourcesSchema, {}) }),
  seed: v.optional(v.pipe(v.number(), v.safeInteger()), 1),
  /** Of a scheduler that takes the place of another: it goes into the ids of its tasks. 0: it is the first. */
  incarnation: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0)), 0),
});
/** A checked configuration, defaults filled in. */
export type LoadConfig = Immutable<v.InferOutput<typeof LoadConfigSchema>>;
/** What the tasks of a job are like. */
export type Size = LoadConfig['sizes'][number];
/** A configuration as it is written, where defaults may be left out. */
export type LoadConfigInput = Immutable<v.InferInput<typeof LoadConfigSchema>>;

/**
 * Checks a configuration, e.g. one read from a JSON file, and fills in the defaults. Throws a TypeError with one sentence that
 * says which part is wrong.
 */
export function readLoadConfig(json: unknown): LoadConfig {
  const parsed = v.safeParse(LoadConfigSchema, json, { abortEarly: true });
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const path = v.getDotPath(issue);
    throw new TypeError(`load configuration: ${path === null ? '' : `${path}: `}${issue.message}`);
  }
  const { arrivals, jobsMax, manners } = parsed.output;
  if (arrivals.type === 'closed' && jobsMax !== undefined && jobsMax < arrivals.users)
    throw new TypeError(
      `load configuration: ${arrivals.users} users submit a job each, and jobsMax is ${jobsMax}; it must be no less`,
    );
  if (arrivals.type === 'endless' && jobsMax !== undefined)
    throw new TypeError(
      'load configuration: an endless job is the only one: leave jobsMax out, and say when it ends by untilMs',
    );
  if (arrivals.type === 'endless' && manners.answer.type === 'hoard')
    throw new TypeError(
      'load configuration: an endless job never fits into any offers: manners.answer cannot be to hoard',
    );
  return parsed.output;
}
