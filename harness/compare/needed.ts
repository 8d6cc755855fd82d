/** What it would take to decide a figure that there were too few blocks for. */
import type { ComparisonData, Needed } from '../comparison.ts';
import { differencesToDetect } from '../statistics/detectable.ts';
import { pseudomedian } from '../statistics/pseudomedian.ts';
import { BLOCKS_MIN, LAST_LOOK_ALPHA } from '../statistics/spending.ts';

/** How many blocks of a figure there are for how much time. */
export interface Pace {
  /** Of the session that was. */
  readonly budgetSeconds: number;
  /** What each block takes of the budget, of which other benchmarks have their parts. */
  readonly budgetSecondsPerBlock: number;
  /** No session has more. */
  readonly blocksMax: number;
}

/** The spread of few blocks is not known well, and machines become slower. */
const MARGIN = 1.25;
const MINUTE_S = 60;
/** Of a single block nothing is known of the spread: so many are enough on most machines. */
const USUAL_BLOCKS = 20;

/**
 * What would show an effect above the threshold, from the logarithms of head over base in each block so far, in a session of so many
 * figures; or, if that is more, half of the effect that they have: what is plain takes few blocks, however far they spread. Null if no
 * budget makes more of them.
 */
export function neededOf(
  logRatios: readonly number[],
  comparisons: number,
  threshold: number,
  pace: Pace | null,
): Needed | null {
  if (pace === null) return null;
  const effect = Math.max(Math.log1p(threshold), Math.abs(pseudomedian(logRatios)) / 2);
  const found = differencesToDetect(logRatios, LAST_LOOK_ALPHA / comparisons, effect);
  const blocks = Math.max(BLOCKS_MIN, logRatios.length + 1, found ?? USUAL_BLOCKS);
  if (blocks > pace.blocksMax) return { blocks, budgetSeconds: null };
  const seconds = Math.max(pace.budgetSeconds + 1, MARGIN * blocks * pace.budgetSecondsPerBlock);
  return { blocks, budgetSeconds: MINUTE_S * Math.ceil(seconds / MINUTE_S) };
}

/** The same for people, to be set behind a reason; nothing if there is nothing to say. */
export function neededWords(needed: Needed | null): string {
  if (needed === null) return '';
  const { blocks, budgetSeconds } = needed;
  return budgetSeconds === null
    ? `; about ${blocks} blocks would do, which is more than a session has: use a quieter machine`
    : `; about ${blocks} blocks would do: give ${budgetFlag(budgetSeconds)}`;
}

/** The budget that would decide all figures of which it is known, as a flag; null if there are none. */
export function budgetNeeded({ figures }: Pick<ComparisonData, 'figures'>): string | null {
  const all = figures.flatMap((figure) =>
    figure.kind === 'timed' ? (figure.needed?.budgetSeconds ?? []) : [],
  );
  return all.length === 0 ? null : budgetFlag(Math.max(...all));
}

const budgetFlag = (budgetSeconds: number): string => `--budget ${budgetSeconds / MINUTE_S}m`;
