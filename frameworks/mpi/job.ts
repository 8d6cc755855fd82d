/** Rigid jobs as data: a job runs on all its ranks at once or not at all (NSDI'11 §4.1, §5). */
import * as v from 'valibot';
import { IdSchema, type Immutable, TextSchema } from '../../mesos/protocol/entities.ts';
import type { RigidJob } from '../../workloads/jobs.ts';

/** Longest time that a file may ask for: a year. */
const SPAN_MS_MAX = 366 * 24 * 3600 * 1000;
/** Most ranks of one job: the list of all peers must fit into one message. */
export const RANKS_MAX = 4096;

/** A span of time in milliseconds. */
export const SpanMsSchema = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(SPAN_MS_MAX));
/** Names a job; short enough that task ids can be made from it. */
const JobIdSchema = v.pipe(IdSchema, v.maxLength(200));

/** What the ranks compute. */
export const MpiProgramSchema = v.variant('type', [
  /** Solves Poisson's equation on the unit square, for real (kernels/poisson.ts). */
  v.object({
    type: v.literal('poisson'),
    /** Inner grid points per side; each rank has a band of rows, so it must not be less than the number of ranks. */
    gridSize: v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(8192)),
    /** Stops when the residual has shrunk to this fraction of the right-hand side. */
    tolerance: v.optional(v.pipe(v.number(), v.minValue(1e-14), v.maxValue(0.1)), 1e-8),
    /** Fails if that takes more iterations. Some three times the grid size are needed. */
    iterationsMax: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1e6)), 100_000),
    /** Solves this many times, each time from nothing: makes a job longer without changing it. */
    repeats: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1e6)), 1),
  }),
  /** Computes nothing: each rank takes a drawn time and the slowest one ends them all (rankModel.ts). */
  v.object({
    type: v.literal('model'),
    /** Mean time that a rank works. */
    workMs: SpanMsSchema,
    /** Coefficient of variation between the ranks of a job (log-normal). */
    cv: v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(10)),
  }),
]);
/** What the ranks of a job compute. */
export type MpiProgram = Immutable<v.InferOutput<typeof MpiProgramSchema>>;

const SubmissionSchema = v.variant('when', [
  v.object({ when: v.literal('at'), ms: SpanMsSchema }),
  v.object({ when: v.literal('after'), jobId: JobIdSchema, delayMs: SpanMsSchema }),
]);

export const MpiJobSchema = v.object({
  id: JobIdSchema,
  kind: TextSchema,
  ranks: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(RANKS_MAX)),
  /** Relative to the framework's first registration. */
  submission: SubmissionSchema,
  program: MpiProgramSchema,
});
/** A rigid job. */
export type MpiJob = Immutable<v.InferOutput<typeof MpiJobSchema>>;

/** A job of a workload, with its modelled times as the program. */
export function modelledJob({ id, kind, ranks, submission, model }: RigidJob): MpiJob {
  return { id, kind, ranks, submission, program: { type: 'model', workMs: model.workMs, cv: model.cv } };
}
