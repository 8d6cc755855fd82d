/** What is said of timed figures: better, worse, no evidence, or that nothing can be said. */
import type { Block, ComparisonVerdict, RatioToBase, TimedComparison } from '../comparison.ts';
import { medianInterval } from '../statistics/bootstrap.ts';
import { detectableShift } from '../statistics/detectable.ts';
import { holm } from '../statistics/holm.ts';
import { logRatio, pairedRatio } from '../statistics/pairedRatio.ts';
import { median } from '../statistics/quantile.ts';
import { signedRankP } from '../statistics/signedRank.ts';
import { ALPHA, BLOCKS_MIN, type Look, sessionP } from '../statistics/spending.ts';

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
}

/** Judges the figures of a session together: the more there are, the more evidence each needs. */
export function judge(figures: readonly TimedFigure[]): readonly TimedComparison[] {
  const ps = holm(figures.map(pOf));
  return figures.map((figure, n) => judged(figure, ps[n] as number, figures.length));
}

/** Would more blocks change nothing that counts? `comparisons` are the figures of the session. */
export function isClear(figure: TimedFigure, comparisons: number): boolean {
  const { verdict, ratio, threshold } = judged(figure, Math.min(1, comparisons * pOf(figure)), comparisons);
  if (verdict === 'better' || verdict === 'worse') return true;
  // What is seen must be far enough from what would count.
  return (
    verdict === 'no evidence' &&
    ratio.interval.every((end) => Math.abs(Math.log(end)) < Math.log1p(threshold))
  );
}

/** Of the rank test, on the scale of the whole session. */
function pOf({ blocks, look }: TimedFigure): number {
  return look === undefined ? 1 : sessionP(signedRankP(blocks.map(headOverBase)), look);
}

/** The control is the base too: its runs count with it. */
const headOverBase = ({ base, head, control }: Block): number => logRatio([...base, ...control], head);

function judged(figure: TimedFigure, p: number, comparisons: number): TimedComparison {
  const { id, unit, better, blocks, blocksPlanned, look, threshold } = figure;
  const logs = blocks.map(headOverBase);
  const controlLogs = blocks.flatMap(({ base, control }) =>
    control.length === 0 ? [] : logRatio(base, control),
  );
  const ratio = pairedRatio(logs, id);
  const control = controlLogs.length === 0 ? null : pairedRatio(controlLogs, `${id} control`);
  const detectable = Math.expm1(detectableShift(logs, (look?.alpha ?? 0) / comparisons));
  const seen = { better, ratio, control, controlP: signedRankP(controlLogs), p, threshold, detectable };
  const [verdict, why] = verdictOf({ ...seen, blocks: blocks.length });
  const side = (which: 'base' | 'head'): TimedComparison['base'] => {
    const values = blocks.flatMap((block) => block[which]);
    return { median: median(values), interval: medianInterval(values, { seed: `${id} ${which}` }) };
  };
  return {
    kind: 'timed',
    ...{ id, unit, better, blocks, base: side('base'), head: side('head'), ratio, control, p, blocksPlanned },
    ...{ threshold, detectable, verdict, why },
  };
}

/** All that a verdict depends on. */
export interface Seen {
  readonly better: TimedComparison['better'];
  readonly blocks: number;
  readonly ratio: RatioToBase;
  readonly control: RatioToBase | null;
  /** Of the rank test of the control, uncorrected. */
  readonly controlP: number;
  /** Of the rank test, corrected. */
  readonly p: number;
  readonly threshold: number;
  readonly detectable: number;
}

/**
 * The verdict with its reason. `better` and `worse` need evidence (p up to 0.05 after correction, and an interval without 1), an
 * effect above the threshold, and a control that stands still. `no evidence` needs that an effect of the size of the threshold could
 * have been seen; else it is `inconclusive`.
 */
export function verdictOf(seen: Seen): readonly [ComparisonVerdict, string] {
  const { better, blocks, ratio, control, controlP, p, threshold, detectable } = seen;
  if (blocks < BLOCKS_MIN) return ['inconclusive', `${blocks} blocks are too few: ${BLOCKS_MIN} are needed`];
  if (control === null)
    return ['inconclusive', `${percent(ratio.value)}, but the runs are of different sessions`];
  const counts = (one: RatioToBase): boolean => Math.abs(Math.log(one.value)) >= Math.log1p(threshold);
  if (controlP <= ALPHA && counts(control))
    return ['inconclusive', `the control moved by ${percent(control.value)}, though it is the base itself`];
  const isSeen = p <= ALPHA && (ratio.interval[0] > 1 || ratio.interval[1] < 1);
  if (isSeen && counts(ratio)) {
    if (better === null)
      return [
        'inconclusive',
        `${percent(ratio.value)}, but neither side says whether less or more is better`,
      ];
    const isWorse = ratio.value > 1 === (better === 'lower');
    return [isWorse ? 'worse' : 'better', `${percent(ratio.value)}, p = ${shortP(p)}`];
  }
  if (detectable > threshold) {
    const could = Number.isFinite(detectable) ? `only ${percent(1 + detectable)} or more` : 'nothing yet';
    return ['inconclusive', `too noisy: ${could} would have been seen, and ${percent(1 + threshold)} counts`];
  }
  const why = `${percent(1 + detectable)} would have been seen`;
  return [
    'no evidence',
    isSeen ? `${percent(ratio.value)}, below the threshold of ${percent(1 + threshold)}` : why,
  ];
}

/** A ratio as what it is more or less than 1. */
export function percent(ratio: number): string {
  const value = 100 * (ratio - 1);
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)} %`;
}

const shortP = (p: number): string => (p < 0.0001 ? '0.0001 at most' : p.toPrecision(2));
