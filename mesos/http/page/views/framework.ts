/** A framework: what it is, what it has, its tasks and offers, and why it gets none. */
import { useNow, useTopic } from '../cluster.ts';
import { count, counted, percent, quantity, resourceTitle, span, time } from '../format.ts';
import { type Drawn, html } from '../html.ts';
import type { TaskState } from '../model/taskStates.ts';
import { TASK_STATES } from '../model/taskStates.ts';
import { OFFER_COLUMNS, TASK_COLUMNS } from '../parts/columnsOf.ts';
import { DataTable } from '../parts/dataTable.ts';
import { fact, mark, width } from '../parts/marks.ts';
import { hrefTo } from '../route.ts';
import { FRAMEWORK_SIGNS, TASK_SIGNS } from '../signs.ts';
import type { FrameworkView } from '../topics.ts';
import { TASK_ORDER, taskChoices } from './lists.ts';
import { Parts } from './parts.ts';
import { WhyNot } from './whyNot.ts';

/** What is asked for. */
export interface FrameworkPageOptions {
  readonly id: string;
  readonly part: string;
  readonly query: URLSearchParams;
}

/** The page of a framework. */
export function FrameworkPage({ id, part, query }: FrameworkPageOptions) {
  const view = useTopic('framework', { id });
  const nowMs = useNow();
  const shown = part === '' ? 'tasks' : part;
  return html`<div class="detail">
    <p class="crumb"><a href=${hrefTo('frameworks')}>Frameworks</a></p>
    ${
      view === undefined
        ? html`<h1>${id}</h1>`
        : view === null
          ? html`<h1>${id}</h1><p class="missing">The master knows no such framework, or has forgotten it.</p>`
          : about(view, nowMs)
    }
    <${Parts} view="framework" id=${id} shown=${shown} parts=${[
      ['tasks', 'Tasks'],
      ['offers', 'Offers'],
      ['why', 'Why do I get no offers?'],
    ]} />
    ${
      shown === 'why'
        ? html`<${WhyNot} id=${id} query=${query} />`
        : shown === 'offers'
          ? html`<${DataTable} key="offers" table="offers" things="offers" label="Offers that it has not answered" columns=${OFFER_COLUMNS}
              query=${query} frameworkId=${id} order=${{ sort: 'held', descending: true }} empty="It holds no offer at the moment." />`
          : html`<${DataTable} key="tasks" table="tasks" things="tasks" label="Its tasks" columns=${withoutFramework}
              query=${query} frameworkId=${id} order=${TASK_ORDER} choices=${taskChoices} empty="It has launched no task yet." />`
    }
  </div>`;
}

const withoutFramework = TASK_COLUMNS.filter(({ key }) => key !== 'framework');

function about({ row, facts, counts, total }: FrameworkView, nowMs: number): Drawn {
  const names = Object.keys(total).filter((name) => (row.used[name] ?? 0) > 0);
  return html`<header class="about">
    <h1>${facts.name || row.id} ${mark(FRAMEWORK_SIGNS[facts.state])}</h1>
    <p class="id">${row.id}</p>
    <p class="sentence">${sentenceOf(row, nowMs)}</p>
    <div class="about-columns">
      <dl class="facts">
        ${fact('Role', facts.role)}
        ${fact('User', facts.user)}
        ${facts.principal !== '' && fact('Principal', facts.principal)}
        ${facts.registeredMs !== undefined && fact('Registered', time(facts.registeredMs, nowMs))}
        ${isLater(facts.reregisteredMs, facts.registeredMs) && fact('Came again', time(facts.reregisteredMs, nowMs))}
        ${facts.hostname !== '' && fact('Scheduler on', facts.hostname)}
        ${fact('Fails over within', facts.failoverTimeoutS === 0 ? 'no time: its tasks end with it' : span(facts.failoverTimeoutS * 1000))}
        ${facts.capabilities.length > 0 && fact('Can', facts.capabilities.map((one) => one.toLowerCase().replaceAll('_', ' ')).join(', '))}
        ${webPage(facts.webuiUrl)}
      </dl>
      <div class="bars">
        ${names.length === 0 && html`<p class="none">It uses nothing at the moment.</p>`}
        ${names.map(
          (name) => html`<div class="bar-row" key=${name}>
          <span class="bar-name">${resourceTitle(name)}</span>
          <span class="meter wide" aria-hidden="true"><span class="fill" style=${{ width: width(row.used[name] ?? 0, total[name] ?? 0) }}></span></span>
          <span class="bar-text">${quantity(name, row.used[name] ?? 0)} <span class="of">${percent((row.used[name] ?? 0) / (total[name] ?? 1))} of all</span></span>
        </div>`,
        )}
        <ul class="counts">${countList(counts)}</ul>
      </div>
    </div>
  </header>`;
}

/** Counts of tasks, by state. */
function countList(counts: Readonly<Partial<Record<TaskState, number>>>): readonly Drawn[] {
  return TASK_STATES.filter((state) => (counts[state] ?? 0) > 0).map(
    (state) => html`<li key=${state}><b>${count(counts[state] ?? 0)}</b> ${mark(TASK_SIGNS[state])}</li>`,
  );
}

function sentenceOf(
  { share, shareOf, tasks, offers, oldestOfferMs, state }: FrameworkView['row'],
  nowMs: number,
): string {
  if (state === 'completed') return 'It has ended.';
  const uses =
    tasks === 0
      ? 'It runs no task'
      : `It runs ${counted(tasks, 'task')} on ${percent(share)} of the cluster’s ${resourceTitle(shareOf)}`;
  if (offers === undefined) return `${uses}.`;
  if (offers === 0) return `${uses} and holds no offer.`;
  return `${uses} and holds ${counted(offers, 'offer')}, the oldest for ${span(nowMs - (oldestOfferMs ?? nowMs))}.`;
}

function isLater(one: number | undefined, other: number | undefined): boolean {
  return one !== undefined && one > (other ?? 0);
}

/** Only what is a web address becomes a link: frameworks can write anything there. */
function webPage(url: string): Drawn {
  if (url === '') return null;
  const isWeb = URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol);
  return fact(
    'Its own page',
    isWeb ? html`<a href=${url} rel="noreferrer noopener" target="_blank">${url}</a>` : url,
  );
}
