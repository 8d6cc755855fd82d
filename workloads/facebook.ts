/**
 * The Facebook Hadoop mix of the macrobenchmark (NSDI'11 §6.1.1, Table 3): 100 jobs in 25 minutes.
 *
 * Where the modelled task times come from. Only the static side of the paper is used, never the Mesos column:
 *
 * 1. Set-up: on its static partition the large mix leaves its 96 slots empty between two jobs for 20.8 s on
 *    average (figure 5b); that is Hadoop's set-up and clean-up ({@link HADOOP_SET_UP_MS}).
 * 2. Work: the static Facebook share of figure 5a, summed over time, is 113,841 slot seconds
 *    ({@link STATIC_BUSY_SLOT_S}).
 * 3. Job times: the static column of Table 5 by bin ({@link FACEBOOK_BINS}, `staticS`).
 *
 * Waves alone, mapMs = (staticS - set-up) / ceil(maps / 96), hold for the small bins only. For bins 4 to 8
 * they ask for twice the work that figure 5a shows: much of the time of these jobs is waiting for slots that
 * other jobs hold. So the map times are fitted with the model of `partition.ts` (96 slots, fair between jobs)
 * until the mean over 40 draws of the mix gives Table 5's static column. The join is three MapReduce jobs one
 * after the other, as Hive runs this query of HIVE-396 (join, group, order), each with its set-up. One thing the
 * column leaves open: how long a reduce is, shuffle included. It is taken to be as long as a map of its job,
 * because then the fitted mix does the work that figure 5a shows within 1% (a ratio of 3 would miss it by 6%).
 * `calibration.ts` is the fit; the test repeats it from a poor first guess.
 */
import { poissonArrivals } from './arrivals.ts';
import type { MapReduceJob } from './jobs.ts';
import { seededUniform, shuffled } from './random.ts';
import { localMs, type StaticReads } from './staticReads.ts';

/** Gaps between jobs of the large mix on its static partition (figure 5b), without an outlier of 63 s. */
const FIGURE_5B_GAPS_S = [18.7, 20.3, 20.4, 20.3, 22.9, 22.5, 20.4, 20.8] as const;
/** Time of a job in which none of its tasks runs. */
export const HADOOP_SET_UP_MS =
  Math.round((10 * FIGURE_5B_GAPS_S.reduce((sum, gap) => sum + gap, 0)) / FIGURE_5B_GAPS_S.length) * 100;
/** Slots of the static partition: 24 nodes with 4 cores each (§6.1). */
export const STATIC_SLOTS = 24 * 4;
/**
 * Share of 384 cores that the mix held on its static partition, summed over time (figure 5a): 296.46 share
 * seconds.
 */
export const STATIC_BUSY_SLOT_S = 296.46 * 384;

/**
 * A line of Table 3, with what it took on the static partition (Table 5) and the task times fitted to that.
 */
export interface FacebookBin {
  readonly bin: number;
  readonly kind: string;
  readonly maps: number;
  readonly reduces: number;
  /** MapReduce steps of one job, each with its set-up. */
  readonly steps: number;
  readonly jobs: number;
  /** Mean job time on the static partition, in seconds (Table 5). */
  readonly staticS: number;
  /** Fitted mean length of a map on the static partition. */
  readonly mapMs: number;
}

/** Mean length of a reduce, shuffle included, over that of a map of the same job. */
const REDUCE_OVER_MAP = 1;

/** Tables 3 and 5, and the fit. The maps and reduces of the join's three steps are taken together. */
export const FACEBOOK_BINS: readonly FacebookBin[] = [
  { bin: 1, kind: 'selection', maps: 1, reduces: 0, steps: 1, jobs: 38, staticS: 24, mapMs: 2550 },
  { bin: 2, kind: 'text search', maps: 2, reduces: 0, steps: 1, jobs: 18, staticS: 31, mapMs: 8500 },
  { bin: 3, kind: 'aggregation', maps: 10, reduces: 2, steps: 1, jobs: 14, staticS: 82, mapMs: 23800 },
  { bin: 4, kind: 'selection', maps: 50, reduces: 0, steps: 1, jobs: 12, staticS: 65, mapMs: 16300 },
  { bin: 5, kind: 'aggregation', maps: 100, reduces: 10, steps: 1, jobs: 6, staticS: 192, mapMs: 32300 },
  { bin: 6, kind: 'selection', maps: 200, reduces: 0, steps: 1, jobs: 6, staticS: 136, mapMs: 16200 },
  { bin: 7, kind: 'text search', maps: 400, reduces: 0, steps: 1, jobs: 4, staticS: 137, mapMs: 8000 },
  { bin: 8, kind: 'join', maps: 400, reduces: 30, steps: 3, jobs: 2, staticS: 662, mapMs: 52300 },
];

/** Mean time between two submissions (§6.1.1). */
const MEAN_GAP_MS = 14_000;
/** All jobs are submitted within this time (§6.1.1). */
export const SUBMISSION_SPAN_MS = 25 * 60_000;

/** How to draw the mix. */
export interface FacebookOptions {
  /** Draws the order of the bins and the gaps. */
  readonly seed: number;
  /** Coefficient of variation of the task lengths; the paper gives none. Default 0.2. */
  readonly cv?: number;
  /** How the maps of the static partition read; default all local. */
  readonly staticReads?: StaticReads;
  /** Task times to use in place of the fitted ones, for the fit itself. */
  readonly bins?: readonly FacebookBin[];
}

/**
 * The 100 jobs, in the order of their submission. Gaps are exponential, scaled so that their mean is exactly
 * 14 s: the first job comes at 0, the last at 1,386 s, within the 25 minutes.
 */
export function facebookMix(options: FacebookOptions): readonly MapReduceJob[] {
  const { seed, cv = 0.2, staticReads, bins = FACEBOOK_BINS } = options;
  const uniform = seededUniform(`facebook ${seed}`);
  const order = shuffled(
    bins.flatMap((bin) => Array<FacebookBin>(bin.jobs).fill(bin)),
    uniform,
  );
  const submissionsMs = poissonArrivals(order.length, MEAN_GAP_MS * (order.length - 1), uniform);
  return order.map((bin, index) => ({
    id: `facebook-${String(index + 1).padStart(3, '0')}`,
    kind: bin.kind,
    bin: bin.bin,
    maps: bin.maps,
    reduces: bin.reduces,
    submission: { when: 'at', ms: submissionsMs[index] as number },
    model: {
      setUpMs: bin.steps * HADOOP_SET_UP_MS,
      mapMs: localMs(bin.mapMs, staticReads),
      reduceMs: bin.reduces === 0 ? 0 : Math.round(bin.mapMs * REDUCE_OVER_MAP),
      cv,
    },
  }));
}
