/** What failed, or is on one side only, so that it cannot be held against the other. */
import type {
  ComparisonData,
  FailedComparison,
  FigureComparison,
  UnmatchedComparison,
} from '../../harness/comparison.ts';
import { cards } from '../page/blocks.ts';
import { type Html, html } from '../page/html.ts';
import { verdictWithReason, worstFirst } from './verdicts.ts';

/** Has it no counterpart? */
export const isWithout = (one: FigureComparison): one is FailedComparison | UnmatchedComparison =>
  one.kind === 'failed' || one.kind === 'unmatched';

/** The section; null if there is nothing of the kind. */
export function counterpartsSection({ figures }: ComparisonData): Html | null {
  const without = figures.filter(isWithout);
  if (without.length === 0) return null;
  const failedOn = (one: FailedComparison | UnmatchedComparison): string =>
    one.kind === 'unmatched'
      ? ''
      : { base: 'the base alone', head: 'the head alone', both: 'both sides', neither: 'neither, run alone' }[
          one.side
        ];
  return html`<section id="failed" aria-labelledby="failed-title">
<h2 id="failed-title">What cannot be held against the other side</h2>
${cards(
  'What cannot be held against the other side',
  [{ title: 'What' }, { title: 'Verdict' }, { title: 'Failed on' }],
  worstFirst(without).map((one) => [one.id, verdictWithReason(one), failedOn(one)]),
)}</section>
`;
}
