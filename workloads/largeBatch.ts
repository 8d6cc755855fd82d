/**
 * The large Hadoop mix of the macrobenchmark (NSDI'11 §6.1.1): 10 text searches of 2,400 maps, one after the
 * other.
 *
 * Task times come from the static partition alone: figure 5b's static share, summed over time, is 716.69
 * share seconds of 384 cores for 10 x 2,400 maps, which makes 11.47 s a map. The empty gaps between its bars
 * give the set-up (`facebook.ts`). Together, 20.8 s + 25 waves x 11.47 s = 307.5 s, and a ragged last wave,
 * against 314 s in Table 5.
 */
import { HADOOP_SET_UP_MS } from './facebook.ts';
import type { MapReduceJob } from './jobs.ts';
import { localMs, type StaticReads } from './staticReads.ts';

/** Jobs of the mix. */
const LARGE_JOBS = 10;
/** Maps of each job. */
const LARGE_MAPS = 2400;
/** Mean length of a map on the static partition. */
export const LARGE_MAP_MS = Math.round((716.69 * 384 * 1000) / (LARGE_JOBS * LARGE_MAPS));
/** Mean job time on the static partition, in seconds (Table 5). */
export const LARGE_STATIC_S = 314;

/** How to make the mix. */
export interface LargeBatchOptions {
  /** Coefficient of variation of the task lengths; the paper gives none. Default 0.2. */
  readonly cv?: number;
  /** How the maps of the static partition read; default all local. */
  readonly staticReads?: StaticReads;
}

/** The jobs; each is submitted when the previous one has ended. Nothing in it is random. */
export function largeBatch({ cv = 0.2, staticReads }: LargeBatchOptions = {}): readonly MapReduceJob[] {
  return Array.from({ length: LARGE_JOBS }, (_, index) => ({
    id: jobId(index),
    kind: 'text search',
    bin: 0,
    maps: LARGE_MAPS,
    reduces: 0,
    submission: index === 0 ? { when: 'at', ms: 0 } : { when: 'after', jobId: jobId(index - 1), delayMs: 0 },
    model: { setUpMs: HADOOP_SET_UP_MS, mapMs: localMs(LARGE_MAP_MS, staticReads), reduceMs: 0, cv },
  }));
}

const jobId = (index: number): string => `large-${String(index + 1).padStart(2, '0')}`;
