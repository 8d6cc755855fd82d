/** The parts of a page of detail, of which one is shown. */
import { html } from '../html.ts';
import { hrefTo, type ViewName } from '../route.ts';

/** What there is. */
export interface PartsOptions {
  readonly view: ViewName;
  readonly id: string;
  readonly shown: string;
  readonly parts: readonly (readonly [string, string])[];
}

/** Links to the parts. */
export function Parts({ view, id, shown, parts }: PartsOptions) {
  return html`<nav class="parts tabs" aria-label="Parts"><ul>
    ${parts.map(
      ([part, title]) =>
        html`<li key=${part}><a href=${hrefTo(view, id, part)} aria-current=${part === shown ? 'page' : undefined}>${title}</a></li>`,
    )}
  </ul></nav>`;
}
