/** Fits modelled task times to job times that were measured on a static partition. */
import type { MapReduceJob } from './jobs.ts';
import { meanSecondsByBin, type PartitionRun, runOnPartition } from './partition.ts';

/** A bin to fit: what its jobs took, and how long its maps are taken to be. */
export interface FittedBin {
  readonly bin: number;
  readonly staticS: number;
  readonly mapMs: number;
}

/** What to fit. */
export interface FitOptions<B extends FittedBin> {
  /** The targets and the first guess. */
  readonly bins: readonly B[];
  /** A draw of the workload with the task times of these bins. */
  readonly draw: (bins: readonly B[], seed: number) => readonly MapReduceJob[];
  readonly slots: number;
  /** Time of a job of a bin in which none of its tasks runs. */
  readonly setUpMs: (bin: B) => number;
  /** Draws 1 to this one are averaged. */
  readonly draws: number;
  readonly rounds: number;
}

/** How much of a round's correction is taken; less than 1 because bins slow each other down. */
const DAMPING = 0.6;

/** The draws 1 to `draws` of a workload, each run on the partition. */
export function runDraws(
  draw: (seed: number) => readonly MapReduceJob[],
  options: { readonly slots: number; readonly draws: number },
): readonly PartitionRun[] {
  return Array.from({ length: options.draws }, (_, index) =>
    runOnPartition(draw(index + 1), { slots: options.slots, seed: index + 1 }),
  );
}

/**
 * The bins with map times under which the mean job times on the partition are the targets. Each round scales
 * a bin's map time by (target - set-up) / (seen - set-up), damped. Whole milliseconds.
 */
export function fitMapTimes<B extends FittedBin>(options: FitOptions<B>): readonly B[] {
  let bins = options.bins;
  for (let round = 0; round < options.rounds; round++) {
    const seen = meanSecondsByBin(runDraws((seed) => options.draw(bins, seed), options));
    bins = bins.map((bin) => {
      const meanMs = 1000 * (seen.get(bin.bin) ?? bin.staticS);
      const setUpMs = options.setUpMs(bin);
      const correction = (1000 * bin.staticS - setUpMs) / Math.max(1, meanMs - setUpMs);
      return { ...bin, mapMs: Math.round(bin.mapMs * correction ** DAMPING) };
    });
  }
  return bins;
}
