/** A figure as HTML: title, key, places for the charts, what is missing, and the table behind it. */
import type { Dataset, DrawnFigure, Figure, KeyEntry, Panel } from '../figures/figure.ts';
import { type Html, html, raw } from './html.ts';

/** What is in the places of a figure's charts before the page's script draws them: a text for each panel, or none at all. */
export type Pictures = (figure: DrawnFigure) => readonly string[];

/** The frame of a figure. Its charts are drawn by the page's script. Its id is unique in the experiment only. */
export function figureView(experiment: string, figure: Figure, pictures: Pictures): Html {
  switch (figure.state) {
    case 'drawn':
      return drawn(experiment, figure, pictures(figure));
    case 'empty':
      return html`<figure class="figure" id="figure-${experiment}-${figure.id}">
<figcaption>${figure.title}</figcaption>
<div class="nothing"><p><strong>No chart.</strong> ${figure.reason}</p></div>
</figure>
`;
    default:
      return figure satisfies never;
  }
}

/** What the script needs of a figure: its panels, and where its datasets are by the name that they have in the panels. */
export function figureData(experiment: string, figure: DrawnFigure) {
  return {
    id: `${experiment}-${figure.id}`,
    datasets: Object.fromEntries(figure.datasets.map(({ name }) => [name, datasetKey(experiment, name)])),
    panels: figure.panels.map(({ title, spec }) => ({ title, spec })),
  };
}

/** The name of a dataset in the whole report. */
export function datasetKey(experiment: string, name: string): string {
  return `${experiment}/${name}`;
}

function drawn(experiment: string, figure: DrawnFigure, pictures: readonly string[]): Html {
  return html`<figure class="figure" id="figure-${experiment}-${figure.id}" data-figure="${experiment}-${figure.id}">
<figcaption>${figure.title}</figcaption>
${figure.key.length === 0 ? null : html`<ul class="key" aria-label="Key">${figure.key.map(keyEntry)}</ul>\n`}<div class="panels ${figure.layout}">
${figure.panels.map((panel, index) => panelView({ chart: `${experiment}-${figure.id} ${index}`, panel, picture: pictures[index] ?? '' }))}</div>
${figure.notes.map((note) => html`<p class="missing">${note}</p>\n`)}<div class="behind">
${figure.datasets.map((dataset) => tableOf(experiment, dataset))}<p class="tools" data-needs-script><button type="button" data-do="svg">Save as SVG</button>
<button type="button" data-do="spec">Copy the Vega-Lite specification</button></p>
</div>
</figure>
`;
}

function panelView({
  chart,
  panel,
  picture,
}: {
  readonly chart: string;
  readonly panel: Panel;
  readonly picture: string;
}): Html {
  const heading = panel.title === '' ? null : html`<p class="panel-title">${panel.title}</p>\n`;
  return html`<div class="panel">
${heading}<div class="chart" role="img" aria-label="${panel.alt}" data-chart="${chart}" style="min-height:${expectedHeight(panel)}px">${raw(picture)}</div>
</div>
`;
}

/** Roughly how high the chart will be, so that the page does not jump while charts are drawn. */
function expectedHeight({ spec }: Panel): number {
  const height = 'height' in spec ? spec.height : undefined;
  return typeof height === 'number' ? height + 20 : 0;
}

function tableOf(experiment: string, dataset: Dataset): Html {
  return html`<details data-table="${datasetKey(experiment, dataset.name)}"><summary>Table: ${dataset.title}</summary></details>\n`;
}

function keyEntry({ label, ...entry }: KeyEntry): Html {
  return html`<li><svg width="22" height="12" aria-hidden="true">${swatch(entry)}</svg>${label}</li>`;
}

function swatch({ mark, colour, dash = [5, 3] }: Omit<KeyEntry, 'label'>): Html {
  switch (mark) {
    case 'line':
      return raw(`<path d="M1 6h20" stroke="${colour}" stroke-width="2"/>`);
    case 'dashes':
      return raw(
        `<path d="M1 6h20" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash.join(' ')}"/>`,
      );
    case 'area':
      return raw(`<path d="M1 1h20v10h-20z" fill="${colour}"/>`);
    case 'frame':
      return raw(`<path d="M2 1.8h18v8.4h-18z" fill="none" stroke="${colour}" stroke-width="1.6"/>`);
    case 'dot':
      return raw(`<circle cx="11" cy="6" r="4.5" fill="${colour}"/>`);
    case 'tick':
      return raw(`<path d="M8 1v10M12 1v10M15 1v10" stroke="${colour}" stroke-width="1.4"/>`);
    case 'square':
      return raw(`<path d="M6 1h10v10h-10z" fill="${colour}"/>`);
    case 'triangle':
      return raw(`<path d="M11 1l5 9.5h-10z" fill="${colour}"/>`);
    case 'nabla':
      return raw(`<path d="M11 10.5l5 -9.5h-10z" fill="${colour}"/>`);
    case 'cross':
      return raw(`<path d="M11 1v10M6 6h10" stroke="${colour}" stroke-width="3"/>`);
    case 'whisker':
      return raw(`<path d="M2 6h18M2 2.5v7M20 2.5v7" stroke="${colour}" stroke-width="1.4"/>`);
    case 'hollow':
      return raw(`<path d="M11 .8l5 5.2l-5 5.2l-5-5.2z" fill="none" stroke="${colour}" stroke-width="1.6"/>`);
    default:
      return mark satisfies never;
  }
}
