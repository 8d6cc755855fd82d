/** Roles: what each may have and what it has. */
import { useTopic } from '../cluster.ts';
import { percent, quantitiesText } from '../format.ts';
import { type Drawn, html } from '../html.ts';
import { shareMark } from '../parts/marks.ts';
import { hrefTo } from '../route.ts';
import type { RoleView } from '../topics.ts';

/** Frameworks of a role that are named. */
const NAMED = 5;

/** The view of all roles. */
export function Roles() {
  const { roles, trouble } = useTopic('roles', {}) ?? {};
  return html`<div class="roles">
    <h1>Roles</h1>
    <p class="lead">The fairness between roles is that of their dominant shares, offers included, each divided by its weight.</p>
    ${trouble !== undefined && html`<p class="missing">The master does not say: ${trouble}</p>`}
    ${roles === undefined && trouble === undefined && html`<p class="none">Asking the master …</p>`}
    ${roles?.length === 0 && html`<p class="missing">No framework has subscribed yet, so there is no role in use.</p>`}
    ${
      roles !== undefined &&
      roles.length > 0 &&
      html`<div class="scroll" role="region" tabindex="0" aria-label="Roles"><table class="plain">
        <thead><tr><th scope="col">Role</th><th scope="col" class="number">Weight</th><th scope="col">Dominant share</th>
          <th scope="col" class="number">Share ÷ weight</th><th scope="col">Guarantee</th><th scope="col">Limit</th><th scope="col">In use</th><th scope="col">Frameworks</th></tr></thead>
        <tbody>${roles.toSorted((a, b) => b.share - a.share).map(roleRow)}</tbody>
      </table></div>`
    }
  </div>`;
}

function roleRow({ name, weight, share, shareOf, guarantee, limit, used, frameworks }: RoleView): Drawn {
  const rest = frameworks.length - NAMED;
  return html`<tr key=${name}>
    <th scope="row" data-label="Role">${name}</th>
    <td class="number" data-label="Weight">${weight}</td>
    <td data-label="Dominant share">${shareMark(share, shareOf)}</td>
    <td class="number" data-label="Share ÷ weight">${percent(share / weight)}</td>
    <td data-label="Guarantee">${Object.keys(guarantee).length === 0 ? html`<span class="none">none</span>` : quantitiesText(guarantee)}</td>
    <td data-label="Limit">${Object.keys(limit).length === 0 ? html`<span class="none">none</span>` : quantitiesText(limit)}</td>
    <td data-label="In use">${quantitiesText(used)}</td>
    <td data-label="Frameworks">${frameworks
      .slice(0, NAMED)
      .map(
        (one, index) =>
          html`<span key=${one.id}>${index > 0 && ', '}<a href=${hrefTo('framework', one.id)}>${one.name}</a></span>`,
      )}${rest > 0 && ` and ${rest} more`}</td>
  </tr>`;
}
