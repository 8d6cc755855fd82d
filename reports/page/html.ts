/** HTML by template: whatever is inserted is escaped, unless it is HTML already. */

import { gzipSync } from 'node:zlib';

/** A piece of HTML that is safe to insert. */
export interface Html {
  readonly html: string;
}

/** What a template takes; null and the empty string insert nothing. */
export type Insert = Html | string | number | null | readonly Insert[];

/** A template: `` html`<p>${text}</p>` ``. */
export function html(strings: TemplateStringsArray, ...values: readonly Insert[]): Html {
  let text = strings[0] ?? '';
  values.forEach((value, index) => {
    text += render(value) + (strings[index + 1] ?? '');
  });
  return { html: text };
}

/** Inserts text as it is. Only for text that this program made. */
export function raw(text: string): Html {
  return { html: text };
}

/** A value as JSON, with numbers cut to 6 significant figures. */
export function compactJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'number' && !Number.isInteger(item) ? Number(item.toPrecision(6)) : item,
  );
}

/** A text in a data block that the page's script unpacks: gzip, then base64, so that no content can end it early. */
export function packedBlock(id: string, text: string): Html {
  const packed = gzipSync(text, { level: 7 }).toString('base64');
  return html`<script type="application/gzip" id="${id}">${raw(packed)}</script>\n`;
}

function render(value: Insert): string {
  if (value === null) return '';
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'number') return String(value);
  if ('html' in value) return value.html;
  return value.map(render).join('');
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
