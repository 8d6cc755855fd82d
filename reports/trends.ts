/** Turns records into one HTML page: how each figure went from commit to commit, and where it changed. */
import type { Trend, TrendChange } from '../harness/records/trend.ts';
import { trendFigure } from './figures/trend.ts';
import { finding, mark, question, table, warning } from './page/blocks.ts';
import { figureView } from './page/figureView.ts';
import { pageOf, type RenderOptions } from './page/frame.ts';
import { compactJson, type Html, html } from './page/html.ts';
import { gibibytes } from './page/provenance.ts';
import { machineNames } from './results/machineName.ts';
import { count, figures, grouped, percent } from './words.ts';

/** What the page is drawn from. */
export interface TrendsData {
  /** At least one. */
  readonly trends: readonly Trend[];
  /** Lines of the file that could not be read, in sentences. */
  readonly damaged: readonly string[];
  /** Where commits can be read: `{commit}` stands for one. Null if nowhere. */
  readonly commitUrl: string | null;
}

/** Charts of one section, by the first part of the metrics' names. */
interface Group {
  readonly name: string;
  readonly trends: readonly Trend[];
}

/**
 * The page as one HTML file, which asks no network for anything; the same data give the same bytes. Rejects with an Error if the chart
 * libraries are not installed.
 */
export function renderTrends(data: TrendsData, options: RenderOptions = {}): Promise<string> {
  const groups = groupsOf(data.trends);
  const linkOf = (commit: string): string | null => data.commitUrl?.replace('{commit}', commit) ?? null;
  const placed = groups.map(({ name, trends }) => ({
    experiment: 'trend',
    figure: trendFigure(anchorOf(name), `${name}, by commit`, trends, linkOf),
  }));
  return pageOf(
    {
      title: 'How our figures went',
      what: 'trends',
      contents: contents(groups),
      main: (pictures) =>
        html`${card(data)}${changesSection(data.trends, linkOf)}${placed.map(
          ({ figure }, n) => html`<section id="${figure.id}">
<h2>${groups[n]?.name ?? ''}</h2>
${figureView('trend', figure, pictures)}</section>
`,
        )}${reading()}`,
      placed,
      data: compactJson(data),
    },
    options,
  );
}

function groupsOf(trends: readonly Trend[]): readonly Group[] {
  const groups = Map.groupBy(trends, ({ metric }) => metric.split('/')[0] ?? metric);
  return [...groups].map(([name, own]) => ({ name, trends: own }));
}

const anchorOf = (name: string): string => `of-${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;

function contents(groups: readonly Group[]): Html {
  return html`<nav class="contents" aria-label="Contents"><ul>
<li><a href="#verdict">Overview</a></li>
<li><a href="#changes">Changes</a></li>
${groups.map(({ name }) => html`<li><a href="#${anchorOf(name)}">${name}</a></li>\n`)}<li><a href="#reading">How to read this page</a></li>
</ul></nav>
`;
}

function card({ trends, damaged }: TrendsData): Html {
  const points = trends.flatMap((trend) => trend.points);
  const commits = new Set(points.map(({ commit }) => commit));
  const machines = new Map(trends.map(({ machineClass, machine }) => [machineClass, machine]));
  const times = points.map(({ committedAt }) => committedAt).sort();
  return html`<section class="card" id="verdict" aria-labelledby="title">
<p class="kicker">${count(trends.length, 'figure')} of ${count(commits.size, 'commit')}</p>
<h1 id="title">How our figures went</h1>
<p class="sentence">${sentenceOf(trends)}</p>
${damaged.length === 0 ? null : warning('Damaged', `${count(damaged.length, 'line')} of the record file could not be read: ${damaged.slice(0, 3).join('; ')}`)}<dl class="facts">
<div><dt>Commits</dt><dd>${minuteOf(times[0])} to ${minuteOf(times.at(-1))}</dd></div>
<div><dt>Machines</dt><dd>${[...machines.values()].map(machineInWords).join('; ')}</dd></div>
</dl></section>
`;
}

function sentenceOf(trends: readonly Trend[]): string {
  if (trends.every(({ changes }) => changes.length === 0)) return 'No figure changed its level.';
  const worse = trends.filter((trend) => latest(trend)?.verdict === 'worse').length;
  if (worse === 0) return 'No figure is worse since its latest change of level.';
  return `${count(worse, 'figure is', 'figures are')} worse since ${worse === 1 ? 'its' : 'their'} latest change of level.`;
}

/** E.g. `2026-11-26 13:46 UTC`. */
const minuteOf = (time = ''): string => `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;

const machineInWords = ({ cpuModel, cores, memoryBytes, nodeVersion }: Trend['machine']): string =>
  `${count(cores, 'core')} of ${cpuModel}, ${gibibytes(memoryBytes)}, Node.js ${nodeVersion}`;

const latest = ({ changes }: Trend): TrendChange | undefined => changes.at(-1);

const GLYPHS = { better: '▲', worse: '▼', changed: '+' } as const;
const KINDS = { better: 'reproduced', worse: 'deviates', changed: 'not run' } as const;
const RANK: readonly TrendChange['verdict'][] = ['worse', 'better', 'changed'];

/** All changes, for the worse first, the latest first among them. */
function changesSection(trends: readonly Trend[], linkOf: (commit: string) => string | null): Html {
  const nameOf = machineNames(trends);
  const all = trends
    .flatMap((trend) => trend.changes.map((change) => ({ trend, change })))
    .toSorted(
      (a, b) =>
        RANK.indexOf(a.change.verdict) - RANK.indexOf(b.change.verdict) ||
        (timeOf(a) < timeOf(b) ? 1 : timeOf(a) > timeOf(b) ? -1 : 0),
    );
  return html`<section id="changes" aria-labelledby="changes-title">
<h2 id="changes-title">Changes</h2>
${question('Which figures changed their level, when, and by how much?')}${
  all.length === 0
    ? finding('No figure changed its level.')
    : table(
        'Changes of level',
        [
          { title: 'Figure' },
          { title: 'Machine' },
          { title: 'Change' },
          { title: 'First commit of the new level' },
          { title: 'Before', number: true },
          { title: 'After', number: true },
          { title: 'By', number: true },
          { title: 'Chance', number: true },
        ],
        all.map(({ trend, change }) => [
          trend.metric,
          nameOf(trend),
          mark(KINDS[change.verdict], GLYPHS[change.verdict], change.verdict),
          commitOf(trend, change, linkOf),
          `${figures(change.before)} ${trend.unit}`,
          `${figures(change.after)} ${trend.unit}`,
          change.before === 0 ? '' : signed(change.after / change.before - 1),
          change.p < 0.0001 ? '< 0.0001' : grouped(change.p, 4),
        ]),
      )
}</section>
`;
}

const timeOf = ({ trend, change }: { readonly trend: Trend; readonly change: TrendChange }): string =>
  trend.points[change.index]?.committedAt ?? '';

const signed = (part: number): string => `${part > 0 ? '+' : ''}${percent(part)}`;

function commitOf(trend: Trend, { index }: TrendChange, linkOf: (commit: string) => string | null): Html {
  const { commit = '', subject = '' } = trend.points[index] ?? {};
  const link = linkOf(commit);
  const name = html`<code>${commit.slice(0, 12)}</code>`;
  return html`${link === null ? name : html`<a href="${link}" rel="noreferrer">${name}</a>`} ${subject}`;
}

function reading(): Html {
  return html`<section id="reading" aria-labelledby="reading-title">
<h2 id="reading-title">How to read this page</h2>
<ul>
<li><strong>Commits</strong> stand in the order of their times, evenly spaced. A commit that was measured more than once
stands with the median, and with an interval from the lowest to the highest bound.</li>
<li><strong>Changes</strong> are found by cutting a series where its two parts differ most. A cut counts if a series in
which nothing happened would have one as clear in 1 of 100 cases at most, and the level moved by at least half a percent. The commit named is the first of the
new level; it may be off by one or two where the noise is as large as the step.</li>
<li><strong>Machines</strong> of different classes have charts of their own. Their values are not compared.</li>
</ul>
</section>
`;
}
