/** How many comparisons with the paper got which verdict. */
import type { ClaimResult, Verdict } from '../../harness/result.ts';
import { count, enumerate, grouped } from '../words.ts';
import { GLYPHS, mark } from './blocks.ts';
import { type Html, html } from './html.ts';

/** All verdicts, best first. */
export const VERDICTS = Object.keys(GLYPHS) as readonly Verdict[];

/** A verdict and how many claims got it. */
export interface Tally {
  readonly verdict: Verdict;
  readonly n: number;
}

/** Counts verdicts, best first, those that nothing got included. */
export function tallyOf(claims: readonly ClaimResult[]): readonly Tally[] {
  return VERDICTS.map((verdict) => ({
    verdict,
    n: claims.filter((claim) => claim.verdict === verdict).length,
  }));
}

/** The verdicts that there are, in one line. */
export function tallyView(tally: readonly Tally[]): Html {
  const some = tally.filter(({ n }) => n > 0);
  return html`${some.map(({ verdict, n }) => html`${mark(verdict, GLYPHS[verdict], `${grouped(n)}\u00a0${verdict}`)} `)}`;
}

/** One sentence with the counts by verdict. */
export function verdictSentence(tally: readonly Tally[]): string {
  const all = tally.reduce((sum, { n }) => sum + n, 0);
  if (all === 0) return 'This report compares nothing with the paper.';
  const some = tally.filter(({ n }) => n > 0);
  const [only, ...others] = some;
  if (only !== undefined && others.length === 0)
    return `${all === 1 ? 'The one comparison' : `All ${count(all, 'comparison')}`} with the paper ${predicate(only.verdict, all)}.`;
  const parts = some.map(({ verdict, n }) => `${grouped(n)} ${predicate(verdict, n)}`);
  return `Of ${count(all, 'comparison')} with the paper, ${enumerate(parts)}.`;
}

function predicate(verdict: Verdict, n: number): string {
  const is = n === 1 ? 'is' : 'are';
  switch (verdict) {
    case 'reproduced':
      return `${is} reproduced`;
    case 'same direction':
      return n === 1 ? 'points in the same direction' : 'point in the same direction';
    case 'deviates':
      return n === 1 ? 'deviates' : 'deviate';
    case 'inconclusive':
      return `${is} inconclusive`;
    case 'harness-limited':
      return n === 1 ? 'was limited by the harness' : 'were limited by the harness';
    case 'not run':
      return n === 1 ? 'was not run' : 'were not run';
    default:
      return verdict satisfies never;
  }
}
