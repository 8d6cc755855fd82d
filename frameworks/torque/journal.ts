/**
 * What a queue server keeps so that a later process of it knows its jobs: a list of records, appended as things happen. The queue
 * is what the records add up to; jobs that were running are queued again at their places.
 */
import * as v from 'valibot';
import { IdSchema, type Immutable } from '../../mesos/protocol/entities.ts';
import { RankResultSchema } from '../mpi/message.ts';
import { TorqueJobSchema } from './job.ts';
import { type JobRun, newJobRun } from './jobRun.ts';

const TimeSchema = v.pipe(v.number(), v.finite());

/** Something that happened, as it is kept. Times are those of the scheduler's clock. */
export const JournalRecordSchema = v.variant('kind', [
  /** The jobs of the configuration have been taken; they are not taken again. */
  v.object({ kind: v.literal('configured') }),
  v.object({ kind: v.literal('taken'), atMs: TimeSchema, job: TorqueJobSchema }),
  v.object({ kind: v.literal('held'), jobId: IdSchema }),
  v.object({ kind: v.literal('released'), jobId: IdSchema }),
  /** An attempt failed, and why. */
  v.object({ kind: v.literal('attempt-failed'), jobId: IdSchema, message: v.string() }),
  v.object({
    kind: v.literal('ended'),
    jobId: IdSchema,
    atMs: TimeSchema,
    outcome: v.picklist(['finished', 'failed', 'deleted']),
    message: v.exactOptional(v.string()),
    submittedMs: v.exactOptional(TimeSchema),
    startedMs: v.exactOptional(TimeSchema),
    result: v.exactOptional(RankResultSchema),
  }),
]);
/** A record of a journal. */
export type JournalRecord = Immutable<v.InferOutput<typeof JournalRecordSchema>>;

/** Where a queue server keeps its records. */
export interface Journal {
  /** All of them, oldest first. */
  load(): Iterable<JournalRecord>;
  /** Keeps records; they outlive the machine when this returns. Throws if they do not; then nothing may go on. */
  append(...records: readonly JournalRecord[]): void;
}

/** No journal: the queue ends with the process. */
export const NO_JOURNAL: Journal = { load: () => [], append() {} };

/** Keeps them in memory, for servers that come one after the other in one process. */
export function memoryJournal(): Journal {
  const records: JournalRecord[] = [];
  return { load: () => [...records], append: (...more) => void records.push(...more) };
}

/** What records add up to. */
export interface Replayed {
  readonly configured: boolean;
  /** In the order in which the server was told of them. */
  readonly runs: readonly JobRun[];
}

/** What the records add up to. */
export function replay(records: Iterable<JournalRecord>): Replayed {
  const runs = new Map<string, JobRun>();
  let configured = false;
  for (const record of records)
    if (record.kind === 'configured') configured = true;
    else if (record.kind === 'taken') {
      // An id may be given again when its job has been forgotten; then it stands for the later one.
      runs.delete(record.job.id);
      runs.set(record.job.id, newJobRun(record.job, record.atMs));
    } else {
      const run = runs.get(record.jobId);
      if (run !== undefined) apply(record, run);
    }
  return { configured, runs: [...runs.values()] };
}

function apply(record: Exclude<JournalRecord, { kind: 'configured' | 'taken' }>, run: JobRun): void {
  switch (record.kind) {
    case 'held':
      run.held = true;
      return;
    case 'released':
      run.held = false;
      return;
    case 'attempt-failed':
      run.failures++;
      run.failure = record.message;
      return;
    case 'ended':
      run.now = {
        state: 'ended',
        outcome: record.outcome,
        ...(record.message !== undefined && { message: record.message }),
      };
      run.endedMs = record.atMs;
      run.submittedMs = record.submittedMs;
      run.startedMs = record.startedMs;
      run.result = record.result;
      return;
    default:
      record satisfies never;
  }
}

/** The fewest records that add up to the same, without the jobs that ended before the last `endedMax` of those that have. */
export function* compacted({ configured, runs }: Replayed, endedMax: number): Generator<JournalRecord> {
  let tooMany = runs.filter(({ now }) => now.state === 'ended').length - endedMax;
  for (const run of runs) {
    if (run.now.state === 'ended' && tooMany-- > 0) continue;
    const { job, takenMs: atMs, held, failures, failure } = run;
    const { id: jobId } = job;
    yield { kind: 'taken', atMs, job };
    if (held) yield { kind: 'held', jobId };
    for (let n = 0; n < failures; n++) yield { kind: 'attempt-failed', jobId, message: failure ?? '' };
    const ended = endOf(run);
    if (ended !== undefined) yield ended;
  }
  // Last: whatever is cut short, the jobs are there by the time that they are said to be.
  if (configured) yield { kind: 'configured' };
}

/** The record of a job's end, if it has ended. */
export function endOf(run: JobRun): JournalRecord | undefined {
  const { job, now, endedMs, submittedMs, startedMs, result } = run;
  if (now.state !== 'ended') return undefined;
  return {
    kind: 'ended',
    jobId: job.id,
    atMs: endedMs ?? 0,
    outcome: now.outcome,
    ...(now.message !== undefined && { message: now.message }),
    ...(submittedMs !== undefined && { submittedMs }),
    ...(startedMs !== undefined && { startedMs }),
    ...(result !== undefined && { result }),
  };
}
