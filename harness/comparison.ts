/** What a comparison of two versions leaves for its page, its gate and its history: plain data, stored as JSON. */

import type { Verdict as ClaimVerdict } from './result.ts';
import type { Interval } from './statistics/bootstrap.ts';

/** What became of one figure. `no evidence` is not `equal`: `detectable` says what could have been seen. */
export type ComparisonVerdict =
  | 'better'
  | 'worse'
  /** Of a deterministic figure: not a bit differs. */
  | 'same'
  /** Of a deterministic figure: it is another, which is neither good nor bad in itself, or too little to count. */
  | 'differs'
  | 'no evidence'
  /** Too noisy, too few blocks, or the control moved. */
  | 'inconclusive'
  | 'harness-limited'
  /** One side ended with an error. */
  | 'failed'
  /** The machine was at fault, not the system under test. */
  | 'infrastructure'
  /** There is nothing to hold it against: the base has no such thing, or it is 0 everywhere. */
  | 'not judged';

/** One side. */
export interface Side {
  /** As the user named it: a git ref, `working tree`, or the folder of a stored run. */
  readonly name: string;
  readonly commit: string;
  readonly dirty: boolean;
  readonly lockfileSha256: string;
  readonly nodeVersion: string;
}

/** Where it was measured, and how still it was there. */
export interface MachineClass {
  readonly cpuModel: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
}

/** How noisy the machine was for what was measured on it. */
export interface NoiseScore {
  /** 0 (as still as can be) to 100: ten for each percent of `spread`. */
  readonly score: number;
  /** By which part the base differs from itself from block to block: a deviation, of the figure in the middle. */
  readonly spread: number;
  /** Part of the processors' time that others took, other virtual machines included; null where the kernel does not tell. */
  readonly taken: number | null;
}

/**
 * One block of an interleaved measurement: each side twice, in fresh processes, in an order that reads the same backwards
 * (A B C C B A), so that what drifts evenly strikes all alike.
 */
export interface Block {
  readonly seed: number;
  readonly base: readonly number[];
  readonly head: readonly number[];
  /** The base once more, in a folder of its own, against which the base is held. Empty between stored runs. */
  readonly control: readonly number[];
}

/** A ratio to the base, with its paired bootstrap interval over blocks. */
export interface RatioToBase {
  readonly value: number;
  readonly interval: Interval;
}

/** What it would take to decide what there were too few blocks for: a guess from how far those that there were spread. */
export interface Needed {
  /** Blocks that would show an effect of the size of the threshold in 80 of 100 cases. */
  readonly blocks: number;
  /** A budget that there is time for them in; null if a session does not measure so many, however long it may take. */
  readonly budgetSeconds: number | null;
}

/** A figure that differs from run to run. */
export interface TimedComparison {
  readonly kind: 'timed';
  /** E.g. `launch/us-per-launch`. */
  readonly id: string;
  readonly unit: string;
  /** Null where neither side says it: then a change is neither `better` nor `worse`. */
  readonly better: 'lower' | 'higher' | null;
  readonly blocks: readonly Block[];
  readonly base: { readonly median: number; readonly interval: Interval };
  readonly head: { readonly median: number; readonly interval: Interval };
  /** The head. Below 1 it is less than the base. */
  readonly ratio: RatioToBase;
  /** The control, which is the base against itself; null between stored runs, which have none. */
  readonly control: RatioToBase | null;
  /** Of the rank test, after correction for the number of looks and of comparisons. */
  readonly p: number;
  /** Blocks that there were to be at most; fewer were enough, or there was no time for more. */
  readonly blocksPlanned: number;
  /** Effects smaller than this part do not count. */
  readonly threshold: number;
  /** The smallest effect, as a part, that this run could have seen; infinite, in JSON null, if none. */
  readonly detectable: number;
  /** Null unless it is for want of blocks that it is inconclusive. */
  readonly needed: Needed | null;
  readonly verdict: ComparisonVerdict;
  readonly why: string;
}

/** A figure that is the same in every run of the same code: from virtual time. */
export interface ExactComparison {
  readonly kind: 'exact';
  readonly id: string;
  readonly unit: string;
  /** Null where a difference is neither good nor bad. */
  readonly better: 'lower' | 'higher' | null;
  readonly base: number | null;
  readonly head: number | null;
  /** The first event of the histories that differs; null if none does. */
  readonly firstDifference: {
    readonly seed: number;
    readonly line: number;
    readonly base: string | null;
    readonly head: string | null;
  } | null;
  readonly threshold: number;
  readonly verdict: ComparisonVerdict;
  readonly why: string;
}

/** What gave no figure: a benchmark, or an experiment's scenario, that ended with an error. */
export interface FailedComparison {
  readonly kind: 'failed';
  readonly id: string;
  /** On which sides; on `neither` when each ran once more alone. */
  readonly side: 'base' | 'head' | 'both' | 'neither';
  /** What fails on the head has failed. What does not fail there is inconclusive: there is nothing to hold the head against. */
  readonly verdict: 'failed' | 'inconclusive' | 'infrastructure';
  /** With the last words of what failed. */
  readonly why: string;
}

/** What one side lacks, or has no number above 0 of, so that there is no ratio. What the head has lost is worse. */
export interface UnmatchedComparison {
  readonly kind: 'unmatched';
  /** Of a figure, a benchmark, a scenario, or an experiment. */
  readonly id: string;
  readonly verdict: 'worse' | 'not judged' | 'inconclusive';
  readonly why: string;
}

/** What became of one figure. */
export type FigureComparison = TimedComparison | ExactComparison | FailedComparison | UnmatchedComparison;

/** A claim of the paper, on both sides. */
export interface ClaimComparison {
  readonly experiment: string;
  readonly id: string;
  readonly claim: string;
  readonly base: ClaimVerdict;
  readonly head: ClaimVerdict;
}

/** All that the page of a comparison is drawn from. */
export interface ComparisonData {
  readonly schemaVersion: 1;
  readonly startedAt: string;
  readonly wallSeconds: number;
  /** Time that the timed figures were given; null between stored runs. */
  readonly budgetSeconds: number | null;
  /** The command that makes it again. */
  readonly command: string;
  readonly base: Side;
  readonly head: Side;
  readonly machine: MachineClass;
  /** Null if too little was timed side by side to tell. */
  readonly noise: NoiseScore | null;
  /** Why the sides must not be compared; empty if they may be. */
  readonly incomparable: readonly string[];
  readonly figures: readonly FigureComparison[];
  readonly claims: readonly ClaimComparison[];
  /** Figures that there was no time for. */
  readonly left: readonly string[];
}
