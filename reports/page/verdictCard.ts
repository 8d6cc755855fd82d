/** The top of the page: what became of the paper's claims, in one sentence, and what stands behind it. */
import type { CellResult, Check, ClockKind, ExperimentResult, ReportData } from '../../harness/result.ts';
import { paperSum } from '../paper/paperNumbers.ts';
import { clockRuns, fullPairs } from '../results/clockRuns.ts';
import { sums } from '../results/jobTimes.ts';
import { CLOCKS, clockName, count, duration, enumerate, grouped, ratio } from '../words.ts';
import { GLYPHS, table } from './blocks.ts';
import { type Html, html } from './html.ts';
import { type Tally, tallyOf, tallyView, verdictSentence } from './tally.ts';

/** What the page is called. */
export function reportTitle({ experiments }: ReportData): string {
  const [only, ...more] = experiments;
  return only !== undefined && more.length === 0
    ? only.experiment.title
    : 'The experiments of the Mesos paper, run again';
}

/** The verdict card. */
export function verdictCard(data: ReportData): Html {
  const { experiments } = data;
  const cells = experiments.flatMap((one) => one.cells);
  const tally = tallyOf(experiments.flatMap((one) => one.claims));
  const [only, ...more] = experiments;
  const single = only !== undefined && more.length === 0 ? only.experiment : null;
  return html`<section class="card" id="verdict" aria-labelledby="title">
<p class="kicker">${single === null ? `Report on ${count(experiments.length, 'experiment')}` : html`Report on the experiment <code>${single.id}</code>`}</p>
<h1 id="title">${reportTitle(data)}</h1>
${single === null ? null : html`<p class="lead">${single.question}</p>\n`}<p class="sentence">${verdictSentence(tally)}</p>
${experiments.flatMap((one) => answers(one, single === null)).map((answer) => html`<p class="answer">${answer}</p>\n`)}${tallyList(tally)}${partial(experiments)}<dl class="facts">
<div><dt>Checks</dt><dd>${checksSentence(cells)}</dd></div>
<div><dt>Runs</dt><dd>${runsSentence(data)}</dd></div>
${CLOCKS.map((clock) => clockFact(cells, clock))}</dl>
${single === null ? overview(experiments) : null}</section>
`;
}

/** Nothing where nothing was compared. */
function tallyList(tally: readonly Tally[]): Html | null {
  if (tally.every(({ n }) => n === 0)) return null;
  return html`<ul class="tally" aria-label="Comparisons with the paper by verdict">
${tally.map(tallyEntry)}</ul>
`;
}

function tallyEntry({ verdict, n }: Tally): Html {
  const glyph = html`<span class="glyph" aria-hidden="true">${GLYPHS[verdict]}</span>`;
  const kind = `${verdict.replaceAll(' ', '-')}${n === 0 ? ' zero' : ''}`;
  return html`<li class="${kind}">${glyph} <b>${grouped(n)}</b> ${verdict}</li>\n`;
}

/** The experiments with what became of them, a line each. */
function overview(experiments: readonly ExperimentResult[]): Html {
  const rows = experiments.map(({ experiment, claims, cells }) => [
    html`<a href="#${experiment.id}">${experiment.title}</a>`,
    claims.length === 0 ? html`<span class="none">no claim</span>` : tallyView(tallyOf(claims)),
    checksPassed(cells),
    runsDone(cells),
    CLOCKS.filter((clock) => cells.some((cell) => cell.provenance.clock === clock))
      .map(clockName)
      .join(', '),
  ]);
  const headings = [
    { title: 'Experiment' },
    { title: 'Against the paper' },
    { title: 'Checks passed', number: true },
    { title: 'Runs', number: true },
    { title: 'Clock' },
  ];
  return html`<div class="experiments">${table('The experiments of this report', headings, rows)}</div>
`;
}

function checksPassed(cells: readonly CellResult[]): string {
  const checks = cells.flatMap((cell) => (cell.state === 'completed' ? cell.checks : []));
  if (checks.length === 0) return 'none';
  const passed = checks.filter(({ verdict }) => verdict === 'passed').length;
  return passed === checks.length
    ? `all ${grouped(passed)}`
    : `${grouped(passed)} of ${grouped(checks.length)}`;
}

function runsDone(cells: readonly CellResult[]): string {
  const done = cells.filter((cell) => cell.state === 'completed').length;
  return done === cells.length ? grouped(done) : `${grouped(done)} of ${grouped(cells.length)}`;
}

/** Says at the top what is missing, and where it is named. */
function partial(experiments: readonly ExperimentResult[]): Html | null {
  const cells = experiments.flatMap((one) => one.cells);
  const done = cells.filter((cell) => cell.state === 'completed').length;
  const left = experiments.reduce((sum, one) => sum + one.left.length, 0);
  if (done === cells.length && left === 0) return null;
  const failed =
    done === cells.length
      ? null
      : html`<strong>${grouped(done)} of ${count(cells.length, 'run')} completed.</strong> `;
  const omitted =
    left === 0 ? '' : `${count(left, 'scenario')} ${left === 1 ? 'was' : 'were'} not run this time. `;
  const where = experiments
    .filter((one) => one.left.length > 0 || one.cells.some((cell) => cell.state === 'failed'))
    .map(({ experiment }) => html`<li><a href="#${experiment.id}">${experiment.title}</a></li>\n`);
  return html`<div class="warning" role="note"><p><strong>A partial report.</strong> ${failed}${omitted}What is missing is named, with the command that runs it, under:</p>
<ul>
${where}</ul></div>
`;
}

/**
 * For each clock that ran both systems: how much sooner the frameworks end their jobs, beside the paper's
 * numbers.
 */
function answers(result: ExperimentResult, isOneOfMany: boolean): readonly string[] {
  return CLOCKS.flatMap((clock) => {
    const runs = clockRuns(clock, result);
    const rows = runs.frameworks
      .flatMap((name) => sums(fullPairs(runs), name) ?? [])
      .sort((a, b) => b.speedUp.value - a.speedUp.value)
      .map(({ framework, speedUp }) => {
        const paper = paperSum(runs.claims, framework);
        return `${framework} ${ratio(speedUp.value)}${paper === null ? '' : ` (paper ${ratio(paper)})`}`;
      });
    const isLimited = runs.completed.some((cell) => cell.harness.limited !== null);
    const limit = isLimited ? ' The machine was the limit there, so these are not the system’s numbers.' : '';
    return rows.length === 0
      ? []
      : [
          `${isOneOfMany ? `${result.experiment.title}: speed-ups` : 'Speed-ups'} by framework, ${clockName(clock)}: ${enumerate(rows)}.${limit}`,
        ];
  });
}

/** How many checks passed. */
function checksSentence(cells: readonly CellResult[]): string {
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

function runsSentence({ experiments }: ReportData): string {
  const cells = experiments.flatMap((one) => one.cells);
  const left = experiments.reduce((sum, one) => sum + one.left.length, 0);
  const rest = left === 0 ? '' : ` ${count(left, 'scenario')} ${left === 1 ? 'was' : 'were'} left out.`;
  if (cells.length === 0) return `None.${rest}`;
  const completed = cells.filter((cell) => cell.state === 'completed').length;
  const wallS = cells.reduce((sum, cell) => sum + cell.provenance.wallSeconds, 0);
  const runs =
    completed === cells.length
      ? `${count(completed, 'run')}, all completed`
      : `${grouped(completed)} of ${count(cells.length, 'run')} completed`;
  return `${runs}. ${duration(wallS)} of wall-clock time in all.${rest}`;
}

function clockFact(cells: readonly CellResult[], clock: ClockKind): Html | null {
  const own = cells.filter((cell) => cell.provenance.clock === clock);
  if (own.length === 0) return null;
  return html`<div><dt>${clockTitle(clock)}</dt><dd>${count(own.length, 'run')}: ${clockMeaning(clock)}.</dd></div>
`;
}

function clockTitle(clock: ClockKind): string {
  const name = clockName(clock);
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function clockMeaning(clock: ClockKind): string {
  switch (clock) {
    case 'virtual':
      return 'simulated, no task does work';
    case 'emulated':
      return 'real masters and sockets, slaves share processes, tasks sleep';
    case 'real':
      return 'tasks run as processes, on this machine or on those named under Provenance';
    default:
      return clock satisfies never;
  }
}
