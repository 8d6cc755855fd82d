/** Turns stored results into one HTML page that needs nothing but a browser. */
import type { CellResult, ReportData, Series } from '../harness/result.ts';
import type { Dataset, DrawnFigure } from './figures/figure.ts';
import { CONFIG } from './figures/theme.ts';
import { chartLibraries, pageScript, policy, scriptElement, styleSheet } from './page/assets.ts';
import { claimsSection } from './page/claimsTable.ts';
import { clockSection, clockTitle, TOPICS } from './page/clockSection.ts';
import { caveatsSection, glossarySection, rawDataSection, readingSection } from './page/closing.ts';
import { figureData } from './page/figureView.ts';
import { type Html, html, jsonBlock, raw } from './page/html.ts';
import { provenanceStrip } from './page/provenance.ts';
import { verdictCard } from './page/verdictCard.ts';
import { clockRuns } from './results/clockRuns.ts';

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
  const clocks = (['virtual', 'real'] as const).map((clock) => clockSection(data, clock));
  const figures = [claims, ...clocks]
    .flatMap((part) => part.figures)
    .filter((figure) => figure.state === 'drawn');
  const bundles = options.bundles ?? chartLibraries();
  const scripts = bundles === '' ? [pageScript()] : [bundles, pageScript()];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${raw(policy(scripts))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${data.experiment.title} (mesos-lab)</title>
<style>
${raw(styleSheet())}</style>
</head>
<body>
<a class="skip" href="#main">To the report</a>
<header class="bar"><span class="name">mesos-lab</span><button type="button" id="theme" aria-pressed="false"
data-needs-script hidden>Dark theme</button></header>
<div class="frame">
${contents(data)}<main id="main">
<noscript><div class="warning"><p><strong>No scripts.</strong> The charts and the tables behind them need
scripts. All findings and the other tables are here without.</p></div></noscript>
${verdictCard(data)}${provenanceStrip(data)}${claims.html}${clocks.map((part) => part.html)}${caveatsSection(data)}${readingSection()}${glossarySection()}${rawDataSection(data)}</main>
</div>
<p id="live" class="off-screen" role="status"></p>
${jsonBlock('report', drawnOnly(data))}${jsonBlock('figures', chartData(figures))}${scripts.map(scriptElement)}</body>
</html>
`.html;
}

/** What the script draws: each dataset once, however many figures use it. */
function chartData(figures: readonly DrawnFigure[]) {
  const datasets = new Map<string, Omit<Dataset, 'name'>>();
  for (const { name, ...dataset } of figures.flatMap((figure) => figure.datasets))
    datasets.set(name, dataset);
  return { config: CONFIG, datasets: Object.fromEntries(datasets), figures: figures.map(figureData) };
}

/** The data without the values over time of seeds that no chart shows: a page of many seeds stays small. */
function drawnOnly(data: ReportData): ReportData {
  const drawn = (['virtual', 'real'] as const).flatMap((clock) => {
    const { shown } = clockRuns(clock, data.cells);
    return [shown?.mesos, shown?.static];
  });
  const bare = (series: Series): Series => ({ ...series, values: [] });
  const cells = data.cells.map((cell): CellResult => {
    if (cell.state === 'failed' || drawn.includes(cell)) return cell;
    const { utilisation } = cell;
    return {
      ...cell,
      frameworks: cell.frameworks.map((one) => ({ ...one, share: bare(one.share) })),
      utilisation: { ...utilisation, cpus: bare(utilisation.cpus), mem: bare(utilisation.mem) },
    };
  });
  return { ...data, cells };
}

function contents(data: ReportData): Html {
  const clocks = (['virtual', 'real'] as const).filter((clock) =>
    data.cells.some((cell) => cell.provenance.clock === clock),
  );
  return html`<nav class="contents" aria-label="Contents"><ul>
<li><a href="#verdict">Verdict</a></li>
<li><a href="#provenance">Provenance</a></li>
<li><a href="#claims">Paper against measured</a></li>
${clocks.map(
  (clock) => html`<li><a href="#${clock}">${clockTitle(clock)}</a><ul>
${TOPICS.map(([id, title]) => html`<li><a href="#${clock}-${id}">${title}</a></li>\n`)}</ul></li>
`,
)}<li><a href="#caveats">Caveats</a></li>
<li><a href="#reading">How to read this report</a></li>
<li><a href="#glossary">Glossary</a></li>
<li><a href="#raw">Raw data</a></li>
</ul></nav>
`;
}
