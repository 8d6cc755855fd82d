/**
 * Mixes for real runs on one small machine: the shape of the paper's macrobenchmark (NSDI'11 §6.1), a stream
 * of mostly small MapReduce jobs beside a few rigid ones, with real work on real text. Sizes are parameters;
 * the defaults are for some 40 s on 2 cores.
 */
import type { Factoring } from './alternatingLeastSquares.ts';
import { poissonArrivals } from './arrivals.ts';
import type { Submission } from './jobs.ts';
import { seededUniform, shuffled } from './random.ts';
import type { RatingsOptions } from './ratings.ts';

/** What a real MapReduce job computes. */
export type TextProgram =
  | { readonly type: 'wordcount' }
  /** The lines that contain the pattern. */
  | { readonly type: 'textsearch'; readonly pattern: string };

/** A MapReduce job with real work: one map for each of its blocks. */
export interface TextJob {
  readonly id: string;
  readonly kind: string;
  readonly submission: Submission;
  readonly program: TextProgram;
  /** Which blocks of the data set it reads. */
  readonly input: { readonly firstBlock: number; readonly blocks: number };
  readonly reduces: number;
}

/** A stream of MapReduce jobs over one data set. */
export interface TextMix {
  /** The corpus as blocks (`readBlocks` in corpus.ts), stored once and read by all jobs. */
  readonly dataSet: { readonly blockBytes: number; readonly blocks: number };
  readonly jobs: readonly TextJob[];
}

/** Sizes of the stream of MapReduce jobs. */
export interface TextMixOptions {
  readonly seed: number;
  readonly blockBytes: number;
  /** Blocks of the data set; the largest jobs read all of them. */
  readonly blocks: number;
  /** About how many jobs; at least one of each size. */
  readonly jobs: number;
  /** The last job is submitted this long after the first. */
  readonly spanMs: number;
}

/**
 * For some 40 s on 2 cores, start and end of the cluster included. One core counts words at some 75 MB/s and
 * searches at more than 1 GB/s, so the word counts are most of the work: 76 maps of 0.2 s each, 16 core
 * seconds.
 */
export const TEXT_MIX_DEFAULTS: TextMixOptions = {
  seed: 1,
  blockBytes: 16 * 1024 * 1024,
  blocks: 32,
  jobs: 14,
  spanMs: 24_000,
};

/**
 * Sizes and their frequencies, after Table 3: most jobs have one or two maps, most work is in few large ones.
 */
const SIZES: readonly {
  readonly fraction: number;
  readonly blocks: (all: number) => number;
  readonly program: TextProgram;
  readonly reduces: number;
}[] = [
  { fraction: 0.38, blocks: () => 1, program: { type: 'textsearch', pattern: 'free' }, reduces: 0 },
  { fraction: 0.18, blocks: () => 2, program: { type: 'textsearch', pattern: 'Received:' }, reduces: 0 },
  { fraction: 0.22, blocks: (all) => all / 8, program: { type: 'wordcount' }, reduces: 1 },
  {
    fraction: 0.1,
    blocks: (all) => all / 2,
    program: { type: 'textsearch', pattern: 'mortgage' },
    reduces: 0,
  },
  { fraction: 0.12, blocks: (all) => all, program: { type: 'wordcount' }, reduces: 2 },
];

/**
 * A stream of word counts and text searches over slices of the corpus; exponential gaps, scaled to the span.
 */
export function textMix(options: Partial<TextMixOptions> = {}): TextMix {
  const { seed, blockBytes, blocks, jobs, spanMs } = { ...TEXT_MIX_DEFAULTS, ...options };
  const uniform = seededUniform(`text mix ${seed}`);
  const order = shuffled(
    SIZES.flatMap((size) => Array<typeof size>(Math.max(1, Math.round(size.fraction * jobs))).fill(size)),
    uniform,
  );
  const times = poissonArrivals(order.length, spanMs, uniform);
  return {
    dataSet: { blockBytes, blocks },
    jobs: order.map((size, index) => {
      const count = Math.min(blocks, Math.max(1, Math.round(size.blocks(blocks))));
      return {
        id: `text-${String(index + 1).padStart(2, '0')}`,
        kind: size.program.type === 'wordcount' ? 'word count' : 'text search',
        submission: { when: 'at', ms: times[index] as number },
        program: size.program,
        input: { firstBlock: Math.floor(uniform() * (blocks - count + 1)), blocks: count },
        reduces: size.reduces,
      };
    }),
  };
}

/** Sizes of a series of MapReduce jobs. */
export interface TextSeriesOptions {
  readonly blockBytes: number;
  readonly blocks: number;
  readonly jobs: number;
}

/** Word counts over the whole corpus, each submitted when the one before has ended: always hungry. Nothing in it is random. */
export function textSeries({ blockBytes, blocks, jobs }: TextSeriesOptions): TextMix {
  const id = (index: number): string => `large-${index + 1}`;
  return {
    dataSet: { blockBytes, blocks },
    jobs: Array.from({ length: jobs }, (_, index) => ({
      id: id(index),
      kind: 'large word count',
      submission: index === 0 ? { when: 'at', ms: 0 } : { when: 'after', jobId: id(index - 1), delayMs: 0 },
      program: { type: 'wordcount' },
      input: { firstBlock: 0, blocks },
      reduces: 1,
    })),
  };
}

/** One scan of the whole data set that keeps few of its lines, maps only. Nothing in it is random. */
export function textScan(dataSet: TextMix['dataSet']): TextMix {
  return {
    dataSet,
    jobs: [
      {
        ...{ id: 'scan', kind: 'scan', submission: { when: 'at', ms: 0 }, reduces: 0 },
        program: { type: 'textsearch', pattern: 'mortgage' },
        input: { firstBlock: 0, blocks: dataSet.blocks },
      },
    ],
  };
}

/** A rigid job with real work: Poisson's equation on a square grid, solved by all ranks together. */
export interface SolverJob {
  readonly id: string;
  readonly kind: string;
  readonly ranks: number;
  readonly submission: Submission;
  readonly program: {
    readonly type: 'poisson';
    /** Inner grid points per side. */
    readonly gridSize: number;
    /** How often it is solved, each time from nothing. */
    readonly repeats: number;
  };
}

/** Sizes of the stream of rigid jobs. */
export interface SolverMixOptions {
  readonly jobs: number;
  readonly ranks: number;
  readonly gridSize: number;
  readonly repeats: number;
  /** The last job is submitted this long after the first. */
  readonly spanMs: number;
}

/** Beside the text mix: one solve takes 0.5 core seconds, all jobs together 15. */
const SOLVER_MIX_DEFAULTS: SolverMixOptions = {
  jobs: 4,
  ranks: 4,
  gridSize: 192,
  repeats: 6,
  spanMs: 24_000,
};

/** Rigid jobs at equal distances; the first is twice as long as the others. Nothing in it is random. */
export function solverMix(options: Partial<SolverMixOptions> = {}): readonly SolverJob[] {
  const { jobs, ranks, gridSize, repeats, spanMs } = { ...SOLVER_MIX_DEFAULTS, ...options };
  return Array.from({ length: jobs }, (_, index) => ({
    id: `solver-${index + 1}`,
    kind: index === 0 ? 'large solver' : 'small solver',
    ranks,
    submission: { when: 'at', ms: Math.round((spanMs * index) / Math.max(1, jobs - 1)) },
    program: { type: 'poisson', gridSize, repeats: index === 0 ? 2 * repeats : repeats },
  }));
}

/** An iterative job with real work: a matrix of ratings is factored by alternating least squares. */
export interface FactoringJob {
  readonly ratings: RatingsOptions;
  readonly blockBytes: number;
  readonly factoring: Factoring;
  readonly iterations: number;
}

/** Some 12 core seconds: 240,000 ratings, 20 steps. */
export function factoringJob({
  seed,
  iterations = 10,
}: {
  readonly seed: number;
  readonly iterations?: number;
}): FactoringJob {
  return {
    ratings: { users: 6000, items: 1000, rank: 5, perUser: 40, noise: 0.1, seed },
    blockBytes: 512 * 1024,
    factoring: { rank: 20, lambda: 0.01 },
    iterations,
  };
}
