/** Turns a comparison of two versions into one HTML page. */
import type { ComparisonData, ExactComparison, TimedComparison } from '../harness/comparison.ts';
import { card, titleOf } from './comparison/card.ts';
import { claimsSection } from './comparison/claims.ts';
import { counterpartsSection, isWithout } from './comparison/counterparts.ts';
import { exactSection } from './comparison/exact.ts';
import { overlaySection, overlaysOf, type Reports } from './comparison/overlay.ts';
import { reading } from './comparison/reading.ts';
import { sidesSection } from './comparison/sides.ts';
import { blocksSection, timedSection } from './comparison/timed.ts';
import { effectsFigure } from './figures/effects.ts';
import { pairedBlocksFigure } from './figures/pairedBlocks.ts';
import { pageOf, type RenderOptions } from './page/frame.ts';
import { compactJson, type Html, html } from './page/html.ts';

/** What the page is drawn from. */
export interface ComparisonPage {
  readonly comparison: ComparisonData;
  /** The reports of both sides, where runs were compared. */
  readonly reports: Reports | null;
}

/**
 * The page as one HTML file, which asks no network for anything; the same data give the same bytes. Rejects with an Error if the chart
 * libraries are not installed.
 */
export function renderComparison(page: ComparisonPage, options: RenderOptions = {}): Promise<string> {
  const { comparison, reports } = page;
  const timed = comparison.figures.filter((one) => one.kind === 'timed');
  const exact = comparison.figures.filter((one) => one.kind === 'exact');
  const effects = effectsFigure(timed);
  const blocks = timed.length === 0 ? null : pairedBlocksFigure(timed);
  const overlays = reports === null ? [] : overlaysOf(reports);
  const drawn = [effects, ...(blocks === null ? [] : [blocks]), ...overlays];
  return pageOf(
    {
      title: titleOf(comparison),
      what: 'comparison',
      contents: contentsOf(page, timed, exact),
      main: (pictures) =>
        html`${card(comparison)}${sidesSection(comparison)}${timed.length === 0 ? null : timedSection(timed, effects, pictures)}${
          exact.length === 0 ? null : exactSection(exact)
        }${counterpartsSection(comparison)}${claimsSection(comparison)}${blocks === null ? null : blocksSection(blocks, pictures)}${
          reports === null ? null : overlaySection(reports, overlays, pictures)
        }${reading()}`,
      placed: drawn.flatMap((figure) =>
        figure.state === 'drawn' ? [{ experiment: 'comparison', figure }] : [],
      ),
      data: compactJson(comparison),
    },
    options,
  );
}

function contentsOf(
  { comparison, reports }: ComparisonPage,
  timed: readonly TimedComparison[],
  exact: readonly ExactComparison[],
): Html {
  const entry = (id: string, name: string): Html => html`<li><a href="#${id}">${name}</a></li>\n`;
  return html`<nav class="contents" aria-label="Contents"><ul>
${entry('verdict', 'Verdict')}${entry('provenance', 'Both sides')}${timed.length === 0 ? null : entry('timed', 'Timed figures')}${
  exact.length === 0 ? null : entry('exact', 'Exact figures')
}${comparison.figures.some(isWithout) ? entry('failed', 'No counterpart') : null}${comparison.claims.length === 0 ? null : entry('claims', 'Claims of the paper')}${
  timed.length === 0 ? null : entry('blocks', 'Every block')
}${reports === null ? null : entry('overlay', 'Both reports')}${entry('reading', 'How to read this page')}</ul></nav>
`;
}
