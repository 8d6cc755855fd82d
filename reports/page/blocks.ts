/** Blocks that sections are made of: tables, commands, notes. */
import type { Estimate, Verdict } from '../../harness/result.ts';
import { isSame } from '../results/estimate.ts';
import { bareInterval, intervalName, unbroken } from '../words.ts';
import { type Html, html, type Insert } from './html.ts';

/** A column of a table: numbers stand right. */
export interface Heading {
  readonly title: string;
  readonly number?: boolean;
}

/**
 * A table in a region of its own that scrolls where the screen is narrow. The first cell of a row is its
 * heading.
 */
export function table(
  caption: string,
  headings: readonly Heading[],
  rows: readonly (readonly Insert[])[],
): Html {
  const kind = (index: number) => (headings[index]?.number ? html` class="number"` : null);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>${headings.map((heading, index) => html`<th scope="col"${kind(index)}>${heading.title}</th>`)}</tr></thead>
<tbody>
${rows.map(
  ([first, ...rest]) =>
    html`<tr><th scope="row">${first ?? null}</th>${rest.map((cell, index) => html`<td${kind(index + 1)}>${cell}</td>`)}</tr>\n`,
)}</tbody>
</table></div>
`;
}

/**
 * A table whose rows become cards where the screen is narrow: no column is squeezed, and nothing has to be scrolled for. Roles are
 * written out, since a browser takes what is laid out as cards for no table.
 */
export function cards(
  caption: string,
  headings: readonly Heading[],
  rows: readonly (readonly Insert[])[],
): Html {
  const kind = (index: number) => (headings[index]?.number ? html` class="number"` : null);
  return html`<div class="scroll cards" tabindex="0" role="region" aria-label="${caption}"><table role="table">
<caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${headings.map(({ title }, index) => html`<th role="columnheader" scope="col"${kind(index)}>${title}</th>`)}</tr></thead>
<tbody role="rowgroup">
${rows.map(
  ([first, ...rest]) =>
    html`<tr role="row"><th role="rowheader" scope="row">${first ?? null}</th>${rest.map((cell, index) => html`<td role="cell" data-label="${headings[index + 1]?.title ?? ''}"${kind(index + 1)}>${cell}</td>`)}</tr>\n`,
)}</tbody>
</table></div>
`;
}

/** Something long that opens on demand; on paper it is left out. */
export function folded(summary: string, inside: Html): Html {
  return html`<details class="folded"><summary>${summary}</summary>
${inside}</details>
`;
}

/** Commands to make a result again, with one button that copies them all. */
export function commands(lead: string, lines: readonly string[]): Html | null {
  if (lines.length === 0) return null;
  return html`<div class="again"><p>${lead}</p>
<div class="command"><pre
tabindex="0">${commandText(lines.join('\n'))}</pre>${copyButton(lines.join('\n'), 'Copy', 'Copy the command')}</div></div>
`;
}

/** Commands as text whose words break only where a line is too short for one: not behind the dashes of a flag. */
export function commandText(text: string): Html {
  const words = text.match(/(?:'[^']*'|[^\s'])+|\s+/g) ?? [];
  return html`<code>${words.map((word) => (word.trim() === '' ? word : html`<span>${word}</span>`))}</code>`;
}

/** A button that copies a text. It shows only where scripts run. */
export function copyButton(text: string, label: string, name: string): Html {
  return html`<button type="button" data-do="copy" data-text="${text}" aria-label="${name}" data-needs-script>${label}</button>`;
}

/** A warning that stands out by a word, not by colour alone. */
export function warning(word: string, text: Insert): Html {
  return html`<div class="warning" role="note"><p><strong>${word}.</strong> ${text}</p></div>\n`;
}

/** Question first: what a section answers. */
export function question(text: string): Html {
  return html`<p class="question">${text}</p>\n`;
}

/** What the data say. */
export function finding(text: string): Html {
  return html`<p class="finding"><strong>Finding.</strong> ${unbroken(text)}</p>\n`;
}

/** What to know before believing it; nothing if there is nothing. */
export function caveat(text: string): Html | null {
  if (text.trim() === '') return null;
  return html`<p class="caveat"><strong>Caveat.</strong> ${text}</p>\n`;
}

/** A value with its interval below it; how sure that is stands in the caption: see {@link withBrackets}. */
export function withInterval(value: Estimate | null, show: (value: number) => string): Insert {
  if (value === null) return html`<span class="none">no run</span>`;
  const bracket = bareInterval(value, show);
  return html`${show(value.value)}${bracket === '' ? null : html` <span class="interval">${bracket}</span>`}`;
}

/** A caption of a table in which these values stand with their intervals. */
export function withBrackets(caption: string, values: readonly (Estimate | null)[]): string {
  const differing = values.flatMap((value) =>
    value === null || value.interval === null || isSame(value) ? [] : value,
  );
  if (differing.length === 0) return caption;
  const where = values.some((value) => value !== null && isSame(value)) ? ' where runs differ' : '';
  return `${caption}; in brackets the ${intervalName(differing)}${where}`;
}

/** The sign of each verdict, beside the word. */
export const GLYPHS: Readonly<Record<Verdict, string>> = {
  reproduced: '✓',
  'same direction': '↗',
  deviates: '✗',
  inconclusive: '?',
  'harness-limited': '▲',
  'not run': '–',
};

/** A verdict as glyph and word. */
export function verdictMark(verdict: Verdict): Html {
  return mark(verdict, GLYPHS[verdict], verdict);
}

/** A sign and a word, in the colour of a verdict. */
export function mark(colour: Verdict, glyph: string, word: string): Html {
  const sign = html`<span class="glyph" aria-hidden="true">${glyph}</span>`;
  return html`<span class="verdict ${colour.replaceAll(' ', '-')}">${sign} ${word}</span>`;
}
