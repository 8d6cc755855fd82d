/** What all pages have around their content: head, policy, scripts, the data of the charts. */
import type { Dataset, DrawnFigure } from '../figures/figure.ts';
import { pictures } from '../figures/pictures.ts';
import { CONFIG, frameworkColoursCss } from '../figures/theme.ts';
import { chartLibraries, FIRST_SCRIPT, pageScript, policy, scriptElement, styleSheet } from './assets.ts';
import { datasetKey, figureData, type Pictures } from './figureView.ts';
import { compactJson, type Html, html, packedBlock, raw } from './html.ts';

/** How to make the page. */
export interface RenderOptions {
  /**
   * The chart libraries, in place of the installed ones; empty to leave them and all charts out, as tests of the text do.
   */
  readonly bundles?: string;
  /** Is told, in a sentence, what the page lacks; default: standard error is. */
  readonly warn?: (sentence: string) => void;
}

/** A page. */
export interface PageParts {
  readonly title: string;
  /** What the page is: `report`, `comparison`… */
  readonly what: string;
  /** Links to the parts. */
  readonly contents: Html;
  readonly main: (pictures: Pictures) => Html;
  /** All figures that are drawn on it, from the top. */
  readonly placed: readonly Placed[];
  /** JSON that the reader can save. */
  readonly data: string;
}

/** A figure and the experiment, or other part of the page, that it belongs to. */
export interface Placed {
  readonly experiment: string;
  readonly figure: DrawnFigure;
}

/** As wide as a chart is on a wide screen and on a phone, in pixels: the style sheet shows the picture that fits. */
const PICTURE_PX = { wide: 918, narrow: 320 } as const;

/**
 * One HTML file: it opens from disk, asks no network for anything and forbids it to itself. The first of its charts is there before any
 * script has run; all of them would make the page several times as large. Rejects with an Error if the chart libraries are not installed.
 */
export async function pageOf(
  { title, what, contents, main: mainOf, placed, data }: PageParts,
  options: RenderOptions,
): Promise<string> {
  const bundles = options.bundles ?? chartLibraries();
  const scripts = bundles === '' ? [pageScript()] : [bundles, pageScript()];
  const charts = compactJson(chartData(placed));
  const main = mainOf(bundles === '' ? () => [] : await firstPictures(placed, options.warn));
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${raw(policy([FIRST_SCRIPT, ...scripts]))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${title} (mesos-lab)</title>
${scriptElement(FIRST_SCRIPT)}<style>
${raw(styleSheet())}
${raw(frameworkColoursCss(charts + main.html))}</style>
</head>
<body>
<a class="skip" href="#main">To the ${what}</a>
<header class="bar"><span class="name">mesos-lab</span><button type="button" id="theme" aria-pressed="false"
data-needs-script>Dark theme</button></header>
<div class="frame">
${contents}<main id="main">
<noscript><div class="warning"><p><strong>No scripts.</strong> All charts but at most the first, and the tables behind them, need
scripts. All findings and the other tables are here without.</p></div></noscript>
${main}</main>
</div>
<p id="live" class="off-screen" role="status"></p>
${packedBlock('report', data)}${packedBlock('figures', charts)}${scripts.map(scriptElement)}</body>
</html>
`.html;
}

/** No report is lost for a picture: where one cannot be drawn, the page's script tries it again, and says in its place what is wrong. */
async function firstPictures(
  [first]: readonly Placed[],
  warn: (sentence: string) => void = (sentence) => console.error(`lab: ${sentence}`),
): Promise<Pictures> {
  if (first === undefined) return () => [];
  const { experiment, figure } = first;
  try {
    const wide = await pictures(figure, PICTURE_PX.wide);
    const narrow = await pictures(figure, PICTURE_PX.narrow);
    const both = wide.map((picture, index) => `${picture}${narrow[index]}`);
    return (drawn) => (drawn === figure ? both : []);
  } catch (error) {
    warn(
      `the chart “${figure.title}” of ${experiment} is not in the page as a picture, and is left to the page’s script: ${(error as Error).message}`,
    );
    return () => [];
  }
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
