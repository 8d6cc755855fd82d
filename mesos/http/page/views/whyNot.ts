/** Why a framework gets no offers: first for how many slaves each reason holds, then slave by slave. */
import { useNow, useTopic } from '../cluster.ts';
import { count, counted, percent } from '../format.ts';
import { type Drawn, html } from '../html.ts';
import { untilText, WHY_NOT_COLUMNS } from '../parts/columnsOf.ts';
import { type Choice, DataTable } from '../parts/dataTable.ts';
import { width } from '../parts/marks.ts';
import { reasonWords } from '../reasons.ts';
import type { WhyNotSummary } from '../topics.ts';

/** The answer for a framework. */
export function WhyNot({ id, query }: { readonly id: string; readonly query: URLSearchParams }) {
  const summary = useTopic('whyNot', { id });
  const nowMs = useNow();
  return html`<section class="why" aria-labelledby="why-title">
    <h2 id="why-title" class="off-screen">Why do I get no offers?</h2>
    ${summary === undefined ? html`<p class="none">Asking the master …</p>` : reasonList(summary, nowMs)}
  </section>
  <${DataTable} table="whyNot" things="slaves" label="Reasons, slave by slave" columns=${WHY_NOT_COLUMNS} query=${query}
    frameworkId=${id} order=${{ sort: 'slave', descending: false }} choices=${choices}
    empty="There is no slave that could be offered." hint="Asked for every 4 s while you look." />`;
}

function reasonList({ slaves, reasons, trouble }: WhyNotSummary, nowMs: number): Drawn {
  if (trouble !== undefined) return html`<p class="missing">The master does not say: ${trouble}</p>`;
  const [first] = reasons;
  if (first === undefined) return html`<p class="missing">There is no slave that could be offered.</p>`;
  return html`<p class="sentence">${
    first.slaves === slaves
      ? `For ${slaves === 1 ? 'the one slave' : `all ${counted(slaves, 'slave')}`} the reason is the same.`
      : `For ${count(first.slaves)} of ${counted(slaves, 'slave')}: ${reasonWords(first.why).title.toLowerCase()}.`
  }</p>
    <ol class="reasons">${reasons.map(({ why, slaves: its, untilMs }) => {
      const { title, meaning } = reasonWords(why);
      return html`<li key=${why}>
        <span class="reason-count">${count(its)}</span>
        <span class="meter" aria-hidden="true"><span class="fill" style=${{ width: width(its, slaves) }}></span></span>
        <span class="reason-words"><b>${title}</b>${untilMs !== undefined && html` <span class="until">until ${untilText(untilMs, nowMs)}${its > 1 ? ' at the earliest' : ''}</span>`}
          <span class="meaning"> ${meaning}</span> <span class="off-screen">${percent(its / slaves)} of slaves</span></span>
      </li>`;
    })}</ol>`;
}

function choices(kinds: Readonly<Record<string, number>>): readonly Choice[] {
  return [
    { value: '', label: 'for any reason' },
    ...Object.entries(kinds).map(([why, slaves]) => ({
      value: why,
      label: `${reasonWords(why).title.toLowerCase()} (${slaves})`,
    })),
  ];
}
