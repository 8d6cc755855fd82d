/** What is remembered of a release: one figure of one commit on one machine. A line of a record file is one of these. */
import * as v from 'valibot';
import { sha256 } from '../run/provenance.ts';

/** Longest text of a record. */
const TEXT_MAX = 400;
const TextSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(TEXT_MAX));
const NumberSchema = v.pipe(v.number(), v.finite());
const TimeSchema = v.pipe(v.string(), v.isoTimestamp());

const MachineSchema = v.object({
  cpuModel: TextSchema,
  cores: v.pipe(v.number(), v.integer(), v.minValue(1)),
  memoryBytes: v.pipe(v.number(), v.integer(), v.minValue(1)),
  kernel: TextSchema,
  nodeVersion: TextSchema,
});

const RecordSchema = v.object({
  schemaVersion: v.literal(1),
  /** E.g. `launch/us-per-launch`. */
  metric: TextSchema,
  unit: v.pipe(v.string(), v.maxLength(TEXT_MAX)),
  /** Null if neither is. */
  better: v.nullable(v.picklist(['lower', 'higher'])),
  value: NumberSchema,
  /** 95% confidence interval, of less confidence if `n` is below six; null if there is none. */
  interval: v.nullable(v.pipe(v.tuple([NumberSchema, NumberSchema]), v.readonly())),
  /** Runs behind the value. */
  n: v.pipe(v.number(), v.integer(), v.minValue(1)),
  commit: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/, 'is no commit')),
  /** First line of the commit's message. */
  subject: v.pipe(v.string(), v.maxLength(TEXT_MAX)),
  committedAt: TimeSchema,
  measuredAt: TimeSchema,
  machine: MachineSchema,
});

/** One figure of one commit on one machine. Times are ISO 8601. */
export type MetricRecord = Readonly<v.InferOutput<typeof RecordSchema>>;
/** Where it was measured. */
export type RecordMachine = MetricRecord['machine'];

/** Reads one line. Throws an Error with what is wrong. */
export function readRecord(line: string): MetricRecord {
  const found = v.safeParse(RecordSchema, JSON.parse(line));
  if (found.success) return found.output;
  const [issue] = found.issues;
  throw new Error(`${v.getDotPath(issue) ?? 'the line'}: ${issue.message}`);
}

const ID_DIGITS = 8;

/** Values of different machine classes are not compared. The version of Node counts by its first number. */
export function machineClass({ cpuModel, cores, memoryBytes, nodeVersion }: RecordMachine): string {
  const gibibytes = Math.round(memoryBytes / 1024 ** 3);
  return sha256(JSON.stringify([cpuModel, cores, gibibytes, nodeVersion.split('.')[0]])).slice(0, ID_DIGITS);
}
