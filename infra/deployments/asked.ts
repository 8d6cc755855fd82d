/** Which machines are asked for: plain data, also as JSON in a deployment's record. */
import * as v from 'valibot';

/** The most machines of one deployment. */
export const MACHINES_MAX = 500;

/** Names become hostnames, and parts of paths and of scripts. */
export const MachineNameSchema = v.pipe(
  v.string(),
  v.regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i,
    'a machine is named by up to 63 letters, digits and hyphens, the last ones not at an end',
  ),
);

const NamesSchema = v.pipe(v.array(MachineNameSchema), v.minLength(1), v.maxLength(MACHINES_MAX));

/** No word for ssh: it would be taken for an option. */
const WordSchema = v.pipe(v.string(), v.regex(/^[^-\s][^\s]*$/, 'has a space, or begins with a hyphen'));

const SshMachineSchema = v.strictObject({
  name: MachineNameSchema,
  host: WordSchema,
  user: v.exactOptional(WordSchema),
  port: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))),
  key: v.exactOptional(v.pipe(v.string(), v.minLength(1))),
  ip: v.exactOptional(v.pipe(v.string(), v.ip('is no address'))),
  folder: v.exactOptional(v.pipe(v.string(), v.regex(/^\//, 'is no absolute path'))),
});

const SshSettingsSchema = v.strictObject({
  remoteShell: v.exactOptional(v.tupleWithRest([v.string()], v.string())),
  knownHosts: v.exactOptional(v.string()),
});

/** The longest that a job of Slurm is asked for. */
export const MINUTES_MAX = 60 * 24 * 30;
const MinutesSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(MINUTES_MAX));

/** What each kind of machines needs to know. */
export const MachinesAskedSchema = v.variant('kind', [
  /** Folders of this machine. */
  v.strictObject({ kind: v.literal('local'), names: NamesSchema }),
  /** Namespaces of this machine. */
  v.strictObject({
    kind: v.literal('netns'),
    names: NamesSchema,
    /** How they are reached. */
    over: v.picklist(['nsenter', 'ssh']),
  }),
  /** Machines that are there. */
  v.strictObject({
    kind: v.literal('ssh'),
    machines: v.pipe(v.array(SshMachineSchema), v.minLength(1), v.maxLength(MACHINES_MAX)),
    settings: SshSettingsSchema,
  }),
  /** Nodes of an allocation of Slurm: of the one in which this runs, or of a job that is submitted. */
  v.strictObject({
    kind: v.literal('slurm'),
    names: NamesSchema,
    /** How long the job may run. */
    minutes: MinutesSchema,
    /** Default: Slurm's own. */
    partition: v.exactOptional(WordSchema),
    /** Further flags of `sbatch`, e.g. `--account=physics`. */
    flags: v.exactOptional(v.array(v.string())),
    /** How long to wait for the nodes; default 10. */
    waitMinutes: v.exactOptional(MinutesSchema),
  }),
]);

/** Machines to provision. */
export type MachinesAsked = Readonly<v.InferOutput<typeof MachinesAskedSchema>>;
/** Nodes of Slurm. */
export type SlurmAsked = Extract<MachinesAsked, { readonly kind: 'slurm' }>;

/** Their names, in order. */
export function namesAsked(asked: MachinesAsked): readonly string[] {
  return asked.kind === 'ssh' ? asked.machines.map(({ name }) => name) : asked.names;
}
