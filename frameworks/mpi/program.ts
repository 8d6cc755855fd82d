/** What the ranks of a job compute, as data. */
import * as v from 'valibot';
import type { Immutable } from '../../mesos/protocol/entities.ts';

/** Longest time that a file may ask for: a year. */
const SPAN_MS_MAX = 366 * 24 * 3600 * 1000;
/** Most ranks of one job: the list of all peers must fit into one message. */
export const RANKS_MAX = 4096;

/** A span of time in milliseconds. */
export const SpanMsSchema = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(SPAN_MS_MAX));
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
