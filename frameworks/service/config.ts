/** What a service framework is told to keep running, as data. */
import * as v from 'valibot';
import { CommandInfoSchema, type Immutable, listOf, TextSchema } from '../../mesos/protocol/entities.ts';
import { isEmpty, ResourcesSchema } from '../../mesos/protocol/resources.ts';

const MsSchema = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1e12));
const InstancesSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(100_000));
const PositiveSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

const CommandSchema = v.union(
  [
    v.pipe(
      TextSchema,
      v.minLength(1),
      v.transform((value) => ({ shell: true, value, arguments: [], environment: {} })),
    ),
    CommandInfoSchema,
  ],
  'is to be a line for the shell, or a command as in Mesos: {"shell", "value", "arguments", "environment"}',
);

const TaskSchema = v.variant('type', [
  v.object({ type: v.literal('command'), command: CommandSchema }),
  /** Virtual time: it is up after `startMs` and lives for ever, or for an exponential time of this mean. */
  v.object({
    type: v.literal('model'),
    startMs: v.optional(MsSchema, 0),
    meanLifeMs: v.exactOptional(v.pipe(MsSchema, v.gtValue(0))),
  }),
]);

const PlacementSchema = v.object({
  /** Only slaves with these hostnames. */
  only: v.exactOptional(v.pipe(listOf(TextSchema), v.minLength(1, 'names no host: leave it out for any'))),
  /** No slave with one of these hostnames. */
  never: v.exactOptional(listOf(TextSchema)),
  /** Only slaves that have all these attributes, e.g. {"disk": "ssd"}. */
  attributes: v.exactOptional(v.record(v.string(), TextSchema)),
  /** At most so many instances on one slave. */
  perSlaveMax: v.exactOptional(PositiveSchema),
  /** Where the fewest instances are comes first: on a slave, or with a value of this attribute, e.g. "rack". */
  spread: v.exactOptional(v.union([v.literal('slave'), v.object({ attribute: TextSchema })])),
});
/** Where instances may be. */
export type Placement = Immutable<v.InferOutput<typeof PlacementSchema>>;

const RestartSchema = v.object({
  /** How long to wait after an instance has failed. */
  firstMs: v.optional(MsSchema, 1_000),
  /** By how much longer after each further failure. */
  factor: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(100)), 2),
  maxMs: v.optional(MsSchema, 60_000),
  /** One that has run for so long before it failed is not held against the next: the first wait is short again. */
  resetMs: v.optional(MsSchema, 60_000),
});

export const ServiceSchema = v.object({
  id: v.pipe(
    v.string(),
    v.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'must be 1 to 100 letters, digits, "_" or "-"'),
  ),
  instances: InstancesSchema,
  /** Scaled to so many at these times after the start. */
  schedule: v.optional(
    v.pipe(v.array(v.object({ atMs: MsSchema, instances: InstancesSchema })), v.maxLength(10_000)),
    [],
  ),
  task: TaskSchema,
  /** Of one instance. */
  resources: v.pipe(
    ResourcesSchema,
    v.check(
      (resources) => !isEmpty(resources),
      'is empty: an instance needs resources, e.g. {"cpus": 1, "mem": 128}',
    ),
  ),
  placement: v.optional(PlacementSchema, {}),
  /** An instance that does not run so long after its launch is ended, and has failed; default: it may take as long as it likes. */
  startDeadlineMs: v.exactOptional(v.pipe(MsSchema, v.gtValue(0))),
  restart: v.optional(RestartSchema, {}),
});
/** A service: so many instances of a task that is to run for ever. */
export type Service = Immutable<v.InferOutput<typeof ServiceSchema>>;

const ServiceConfigSchema = v.object({
  /** The framework's name in the history. */
  name: v.pipe(TextSchema, v.minLength(1)),
  services: v.pipe(v.array(ServiceSchema), v.minLength(1, 'names no service'), v.maxLength(10_000)),
  /** Ends after so long, and its services with it: in experiments. Default: never. */
  runForMs: v.exactOptional(MsSchema),
  /** Ends when all services have been deleted and nothing of them is left; default: it goes on. */
  endsWithServices: v.optional(v.boolean(), false),
  /** Of a scheduler that takes the place of another: it goes into the ids of its tasks. 0: it is the first. */
  incarnation: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0)), 0),
  /**
   * Of such a scheduler: how long it waits, at most, to be told which tasks there are before it launches what is missing. A master
   * that was elected lately does not know of all.
   */
  takeOverMs: v.optional(MsSchema, 10_000),
  /** Of modelled lives. */
  seed: v.optional(v.pipe(v.number(), v.safeInteger()), 1),
});
/** A checked configuration, defaults filled in. */
export type ServiceConfig = Immutable<v.InferOutput<typeof ServiceConfigSchema>>;

/**
 * Checks a configuration, e.g. one read from a JSON file, and fills in the defaults. Throws a TypeError with one sentence that
 * says which part is wrong.
 */
export function readServiceConfig(json: unknown): ServiceConfig {
  const parsed = v.safeParse(ServiceConfigSchema, json, { abortEarly: true });
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const path = v.getDotPath(issue);
    throw new TypeError(`service configuration: ${path === null ? '' : `${path}: `}${issue.message}`);
  }
  const ids = new Set<string>();
  for (const { id } of parsed.output.services) {
    if (ids.has(id))
      throw new TypeError(`service configuration: two services have the id '${id}'; give each its own`);
    ids.add(id);
  }
  return parsed.output;
}
