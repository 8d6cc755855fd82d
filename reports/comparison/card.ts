/** What a comparison came to, at the top of its page. */
import type { ComparisonData, ComparisonVerdict, NoiseScore } from '../../harness/comparison.ts';
import { warning } from '../page/blocks.ts';
import { type Html, html } from '../page/html.ts';
import { count, duration, enumerate, grouped, percent } from '../words.ts';
import { isLost } from './claims.ts';
import { LOOK, ORDER } from './verdicts.ts';

/** The page's title. */
export const titleOf = ({ base, head }: ComparisonData): string => `${head.name} against ${base.name}`;

/** The card: the verdict in a sentence, the figures by verdict, and what was left out. */
export function card(comparison: ComparisonData): Html {
  const { figures, incomparable, left, wallSeconds, noise, budgetSeconds } = comparison;
  const counts = ORDER.map((verdict) => ({
    verdict,
    n: figures.filter((one) => one.verdict === verdict).length,
  }));
  return html`<section class="card" id="verdict" aria-labelledby="title">
<p class="kicker">Comparison of two versions</p>
<h1 id="title">${titleOf(comparison)}</h1>
<p class="sentence">${sentenceOf(comparison)}</p>
<ul class="tally" aria-label="Figures by verdict">
${counts.map(({ verdict, n }) => html`<li class="${LOOK[verdict].colour.replaceAll(' ', '-')}${n === 0 ? ' zero' : ''}"><span class="glyph" aria-hidden="true">${LOOK[verdict].glyph}</span> <b>${grouped(n)}</b> ${verdict}</li>\n`)}</ul>
${incomparable.map((why) => warning('Not comparable', why))}${
  left.length === 0 ? null : warning('No time', `There was no time for ${enumerate(left)}.`)
}<dl class="facts">
<div><dt>Took</dt><dd>${duration(wallSeconds)}${budgetSeconds === null ? '' : ` of ${duration(budgetSeconds)}`}</dd></div>
<div><dt>Noise of the machine</dt><dd>${noise === null ? 'not known, since too little was timed side by side' : noiseOf(noise)}</dd></div>
</dl></section>
`;
}

const noiseOf = ({ score, spread, taken }: NoiseScore): string =>
  `${grouped(score)} of 100: from block to block the base differed from itself by ${percent(spread)}${
    taken === null ? '' : `, and others took ${percent(taken)} of the processors’ time`
  }`;

const UNJUDGED: readonly ComparisonVerdict[] = [
  ...(['inconclusive', 'failed', 'infrastructure', 'harness-limited', 'not judged'] as const),
];

function sentenceOf({ figures, incomparable, claims }: ComparisonData): string {
  if (figures.every(({ verdict }) => verdict === 'not judged'))
    return incomparable.length > 0 ? 'These two must not be compared.' : 'Nothing was compared.';
  const judged = figures.filter(({ verdict }) => !UNJUDGED.includes(verdict));
  if (judged.length === 0) return `Of ${count(figures.length, 'figure')} none could be judged.`;
  const worse = figures.filter(({ verdict }) => verdict === 'worse').length;
  const lost = claims.filter(isLost).length;
  const parts = [
    worse === 0
      ? `Of ${count(judged.length, 'figure')} that could be judged none is worse`
      : `${count(worse, 'figure')} of ${grouped(figures.length)} ${worse === 1 ? 'is' : 'are'} worse`,
    ...(lost === 0
      ? []
      : [`${count(lost, 'claim')} of the paper ${lost === 1 ? 'is' : 'are'} no longer reproduced`]),
  ];
  return `${enumerate(parts)}.`;
}
