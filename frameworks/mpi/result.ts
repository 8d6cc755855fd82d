/** What the ranks of a job have found, as rank 0 tells it. */
import * as v from 'valibot';
import type { Immutable } from '../../mesos/protocol/entities.ts';
import { SpanMsSchema } from './program.ts';

/** Longest end of an output that a result carries, in characters. */
export const TAIL_LENGTH_MAX = 4000;

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const quantity = v.pipe(v.number(), v.finite(), v.minValue(0));
const sha256 = v.pipe(v.string(), v.length(64));
const path = v.pipe(v.string(), v.maxLength(4096));
/** The end of what a program wrote, standard error included. */
const tail = v.pipe(v.string(), v.maxLength(TAIL_LENGTH_MAX));
/** From the start message until the end, by the clock of rank 0. */
const seconds = quantity;

/** What every program that is run by an MPI of somebody else has. */
const RUN = {
  ranks: count,
  /** From the start of mpiexec until its end. */
  wallSeconds: quantity,
  /** Where all that it wrote is, on the machine of rank 0. */
  output: path,
  tail,
  seconds,
};

export const RankResultSchema = v.variant('type', [
  v.object({
    type: v.literal('poisson'),
    gridSize: count,
    ranks: count,
    /** Iterations of one solve. */
    iterations: count,
    repeats: count,
    /** Largest entry of the residual f - Au of the last solve, computed anew from the solution. */
    residual: quantity,
    /** Largest distance from the analytic solution at a grid point. */
    error: quantity,
    /** What the error may be at most, from theory. */
    errorBound: quantity,
    /** SHA-256 of the solution's bytes: the same for any number of ranks. */
    solutionSha256: sha256,
    seconds,
  }),
  v.object({
    type: v.literal('raytrace'),
    width: count,
    height: count,
    ranks: count,
    /** Rays that all ranks have followed, those to the lights included. */
    rays: count,
    /** SHA-256 of the PPM file: the same for any number of ranks. */
    pictureSha256: sha256,
    /** Where it was written, if it was. */
    picture: v.exactOptional(path),
    seconds,
  }),
  v.object({
    type: v.literal('lu'),
    n: count,
    nb: count,
    ranks: count,
    /** How long the solution has taken, without making the matrix and checking it. */
    solveSeconds: quantity,
    /** (2/3 n³ + 3/2 n²) operations in that time, as HPL counts, in thousands of millions per second. */
    gflops: quantity,
    /** ‖Ax-b‖∞ / (ε (‖A‖∞ ‖x‖∞ + ‖b‖∞) n), as HPL has it: must be below 16. */
    residual: quantity,
    /** SHA-256 of the solution's bytes: the same for any number of ranks. */
    solutionSha256: sha256,
    seconds,
  }),
  v.object({ type: v.literal('mpich'), ...RUN }),
  v.object({ type: v.literal('openmpi'), ...RUN }),
  v.object({
    type: v.literal('tachyon'),
    ...RUN,
    width: count,
    height: count,
    /** What Tachyon itself says that the picture has taken. */
    rayTracingSeconds: quantity,
    /** Where the picture is, on the machine of rank 0. */
    picture: path,
    pictureSha256: sha256,
  }),
  v.object({
    type: v.literal('hpl'),
    ...RUN,
    n: count,
    nb: count,
    p: count,
    q: count,
    /** What HPL itself says: its time and speed, and its residual, which must be below 16. */
    solveSeconds: quantity,
    gflops: quantity,
    residual: quantity,
  }),
  v.object({
    type: v.literal('command'),
    ranks: count,
    /** Of rank 0's command, or if that was 0, the first other one. */
    exitCode: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255)),
    output: path,
    tail,
    seconds,
  }),
  v.object({
    type: v.literal('model'),
    /** What this rank would have taken alone. */
    ownMs: SpanMsSchema,
    /** What the slowest rank took, and so all of them. */
    jobMs: SpanMsSchema,
  }),
]);
/** What a rank found. Data of its TASK_FINISHED; that of rank 0 counts. */
export type RankResult = Immutable<v.InferOutput<typeof RankResultSchema>>;
