/**
 * What was stored of a run, as whoever reads it may count on it: files are changed by hand and by other versions. What more is in them
 * is passed over. Only what holds many numbers is looked at as a whole, so that a check is short beside the reading.
 */
import * as v from 'valibot';
import type { CellResult, ClaimResult, ExperimentResult } from './result.ts';

/** A measured number that is none, or has no bound, is null in JSON. */
const isMeasured = (value: unknown): boolean => typeof value === 'number' || value === null;
const MeasuredSchema = v.custom<number>(isMeasured, 'Expected a number');
/** A list of measured numbers. */
export const ColumnSchema = v.custom<readonly number[]>(
  (value) => Array.isArray(value) && value.every(isMeasured),
  'Expected a list of numbers',
);
const ValuesSchema = v.record(v.string(), MeasuredSchema);
const SeriesSchema = v.object({ stepS: v.number(), values: ColumnSchema });
const ClockSchema = v.picklist(['virtual', 'emulated', 'real']);

const ProvenanceSchema = v.object({
  experiment: v.string(),
  cellId: v.string(),
  scenario: v.string(),
  label: v.string(),
  clock: ClockSchema,
  seed: v.number(),
  command: v.string(),
  commit: v.string(),
  dirty: v.boolean(),
  lockfileSha256: v.string(),
  nodeVersion: v.string(),
  cpuModel: v.string(),
  cores: v.number(),
  memoryBytes: v.number(),
  kernel: v.string(),
  machines: v.exactOptional(
    v.object({
      kind: v.string(),
      hardware: v.picklist(['shared', 'own']),
      instead: v.exactOptional(v.string()),
      count: v.number(),
      cpusEach: ColumnSchema,
      clockErrorMs: MeasuredSchema,
    }),
  ),
  startedAt: v.string(),
  wallSeconds: v.number(),
  parameters: v.record(v.string(), v.union([v.string(), MeasuredSchema])),
});

const measured = {
  state: v.literal('completed'),
  provenance: ProvenanceSchema,
  values: ValuesSchema,
  curves: v.record(v.string(), v.object({ x: ColumnSchema, y: ColumnSchema })),
  samples: v.exactOptional(v.record(v.string(), ColumnSchema)),
  checks: v.array(
    v.object({
      id: v.string(),
      claim: v.string(),
      verdict: v.picklist(['passed', 'failed', 'unknown']),
      detail: v.string(),
    }),
  ),
  harness: v.object({
    cpuBusy: v.nullable(v.number()),
    eventsPerSecond: v.nullable(v.number()),
    historyLines: v.number(),
    historySha256: v.nullable(v.string()),
    historyFile: v.nullable(v.string()),
    limited: v.nullable(v.string()),
    limitedValues: v.exactOptional(v.record(v.string(), v.string())),
  }),
};

const FrameworkSchema = v.object({
  name: v.string(),
  share: SeriesSchema,
  jobs: v.array(
    v.object({
      id: v.string(),
      kind: v.string(),
      tasks: v.number(),
      submittedS: MeasuredSchema,
      startedS: v.nullable(v.number()),
      endedS: v.nullable(v.number()),
      outcome: v.picklist(['finished', 'failed', 'unfinished']),
    }),
  ),
  locality: v.nullable(v.object({ local: v.number(), remote: v.number() })),
  meanShareWhileBusy: MeasuredSchema,
});

const OfferFlowSchema = v.object({
  stepS: v.number(),
  accepted: ColumnSchema,
  declined: ColumnSchema,
  rescinded: ColumnSchema,
  frameworks: v.array(
    v.object({ name: v.string(), accepted: v.number(), declined: v.number(), rescinded: v.number() }),
  ),
});

const TimelineSchema = v.object({
  slots: ColumnSchema,
  slavesLeftOut: v.number(),
  tasks: v.number(),
  pauseS: v.number(),
  frameworks: v.array(v.string()),
  slave: ColumnSchema,
  slot: ColumnSchema,
  framework: ColumnSchema,
  fromS: ColumnSchema,
  toS: ColumnSchema,
});

const RunSchema = v.object({
  ...measured,
  kind: v.literal('run'),
  cluster: v.object({ slaves: v.number(), cpus: v.number(), memMiB: v.number() }),
  makespanS: MeasuredSchema,
  frameworks: v.array(FrameworkSchema),
  utilisation: v.object({
    cpus: SeriesSchema,
    mem: SeriesSchema,
    meanCpus: MeasuredSchema,
    meanMem: MeasuredSchema,
  }),
  tasks: v.object({ finished: v.number(), failed: v.number(), killed: v.number(), lost: v.number() }),
  offers: v.nullable(
    v.object({
      sent: v.number(),
      accepted: v.number(),
      declined: v.number(),
      rescinded: v.number(),
      open: v.number(),
    }),
  ),
  offerFlow: v.nullable(OfferFlowSchema),
  faults: v.array(v.object({ fromS: MeasuredSchema, toS: MeasuredSchema, label: v.string() })),
  timeline: v.nullable(TimelineSchema),
});

const FailedSchema = v.object({
  state: v.literal('failed'),
  provenance: ProvenanceSchema,
  cause: v.picklist(['infrastructure', 'system']),
  reason: v.string(),
});

const CellSchema = v.variant('state', [
  v.variant('kind', [v.object({ ...measured, kind: v.literal('values') }), RunSchema]),
  FailedSchema,
]) satisfies v.GenericSchema<unknown, CellResult>;

const ClaimSchema = v.object({
  id: v.string(),
  label: v.string(),
  claim: v.string(),
  caveat: v.string(),
  quantity: v.custom<ClaimResult['quantity']>((value) => v.is(v.looseObject({ of: v.string() }), value)),
  unit: v.string(),
  paper: MeasuredSchema,
  tolerance: MeasuredSchema,
  bound: v.nullable(v.picklist(['at-most', 'at-least'])),
  where: v.string(),
  ours: v.nullable(
    v.object({
      value: MeasuredSchema,
      interval: v.nullable(v.tuple([MeasuredSchema, MeasuredSchema])),
      n: v.number(),
    }),
  ),
  clock: ClockSchema,
  verdict: v.picklist([
    'reproduced',
    'same direction',
    'deviates',
    'inconclusive',
    'harness-limited',
    'not run',
  ]),
  why: v.string(),
}) satisfies v.GenericSchema<unknown, ClaimResult>;

const ExperimentSchema = v.object({
  experiment: v.object({ id: v.string(), title: v.string(), question: v.string(), paper: v.string() }),
  scale: v.exactOptional(v.number()),
  cells: v.array(CellSchema),
  claims: v.array(ClaimSchema),
  caveats: v.array(v.string()),
  left: v.array(v.object({ label: v.string(), clock: ClockSchema, command: v.string() })),
}) satisfies v.GenericSchema<unknown, ExperimentResult>;

const ReportSchema = v.object({ experiments: v.array(ExperimentSchema) });

/** What is wrong with the data of a cell, in a few words; undefined if nothing is. */
export function cellDamage(data: unknown): string | undefined {
  return damageOf(CellSchema, data);
}

/** What is wrong with the data of a report, in a few words; undefined if nothing is. */
export function reportDamage(data: unknown): string | undefined {
  return damageOf(ReportSchema, data);
}

function damageOf(schema: v.GenericSchema, data: unknown): string | undefined {
  const { success, issues } = v.safeParse(schema, data, { abortEarly: true });
  if (success) return undefined;
  const path = v.getDotPath(issues[0]);
  return path === null ? issues[0].message : `${path}: ${issues[0].message}`;
}
