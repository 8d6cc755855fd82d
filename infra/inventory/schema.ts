/** What may stand in the file of an inventory. */
import * as v from 'valibot';
import { MINUTES_MAX } from '../deployments/asked.ts';

const TextSchema = v.pipe(v.string('write text here'), v.minLength(1, 'write something here'));
const TextsSchema = v.union([TextSchema, v.array(TextSchema)], 'write a name, or a list of names');
const PortSchema = v.pipe(
  v.number('a port is a number'),
  v.integer('a port is a whole number'),
  v.minValue(1, 'a port is at least 1'),
  v.maxValue(65_535, 'a port is at most 65535'),
);
const MinutesSchema = v.pipe(
  v.number('write a number of minutes here'),
  v.integer('write a whole number of minutes here'),
  v.minValue(1, 'write at least one minute here'),
  v.maxValue(MINUTES_MAX, 'write at most 30 days here, in minutes'),
);
// YAML reads some addresses and names, e.g. 10.0, as numbers.
const NameSchema = v.union([TextSchema, v.pipe(v.number(), v.transform(String))], 'write a name here');

const anyKind = { resources: v.exactOptional(TextSchema) };
const ssh = {
  ...anyKind,
  user: v.exactOptional(TextSchema),
  port: v.exactOptional(PortSchema),
  key: v.exactOptional(TextSchema),
  folder: v.exactOptional(TextSchema),
};

const machinesOf = <const E extends v.ObjectEntries>(entries: E) =>
  v.pipe(
    v.array(v.strictObject({ name: NameSchema, ...entries }), 'write a list of machines here'),
    v.minLength(1, 'name at least one machine'),
  );

const RolesSchema = v.strictObject({
  zookeeper: v.exactOptional(TextsSchema),
  masters: TextsSchema,
  slaves: TextsSchema,
});

/** The content of the file, before its parts are held against each other. */
export const InventoryFileSchema = v.variant(
  'kind',
  [
    v.strictObject({
      kind: v.literal('local'),
      defaults: v.exactOptional(v.strictObject(anyKind)),
      machines: machinesOf(anyKind),
      roles: v.exactOptional(RolesSchema),
    }),
    v.strictObject({
      kind: v.literal('netns'),
      over: v.exactOptional(v.picklist(['nsenter', 'ssh'], "write 'nsenter' or 'ssh' here"), 'nsenter'),
      defaults: v.exactOptional(v.strictObject(anyKind)),
      machines: machinesOf(anyKind),
      roles: v.exactOptional(RolesSchema),
    }),
    v.strictObject({
      kind: v.literal('ssh'),
      remoteShell: v.exactOptional(
        v.tupleWithRest([TextSchema], TextSchema, 'write a list of words, e.g. [ssh, -F, file]'),
      ),
      knownHosts: v.exactOptional(TextSchema),
      defaults: v.exactOptional(v.strictObject(ssh)),
      machines: machinesOf({ ...ssh, host: v.exactOptional(NameSchema), ip: v.exactOptional(NameSchema) }),
      roles: v.exactOptional(RolesSchema),
    }),
    v.strictObject({
      kind: v.literal('slurm'),
      minutes: MinutesSchema,
      partition: v.exactOptional(TextSchema),
      flags: v.exactOptional(
        v.array(TextSchema, 'write a list of flags of sbatch, e.g. [--account=physics]'),
      ),
      waitMinutes: v.exactOptional(MinutesSchema),
      defaults: v.exactOptional(v.strictObject(anyKind)),
      machines: machinesOf(anyKind),
      roles: v.exactOptional(RolesSchema),
    }),
  ],
  "the kind is 'local', 'netns', 'ssh' or 'slurm'",
);

/** The content of the file. */
export type InventoryFile = v.InferOutput<typeof InventoryFileSchema>;
