/** Turns stored results into one HTML page that needs nothing but a browser. */
import type { CellResult, ReportData, Series } from '../harness/result.ts';
import { claimsSection, OVERVIEW } from './page/claimsTable.ts';
import { glossarySection, rawDataSection, readingSection } from './page/closing.ts';
import { type ExperimentView, experimentView } from './page/experimentSection.ts';
import { pageOf, type RenderOptions } from './page/frame.ts';
import { compactJson, type Html, html } from './page/html.ts';
import { primerSection } from './page/primer.ts';
import { provenanceStrip } from './page/provenance.ts';
import { reportTitle, verdictCard } from './page/verdictCard.ts';

/**
 * The report as one HTML file: it opens from disk, asks no network for anything and forbids it to itself.
 * The same data give the same bytes. Rejects with an Error if the chart libraries are not installed.
 */
export function renderReport(data: ReportData, options: RenderOptions = {}): Promise<string> {
  const claims = claimsSection(data);
  const views = data.experiments.map(experimentView);
  const placed = [{ id: OVERVIEW, figures: claims.figures }, ...views].flatMap(({ id, figures }) =>
    figures.flatMap((figure) => (figure.state === 'drawn' ? [{ experiment: id, figure }] : [])),
  );
  return pageOf(
    {
      title: reportTitle(data),
      what: 'report',
      contents: contents(views),
      main: (pictures) =>
        html`${verdictCard(data)}${primerSection()}${provenanceStrip(data)}${claims.html(pictures)}${views.map((view) => view.html(pictures))}${readingSection()}${glossarySection()}${rawDataSection(data)}`,
      placed,
      data: compactJson(withoutSeries(data)),
    },
    options,
  );
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
