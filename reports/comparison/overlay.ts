/** The curves and values of both reports, over each other. */
import type { ReportData } from '../../harness/result.ts';
import { curvesFigure } from '../figures/curvesFigure.ts';
import type { Figure } from '../figures/figure.ts';
import { folded, question, table } from '../page/blocks.ts';
import { figureView, type Pictures } from '../page/figureView.ts';
import { type Html, html } from '../page/html.ts';
import { isSameCurve, pairedCurves, pairedValues } from '../results/overlay.ts';
import { count, grouped, figures as threeFigures } from '../words.ts';
import { signed } from './verdicts.ts';

/** The reports of both sides. */
export interface Reports {
  readonly base: ReportData;
  readonly head: ReportData;
}

/** Curves that are drawn over each other, at most. */
const CURVES_MAX = 40;
/** Values that are set beside each other, at most; those that differ most come first. */
const VALUES_MAX = 200;

/** Curves that differ. */
export function overlaysOf({ base, head }: Reports): readonly Figure[] {
  return pairedCurves(base, head)
    .filter((curve) => !isSameCurve(curve))
    .slice(0, CURVES_MAX)
    .map((curve, n) =>
      curvesFigure({
        id: `overlay-${n}`,
        title: `${curve.experiment}, ${curve.scenario}: ${curve.name}`,
        alt: `${curve.name} of base and head over each other.`,
        x: { title: 'time (s), or what the curve is over' },
        y: { title: curve.name },
        lines: [
          { label: 'base', curve: curve.base, look: 'static' },
          { label: 'head', curve: curve.head, look: 'ours' },
        ],
      }),
    );
}

/** The section with these curves. */
export function overlaySection(
  { base, head }: Reports,
  overlays: readonly Figure[],
  pictures: Pictures,
): Html {
  const curves = pairedCurves(base, head);
  const same = curves.filter(isSameCurve).length;
  const all = curves.length - same;
  const change = (value: { readonly base: number; readonly head: number }): number =>
    value.base === 0 ? (value.head === 0 ? 0 : 1) : Math.abs(value.head / value.base - 1);
  const values = pairedValues(base, head).toSorted((a, b) => change(b) - change(a));
  return html`<section id="overlay" aria-labelledby="overlay-title">
<h2 id="overlay-title">Both reports</h2>
${question('How do the curves and values of both reports lie over each other?')}${
  values.length === 0
    ? null
    : folded(
        `Values, those that differ most first: ${grouped(Math.min(VALUES_MAX, values.length))} of ${grouped(values.length)}`,
        table(
          'Values of both reports, medians over the seeds',
          [
            { title: 'Value' },
            { title: 'Experiment' },
            { title: 'Scenario' },
            { title: 'Base', number: true },
            { title: 'Head', number: true },
            { title: 'Change', number: true },
          ],
          values
            .slice(0, VALUES_MAX)
            .map((one) => [
              one.name,
              one.experiment,
              one.scenario,
              threeFigures(one.base),
              threeFigures(one.head),
              one.base === 0 ? '' : signed(one.head / one.base - 1),
            ]),
        ),
      )
}${same > 0 ? html`<p>${same === curves.length ? 'All curves' : `${grouped(same)} of ${count(curves.length, 'curve')}`} are the same on both sides to the last point, and are not drawn.</p>\n` : null}${all > overlays.length ? html`<p class="missing">${grouped(overlays.length)} of ${count(all, 'curve')} that differ are drawn.</p>\n` : null}${overlays.map((figure) => figureView('comparison', figure, pictures))}</section>
`;
}
