/** Small things that tables and views are made of. */
import { percent, quantity, resourceTitle } from '../format.ts';
import { type Drawn, html } from '../html.ts';
import type { Sign } from '../signs.ts';

/** A state as sign and word. */
export function mark({ glyph, word, tone }: Sign): Drawn {
  return html`<span class=${`mark ${tone}`}><span class="glyph" aria-hidden="true">${glyph}</span> ${word}</span>`;
}

/** What is in use of something, as a bar and numbers. */
export function usage(name: string, used: number, total: number): Drawn {
  if (total === 0) return html`<span class="none">–</span>`;
  return html`<span class="usage">
    <span class="meter" aria-hidden="true"><span class="fill" style=${{ width: width(used, total) }}></span></span>
    <span class="usage-text">${quantity(name, used)}<span class="of"> / ${quantity(name, total)}</span></span>
  </span>`;
}

/** A share, as a bar and percent; `of`: the resource. */
export function shareMark(share: number, of: string): Drawn {
  return html`<span class="usage">
    <span class="meter" aria-hidden="true"><span class="fill" style=${{ width: width(share, 1) }}></span></span>
    <span class="usage-text">${percent(share)}${of !== '' && html`<span class="of"> ${resourceTitle(of)}</span>`}</span>
  </span>`;
}

/** A part of a whole as a width in CSS. */
export function width(part: number, whole: number): string {
  return `${Math.min(100, Math.max(0, whole === 0 ? 0 : (100 * part) / whole)).toFixed(2)}%`;
}

/** A term and what it is. */
export function fact(term: string, value: Drawn): Drawn {
  return html`<div><dt>${term}</dt><dd>${value}</dd></div>`;
}
