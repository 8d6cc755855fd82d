/** Turns stored results into one HTML page that needs nothing but a browser. */
import type { CellResult, ReportData, Series } from '../harness/result.ts';
import type { Dataset, DrawnFigure } from './figures/figure.ts';
import { CONFIG, frameworkColoursCss } from './figures/theme.ts';
import {
  chartLibraries,
  FIRST_SCRIPT,
  pageScript,
  policy,
  scriptElement,
  styleSheet,
} from './page/assets.ts';
import { claimsSection, OVERVIEW } from './page/claimsTable.ts';
import { glossarySection, rawDataSection, readingSection } from './page/closing.ts';
import { type ExperimentView, experimentView } from './page/experimentSection.ts';
import { datasetKey, figureData } from './page/figureView.ts';
import { compactJson, type Html, html, packedBlock, raw } from './page/html.ts';
import { primerSection } from './page/primer.ts';
import { provenanceStrip } from './page/provenance.ts';
import { reportTitle, verdictCard } from './page/verdictCard.ts';

/** How to make the page. */
export interface RenderOptions {
  /**
   * The chart libraries, in place of the installed ones; empty to leave them out, as tests of the text do.
   */
  readonly bundles?: string;
}

/**
 * The report as one HTML file: it opens from disk, asks no network for anything and forbids it to itself.
 * The same data give the same bytes. Throws an Error if the chart libraries are not installed.
 */
export function renderReport(data: ReportData, options: RenderOptions = {}): string {
  const claims = claimsSection(data);
  const views = data.experiments.map(experimentView);
  const placed = [{ id: OVERVIEW, figures: claims.figures }, ...views].flatMap(({ id, figures }) =>
    figures.flatMap((figure) => (figure.state === 'drawn' ? [{ experiment: id, figure }] : [])),
  );
  const charts = chartData(placed);
  const bundles = options.bundles ?? chartLibraries();
  const scripts = bundles === '' ? [pageScript()] : [bundles, pageScript()];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${raw(policy([FIRST_SCRIPT, ...scripts]))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${reportTitle(data)} (mesos-lab)</title>
${scriptElement(FIRST_SCRIPT)}<style>
${raw(styleSheet())}
${raw(frameworkColoursCss(JSON.stringify(placed)))}</style>
</head>
<body>
<a class="skip" href="#main">To the report</a>
<header class="bar"><span class="name">mesos-lab</span><button type="button" id="theme" aria-pressed="false"
data-needs-script>Dark theme</button></header>
<div class="frame">
${contents(views)}<main id="main">
<noscript><div class="warning"><p><strong>No scripts.</strong> The charts and the tables behind them need
scripts. All findings and the other tables are here without.</p></div></noscript>
${verdictCard(data)}${primerSection()}${provenanceStrip(data)}${claims.html}${views.map((view) => view.html)}${readingSection()}${glossarySection()}${rawDataSection(data)}</main>
</div>
<p id="live" class="off-screen" role="status"></p>
${packedBlock('report', compactJson(withoutSeries(data)))}${packedBlock('figures', compactJson(charts))}${scripts.map(scriptElement)}</body>
</html>
`.html;
}

/** A figure and the experiment that it belongs to. */
interface Placed {
  readonly experiment: string;
  readonly figure: DrawnFigure;
}

/** What the script draws: each dataset once, however many figures use it. */
function chartData(placed: readonly Placed[]) {
  const datasets = new Map<string, Omit<Dataset, 'name'>>();
  for (const { experiment, figure } of placed) {
    for (const { name, ...dataset } of figure.datasets) datasets.set(datasetKey(experiment, name), dataset);
  }
  return {
    config: CONFIG,
    datasets: Object.fromEntries(datasets),
    figures: placed.map(({ experiment, figure }) => figureData(experiment, figure)),
  };
}

/** The data without values over time and curves: the charts have those that they show, and report.json all of them. */
function withoutSeries(data: ReportData): ReportData {
  const experiments = data.experiments.map((result) => ({ ...result, cells: result.cells.map(bareCell) }));
  return { ...data, experiments };
}

function bareCell(cell: CellResult): CellResult {
  if (cell.state === 'failed') return cell;
  if (cell.kind === 'values') return { ...cell, curves: {} };
  const bare = (series: Series): Series => ({ ...series, values: [] });
  const { utilisation, offerFlow } = cell;
  return {
    ...cell,
    curves: {},
    frameworks: cell.frameworks.map((one) => ({ ...one, share: bare(one.share) })),
    utilisation: { ...utilisation, cpus: bare(utilisation.cpus), mem: bare(utilisation.mem) },
    offerFlow: offerFlow === null ? null : { ...offerFlow, accepted: [], declined: [], rescinded: [] },
    timeline: null,
  };
}

function contents(views: readonly ExperimentView[]): Html {
  return html`<nav class="contents" aria-label="Contents"><ul>
<li><a href="#verdict">Verdict</a></li>
<li><a href="#primer">What this is about</a></li>
<li><a href="#provenance">Provenance</a></li>
<li><a href="#claims">Paper against measured</a></li>
${views.map(
  ({ id, title, parts }) => html`<li><a href="#${id}">${title}</a><ul>
${parts.map(([anchor, name]) => html`<li><a href="#${anchor}">${name}</a></li>\n`)}</ul></li>
`,
)}<li><a href="#reading">How to read this report</a></li>
<li><a href="#glossary">Glossary</a></li>
<li><a href="#raw">Raw data</a></li>
</ul></nav>
`;
}
