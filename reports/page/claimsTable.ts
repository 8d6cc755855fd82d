/** The table "paper against measured", and the chart of its ratios. */
import type { ClaimResult, ClockKind, ReportData } from '../../harness/result.ts';
import { claimsFigure } from '../figures/claims.ts';
import type { Figure } from '../figures/figure.ts';
import { claimsOf } from '../paper/claims.ts';
import { count, interval, quantity } from '../words.ts';
import { verdictMark } from './blocks.ts';
import { figureView } from './figureView.ts';
import { type Html, html } from './html.ts';

/** A section and the figures in it. */
export interface Part {
  readonly html: Html;
  readonly figures: readonly Figure[];
}

/** The section. Each clock has a column; on narrow screens each row becomes a card. */
export function claimsSection({ claims, experiment }: ReportData): Part {
  if (claims.length === 0) {
    return {
      html: html`<section id="claims"><h2>Paper against measured</h2>\n<p>This report holds no claim of the paper.</p></section>\n`,
      figures: [],
    };
  }
  const figure = claimsFigure(experiment.id, claims);
  const clocks = (['virtual', 'real'] as const).filter((clock) =>
    claims.some((claim) => claim.clock === clock),
  );
  const rows = [...Map.groupBy(claims, (claim) => claim.id).values()];
  return {
    figures: [figure],
    html: html`<section id="claims" aria-labelledby="claims-title">
<h2 id="claims-title">Paper against measured</h2>
<p class="question">Which of the paper’s numbers come out again?</p>
${figureView(figure)}<div class="scroll cards" tabindex="0" role="region" aria-label="The paper’s claims and our numbers"><table role="table">
<caption>${count(rows.length, 'claim')} of the paper, our numbers and the verdicts</caption>
<thead role="rowgroup"><tr role="row">${['Claim', 'Paper', ...clocks.map(columnTitle)].map(heading)}</tr></thead>
<tbody role="rowgroup">
${rows.map((row) => rowView(experiment.id, row, clocks))}</tbody></table></div>
<p class="fine">Brackets hold 95% intervals over n seeds, each for itself: of twenty such intervals, one
misses its true value by chance. With fewer than six seeds they miss more often, with three in one case of
four. The signs are explained under <a href="#reading">How to read this report</a>.</p>
</section>
`,
  };
}

/** The results of one claim, on all clocks. */
function rowView(
  experiment: string,
  results: readonly ClaimResult[],
  clocks: readonly ClockKind[],
): Html | null {
  const first = results[0];
  if (first === undefined) return null;
  const caveat = claimsOf(experiment).find((one) => one.id === first.id)?.caveat;
  const id = html`<code class="id">${first.id}</code>`;
  const about =
    caveat === undefined
      ? id
      : html`<details class="small"><summary>${id}</summary><p>${caveat}</p></details>`;
  return html`<tr role="row" id="${first.id}">
<th role="rowheader" scope="row">${first.claim} ${about}</th>
<td role="cell" data-label="Paper">${quantity(first.paper, first.unit)}
<span class="interval">${first.where}</span></td>
${clocks.map((clock) =>
  resultView(
    clock,
    results.find((one) => one.clock === clock),
  ),
)}</tr>
`;
}

function resultView(clock: ClockKind, result: ClaimResult | undefined): Html {
  const label = html` data-label="${columnTitle(clock)}"`;
  if (result === undefined) return html`<td role="cell"${label}><span class="none">not asked</span></td>\n`;
  const show = (value: number) => quantity(value, result.unit);
  const { ours } = result;
  const number =
    ours === null
      ? null
      : html`<span class="ours"><b>${show(ours.value)}</b>
<span class="interval">${interval(ours, show)} n\u00a0=\u00a0${ours.n}</span></span> `;
  return html`<td role="cell"${label}>${verdictMark(result.verdict)} ${number}<span class="why">${result.why}</span></td>
`;
}

function heading(title: string): Html {
  return html`<th role="columnheader" scope="col">${title}</th>`;
}

function columnTitle(clock: ClockKind): string {
  return clock === 'virtual' ? 'Virtual time' : 'Real processes';
}
