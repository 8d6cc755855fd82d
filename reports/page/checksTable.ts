/** Checks of the runs of an experiment, a row each. */
import type { CellResult, Check, CompletedCell } from '../../harness/result.ts';
import { clockName, count, grouped } from '../words.ts';
import { cards, mark } from './blocks.ts';
import { type Html, html } from './html.ts';

/** How many texts of checks that passed are listed. */
const LISTED = 3;

interface Found {
  readonly cell: CompletedCell;
  readonly check: Check;
}

/** One row per check: in how many runs it passed, and what was seen where it did not. */
export function checksTable(cells: readonly CellResult[]): Html {
  const completed = cells.filter((cell) => cell.state === 'completed');
  const found = completed.flatMap((cell) => cell.checks.map((check) => ({ cell, check })));
  if (found.length === 0) return html`<p>No run was checked.</p>\n`;
  const byId = Map.groupBy(found, ({ check }) => check.id);
  const rows = [...byId.values()].map((group) => [
    html`${group[0]?.check.claim ?? ''} <code class="id">${group[0]?.check.id ?? ''}</code>`,
    checkMark(worst(group)),
    `${grouped(group.filter(({ check }) => check.verdict === 'passed').length)} of ${grouped(group.length)}`,
    details(group),
  ]);
  const headings = [
    { title: 'Claim' },
    { title: 'Verdict' },
    { title: 'Passed', number: true },
    { title: 'What was seen' },
  ];
  return cards(`Checks of ${count(completed.length, 'run')}`, headings, rows);
}

function worst(group: readonly Found[]): Check['verdict'] {
  const verdicts = group.map(({ check }) => check.verdict);
  if (verdicts.includes('failed')) return 'failed';
  return verdicts.includes('unknown') ? 'unknown' : 'passed';
}

/** What was seen: failures in full; where nothing failed, the first few texts. Equal texts once. */
function details(group: readonly Found[]): Html {
  const verdict = worst(group);
  const texts = Map.groupBy(
    group.filter(({ check }) => check.verdict === verdict),
    ({ check }) => check.detail,
  );
  const entries = [...texts];
  const listed = verdict === 'failed' ? entries : entries.slice(0, LISTED);
  const more = entries.length - listed.length;
  return html`${listed.map(([detail, same]) => {
    const where =
      verdict === 'passed' || same.length === group.length
        ? ''
        : ` (${same.map(({ cell }) => cellName(cell)).join('; ')})`;
    return html`<span class="seen">${detail}${where}</span> `;
  })}${more === 0 ? null : html`<span class="seen">and ${grouped(more)} more in the <a href="#raw">results</a></span>`}`;
}

function cellName({ provenance }: CompletedCell): string {
  return `${provenance.label}, ${clockName(provenance.clock)}, seed ${provenance.seed}`;
}

function checkMark(verdict: Check['verdict']): Html {
  switch (verdict) {
    case 'passed':
      return mark('reproduced', '✓', verdict);
    case 'failed':
      return mark('deviates', '✗', verdict);
    case 'unknown':
      return mark('inconclusive', '?', verdict);
    default:
      return verdict satisfies never;
  }
}
