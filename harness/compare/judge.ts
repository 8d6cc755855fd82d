/** What is said of timed figures: better, worse, no evidence, or that nothing can be said. */
import type { Block, ComparisonVerdict, TimedComparison } from '../comparison.ts';
import { type Interval, medianInterval } from '../statistics/bootstrap.ts';
import { detectableShift } from '../statistics/detectable.ts';
import { holm } from '../statistics/holm.ts';
import { logRatio, pairedRatio } from '../statistics/pairedRatio.ts';
import { pseudomedian } from '../statistics/pseudomedian.ts';
import { median } from '../statistics/quantile.ts';
import { signedRankInterval, signedRankP } from '../statistics/signedRank.ts';
import { ALPHA, BLOCKS_MIN, type Look, sessionP } from '../statistics/spending.ts';
import { neededOf, neededWords, type Pace } from './needed.ts';

/** A figure with its blocks so far. */
export interface TimedFigure {
  readonly id: string;
  readonly unit: string;
  /** Null if nobody says it. */
  readonly better: TimedComparison['better'];
  readonly blocks: readonly Block[];
  readonly blocksPlanned: number;
  /** The look at these blocks; undefined if there are too few for any. */
  readonly look: Look | undefined;
  /** Effects smaller than this part do not count. */
  readonly threshold: number;
  /** Null of stored runs, which no budget makes more of. */
  readonly pace: Pace | null;
}

/**
 * Judges the figures of a session together: the more there are, the more evidence each needs. The bootstrap intervals, of so many
 * resamples, are there to be shown: no verdict depends on them.
 */
export function judge(figures: readonly TimedFigure[], resamples?: number): readonly TimedComparison[] {
  const ps = holm(figures.map((figure) => pOf(figure, headLogs(figure.blocks))));
  const controlPs = holm(figures.map((figure) => pOf(figure, controlLogs(figure.blocks))));
  return figures.map((figure, n) =>
    judged(
      figure,
      seenOf(figure, figures.length, ps[n] as number, controlPs[n] as number),
      figures.length,
      resamples,
    ),
  );
}

/** Would more blocks change nothing that counts? `comparisons` are the figures of the session. */
export function isClear(figure: TimedFigure, comparisons: number): boolean {
  const correctedP = (logs: readonly number[]): number => Math.min(1, comparisons * pOf(figure, logs));
  const seen = seenOf(
    figure,
    comparisons,
    correctedP(headLogs(figure.blocks)),
    correctedP(controlLogs(figure.blocks)),
  );
  const [verdict] = verdictOf(seen);
  return verdict === 'better' || verdict === 'worse' || (verdict === 'no evidence' && isRuledOut(seen));
}

/** Of the rank test, on the scale of the whole session; 1 if there are no values, or too few blocks. */
function pOf({ look }: TimedFigure, logs: readonly number[]): number {
  return look === undefined ? 1 : sessionP(signedRankP(logs), look);
}

/** The head over the base in each block. The control is the base too: its runs count with it. */
const headLogs = (blocks: readonly Block[]): readonly number[] =>
  blocks.map(({ base, head, control }) => logRatio([...base, ...control], head));

/** The control over the base in each block: the base over itself. None between stored runs. */
export const controlLogs = (blocks: readonly Block[]): readonly number[] =>
  blocks.flatMap(({ base, control }) => (control.length === 0 ? [] : logRatio(base, control)));

function seenOf(figure: TimedFigure, comparisons: number, p: number, controlP: number): Seen {
  const { better, blocks, look, threshold } = figure;
  const [ofHead, ofControl] = [headLogs(blocks), controlLogs(blocks)];
  const alpha = (look?.alpha ?? 0) / comparisons;
  const [low, high] = signedRankInterval(ofHead, alpha);
  return {
    ...{ better, blocks: blocks.length, p, controlP, threshold },
    ratio: Math.exp(pseudomedian(ofHead)),
    bounds: [Math.exp(low), Math.exp(high)],
    control: ofControl.length === 0 ? null : Math.exp(pseudomedian(ofControl)),
    looseControlP: signedRankP(ofControl),
    detectable: Math.expm1(detectableShift(ofHead, alpha)),
  };
}

function judged(
  figure: TimedFigure,
  seen: Seen,
  comparisons: number,
  resamples: number | undefined,
): TimedComparison {
  const { id, unit, better, blocks, blocksPlanned, threshold, pace } = figure;
  const { p, detectable } = seen;
  const ofControl = controlLogs(blocks);
  const ofHead = headLogs(blocks);
  const ratio = pairedRatio(ofHead, id, resamples);
  const control = ofControl.length === 0 ? null : pairedRatio(ofControl, `${id} control`, resamples);
  const [verdict, why, lack] = verdictOf(seen);
  const needed = lack === 'blocks' ? neededOf(ofHead, comparisons, threshold, pace) : null;
  const side = (which: 'base' | 'head'): TimedComparison['base'] => {
    const values = blocks.flatMap((block) => block[which]);
    return {
      median: median(values),
      interval: medianInterval(values, {
        seed: `${id} ${which}`,
        ...(resamples !== undefined && { resamples }),
      }),
    };
  };
  return {
    kind: 'timed',
    ...{ id, unit, better, blocks, base: side('base'), head: side('head'), ratio, control, p, blocksPlanned },
    ...{ threshold, detectable, needed, verdict, why: `${why}${neededWords(needed)}` },
  };
}

/** All that a verdict depends on. */
export interface Seen {
  readonly better: TimedComparison['better'];
  readonly blocks: number;
  /** Head over base. */
  readonly ratio: number;
  /** Where it lies at the level of this look, after correction for the number of figures. */
  readonly bounds: Interval;
  /** Control over base; null if there is no control. */
  readonly control: number | null;
  /** Of the rank test of the control, corrected. */
  readonly controlP: number;
  /** The same, uncorrected. */
  readonly looseControlP: number;
  /** Of the rank test, corrected. */
  readonly p: number;
  readonly threshold: number;
  readonly detectable: number;
}

/** Is a change of a size that counts ruled out, for the better and for the worse? */
const isRuledOut = ({ bounds, threshold }: Seen): boolean =>
  bounds.every((bound) => Math.abs(Math.log(bound)) < Math.log1p(threshold));

/**
 * The effect must be so many times what a control that moved shows. If what moved the control strikes all three alike, whatever its
 * size, the effect is √(3/2) : √2 times as large as the control's movement times a draw from Student's distribution with one degree of
 * freedom (both are logarithms; the head is held against two). So chance alone gives as much in 1 of 20 cases at most: its
 * 97.5% quantile is that tangent.
 */
const TIMES_CONTROL = Math.sqrt(3 / 4) * Math.tan(0.475 * Math.PI);

/** A verdict with its reason, and what would help. */
export type Judgement = readonly [verdict: ComparisonVerdict, why: string, lack?: 'blocks'];

/**
 * The verdict with its reason. `better` and `worse` need evidence (p up to 0.05 after correction), an effect above the threshold, and a
 * control that stands still. If it moved, the effect must be above the threshold by eleven times that movement; if there is but a hint
 * that it moves, by the movement itself. `no evidence` needs that an effect of the size of the threshold could have been seen or is ruled out; else it is
 * `inconclusive`.
 */
export function verdictOf(seen: Seen): Judgement {
  const { better, blocks, ratio, control, controlP, looseControlP, p, threshold, detectable } = seen;
  if (blocks < BLOCKS_MIN)
    return [
      'inconclusive',
      `${blocks === 1 ? 'one block is' : `${blocks} blocks are`} too few: ${BLOCKS_MIN} are needed`,
      'blocks',
    ];
  if (control === null) return ['inconclusive', `${percent(ratio)}, but the runs are of different sessions`];
  const [size, controlSize, least] = [
    Math.abs(Math.log(ratio)),
    Math.abs(Math.log(control)),
    Math.log1p(threshold),
  ];
  const isMoved = controlP <= ALPHA && controlSize >= least;
  const isSeen = p <= ALPHA;
  const counts = isSeen && size >= least;
  const itself = `${percent(control)}, though it is the base itself`;
  if (isMoved && !(counts && size - TIMES_CONTROL * controlSize >= least))
    return ['inconclusive', `${counts ? `${percent(ratio)}, but ` : ''}the control moved by ${itself}`];
  if (counts) {
    if (better === null)
      return ['inconclusive', `${percent(ratio)}, but neither side says whether less or more is better`];
    if (looseControlP <= ALPHA && size - controlSize < least)
      return ['inconclusive', `${percent(ratio)}, but the control may have moved by ${itself}`];
    const isWorse = ratio > 1 === (better === 'lower');
    const beside = isMoved ? `; the control moved by ${percent(control)}, which is little beside it` : '';
    return [isWorse ? 'worse' : 'better', `${percent(ratio)}, p = ${shortP(p)}${beside}`];
  }
  if (detectable > threshold && !isRuledOut(seen)) {
    const could = Number.isFinite(detectable) ? `only ${percent(1 + detectable)} or more` : 'nothing yet';
    return [
      'inconclusive',
      `too noisy: ${could} would have been seen, and ${percent(1 + threshold)} counts`,
      'blocks',
    ];
  }
  const why =
    detectable > threshold
      ? `a change of ${percent(1 + threshold)} or more is ruled out`
      : `${percent(1 + detectable)} would have been seen`;
  return [
    'no evidence',
    isSeen ? `${percent(ratio)}, below the threshold of ${percent(1 + threshold)}` : why,
  ];
}

/** A ratio as what it is more or less than 1. */
export function percent(ratio: number): string {
  const value = 100 * (ratio - 1);
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}%`;
}

const shortP = (p: number): string => (p < 0.0001 ? '0.0001 at most' : p.toPrecision(2));
