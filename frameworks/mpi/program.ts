/** What the ranks of a job run, as data. */
import * as v from 'valibot';
import type { Immutable } from '../../mesos/protocol/entities.ts';

/** Longest time that a file may ask for: a year. */
const SPAN_MS_MAX = 366 * 24 * 3600 * 1000;
/** Most ranks of one job: the list of all peers must fit into one message. */
export const RANKS_MAX = 4096;
/** Longest argument, path or value of a variable, in characters. */
const TEXT_LENGTH_MAX = 32_768;

/** A span of time in milliseconds. */
export const SpanMsSchema = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(SPAN_MS_MAX));

const integer = (min: number, max: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
/** What a process may be given: no system call takes a text with a zero in it. */
const ArgumentSchema = v.pipe(
  v.string(),
  v.maxLength(TEXT_LENGTH_MAX),
  v.check((text) => !text.includes('\0'), 'must not have a zero character in it'),
);
const PathSchema = v.pipe(ArgumentSchema, v.minLength(1, 'must name a file'));
const SeedSchema = v.optional(v.pipe(v.number(), v.safeInteger()), 1);

/** A program and what it is given: no shell reads any of it. */
const COMMAND = {
  /** Found by the PATH of the slaves if it has no slash. */
  program: PathSchema,
  /** Without the program's own name. */
  arguments: v.optional(v.pipe(v.array(ArgumentSchema), v.maxLength(1000)), []),
  /** Beside what the executor has itself. */
  environment: v.optional(
    v.record(
      v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is no name of a variable')),
      ArgumentSchema,
    ),
    {},
  ),
  /** Where it runs; default: in the sandbox of its rank. */
  workingDirectory: v.exactOptional(PathSchema),
};

/** A scene to trace. */
const SceneSchema = v.variant('type', [
  /** Always the same: balls, one of them a mirror, and a pyramid on a chequered floor. */
  v.object({ type: v.literal('room') }),
  /** Balls and triangles at random. */
  v.object({
    type: v.literal('random'),
    seed: SeedSchema,
    /** A ray looks at each of them: twice as many take twice as long. */
    spheres: v.optional(integer(0, 10_000), 50),
    triangles: v.optional(integer(0, 10_000), 20),
  }),
]);
/** A scene to trace. */
export type Scene = Immutable<v.InferOutput<typeof SceneSchema>>;

/** A picture in pixels. */
const PICTURE = {
  width: v.optional(integer(1, 8192), 512),
  height: v.optional(integer(1, 8192), 384),
};

/** What the ranks run. */
export const MpiProgramSchema = v.variant('type', [
  /** Solves Poisson's equation on the unit square, for real (kernels/poisson.ts). */
  v.object({
    type: v.literal('poisson'),
    /** Inner grid points per side; each rank has a band of rows, so it must not be less than the number of ranks. */
    gridSize: integer(2, 8192),
    /** Stops when the residual has shrunk to this fraction of the right-hand side. */
    tolerance: v.optional(v.pipe(v.number(), v.minValue(1e-14), v.maxValue(0.1)), 1e-8),
    /** Fails if that takes more iterations. Some three times the grid size are needed. */
    iterationsMax: v.optional(integer(1, 1e6), 100_000),
    /** Solves this many times, each time from nothing: makes a job longer without changing it. */
    repeats: v.optional(integer(1, 1e6), 1),
  }),
  /** Draws a picture by tracing rays (kernels/raytrace.ts). Each rank has every so many-th line of it. */
  v.object({
    type: v.literal('raytrace'),
    scene: v.optional(SceneSchema, { type: 'room' }),
    ...PICTURE,
    /** Rays along each side of a pixel: 2 sends four rays through each. */
    samples: v.optional(integer(1, 16), 1),
    /** How often a ray may be reflected. */
    reflections: v.optional(integer(0, 16), 4),
    /** Where rank 0 writes the picture (PPM), from its sandbox; absent: nowhere, only its checksum is told. */
    picture: v.exactOptional(PathSchema),
  }),
  /** Solves a dense system of random linear equations, as High-Performance LINPACK does (kernels/lu.ts). */
  v.object({
    type: v.literal('lu'),
    /** Unknowns. */
    n: integer(1, 20_000),
    /** Columns of a block: what a rank has next to each other. */
    nb: v.optional(integer(1, 256), 64),
    seed: SeedSchema,
  }),
  /** An MPI program by MPICH, if that is installed where the ranks run (Debian: mpich). */
  v.object({ type: v.literal('mpich'), ...COMMAND }),
  /** An MPI program by Open MPI, if that is installed where the ranks run (Debian: openmpi-bin). */
  v.object({ type: v.literal('openmpi'), ...COMMAND }),
  /** The ray tracer Tachyon, by MPICH (Debian: tachyon-bin-nox, libtachyon-mpich-0, mpich). */
  v.object({
    type: v.literal('tachyon'),
    /** A file that there is wherever a rank runs, or one of our scenes, which the ranks write. */
    scene: v.optional(v.union([PathSchema, SceneSchema]), { type: 'room' }),
    ...PICTURE,
    /** Antialiasing samples of a pixel. With any, the picture depends on the number of ranks. */
    samples: v.optional(integer(0, 256), 0),
    /** Where rank 0 writes the picture (PPM), from its sandbox. */
    picture: v.optional(PathSchema, 'picture.ppm'),
  }),
  /** High-Performance LINPACK itself, as Debian's hpcc has it, by Open MPI. p times q must be the number of ranks. */
  v.object({
    type: v.literal('hpl'),
    /** Unknowns. */
    n: integer(1, 200_000),
    /** Size of a block. */
    nb: v.optional(integer(1, 1024), 128),
    /** Rows of the grid of ranks. */
    p: integer(1, RANKS_MAX),
    /** Columns of the grid of ranks. */
    q: integer(1, RANKS_MAX),
  }),
  /** Any command, e.g. a script, as Torque runs it: on the first rank, while the others hold their slots, or on all. */
  v.object({
    type: v.literal('command'),
    ...COMMAND,
    on: v.optional(v.picklist(['first', 'all']), 'first'),
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
/** What the ranks of a job run. */
export type MpiProgram = Immutable<v.InferOutput<typeof MpiProgramSchema>>;

/** Why so many ranks cannot run it, as the end of a sentence about the job; undefined if they can. */
export function misfit(program: MpiProgram, ranks: number): string | undefined {
  if (program.type === 'poisson' && program.gridSize < ranks)
    return `has ${ranks} ranks for ${program.gridSize} rows; each rank needs a row at least`;
  if (program.type === 'hpl' && program.p * program.q !== ranks)
    return `has ${ranks} ranks for a grid of ${program.p} × ${program.q}; give it ${program.p * program.q}`;
  return undefined;
}
