/** A slave: what it is, what runs on it, what is offered of it. */
import { useNow, useTopic } from '../cluster.ts';
import { counted, quantity, resourceTitle, time } from '../format.ts';
import { type Drawn, html } from '../html.ts';
import type { SlaveRow } from '../model/rows.ts';
import { OFFER_COLUMNS, TASK_COLUMNS } from '../parts/columnsOf.ts';
import { DataTable } from '../parts/dataTable.ts';
import { fact, mark, width } from '../parts/marks.ts';
import { hrefTo } from '../route.ts';
import { SLAVE_SIGNS } from '../signs.ts';
import type { FrameworkPageOptions } from './framework.ts';
import { TASK_ORDER, taskChoices } from './lists.ts';
import { Parts } from './parts.ts';

const tasksHere = TASK_COLUMNS.filter(({ key }) => key !== 'slave');
const offersHere = OFFER_COLUMNS.filter(({ key }) => key !== 'slave');

/** The page of a slave. */
export function SlavePage({ id, part, query }: FrameworkPageOptions) {
  const view = useTopic('slave', { id });
  const nowMs = useNow();
  const shown = part === '' ? 'tasks' : part;
  return html`<div class="detail">
    <p class="crumb"><a href=${hrefTo('slaves')}>Slaves</a></p>
    ${
      view === undefined || view.row === undefined
        ? html`<h1>${view?.departed ?? id}</h1>${
            view !== undefined &&
            html`<p class="missing">${
              view.departed === undefined ? 'The master knows no such slave.' : 'It has left the cluster.'
            }</p>`
          }`
        : about(view.row, nowMs)
    }
    <${Parts} view="slave" id=${id} shown=${shown} parts=${[['tasks', 'Tasks'], ['offers', 'Offers']]} />
    ${
      shown === 'offers'
        ? html`<${DataTable} key="offers" table="offers" things="offers" label="Offers of it" columns=${offersHere}
            query=${query} slaveId=${id} order=${{ sort: 'held', descending: true }} empty="Nothing of it is in an offer at the moment." />`
        : html`<${DataTable} key="tasks" table="tasks" things="tasks" label="Tasks on it" columns=${tasksHere}
            query=${query} slaveId=${id} order=${TASK_ORDER} choices=${taskChoices} empty="No task has run on it." />`
    }
  </div>`;
}

function about(row: SlaveRow, nowMs: number): Drawn {
  return html`<header class="about">
    <h1>${row.hostname} ${mark(SLAVE_SIGNS[row.state])}</h1>
    <p class="id">${row.id}</p>
    <p class="sentence">${row.tasks === 0 ? 'No task runs on it.' : `${counted(row.tasks, 'task runs', 'tasks run')} on it.`}</p>
    <div class="about-columns">
      <dl class="facts">
        ${fact('Address', row.address)}
        ${row.registeredMs !== undefined && fact('Registered', time(row.registeredMs, nowMs))}
        ${row.reregisteredMs !== undefined && row.reregisteredMs > (row.registeredMs ?? 0) && fact('Came again', time(row.reregisteredMs, nowMs))}
        ${row.attributes !== '' && fact('Attributes', row.attributes)}
        ${fact('Files', html`<a href=${`/sandbox?slave=${encodeURIComponent(row.id)}`}>sandboxes</a>`)}
        ${fact('Version', row.version)}
      </dl>
      <div class="bars">
        ${Object.entries(row.total).map(
          ([name, total]) => html`<div class="bar-row" key=${name}>
          <span class="bar-name">${resourceTitle(name)}</span>
          <span class="meter wide" aria-hidden="true"><span class="fill" style=${{ width: width(row.used[name] ?? 0, total) }}></span></span>
          <span class="bar-text">${quantity(name, row.used[name] ?? 0)} <span class="of">of ${quantity(name, total)} in use</span></span>
        </div>`,
        )}
      </div>
    </div>
  </header>`;
}
