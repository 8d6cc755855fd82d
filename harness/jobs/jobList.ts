/** The jobs of a running framework as they are told over HTTP: what `lab jobs` reads and a job server writes. */
import * as v from 'valibot';
import type { JobBoard, JobControl, JobStatus } from '../../frameworks/jobBoard.ts';
import { type Immutable, TextSchema } from '../../mesos/protocol/entities.ts';
import { ResourcesSchema } from '../../mesos/protocol/resources.ts';

/** The jobs of a scheduler in this process. Jobs come as JSON; what is wrong with one is a TypeError of one sentence. */
export type JobDesk =
  /** They can be looked at. */
  | { readonly is: 'shown'; readonly board: JobBoard }
  /** They can come, and be told what to do. */
  | {
      readonly is: 'served';
      readonly control: JobControl<unknown>;
      /** What a job that has ended has to show for it, as JSON; undefined if it has not, or long ago. */
      readonly resultOf: (jobId: string) => unknown;
    };

/** Ended jobs whose results are remembered. */
const RESULTS_MAX = 1000;

/** Makes desks that take jobs which `read` makes of JSON; it throws a TypeError of one sentence if something is no job. */
export function serving<Job>(read: (json: unknown) => Job): {
  /** A job has ended, with this result. */
  ended(result: { readonly id: string }): void;
  desk(control: JobControl<Job>): JobDesk;
} {
  const results = new Map<string, unknown>();
  return {
    ended(result) {
      results.set(result.id, result);
      const [oldest] = results.keys();
      if (results.size > RESULTS_MAX && oldest !== undefined) results.delete(oldest);
    },
    desk: (control) => ({
      is: 'served',
      control: { ...control, submit: (json) => control.submit(read(json)) },
      resultOf: (jobId) => results.get(jobId),
    }),
  };
}

/** Longest description of a job, as JSON: its input has some 100,000 blocks. */
export const JOB_BYTES_MAX = 32 << 20;
/** Most jobs that are told at a time: the last. */
export const JOBS_MAX = 10_000;

/** The last that a calendar has (ECMA-262). */
const MS_MAX = 8.64e15;
const MsSchema = v.pipe(v.number(), v.minValue(-MS_MAX), v.maxValue(MS_MAX));
const CountSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** A job as it is told. */
export const JobStatusSchema = v.object({
  id: TextSchema,
  kind: TextSchema,
  phase: v.picklist(['waiting', 'held', 'running', 'finished', 'failed', 'deleted']),
  submittedMs: MsSchema,
  startedMs: v.exactOptional(MsSchema),
  endedMs: v.exactOptional(MsSchema),
  tasks: v.object({ total: CountSchema, running: CountSchema, finished: CountSchema }),
  message: v.exactOptional(v.string()),
  counters: v.exactOptional(v.pipe(v.record(TextSchema, v.number()), v.maxEntries(1000))),
  needs: v.exactOptional(
    v.object({
      slot: ResourcesSchema,
      executor: v.exactOptional(ResourcesSchema),
      atOnce: v.exactOptional(
        v.object({
          what: v.picklist(['ranks', 'instances']),
          perSlave: v.exactOptional(CountSchema),
          most: v.exactOptional(CountSchema),
        }),
      ),
    }),
  ),
}) satisfies v.GenericSchema<JobStatus>;

export const JobListSchema = v.object({
  framework: TextSchema,
  /** Whether jobs may be sent to it. */
  takesJobs: v.boolean(),
  /** When it was written, in milliseconds since the epoch, as all times of jobs. */
  nowMs: MsSchema,
  /** In the order of submission. */
  jobs: v.pipe(v.array(JobStatusSchema), v.maxLength(JOBS_MAX)),
  /** Earlier jobs that are left out. */
  omitted: CountSchema,
});
/** The jobs of a framework. */
export type JobList = Immutable<v.InferOutput<typeof JobListSchema>>;

/** All that a desk shows. */
export function boardOf(desk: JobDesk): JobBoard {
  return desk.is === 'served' ? desk.control : desk.board;
}

/** Has the job come to its end? */
export function hasEnded({ phase }: Pick<JobStatus, 'phase'>): boolean {
  return phase === 'finished' || phase === 'failed' || phase === 'deleted';
}
