/** The table "paper against measured", experiment by experiment, and its overview as a chart. */
import type { ClaimResult, ExperimentResult, ReportData } from '../../harness/result.ts';
import { claimsFigure } from '../figures/claims.ts';
import type { Figure } from '../figures/figure.ts';
import { clockName, count, interval, quantity, unbroken } from '../words.ts';
import { GLYPHS, verdictMark } from './blocks.ts';
import { figureView, type Pictures } from './figureView.ts';
import { type Html, html } from './html.ts';
import { tallyOf } from './tally.ts';

/** A section and the figures in it. */
export interface Part {
  readonly html: (pictures: Pictures) => Html;
  readonly figures: readonly Figure[];
}

/** What the figures of this section belong to, in place of an experiment. */
export const OVERVIEW = 'overview';

const HEADINGS = ['Claim', 'Paper', 'Ours', 'Verdict'] as const;

/** The section. On narrow screens each row becomes a card. */
export function claimsSection({ experiments }: ReportData): Part {
  const compared = experiments.filter(({ claims }) => claims.length > 0);
  const all = compared.flatMap(({ claims }) => claims);
  if (all.length === 0) {
    return {
      html: () =>
        html`<section id="claims"><h2>Paper against measured</h2>\n<p>This report holds no claim of the paper.</p></section>\n`,
      figures: [],
    };
  }
  const figure = claimsFigure(compared);
  return {
    figures: [figure],
    html: (pictures) => html`<section id="claims" aria-labelledby="claims-title">
<h2 id="claims-title">Paper against measured</h2>
<p class="question">Which of the paper’s numbers come out again?</p>
${figureView(OVERVIEW, figure, pictures)}${filterView(all)}<div class="scroll cards claims" tabindex="0" role="region" aria-label="The paper’s claims and our numbers"><table role="table">
<caption>${count(all.length, 'claim')} of the paper, our numbers and the verdicts</caption>
<thead role="rowgroup"><tr role="row">${HEADINGS.map(heading)}</tr></thead>
${compared.map(groupView)}</table></div>
<p class="fine">Brackets hold intervals over n runs, each for itself. They hold the true value 95 times of 100: one in
twenty misses it by chance. With fewer than six runs they hold it less often, with three 75 times of 100, and say so; a verdict is
then given only if an interval that is about 95% sure, and longer, gives it too. The signs are explained under <a href="#reading">How to read this report</a>.</p>
</section>
`,
  };
}

/** Buttons that show the claims of one verdict only. */
function filterView(claims: readonly ClaimResult[]): Html {
  const buttons = tallyOf(claims)
    .filter(({ n }) => n > 0)
    .map(
      ({ verdict, n }) =>
        html`<button type="button" data-do="filter" data-verdict="${verdict}" aria-pressed="false"><span class="${verdict.replaceAll(' ', '-')}" aria-hidden="true">${GLYPHS[verdict]}</span> ${n}\u00a0${verdict}</button>\n`,
    );
  return html`<div class="filter" role="group" aria-label="Show claims of one verdict only" data-needs-script>
<span aria-hidden="true">Show only</span>
${buttons}</div>
`;
}

/** The claims of one experiment, below its name. */
function groupView({ experiment, claims }: ExperimentResult): Html {
  return html`<tbody role="rowgroup" id="claims-of-${experiment.id}">
<tr role="row" class="group"><th role="rowheader" scope="rowgroup" colspan="${HEADINGS.length}"><a href="#${experiment.id}">${experiment.title}</a></th></tr>
${claims.map((claim) => rowView(experiment.id, claim))}</tbody>
`;
}

function rowView(experiment: string, claim: ClaimResult): Html {
  const id = html`<code class="id">${claim.id}</code>`;
  const about =
    claim.caveat === ''
      ? id
      : html`<details class="small"><summary>${id}</summary><p>${claim.caveat}</p></details>`;
  return html`<tr role="row" id="claim-${experiment}-${claim.id}" data-verdict="${claim.verdict}">
<th role="rowheader" scope="row">${unbroken(claim.claim)} ${about}</th>
<td role="cell" data-label="Paper">${boundWords(claim)}${quantity(claim.paper, claim.unit)}
<span class="interval">${claim.where}</span></td>
<td role="cell" data-label="Ours">${oursView(claim)}</td>
<td role="cell" data-label="Verdict">${verdictMark(claim.verdict)} <span class="why">${unbroken(claim.why)}</span></td>
</tr>
`;
}

function boundWords({ bound }: ClaimResult): string {
  switch (bound) {
    case 'at-most':
      return 'at most ';
    case 'at-least':
      return 'at least ';
    case null:
      return '';
    default:
      return bound satisfies never;
  }
}

function oursView({ ours, unit, clock }: ClaimResult): Html {
  const where = html`<span class="interval">${clockName(clock)}</span>`;
  if (ours === null) return html`<span class="none">no number</span> ${where}`;
  const show = (value: number) => quantity(value, unit);
  const isSettled = ours.interval !== null && ours.n < 3;
  const spread = isSettled
    ? 'does not depend on the seed'
    : `${interval(ours, show)} n\u00a0=\u00a0${ours.n}`;
  return html`<span class="ours"><b>${show(ours.value)}</b>
<span class="interval">${spread}</span></span> ${where}`;
}

function heading(title: string): Html {
  return html`<th role="columnheader" scope="col">${title}</th>`;
}
