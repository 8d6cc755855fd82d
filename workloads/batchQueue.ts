/**
 * A queue of rigid jobs as supercomputers have it, drawn from a seed: in the shape of the logs of the Parallel Workloads Archive
 * (Feitelson, Tsafrir and Krakov, JPDC 2014), for comparisons of policies. It stands for no particular machine.
 *
 * Sizes are powers of two more often than not, with many serial jobs (Lublin and Feitelson, JPDC 2003). Run times are log-normal with
 * a long tail. Users ask for far more time than they need, and for round numbers (Tsafrir, Etsion and Feitelson, JSSPP 2005).
 */
import { randomExponential, randomLogNormal } from 'd3-random';
import type { RigidJob } from './jobs.ts';
import { seededUniform, type Uniform } from './random.ts';

/** A job with what its user says of its length. */
export interface BatchJob extends RigidJob {
  /** Never less than the job takes. */
  readonly wallTimeMs: number;
}

/** What queue to draw. */
export interface BatchQueueOptions {
  readonly seed: string | number;
  readonly jobs: number;
  /** Of the machine; no job needs more. */
  readonly slots: number;
  /** Slot time that is asked for, as a fraction of what there is until the last job is submitted. */
  readonly load: number;
}

const SERIAL_SHARE = 0.24;
const POWER_OF_TWO_SHARE = 0.75;
/** Of the run time, in seconds: half of the jobs take less, few take hours. */
const MEDIAN_RUN_S = 600;
const RUN_SIGMA = 1.5;
const RUN_MIN_S = 10;
const RUN_MAX_S = 12 * 3600;
/** Of the part of a wall time that is beyond the run time. */
const MEAN_EXCESS = 1;
/** What people ask for. */
const ROUND_MINUTES = [5, 10, 15, 30, 60, 120, 240, 480, 720, 1440, 2880] as const;

/** The jobs, in the order of their submission, the first at 0. Each takes exactly as long as its model says. */
export function batchQueue({ seed, jobs, slots, load }: BatchQueueOptions): readonly BatchJob[] {
  const uniform = seededUniform(`batch queue ${seed}`);
  const runS = randomLogNormal.source(uniform)(Math.log(MEDIAN_RUN_S), RUN_SIGMA);
  const excess = randomExponential.source(uniform)(1 / MEAN_EXCESS);
  const drawn = Array.from({ length: jobs }, (_, n) => {
    const workMs = Math.round(1000 * Math.min(RUN_MAX_S, Math.max(RUN_MIN_S, runS())));
    return {
      id: `job-${n + 1}`,
      kind: 'batch',
      ranks: drawRanks(uniform, slots),
      model: { workMs, cv: 0 },
      wallTimeMs: roundUp(workMs * (1 + excess())),
    };
  });
  const gap = randomExponential.source(uniform)(1);
  const atGap = drawn.map((_, n) => (n === 0 ? 0 : gap()));
  const slotMs = drawn.reduce((sum, { ranks, model }) => sum + ranks * model.workMs, 0);
  const msPerGap =
    slotMs /
    load /
    slots /
    Math.max(
      1,
      atGap.reduce((sum, length) => sum + length, 0),
    );
  let at = 0;
  return drawn.map((job, n) => {
    at += (atGap[n] ?? 0) * msPerGap;
    return { ...job, submission: { when: 'at', ms: Math.round(at) } };
  });
}

function drawRanks(uniform: Uniform, slots: number): number {
  if (uniform() < SERIAL_SHARE) return 1;
  const ranks = 2 ** (uniform() * Math.log2(slots));
  const whole = uniform() < POWER_OF_TWO_SHARE ? 2 ** Math.round(Math.log2(ranks)) : Math.round(ranks);
  return Math.min(slots, Math.max(1, whole));
}

function roundUp(ms: number): number {
  const minutes = ROUND_MINUTES.find((round) => round * 60_000 >= ms);
  return minutes === undefined ? Math.ceil(ms / 86_400_000) * 86_400_000 : minutes * 60_000;
}
