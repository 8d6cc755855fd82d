/** How to read the page of a comparison. */
import { GLYPHS } from '../page/blocks.ts';
import { type Html, html } from '../page/html.ts';
import { MEANING, verdictOf } from './verdicts.ts';

/** The section. */
export function reading(): Html {
  return html`<section id="reading" aria-labelledby="reading-title">
<h2 id="reading-title">How to read this page</h2>
<dl class="meanings">
${MEANING.map(([verdict, meaning]) => html`<div><dt>${verdictOf(verdict)}</dt><dd>${meaning}</dd></div>\n`)}</dl>
<ul>
<li><strong>Blocks.</strong> Both sides run in turns, in an order that reads the same backwards, so that what drifts evenly strikes
both alike; each block in a fresh process, or, of benchmarks that are measured as a whole, each run. An effect is the middle of the
blocks’ ratios (the pseudomedian), with a 95% interval by resampling whole blocks, which is less sure of fewer than six. Stored runs are paired by seed.</li>
<li><strong>The control</strong> is the base run once more in the same blocks. If it differs from the base, the machine is not still
enough, and nothing is concluded of effects that are less than eleven times as large.</li>
<li><strong>Claims</strong> that were <span class="glyph" aria-hidden="true">${GLYPHS.reproduced}</span> reproduced on the base and are not on the head are told first.</li>
</ul>
</section>
`;
}
