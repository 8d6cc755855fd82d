/** Claims of the paper that have another verdict on the head. */
import type { ComparisonData } from '../../harness/comparison.ts';
import { cards, question, verdictMark } from '../page/blocks.ts';
import { type Html, html } from '../page/html.ts';
import { count, grouped } from '../words.ts';

/** Was it reproduced, and is not any more? */
export const isLost = ({ base, head }: ComparisonData['claims'][number]): boolean =>
  base === 'reproduced' && head !== 'reproduced';

/** The section; null if no claims were judged. */
export function claimsSection({ claims }: ComparisonData): Html | null {
  if (claims.length === 0) return null;
  const changed = claims.filter(({ base, head }) => base !== head);
  const order = changed.toSorted((a, b) => Number(isLost(b)) - Number(isLost(a)));
  return html`<section id="claims" aria-labelledby="claims-title">
<h2 id="claims-title">Claims of the paper</h2>
${question('Does the head still reproduce what the base reproduced?')}<p>${
    changed.length === 0
      ? `All ${count(claims.length, 'claim')} have the same verdict on both sides.`
      : `${count(changed.length, 'claim')} of ${grouped(claims.length)} ${changed.length === 1 ? 'has' : 'have'} another verdict.`
  }</p>
${
  changed.length === 0
    ? null
    : cards(
        'Claims with another verdict',
        [{ title: 'Claim' }, { title: 'Experiment' }, { title: 'Base' }, { title: 'Head' }],
        order.map(({ claim, experiment, base, head }) => [
          claim,
          experiment,
          verdictMark(base),
          verdictMark(head),
        ]),
      )
}</section>
`;
}
