/** The cluster at a glance. */
import { useNow, useTopic } from '../cluster.ts';
import { count, counted, percent, quantity, resourceTitle, span, time } from '../format.ts';
import { type Drawn, html } from '../html.ts';
import type { FrameworkRow } from '../model/rows.ts';
import { phaseOf, TASK_STATES, type TaskState } from '../model/taskStates.ts';
import { fact, mark, width } from '../parts/marks.ts';
import { hrefTo } from '../route.ts';
import { FRAMEWORK_SIGNS, type Sign, SLAVE_SIGNS, TASK_SIGNS } from '../signs.ts';
import type { ResourceSum, Summary } from '../topics.ts';
import { headline } from './headline.ts';

/** The view. */
export function Overview() {
  const summary = useTopic('summary', {});
  const nowMs = useNow();
  if (summary === undefined)
    return html`<h1 class="off-screen">Overview</h1><p class="none">Asking the master …</p>`;
  const { trouble, calm } = headline(summary);
  return html`<div class="overview">
    <h1 class="off-screen">Overview</h1>
    <section class="state" aria-label="State of the cluster">
      <p class="headline">${calm}</p>
      ${trouble.length > 0 && html`<ul class="trouble">${trouble.map((one) => html`<li key=${one}><span class="glyph" aria-hidden="true">▲</span> ${one}</li>`)}</ul>`}
      ${masterLine(summary, nowMs)}
    </section>
    <section class="resources" aria-labelledby="resources-title">
      <h2 id="resources-title">Resources</h2>
      ${summary.resources.length === 0 ? html`<p class="none">There is no slave, so there are none.</p>` : html`<div class="resource-bars">${summary.resources.map(resourceBar)}</div>`}
      ${
        summary.resources.length > 0 &&
        html`<ul class="key" aria-hidden="true">
        <li><span class="swatch used"></span>in use by tasks</li><li><span class="swatch offered"></span>in offers</li><li><span class="swatch"></span>free</li></ul>`
      }
    </section>
    <section class="cards" aria-label="Counts">
      ${slavesCard(summary)}
      ${tasksCard(summary)}
      ${frameworksCard(summary)}
      ${offersCard(summary, nowMs)}
    </section>
    <section class="leading" aria-labelledby="leading-title">
      <h2 id="leading-title">Frameworks by dominant share</h2>
      ${summary.top.length === 0 ? html`<p class="none">No framework has subscribed yet.</p>` : html`<ol>${summary.top.map((row) => leader(row, nowMs))}</ol>`}
      ${currentFrameworks(summary) > summary.top.length && html`<p><a href=${hrefTo('frameworks')}>All ${counted(currentFrameworks(summary), 'framework')}</a></p>`}
    </section>
  </div>`;
}

function currentFrameworks({ frameworks }: Summary): number {
  const { connected = 0, disconnected = 0, recovered = 0, unknown = 0 } = frameworks;
  return connected + disconnected + recovered + unknown;
}

function masterLine({ master }: Summary, nowMs: number): Drawn {
  if (master === undefined) return null;
  return html`<dl class="facts">
    ${fact('Master', master.address || master.id)}
    ${master.electedMs !== undefined && fact('Leads since', html`${time(master.electedMs, nowMs)} <span class="of">(${span(nowMs - master.electedMs)})</span>`)}
    ${master.version !== '' && fact('Version', master.version)}
    ${fact('Id', html`<span class="id">${master.id}</span>`)}
  </dl>`;
}

function resourceBar({ name, total, used, offered = 0 }: ResourceSum): Drawn {
  const free = Math.max(0, total - used - offered);
  const text = `${quantity(name, used)} in use, ${quantity(name, offered)} in offers, ${quantity(name, free)} free of ${quantity(name, total)}`;
  return html`<div class="resource" key=${name}>
    <h3>${resourceTitle(name)}</h3>
    <p class="resource-percent"><b>${percent(used / total)}</b> of ${quantity(name, total)}</p>
    <div class="stack" role="img" aria-label=${text} title=${text}>
      <span class="fill" style=${{ width: width(used, total) }}></span><span class="hatch" style=${{ width: width(Math.min(offered, total - used), total) }}></span>
    </div>
    <p class="resource-text">${quantity(name, used)} in use · ${quantity(name, offered)} in offers · ${quantity(name, free)} free</p>
  </div>`;
}

function card(title: string, href: string, number: string, counts: Drawn, beside: Drawn = null): Drawn {
  return html`<section class="card">
    <div>
      <h2><a href=${href}>${title}</a></h2>
      <p class="big">${number}</p>
      ${counts}
    </div>
    ${beside}
  </section>`;
}

const counts = (rows: readonly Drawn[]): Drawn => html`<ul class="counts">${rows}</ul>`;

const countRow = (sign: Sign, value: number): Drawn =>
  html`<li key=${sign.word} class=${value === 0 ? 'zero' : ''}><b>${count(value)}</b> ${mark(sign)}</li>`;

function slavesCard({ slaves, unreachable }: Summary): Drawn {
  const all = Object.values(slaves).reduce((sum, some) => sum + some, 0);
  const rows = Object.entries(SLAVE_SIGNS)
    .filter(([state]) => state === 'active' || (slaves[state as keyof typeof slaves] ?? 0) > 0)
    .map(([state, sign]) => countRow(sign, slaves[state as keyof typeof slaves] ?? 0));
  const gone = unreachable ?? 0;
  if (gone > 0) rows.push(countRow({ glyph: '▲', word: 'unreachable', tone: 'warning' }, gone));
  return card('Slaves', hrefTo('slaves'), count(all), counts(rows));
}

function tasksCard({ tasks, endedTasks }: Summary): Drawn {
  const live = sum(tasks, 'live');
  const now = TASK_STATES.filter((state) => phaseOf(state) !== 'ended');
  const rows = now
    .filter((state) => state === 'TASK_RUNNING' || (tasks[state] ?? 0) > 0)
    .map((state) => countRow(TASK_SIGNS[state], tasks[state] ?? 0));
  const ended = endedTasks ?? tasks;
  const endedRows = TASK_STATES.filter((state) => phaseOf(state) === 'ended' && (ended[state] ?? 0) > 0).map(
    (state) => countRow(TASK_SIGNS[state], ended[state] ?? 0),
  );
  return card(
    'Tasks',
    hrefTo('tasks'),
    count(live),
    counts(rows),
    endedRows.length > 0 &&
      html`<div><h3>${endedTasks === undefined ? 'Ended, of those remembered' : 'Ended since it leads'}</h3>${counts(endedRows)}</div>`,
  );
}

function sum(counts: Readonly<Partial<Record<TaskState, number>>>, phase: string): number {
  return TASK_STATES.filter((state) => phaseOf(state) === phase).reduce(
    (all, state) => all + (counts[state] ?? 0),
    0,
  );
}

function frameworksCard({ frameworks }: Summary): Drawn {
  const { connected = 0, disconnected = 0, recovered = 0, completed = 0 } = frameworks;
  const alone = disconnected + recovered;
  return card(
    'Frameworks',
    hrefTo('frameworks'),
    count(connected + alone),
    counts([
      countRow(FRAMEWORK_SIGNS.connected, connected),
      alone > 0 && countRow({ ...FRAMEWORK_SIGNS.disconnected, word: 'no scheduler' }, alone),
      completed > 0 && countRow(FRAMEWORK_SIGNS.completed, completed),
    ]),
  );
}

function offersCard({ offers }: Summary, nowMs: number): Drawn {
  if (offers === undefined) return card('Offers', hrefTo('offers'), '…', null);
  const note =
    offers.count === 0
      ? 'none waits for an answer'
      : `the oldest waits for ${span(nowMs - (offers.oldestMs ?? nowMs))}`;
  return card('Offers', hrefTo('offers'), count(offers.count), html`<p class="note">${note}</p>`);
}

function leader(row: FrameworkRow, nowMs: number): Drawn {
  const { id, name, role, share, shareOf, tasks, offers, oldestOfferMs } = row;
  const held =
    offers === undefined
      ? ''
      : offers === 0
        ? html`<a href=${hrefTo('framework', id, 'why')}>no offers: why?</a>`
        : `${counted(offers, 'offer')} for ${span(nowMs - (oldestOfferMs ?? nowMs))}`;
  return html`<li key=${id}>
    <a class="who" href=${hrefTo('framework', id)}>${name || id}</a>
    <span class="role">${role}</span>
    <span class="meter wide" aria-hidden="true"><span class="fill" style=${{ width: width(share, 1) }}></span></span>
    <span class="number share">${percent(share)} <span class="of">${shareOf === '' ? '' : resourceTitle(shareOf)}</span></span>
    <span class="number tasks">${counted(tasks, 'task')}</span>
    <span class="held">${held}</span>
  </li>`;
}
