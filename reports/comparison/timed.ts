/** Figures that vary from run to run: the effects, and the blocks behind them. */
import type { TimedComparison } from '../../harness/comparison.ts';
import type { Figure } from '../figures/figure.ts';
import { cards, question } from '../page/blocks.ts';
import { figureView, type Pictures } from '../page/figureView.ts';
import { type Html, html } from '../page/html.ts';
import { percent, figures as threeFigures } from '../words.ts';
import { signed, verdictWithReason, worstFirst } from './verdicts.ts';

/** The effects, as a chart and a table with the reasons. */
export function timedSection(timed: readonly TimedComparison[], effects: Figure, pictures: Pictures): Html {
  return html`<section id="timed" aria-labelledby="timed-title">
<h2 id="timed-title">Timed figures</h2>
${question('Which figures that vary from run to run became better or worse?')}${figureView('comparison', effects, pictures)}${cards(
  'Timed figures',
  [
    { title: 'Figure' },
    { title: 'Verdict' },
    { title: 'Base', number: true },
    { title: 'Head', number: true },
    { title: 'Change', number: true },
    { title: 'Detectable', number: true },
    { title: 'Blocks', number: true },
  ],
  worstFirst(timed).map((one) => [
    html`${one.id} <span class="interval">${one.unit}</span>`,
    verdictWithReason(one),
    threeFigures(one.base.median),
    threeFigures(one.head.median),
    html`${signed(one.ratio.value - 1)}${
      // One block has no interval.
      one.blocks.length > 1
        ? html` <span class="interval">[${one.ratio.interval.map((bound) => signed(bound - 1)).join(', ')}]</span>`
        : null
    }`,
    Number.isFinite(one.detectable) ? percent(one.detectable) : 'nothing',
    `${one.blocks.length} of ${one.blocksPlanned}`,
  ]),
)}</section>
`;
}

/** Every block. */
export function blocksSection(blocks: Figure, pictures: Pictures): Html {
  return html`<section id="blocks" aria-labelledby="blocks-title">
<h2 id="blocks-title">Every block</h2>
${question('What stands behind the effects?')}${figureView('comparison', blocks, pictures)}</section>
`;
}
