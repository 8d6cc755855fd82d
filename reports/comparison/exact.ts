/** Figures of runs in virtual time, which are the same for the same code, and where histories part. */
import type { ExactComparison } from '../../harness/comparison.ts';
import { cards, folded, question } from '../page/blocks.ts';
import { type Html, html } from '../page/html.ts';
import { exact as allDigits, count, grouped } from '../words.ts';
import { verdictWithReason, worstFirst } from './verdicts.ts';

/** The section. */
export function exactSection(exact: readonly ExactComparison[]): Html {
  const rows = worstFirst(exact);
  // There may be hundreds, which nobody wants to read through for the few that matter.
  const [same, changed] = [
    rows.filter(({ verdict }) => verdict === 'same'),
    rows.filter(({ verdict }) => verdict !== 'same'),
  ];
  // All figures of a scenario have the same one.
  const different = [
    ...new Map(
      rows.flatMap(({ id, firstDifference }) =>
        firstDifference === null ? [] : [[id.split('/').slice(0, 2).join('/'), firstDifference] as const],
      ),
    ),
  ];
  return html`<section id="exact" aria-labelledby="exact-title">
<h2 id="exact-title">Exact figures</h2>
${question('Which figures of runs in virtual time, which are the same for the same code, are different?')}${
  changed.length === 0
    ? html`<p>None of ${count(rows.length, 'figure')} differs in a bit.</p>\n`
    : exactTable('Exact figures that differ', changed)
}${
  same.length === 0
    ? null
    : folded(
        `${count(same.length, 'figure')} of which not a bit differs`,
        exactTable('Exact figures that are the same', same),
      )
}${different.map(([scenario, difference]) => differenceView(scenario, difference))}</section>
`;
}

function exactTable(caption: string, rows: readonly ExactComparison[]): Html {
  return cards(
    caption,
    [
      { title: 'Figure' },
      { title: 'Verdict' },
      { title: 'Base', number: true },
      { title: 'Head', number: true },
    ],
    rows.map(({ id, verdict, base, head, unit, why }) => [
      id,
      verdictWithReason({ verdict, why }),
      base === null ? '' : `${allDigits(base)} ${unit}`,
      head === null ? '' : `${allDigits(head)} ${unit}`,
    ]),
  );
}

function differenceView(
  scenario: string,
  { seed, line, base, head }: NonNullable<ExactComparison['firstDifference']>,
): Html {
  return folded(
    `First event that differs: ${scenario}, seed ${seed}, line ${grouped(line)}`,
    html`<p>Base</p><pre tabindex="0"><code>${base ?? '(its history has ended)'}</code></pre>
<p>Head</p><pre tabindex="0"><code>${head ?? '(its history has ended)'}</code></pre>
`,
  );
}
