/** The verdicts of a comparison on its page: how they look, their order, and what they mean. */
import type { ComparisonVerdict } from '../../harness/comparison.ts';
import type { Verdict } from '../../harness/result.ts';
import { mark } from '../page/blocks.ts';
import { type Html, html } from '../page/html.ts';
import { percent } from '../words.ts';

/** How verdicts look: the colours are those of the paper's verdicts. */
export const LOOK: Readonly<Record<ComparisonVerdict, { readonly colour: Verdict; readonly glyph: string }>> =
  {
    better: { colour: 'reproduced', glyph: '▲' },
    worse: { colour: 'deviates', glyph: '▼' },
    same: { colour: 'reproduced', glyph: '=' },
    differs: { colour: 'same direction', glyph: '≠' },
    'no evidence': { colour: 'not run', glyph: '~' },
    inconclusive: { colour: 'inconclusive', glyph: '?' },
    'harness-limited': { colour: 'harness-limited', glyph: '◐' },
    failed: { colour: 'deviates', glyph: '✕' },
    infrastructure: { colour: 'harness-limited', glyph: '✕' },
    'not judged': { colour: 'not run', glyph: '–' },
  };

/** The worst first. */
export const ORDER: readonly ComparisonVerdict[] = [
  ...(['worse', 'failed', 'infrastructure', 'inconclusive', 'harness-limited'] as const),
  ...(['differs', 'better', 'no evidence', 'same', 'not judged'] as const),
];

/** A verdict as glyph and word. */
export const verdictOf = (verdict: ComparisonVerdict): Html =>
  mark(LOOK[verdict].colour, LOOK[verdict].glyph, verdict);

/** The same with its reason below, if there is one. */
export const verdictWithReason = ({
  verdict,
  why,
}: {
  readonly verdict: ComparisonVerdict;
  readonly why: string;
}): Html => html`${verdictOf(verdict)}${why === '' ? null : html` <span class="why">${why}</span>`}`;

/** What each means, for who reads the page. */
export const MEANING: readonly (readonly [ComparisonVerdict, string])[] = [
  ['better', 'The effect is surely there, for the better, and above the threshold.'],
  ['worse', 'The same for the worse.'],
  ['same', 'Not a bit differs: of runs in virtual time.'],
  ['differs', 'It is another value, which is neither good nor bad in itself, or too little to count.'],
  [
    'no evidence',
    'No effect of a size that counts was seen, and one would have been. That is not “equal”: the smallest that could have been seen stands beside it, as detectable.',
  ],
  [
    'inconclusive',
    'Too noisy, too few blocks, the base alone failed, or the control moved: the base differed from itself. For want of time it is said which budget would do.',
  ],
  ['harness-limited', 'The harness or the machine was the bottleneck.'],
  ['failed', 'The head ended with an error, or both sides did.'],
  ['infrastructure', 'The machine was at fault.'],
  ['not judged', 'There is nothing to hold it against: the base has no such thing. That stops no release.'],
];

/** Verdicts in the order in which they are told: what is worst comes first. */
export function worstFirst<T extends { readonly verdict: ComparisonVerdict }>(
  figures: readonly T[],
): readonly T[] {
  return figures.toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
}

/** A change as a part, with its sign. */
export const signed = (part: number): string => `${part > 0 ? '+' : ''}${percent(part)}`;
