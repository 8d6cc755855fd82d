/**
 * What a JobTracker writes down for the one that may take its place: the jobs that it was told of, the tasks that finished, the
 * jobs that ended, the hosts that were lost.
 *
 * The next one believes that what was written and not lost with its host since is still there: who misses it says so, and it is made
 * again. Tasks that write output run again, unless their job has ended.
 */
import * as v from 'valibot';
import { type Immutable, TextSchema } from '../../mesos/protocol/entities.ts';
import { HostnameSchema, NameSchema } from '../files/block.ts';
import { type HadoopJob, HadoopJobSchema } from './job.ts';
import { TaskReportSchema } from './taskData.ts';

const CountSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const JournalRecordSchema = v.variant('kind', [
  /** A JobTracker begins; what follows is in this space of the nodes' files. */
  v.object({ kind: v.literal('began'), space: NameSchema }),
  /** `isExpected`: it is still to be submitted. */
  v.object({
    kind: v.literal('job-taken'),
    job: HadoopJobSchema,
    isExpected: v.exactOptional(v.literal(true)),
  }),
  /** One that was expected. */
  v.object({ kind: v.literal('job-submitted'), jobId: NameSchema }),
  v.object({ kind: v.literal('job-held'), jobId: NameSchema, held: v.boolean() }),
  v.object({
    kind: v.literal('task-finished'),
    jobId: NameSchema,
    type: v.picklist(['map', 'reduce']),
    index: CountSchema,
    host: HostnameSchema,
    /** Of an attempt that was not the first (attempt.ts). */
    label: v.exactOptional(NameSchema),
    tookMs: v.pipe(v.number(), v.minValue(0)),
    report: TaskReportSchema,
  }),
  /** A slave of this host is lost, and what had been written there until then. */
  v.object({ kind: v.literal('host-lost'), host: HostnameSchema }),
  v.object({
    kind: v.literal('job-ended'),
    jobId: NameSchema,
    outcome: v.picklist(['finished', 'failed', 'deleted']),
    message: v.exactOptional(TextSchema),
  }),
]);
/** One thing to remember. */
export type JournalRecord = Immutable<v.InferOutput<typeof JournalRecordSchema>>;
/** A task that finished; its host and those of its part are left out if they were lost since. */
export type FinishedTask = Omit<Extract<JournalRecord, { readonly kind: 'task-finished' }>, 'host'> & {
  readonly host: string | undefined;
};

/** Where records are kept. */
export interface Journal {
  /** All that is kept, in order. Called once, before anything is appended. */
  load(): readonly JournalRecord[];
  /** Keeps a record, also if the process is killed right after. */
  append(record: JournalRecord): void;
}

/** A job as it is remembered. */
export interface RememberedJob {
  readonly spec: HadoopJob;
  /** By type and number; the last one counts. */
  readonly tasks: ReadonlyMap<string, FinishedTask>;
  readonly end: Extract<JournalRecord, { readonly kind: 'job-ended' }> | undefined;
  readonly isSubmitted: boolean;
  readonly held: boolean;
}

/** What the records say of each job, in the order in which they were taken; of tasks only what is in this space. */
export function replay(
  records: readonly JournalRecord[],
  space?: string,
): ReadonlyMap<string, RememberedJob> {
  type Remembering = { -readonly [K in keyof RememberedJob]: RememberedJob[K] } & {
    readonly tasks: Map<string, FinishedTask>;
  };
  const jobs = new Map<string, Remembering>();
  let isOurs = space === undefined;
  for (const record of records)
    switch (record.kind) {
      case 'began':
        isOurs = space === undefined || record.space === space;
        break;
      case 'job-taken': {
        const { job: spec, isExpected = false } = record;
        const known = jobs.get(spec.id);
        // The same once more: a JobTracker has taken the place of another. Another one of that name: the old one is forgotten.
        if (isExpected || known === undefined || JSON.stringify(known.spec) !== JSON.stringify(spec))
          jobs.set(spec.id, {
            spec,
            tasks: new Map(),
            end: undefined,
            isSubmitted: !isExpected,
            held: false,
          });
        else known.isSubmitted = true;
        break;
      }
      case 'job-submitted': {
        const job = jobs.get(record.jobId);
        if (job !== undefined) job.isSubmitted = true;
        break;
      }
      case 'job-held': {
        const job = jobs.get(record.jobId);
        if (job !== undefined) job.held = record.held;
        break;
      }
      case 'task-finished':
        if (isOurs) jobs.get(record.jobId)?.tasks.set(`${record.type} ${record.index}`, record);
        break;
      case 'host-lost':
        if (isOurs)
          for (const { tasks } of jobs.values())
            for (const [name, task] of tasks) tasks.set(name, withoutHost(task, record.host));
        break;
      case 'job-ended': {
        const job = jobs.get(record.jobId);
        // Of what has finished or failed elsewhere nothing is here; what was deleted nobody wants.
        if (job !== undefined && (isOurs || record.outcome === 'deleted')) job.end = record;
        break;
      }
      default:
        record satisfies never;
    }
  return jobs;
}

function withoutHost(task: FinishedTask, lost: string): FinishedTask {
  const { host, report } = task;
  const { part } = report;
  return {
    ...task,
    host: host === lost ? undefined : host,
    ...(part && {
      report: { ...report, part: { ...part, hosts: part.hosts.filter((each) => each !== lost) } },
    }),
  };
}
