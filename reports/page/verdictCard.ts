/** The top of the page: what became of the paper's claims, in one sentence, and what stands behind it. */
import type { CellResult, Check, ReportData, Verdict } from '../../harness/result.ts';
import { paperSum } from '../paper/claims.ts';
import { clockRuns, fullPairs, isCompared } from '../results/clockRuns.ts';
import { sums } from '../results/jobTimes.ts';
import { clockName, count, duration, enumerate, grouped, ratio } from '../words.ts';
import { GLYPHS } from './blocks.ts';
import { type Html, html } from './html.ts';

/** All verdicts, best first. */
export const VERDICTS = Object.keys(GLYPHS) as readonly Verdict[];

/** The verdict card. */
export function verdictCard(data: ReportData): Html {
  const { experiment, claims, cells } = data;
  const tally = VERDICTS.map((verdict) => ({
    verdict,
    n: claims.filter((claim) => claim.verdict === verdict).length,
  }));
  return html`<section class="card" id="verdict" aria-labelledby="title">
<p class="kicker">Report on the experiment <code>${experiment.id}</code></p>
<h1 id="title">${experiment.title}</h1>
<p class="lead">${experiment.question}</p>
<p class="sentence">${verdictSentence(tally)}</p>
${answers(data).map((answer) => html`<p class="answer">${answer}</p>\n`)}<ul class="tally" aria-label="Comparisons with the paper by verdict">
${tally.map(tallyEntry)}</ul>
<dl class="facts">
<div><dt>Checks</dt><dd>${checksSentence(cells)}</dd></div>
<div><dt>Runs</dt><dd>${runsSentence(cells)}</dd></div>
<div><dt>Virtual</dt><dd>${clockSentence(cells, 'virtual')}</dd></div>
<div><dt>Real</dt><dd>${clockSentence(cells, 'real')}</dd></div>
</dl>
<p class="paper">${experiment.paper}</p>
</section>
`;
}

function tallyEntry({ verdict, n }: { readonly verdict: Verdict; readonly n: number }): Html {
  const glyph = html`<span class="glyph" aria-hidden="true">${GLYPHS[verdict]}</span>`;
  const kind = `${verdict.replaceAll(' ', '-')}${n === 0 ? ' zero' : ''}`;
  return html`<li class="${kind}">${glyph} <b>${grouped(n)}</b> ${verdict}</li>\n`;
}

/**
 * For each clock that compared anything: how much sooner the frameworks end their jobs, beside the paper's
 * numbers.
 */
function answers({ cells, claims }: ReportData): readonly string[] {
  return (['virtual', 'real'] as const).flatMap((clock) => {
    const runs = clockRuns(clock, cells, isCompared(clock, claims));
    const rows = runs.frameworks
      .flatMap((name) => sums(fullPairs(runs), name) ?? [])
      .sort((a, b) => b.speedUp.value - a.speedUp.value)
      .map(({ framework, speedUp }) => {
        const paper = paperSum(runs.paper, framework);
        return `${framework} ${ratio(speedUp.value)}${paper === null ? '' : ` (paper ${ratio(paper)})`}`;
      });
    const where = clock === 'virtual' ? 'in virtual time' : 'with real processes';
    const isLimited = runs.completed.some((cell) => cell.harness.limited !== null);
    const warning = isLimited
      ? ' The machine was the limit there, so these are not the system’s numbers.'
      : '';
    return rows.length === 0 ? [] : [`Speed-ups by framework ${where}: ${enumerate(rows)}.${warning}`];
  });
}

/** One sentence with the counts by verdict. */
export function verdictSentence(tally: readonly { readonly verdict: Verdict; readonly n: number }[]): string {
  const all = tally.reduce((sum, { n }) => sum + n, 0);
  if (all === 0) return 'This report compares nothing with the paper.';
  const parts = tally
    .filter(({ n }) => n > 0)
    .map(({ verdict, n }) => `${grouped(n)} ${predicate(verdict, n)}`);
  return `Of ${count(all, 'comparison')} with the paper, ${enumerate(parts)}.`;
}

/** How many checks passed. */
export function checksSentence(cells: readonly CellResult[]): string {
  const checks = cells.flatMap((cell) => (cell.state === 'completed' ? cell.checks : []));
  if (checks.length === 0) return 'No run was checked.';
  const of = (verdict: Check['verdict']) => checks.filter((check) => check.verdict === verdict).length;
  const passed = of('passed');
  if (passed === checks.length) return `All ${count(passed, 'check')} passed.`;
  const rest = [
    ...(of('failed') > 0 ? [`${grouped(of('failed'))} failed`] : []),
    ...(of('unknown') > 0 ? [`${grouped(of('unknown'))} could not tell`] : []),
  ];
  return `${grouped(passed)} of ${count(checks.length, 'check')} passed, ${enumerate(rest)}.`;
}

function runsSentence(cells: readonly CellResult[]): string {
  if (cells.length === 0) return 'None.';
  const completed = cells.filter((cell) => cell.state === 'completed').length;
  const wallS = cells.reduce((sum, cell) => sum + cell.provenance.wallSeconds, 0);
  const all = completed === cells.length;
  const runs = all
    ? `${count(completed, 'run')}, all completed`
    : `${grouped(completed)} of ${count(cells.length, 'run')} completed`;
  return `${runs}. ${duration(wallS)} of wall-clock time in all.`;
}

function clockSentence(cells: readonly CellResult[], clock: 'virtual' | 'real'): string {
  const own = cells.filter((cell) => cell.provenance.clock === clock);
  if (own.length === 0) return 'Nothing in this report.';
  const completed = own.filter((cell) => cell.state === 'completed');
  const sizes = [...new Set(completed.map((cell) => count(cell.cluster.slaves, 'slave')))];
  const what =
    clock === 'virtual' ? 'simulated, no task does work' : 'tasks run as processes on this machine';
  const size = sizes.length === 0 ? '' : ` of ${sizes.join(' or ')}`;
  return `${count(own.length, 'run')}${size} in ${clockName(clock)}: ${what}.`.replace(
    'in real',
    'with real',
  );
}

function predicate(verdict: Verdict, n: number): string {
  const is = n === 1 ? 'is' : 'are';
  switch (verdict) {
    case 'reproduced':
      return `${is} reproduced`;
    case 'same direction':
      return n === 1 ? 'points in the same direction' : 'point in the same direction';
    case 'deviates':
      return n === 1 ? 'deviates' : 'deviate';
    case 'inconclusive':
      return `${is} inconclusive`;
    case 'harness-limited':
      return n === 1 ? 'was limited by the harness' : 'were limited by the harness';
    case 'not run':
      return n === 1 ? 'was not run' : 'were not run';
    default:
      return verdict satisfies never;
  }
}
